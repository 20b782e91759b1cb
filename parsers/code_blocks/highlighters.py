"""What the elements inside a code block are: its lines, its line numbers, its buttons.

Highlighters differ in how they mark these things, and share a small vocabulary. Each name below was read off the
public output of a highlighter: Pygments, Rouge, Chroma, highlight.js and its line number plugin, Prism, Shiki,
CodeMirror, ACE, Monaco, SyntaxHighlighter, Crayon, GeSHi, Doxygen, rustdoc, javadoc, GitHub, cgit, Expressive Code.
"""

from __future__ import annotations

import re
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from parsers.markup.tokens import attributes, tokenize


class Role(IntEnum):
    """What an element inside a code block is to the reader of its lines."""

    INLINE = 0  # its text belongs to the line that it stands in
    BLOCK = 1  # it begins and ends lines, but is none itself
    LINE = 2  # one line of code, set on a line of its own
    SPAN_LINE = 3  # the same as an inline element: a line only if no code stands outside of such elements
    CELL = 4
    CHROME = 5  # line numbers, buttons, labels: not code
    PERHAPS_CHROME = 6  # not code if only a number or a fold marker stands in it


# Classes of the elements that hold line numbers and nothing else.
GUTTER_WORDS = frozenset(
    "gutter linenos lineno linenodiv line-number linenumber linenumbers line-numbers line_numbers lnt ln lnos "
    "line-numbers-rows line-number-column hljs-ln-numbers hljs-ln-n blob-num crayon-nums crayon-num "
    "codemirror-linenumber codemirror-gutter codemirror-gutters codemirror-gutter-wrapper cm-gutters ace_gutter "
    "src-line-numbers src-line-nums source-line-no react-syntax-highlighter-line-number diff-line-num linenum "
    "code-line-number highlight-line-numbers rouge-gutter lineanchors".split()
)
LINE_WORDS = frozenset(
    "line code-line codeline token-line view-line ace_line cm-line codemirror-line crayon-line de1 de2 blob-code "
    "blob-code-inner ec-line hljs-ln-line hljs-ln-code src-line highlight-line shiki-line line_content".split()
)
_CHROME_WORDS = frozenset(
    "toolbar code-toolbar-item toolbar-item crayon-toolbar crayon-info codemirror-measure codemirror-cursors "
    "ace_layer-marker ace_cursor-layer ace_scrollbar cm-cursorlayer cm-selectionlayer cm-announced copybtn "
    "copybutton copycode btn-copy clipboard zeroclipboard sr-only visually-hidden screen-reader-text "
    "screenreader screen-reader-only a11y-only input_prompt output_prompt jp-inputprompt jp-outputprompt ttc "
    "code-header code-title code-lang code-language lang-label language-label language-name hljs-header "
    "code-block-header codeblock-header code-block-title codeblock-title filename file-name code-filename "
    "test-arrow highlight-header codeheader expand_caption fold-marker foldmarker headerlink hover-info".split()
)
_COPY_WORD = re.compile(
    r"(?:^|[-_])(?:copy|clipboard|copybtn|copybutton)(?:$|[-_])|copy-?(?:btn|button|code)", re.IGNORECASE
)
_CHROME_TAGS = frozenset(
    "button svg style script select textarea template input noscript iframe object canvas audio video figcaption "
    "caption clipboard-copy copy-button thead".split()
)
_BLOCK_TAGS = frozenset(
    "div p h1 h2 h3 h4 h5 h6 ul ol dl dt dd table tbody tfoot figure section article blockquote pre header footer "
    "center form fieldset details summary hr address main aside nav".split()
)
_LINE_ATTRIBUTES = frozenset({"data-line", "data-selectable-paragraph"})  # the last is Medium's
_UNSELECTABLE = re.compile(r"user-select\s*:\s*none", re.IGNORECASE)


def class_words(source: str) -> list[str]:
    """The class tokens, in lower case, of a start tag's attributes as they stand in the source."""
    return attributes(source).get("class", "").lower().split() if "class" in source else []


def role(tag: str, source: str) -> Role:
    """What an element inside a code block is, by its name and its attributes as they stand in the source."""
    return _remembered_role(tag, source) if len(source) < _REMEMBERED_LENGTH else _role(tag, source)


def _role(tag: str, source: str) -> Role:
    if tag in _CHROME_TAGS:
        return Role.CHROME
    found = attributes(source) if source else {}
    words = found.get("class", "").lower().split()
    # Prism and others switch numbering on by a class of the block itself; the code stands in there.
    if tag not in ("pre", "code") and not GUTTER_WORDS.isdisjoint(words):
        return Role.CHROME
    if not _CHROME_WORDS.isdisjoint(words) or any(_COPY_WORD.search(word) for word in words):
        return Role.CHROME
    if not LINE_WORDS.isdisjoint(words) or (tag in ("span", "div") and not _LINE_ATTRIBUTES.isdisjoint(found)):
        if tag == "td":
            return Role.CELL
        return Role.LINE if tag in ("div", "li", "pre", "p") else Role.SPAN_LINE
    if tag in ("li", "tr"):
        return Role.LINE
    if tag in ("td", "th"):
        return Role.PERHAPS_CHROME if "data-line-number" in found else Role.CELL
    if tag in _BLOCK_TAGS:
        return Role.BLOCK
    if "data-line-number" in found or "data-nosnippet" in found or found.get("aria-hidden") == "true":
        return Role.PERHAPS_CHROME
    if _UNSELECTABLE.search(found.get("style", "")):
        return Role.PERHAPS_CHROME
    return Role.INLINE


# A block repeats its few start tags. Long ones (a copy of the code in an attribute) would only fill the memory.
_REMEMBERED_LENGTH = 300
_remembered_role = lru_cache(maxsize=8192)(_role)


_LEAF = re.compile(r"<(span|a|b|i|em|strong|font|code|var)((?: [^<>]*)?)>([^<>]*)</\1>")
_ASIDE = re.compile(r"[\s\d\u200b\u00a0+▸▾▶▼⌄›:|-]*")
_ASIDE_PIECES = 8  # more steps than this are no line number
_NO_TEXT = frozenset({"table", "tbody", "tfoot", "tr", "ol", "ul"})
_LINE_CELL = re.compile(
    r'[\s"](?:code|hljs-ln-code|blob-code|blob-code-inner|lines|line_content|rouge-code)[\s"]', re.IGNORECASE
)


# GitHub's tables of changes: a style sheet draws the sign before the line, or a blank before one that stays.
_CHANGE = re.compile(r'\sdata-code-marker="([ +-])"')


class Piece(NamedTuple):
    """A step through a block: ``kind`` is text, br, cell, edge, open or close; ``inline``: the line is a span."""

    kind: str
    text: str = ""
    inline: bool = False


def _without_colours(markup: str) -> str:
    """The markup without the innermost elements that only colour, which are most of a highlighter's elements."""
    return _LEAF.sub(lambda match: match[3] if role(match[1], match[2]) is Role.INLINE else match[0], markup)


def pieces_of(markup: str) -> tuple[list[Piece], int]:
    """The steps through a block without what is not code, and how many gutters stood within its lines."""
    out: list[Piece] = []
    stack: list[tuple[str, Role, int]] = []
    chrome = gutters = 0
    cells: list[int] = []
    numbers: list[
        tuple[int, int] | tuple[()]
    ] = []  # of each row that is open, what may number it: the steps of its first cell
    for token in tokenize(_without_colours(markup)):
        if token.kind == "text":
            # White space between the parts of a table or a list shows nowhere.
            if not chrome and not (stack and stack[-1][0] in _NO_TEXT and not token.text.strip()):
                out.append(Piece("text", token.text))
        elif token.kind == "start":
            if token.name == "br":
                if not chrome:
                    out.append(Piece("br"))
                stack.append(("br", Role.INLINE, 0))
                continue
            kind = role(token.name, token.text) if stack else Role.BLOCK
            if kind is Role.CELL and cells:
                cells[-1] += 1
                if cells[-1] == 2 and numbers[-1]:
                    del out[slice(*numbers[-1])]
                    gutters += 1
                if cells[-1] == 1 and not _LINE_CELL.search(token.text):
                    kind = Role.PERHAPS_CHROME
                elif cells[-1] > 1 and not chrome:
                    out.append(Piece("cell"))
            elif kind is Role.LINE and token.name == "tr":
                cells.append(0)
                numbers.append(())
            stack.append((token.name, kind, len(out)))
            if kind is Role.CHROME:
                chrome += 1
            elif not chrome and kind is Role.BLOCK:
                out.append(Piece("edge"))
            elif not chrome and kind in (Role.LINE, Role.SPAN_LINE):
                out.append(Piece("open", "", kind is Role.SPAN_LINE))
                if change := _CHANGE.search(token.text):
                    out.append(Piece("text", change[1]))
        elif stack and stack[-1][0] == token.name:
            name, kind, begun = stack.pop()
            if kind is Role.CHROME:
                chrome -= 1
                gutters += not chrome
            elif kind is Role.PERHAPS_CHROME and not chrome:
                if 0 < len(out) - begun < _ASIDE_PIECES and _ASIDE.fullmatch("".join(p.text for p in out[begun:])):
                    if name in ("td", "th") and cells and cells[-1] == 1:
                        numbers[-1] = (begun, len(out))  # unless it is the row's only cell
                    else:
                        del out[begun:]
                        gutters += 1
            elif not chrome and kind is Role.BLOCK:
                out.append(Piece("edge"))
            elif not chrome and kind in (Role.LINE, Role.SPAN_LINE):
                out.append(Piece("close", "", kind is Role.SPAN_LINE))
            if kind is Role.LINE and name == "tr" and cells:
                cells.pop()
                numbers.pop()
    return out, gutters


def without_numbering(pieces: list[Piece]) -> list[Piece]:
    """Drops line numbers that no class marks: 1, 2, 3, ..., each alone in an element at the start of a line."""
    numbers: list[int] = []
    texts = 0
    at_start = False
    for place, piece in enumerate(pieces[:-1]):
        if piece.kind != "text":
            at_start = at_start or piece.kind in ("edge", "open")
        elif piece.text.strip():
            next_number = str(len(numbers) + 1)
            if at_start and piece.text.strip() == next_number and pieces[place + 1].kind in ("edge", "cell"):
                numbers.append(place)
            else:
                texts += 1
                at_start = False
    # An output of 1, 2, 3 is no gutter: there is no code beside the numbers.
    if not numbers or 2 * texts < len(numbers):
        return pieces
    dropped = set(numbers)
    return [piece for place, piece in enumerate(pieces) if place not in dropped]


_LANGUAGE_ATTRIBUTE = re.compile(
    r'\sdata-(?:lang|language|code-lang|code-language|highlight-lang|enlighter-language)="([^"]+)"', re.IGNORECASE
)
_CLASS = re.compile(r'<[^<>"]*(?:"[^"]*"[^<>"]*)*?\sclass="([^"]*)"')
# Sphinx names languages in the same way as some of its other classes; these words are no languages.
_NO_LANGUAGE = frozenset(
    "default text none plain plaintext nohighlight no-highlight auto source table container wrapper line lines "
    "content block code box header body toolbar js-hljs inline undefined null unknown ipynb output "
    "plain notranslate chroma rouge linenums copy".split()
)
_LANGUAGE_CLASSES = (
    re.compile(r"\bbrush:\s*([\w#+.-]+)", re.IGNORECASE),
    re.compile(r"(?:^|\s)lang(?:uage)?-([\w#+.-]+)", re.IGNORECASE),
    re.compile(
        r"(?:^|\s)(?:highlight-source|highlight-text|mw-highlight-lang|sourcecode-lang)-([\w#+.-]+)", re.IGNORECASE
    ),
    re.compile(r"(?:^|\s)highlight-([a-z0-9#+]+)(?=\s|$)", re.IGNORECASE),
    re.compile(r"(?:^|\s)(?:brush|lang|language|sourcecode):([\w#+.-]+)", re.IGNORECASE),
    re.compile(r"(?:^|\s)(?:hljs|sourceCode|prettyprint|sh_|highlight|codehilite)\s+([a-z][a-z0-9#+]*)(?=\s|$)"),
)
# A language is named at the head of a block: what follows are its lines.
_HEAD = 2000


def language(markup: str) -> str:
    """The programming language that the classes or data attributes of a code block state, in lower case, or ``""``."""
    head = markup[:_HEAD]
    if match := _LANGUAGE_ATTRIBUTE.search(head):
        if (name := match[1].strip().lower()) not in _NO_LANGUAGE:
            return name
    classes = [match[1] for match in _CLASS.finditer(head)][:8]
    for pattern in _LANGUAGE_CLASSES:
        for value in classes:
            if (match := pattern.search(value)) and match[1].lower() not in _NO_LANGUAGE:
                return match[1].lower().rstrip(";")
    return ""
