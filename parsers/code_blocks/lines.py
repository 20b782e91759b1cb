"""Source code: the lines of a code block as its author typed them, whichever highlighter marked it up.

A block is handed over as a stretch of normal form (:mod:`parsers.markup.tokens`). Where its elements only colour the
text, its lines are those of the text. Otherwise each element gets a role (:mod:`parsers.code_blocks.highlighters`):
line numbers, buttons and labels are removed, and an element that stands for a line becomes exactly one line, with or
without a line feed of its own in it.
"""

from __future__ import annotations

import re
import textwrap
from collections import Counter

from parsers.code_blocks.highlighters import (
    GUTTER_WORDS,
    LINE_WORDS,
    Piece,
    Role,
    class_words,
    language,
    pieces_of,
    role,
    without_numbering,
)
from parsers.code_blocks.labels import without_label
from parsers.code_blocks.numbering import without_numbers
from parsers.code_blocks.prototypes import PROTOTYPE_CLASSES, prototype
from parsers.markup.tokens import RAW_TEXT_ELEMENTS, unescape

__all__ = ["CODE_BLOCK_CLASSES", "CODE_ROOT_CLASSES", "CODE_ROOT_TAGS", "code_lines", "is_block", "language"]

CODE_ROOT_TAGS = frozenset({"pre", "xmp", "listing", "plaintext"})
# Containers in which each line is an element, or a table of line numbers beside a ``pre``.
_CONTAINERS = frozenset(
    "syntaxhighlighter highlighttable codehilitetable rouge-table lntable crayon-syntax codemirror codemirror-code "
    "cm-editor cm-content ace_editor ace_content monaco-editor view-lines blob-wrapper js-file-line-container "
    "diff-table hljs-ln wp_syntax dp-highlighter geshi urvanov-syntax-highlighter-syntax rktblk".split()
)
# Classes that are often used for other things, too: there each line has to be an element, and to look like code.
_HIGHLIGHT = frozenset({"highlight", "fragment", "prism-code", "terminal", "console", "shell"})
# Classes of blocks of code and of other things: there the text has to look like code.
_LOOSE = frozenset(
    "code codebox codeblock code-block code_block codesnippet sourcecode notion-code-block w3-code code-snippet "
    "code-example codeexample code-sample codesample source-code syntax codewrap code-wrapper codecolorer enlighter lstlisting "
    "phpcode codearea code-area crayon-pre programlisting".split()
)
# What a highlighter keeps to be copied, beside the lines that it shows.
_COPIES = frozenset({"enlighter-raw"})
# Gutters are roots as well: next to a block of code with an unknown class, their numbers would be a block of text.
CODE_ROOT_CLASSES = _CONTAINERS | _HIGHLIGHT | _LOOSE | _COPIES | GUTTER_WORDS | PROTOTYPE_CLASSES
# Classes that show a ``code`` element as a block, even one of a single line (Verso's, and utility style sheets').
CODE_BLOCK_CLASSES = frozenset({"block"})
_CONTAINER_TAGS = frozenset("div table tbody tr td figure section ol ul dl dd blockquote".split())

# In the normal form no attribute value holds a bare < or >, so these take linear time even where markup is broken.
_START = re.compile(r"<([a-zA-Z][^\s/<>]*)((?:[\s/][^<>]*)?)>")
_TAG = re.compile(r"<[^<>]*>")
# An editor's content inside a ``pre``: what stands before it is the editor's frame.
_EDITOR = re.compile(r'<div[^<>]*\sclass="(?:[^"]*\s)?(?:cm-content|CodeMirror-code|ace_content|view-lines)[\s"]')
_FEED_FIRST = re.compile(r"^[ \t]*\n")
_PRE = re.compile(r"<pre[\s>]")
_CODE = re.compile(r"<code[\s>]")
_PROSE = re.compile(r"<(?:p|h[1-6]|img|table|form|iframe|section|article)[\s>]")
# Up to the next start of the same element at most, so that a missing end tag costs no more than linear time.
_CONTROLS = re.compile(r"<(button|style|script|svg|textarea|select)[\s>](?:(?!<\1[\s>]).)*?</\1>", re.DOTALL)
_LETTERS = re.compile(r"[^\W\d_]+")
_NUMBERS = re.compile(r"[\s\d:.|\u200b\u00a0]*")
_ZERO_WIDTH: dict[int, None] = dict.fromkeys((0x200B, 0xFEFF, 0x2060))
# Letters of a typewriter, as styles name them.
MONOSPACE = re.compile(
    r"font-family\s*:(?:&quot;|[^;])*?(?:monospace|courier|consolas)|\sface=\"[^\"]*(?:courier|monospace|consolas)",
    re.IGNORECASE,
)
_LAID_OUT = re.compile(r"<\w+[^<>]*>\s*\n\s*<(?:div|p)[\s>]")  # line feeds between tags are the markup's
_BREAK = re.compile(r"<(?:br|div|li)[\s>]")
_LONGEST_MONOSPACED = 20_000  # characters of markup; a longer one is a page that looks like a letter
_PREFORMATTED = re.compile(r"white-space\s*:\s*(?:-moz-)?(?:pre|break-spaces)", re.IGNORECASE)
_CODE_LIKE = re.compile(r"[;{}\\=]|\w\(|</?\w|^\s*(?:#|//|\$ |>>> |import |def |return\b|end\b)|->|::|^\s{2,}\S")
# An element with more words than this beside its lines or its ``pre`` holds prose: they would be lost.
_WORDS_BESIDE = 15


def code_lines(markup: str) -> str | None:
    """The code of one root element, its lines separated by ``\\n``; ``None`` if the element holds something else.

    Indentation stays, but for what all lines share; white space at the end of lines, empty lines around the block and
    numbers that were typed into its lines go. A gutter of line numbers that stands on its own gives the empty string.
    A ``pre`` always gives its text.
    """
    lines = _lines(markup)
    return textwrap.dedent(without_numbers(lines)) if lines else lines


def _lines(markup: str) -> str | None:
    start = _START.match(markup)
    if start is None:
        return None
    tag = start[1].lower()
    if tag in RAW_TEXT_ELEMENTS:
        end = markup.rfind(f"</{tag}")
        return _tidy(markup[start.end() : end if end >= start.end() else len(markup)])
    if tag in ("pre", "listing"):
        return _preformatted(markup, start)
    words = class_words(start[2])
    if tag in ("code", "samp", "tt", "kbd"):
        if not is_block(markup):
            return None
        if _PREFORMATTED.search(start[2]):
            return _render(markup, True)
        # Indentation that all lines have is the page's own, not the code's.
        return textwrap.dedent(_render(markup, "<br" not in markup))
    if not GUTTER_WORDS.isdisjoint(words) and _NUMBERS.fullmatch(plain := _plain(markup)):
        # A column of a grid is a gutter, too, and may hold a figure.
        return "" if any(map(str.isdigit, plain)) else None
    if not _COPIES.isdisjoint(words):
        return ""
    if not PROTOTYPE_CLASSES.isdisjoint(words):
        return prototype(markup) if tag == "table" else None
    if MONOSPACE.search(start[2]):
        return _monospaced(markup, start)
    if tag not in _CONTAINER_TAGS:
        return None
    if _PRE.search(markup):
        return _around_pre(markup)
    if not _CONTAINERS.isdisjoint(words):
        return _of_line_elements(markup, marked=False)
    if not _HIGHLIGHT.isdisjoint(words):
        text = _of_line_elements(markup, marked=True)
        return text if text and looks_like_code(text) else None
    if not _LOOSE.isdisjoint(words):
        return _loose(markup, bool(_PREFORMATTED.search(start[2])))
    return None


def is_block(markup: str) -> bool:
    """Whether a ``code``, ``samp`` or ``tt`` outside a ``pre`` is a block of its own: does it break into lines?"""
    start = _START.match(markup)
    if start is None:
        return False
    text = markup[start.end() :]
    # An end tag that the author forgot makes half a page the content of this element.
    if _PROSE.search(text) or _PRE.search(text):
        return False
    if re.search(r"<(?:br|div|li)[\s>]", text):
        return True
    words = class_words(start[2])
    marked = sum(role(match[1], match[2]) is Role.SPAN_LINE for match in _START.finditer(text))
    if marked > 1 or not CODE_BLOCK_CLASSES.isdisjoint(words):
        return True
    if "\n" not in text.strip():
        return False
    if _PREFORMATTED.search(start[2]) or "hljs" in words:
        return True
    # A style sheet may keep the line feeds of a bare element: indented lines say that the author counts on it.
    rows = [row for row in _plain(text).strip().split("\n") if row.strip()]
    return len(rows) > 2 and len({len(row) - len(row.lstrip()) for row in rows[1:]}) > 1


def _plain(markup: str) -> str:
    return unescape(_TAG.sub("", markup))


def _is_plain(markup: str, text: str) -> bool:
    """Whether the block's lines are those of its ``text``: its elements only colour, or agree with the line feeds."""
    if "<!--" in markup:
        return False
    starts = Counter(_START.findall(markup, markup.find(">") + 1))
    marked = 0
    for (tag, source), count in starts.items():
        kind = role(tag, source)
        if kind is Role.SPAN_LINE:
            marked += count
        elif kind is not Role.INLINE or tag == "br":
            return False
    return not marked or text.count("\n") in (marked - 1, marked)


def _tidy(text: str) -> str:
    text = text.translate(_ZERO_WIDTH).replace("\u00a0", " ").replace("\r\n", "\n").replace("\r", "\n")
    rows = [row.rstrip() for row in text.split("\n")]
    first, last = 0, len(rows)
    while first < last and not rows[first]:
        first += 1
    while last > first and not rows[last - 1]:
        last -= 1
    return "\n".join(rows[first:last])


def _preformatted(markup: str, start: re.Match[str]) -> str:
    text = _plain(markup)
    if not GUTTER_WORDS.isdisjoint(class_words(start[2])) and _NUMBERS.fullmatch(text):
        return ""
    if _is_plain(markup, text):
        return _tidy(text)
    if editor := _EDITOR.search(markup):
        return _render(markup[editor.start() :], True)
    codes = [match.start() for match in _CODE.finditer(markup)]
    if len(codes) == 1:
        # A header or a toolbar inside the ``pre``, but outside the only ``code``, is no code.
        end = markup.rfind("</code")
        outside = markup[start.end() : codes[0]] + markup[end:]
        if re.search(r"<(?:div|button|header|figcaption|p|ul)[\s>]", outside) and len(_plain(outside).split()) < 12:
            return _render(markup[codes[0] : end], True)
    return _render(markup, True)


def _around_pre(markup: str) -> str | None:
    """A container with a ``pre``: its code if there is but one with more than numbers in it, and no prose beside."""
    insides: list[tuple[int, int]] = []
    position = 0
    while match := _PRE.search(markup, position):
        position = markup.find("</pre>", match.end())
        position = len(markup) if position < 0 else position
        insides.append((match.start(), position))
    if any(_is_line(markup[start:end]) for start, end in insides):
        return _of_line_elements(markup, marked=True)
    found: list[str] = []
    for start, end in insides:
        if not _NUMBERS.fullmatch(_plain(markup[start:end])):
            found.append(markup[start:end])
        if len(found) > 1:
            return None
    outside, position = [], 0
    for start, end in insides:
        outside.append(markup[position:start])
        position = end
    return code_lines(found[0]) if found and _is_short(*outside, markup[position:]) else None


def _is_short(*pieces: str) -> bool:
    """Whether these pieces of markup have few words together."""
    count = 0
    for piece in pieces:
        count += _words(piece)
        if count > _WORDS_BESIDE:
            return False
    return True


def _words(markup: str) -> int:
    """How many words a reader sees that are neither numbers nor on a button."""
    return len(_LETTERS.findall(_plain(_CONTROLS.sub("", markup)))) if markup else 0


def _is_line(markup: str) -> bool:
    start = _START.match(markup)
    return start is not None and not LINE_WORDS.isdisjoint(class_words(start[2]))


def _of_line_elements(markup: str, *, marked: bool) -> str | None:
    """The lines of an element in which each line is an element; ``marked`` asks for one whose class says so."""
    pieces, gutters = pieces_of(markup)
    if marked and not any(_is_line(match[0]) for match in _START.finditer(markup)):
        return None
    if not any(piece.kind == "open" for piece in pieces):
        return None
    depth = 0
    beside = 0
    kept: list[Piece] = []
    for piece in pieces:
        depth += (piece.kind == "open") - (piece.kind == "close")
        if piece.kind == "text" and depth == 0:
            beside += len(_LETTERS.findall(piece.text))
        else:
            kept.append(piece)
    return None if beside > _WORDS_BESIDE else _beside_gutters(_join(kept, True), gutters) or None


def _monospaced(markup: str, start: re.Match[str]) -> str | None:
    """An element that a style sets in the letters of a typewriter: code if it breaks into lines that look like code."""
    preformatted = _PREFORMATTED.search(start[2]) is not None
    if len(markup) > _LONGEST_MONOSPACED or not (preformatted or _BREAK.search(markup)):
        return None
    return _loose(markup, preformatted)


def _loose(markup: str, preformatted: bool) -> str | None:
    if _PROSE.search(markup):
        return None
    terms = markup.find("<dd") if markup.startswith("<dl") else 0  # of a list, the term is a label
    shown = preformatted or not ("<br" in markup or _LAID_OUT.match(markup))
    text = without_label(_render(markup[max(terms, 0) :], shown))
    return text if "\n" in text and looks_like_code(text) else None


def looks_like_code(text: str) -> bool:
    """Whether half of the lines of a text have signs of code in them."""
    rows = [row for row in text.split("\n") if row.strip()]
    return 2 * sum(bool(_CODE_LIKE.search(row)) for row in rows) >= len(rows)


def _render(markup: str, preformatted: bool) -> str:
    if preformatted and _is_plain(markup, text := _plain(markup)):
        return _tidy(text)
    pieces, gutters = pieces_of(markup)
    return _beside_gutters(_join(without_numbering(pieces), preformatted), gutters)


def _beside_gutters(text: str, gutters: int) -> str:
    """Takes away the blank that Doxygen and others set between each line's number and its code."""
    rows = text.split("\n")
    filled = [row for row in rows if row]
    if gutters > 1 and filled and all(row[0] == " " for row in filled) and any(row[:2].strip() for row in filled):
        return "\n".join(row[1:] for row in rows)
    return text


def _mixed(pieces: list[Piece]) -> bool:
    """Whether text stands outside the elements that are lines."""
    depth = 0
    for piece in pieces:
        depth += (piece.kind == "open") - (piece.kind == "close")
        if piece.kind == "text" and depth == 0 and piece.text.strip():
            return True
    return False


def _unwrapped(text: str, at_start: bool, at_end: bool) -> str:
    """Text in which line feeds mean no more than blanks; at the start and the end of a line they mean nothing.

    Other white space stays: a style sheet may show it, and authors indent code for a reason.
    """
    if "\n" not in text:
        return text
    text = _FEED_FIRST.sub("", text) if at_start else text
    text = text.rstrip() if at_end else text
    return " ".join(row.strip(" \t") if number else row for number, row in enumerate(text.split("\n")))


class _Rows:
    """The lines of a block as they are put together, the last of them perhaps unfinished."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.current: list[str] = []
        self.begun: list[int] = []  # for each line element that is open, how many lines were done when it began
        self.after_line = False

    def end(self) -> None:
        self.done.append("".join(self.current))
        self.current.clear()

    def filled(self) -> bool:
        return any(part.strip() for part in self.current)

    def edge(self) -> None:
        """A block begins or ends: what stands before it is a line, unless it is but white space."""
        if self.filled():
            self.end()
        self.current.clear()

    def open(self) -> None:
        self.edge()
        self.begun.append(len(self.done))
        self.after_line = False

    def close(self) -> None:
        """An element that is a line ends: one line, empty if nothing stood in it, and not two if it had a feed."""
        if self.begun:
            before = self.begun.pop()
            if self.current or len(self.done) == before:
                self.end()
            self.after_line = True

    def between(self, text: str) -> None:
        """White space outside of lines: the first feed ends the line before, more of them show as empty lines."""
        if self.after_line:
            self.done.extend([""] * max(0, text.count("\n") - 1))
            self.after_line = False

    def write(self, text: str) -> None:
        first, *others = text.split("\n")
        if first:
            self.current.append(first)
        for other in others:
            self.end()
            if other:
                self.current.append(other)


def _doubled(pieces: list[Piece]) -> bool:
    """Whether an editor put a ``br`` before each line feed of a ``pre``: one break is meant, not two."""
    places = [number for number, piece in enumerate(pieces) if piece.kind == "br"]
    return len(places) > 1 and all(
        number + 1 == len(pieces)
        or pieces[number + 1].text.startswith("\n")
        or pieces[number + 1].kind in ("br", "edge")
        for number in places
    )


def _join(pieces: list[Piece], preformatted: bool) -> str:
    mixed = _mixed(pieces)
    only_lines = not mixed and any(piece.kind == "open" for piece in pieces)
    doubled = _doubled(pieces)
    rows = _Rows()
    cell = False
    for number, (kind, text, inline) in enumerate(pieces):
        outside = only_lines and not rows.begun
        if kind == "text":
            if outside:
                rows.between(text)
                continue
            if not preformatted and not rows.begun:
                after, last = number + 1, number + 1 == len(pieces)
                text = _unwrapped(text, pieces[number - 1].kind != "text", last or pieces[after].kind != "text")
            elif doubled and number and pieces[number - 1].kind == "br" and text.startswith("\n"):
                text = text[1:]
            if cell and text.strip():
                text = f"\t{text}" if rows.filled() else text
                cell = False
            rows.write(text)
        elif kind == "cell":
            cell = True
        elif kind == "br":
            if outside and rows.after_line:
                rows.after_line = False
            else:
                rows.end()
        elif kind == "edge" or (mixed and not inline):
            rows.edge()
        elif mixed:
            continue
        elif kind == "open":
            rows.open()
            cell = False
        else:
            rows.close()
    if rows.current:
        rows.end()
    text = _tidy("\n".join(rows.done))
    return text if preformatted else textwrap.dedent(text)
