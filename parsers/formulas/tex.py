r"""TeX as it stands in pages: unwrapped to the bare formula, found in plain text, and what becomes of the sub- and
superscripts of HTML that are no TeX at all."""

from __future__ import annotations

import re

# Environments that switch to display mathematics by themselves (amsmath, LaTeX): no dollars go around them.
DISPLAY_ENVIRONMENTS = frozenset(
    name + star for name in ("align", "alignat", "displaymath", "eqnarray", "equation", "flalign", "gather", "math",
                             "multline", "xalignat", "dmath") for star in ("", "*")
)  # fmt: skip
_INNER_ENVIRONMENTS = frozenset(
    "aligned alignedat array Bmatrix bmatrix cases dcases gathered matrix multlined numcases pmatrix smallmatrix "
    "split subequations Vmatrix vmatrix CD tikzcd".split()
)

_ENVIRONMENT = re.compile(r"\\begin\{([A-Za-z]+\*?)\}")
_REFERENCE = re.compile(r"&(lt|gt|amp|quot|nbsp|#39|#x27);")
_CHARACTERS = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "nbsp": " ", "#39": "'", "#x27": "'"}
# Jekyll and old XHTML pages hide a script's TeX from XML parsers: "% <![CDATA[ … %]]>".
_CDATA = re.compile(r"\A\s*+(?:%\s*+)?(?:/[/*]\s*+)?<!\[CDATA\[|(?:/[/*]\s*+)?(?:%\s*+)?\]\]>\s*+(?:\*/\s*+)?\Z")
_STYLE = re.compile(r"\\(?:displaystyle|textstyle)(?![A-Za-z])\s*")
_DELIMITERS = (("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)"), ("$", "$"))
_COMMENT = re.compile(r"(?<!\\)%[^\n]*\n?")
_SPACE = re.compile(r"\s+")


def unwrapped(source: str) -> tuple[str, bool | None]:
    r"""The bare formula of ``source``, and what its delimiters say: display (True), inline (False) or nothing (None).

    Taken off: surrounding white space, CDATA marks, the document that journals wrap around a formula,
    ``\(…\) \[…\] $…$ $$…$$``, and the ``{\displaystyle …}`` that Wikipedia puts around every formula. What is left is
    verbatim."""
    display: bool | None = None
    if "&" in source:
        source = _REFERENCE.sub(lambda match: _CHARACTERS[match[1]], source)
    if "CDATA" in source:
        source = _CDATA.sub("", source)
    if "\\begin{document}" in source:
        source = source.partition("\\begin{document}")[2].partition("\\end{document}")[0]
    source = source.strip()
    for opening, closing in _DELIMITERS:
        size = len(opening)
        if len(source) > 2 * size and source.startswith(opening) and source.endswith(closing):
            inner = source[size:-size]
            if closing in inner.replace(r"\$", "").replace("\\\\", "") or inner.endswith("\\"):
                continue  # two formulas with something between them
            source, display = inner.strip(), size == 2 and opening != "\\("
            break
    if source.startswith("\\", 1) and source[:1] == "{" and _STYLE.match(source, 1) and _braces_match(source):
        source = source[1:-1]
    style = _STYLE.match(source)
    if style:
        source = source[style.end() :]
    return source.strip(), display


def _braces_match(source: str) -> bool:
    """Whether the brace at the start is closed by the one at the end."""
    if not source.endswith("}"):
        return False
    depth = 0
    for match in _BRACE.finditer(source):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if depth == 0:
            return match.end() == len(source)
    return False


_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)


def own_display(tex: str) -> bool:
    """Whether the formula begins with an environment that is a display by itself."""
    match = _ENVIRONMENT.match(tex)
    return match is not None and match[1] in DISPLAY_ENVIRONMENTS


def on_one_line(tex: str) -> str:
    """For a formula within a sentence: no line breaks, hence no comments either."""
    if "\n" not in tex:
        return tex
    bare = _COMMENT.sub("\n", tex) if "%" in tex else tex
    return _SPACE.sub(lambda match: " " if "\n" in match[0] else match[0], bare).strip()


def without_blank_lines(tex: str) -> str:
    """For a formula on lines of its own: a blank line would end it, in TeX and in the text around it."""
    return re.sub(r"\n\s*\n", "\n", tex.replace("\r\n", "\n")) if "\n" in tex else tex


# Formulas in plain text

LONGEST_INLINE, LONGEST_DISPLAY = 1_000, 10_000  # characters between delimiters; real ones are a tenth of that
_MARKS = re.compile(
    r"\\\\|\\\$|(?<!\$)\${3}(?:\${3})?(?!\$)|\$\$|\$|\\[()\[\]]|\[/?latex\]"
    r"|\\begin\{[A-Za-z]+\*?\}|\\end\{[A-Za-z]+\*?\}"
)
_PARAGRAPH = re.compile(r"\n[ \t]*\n")
_TEX_SIGN = re.compile(r"[\\^_{}=<>]")
_NO_FORMULA = re.compile(r'["\n]')  # variables of shells and templates
# An amount and what follows one: "$5 million and …", "$5-".
_AMOUNT = re.compile(r"\d[\d.,]*(?:\s*[A-Za-z]{2,}|\s*[-–—/,.]\s*$|\s+[-–—]\s)")
_TWO_WORDS = re.compile(r"(?<![\\A-Za-z{])[A-Za-z]{2,}[,.;:]?\s+[A-Za-z]{2,}")
_WITHOUT_COMMANDS = re.compile(r"(?:[\s\d+\-*/=<>().,|!'\[\]:;≤≥≠±×·∈→…]|[A-Za-z](?![A-Za-z]))*")


def written(text: str) -> list[tuple[int, int]]:
    r"""Where formulas stand in plain text, as ranges in order, delimiters included: ``$…$``, ``$$…$$``, ``\(…\)``,
    ``\[…\]``, environments, and a few sites' own (see :func:`as_tex`). Of two that overlap the one that begins first
    counts. Time is linear.

    A single dollar opens only before a sign that is no blank and after none that belongs to a word or a number, closes
    only after no blank and before no letter or digit (the rules of Pandoc's tex_math_dollars, and a little more); and
    what stands between must look like a formula: "$5 and 10$" does not."""
    if "$" not in text and "\\" not in text and "[latex]" not in text:
        return []
    marks = [(match[0], match.start(), match.end()) for match in _MARKS.finditer(text)]
    found: list[tuple[int, int]] = []
    ends = _environments(marks)
    at = 0
    while at < len(marks):
        end = _closing(text, marks, ends, at)
        if end is None:
            at += 1
        else:
            found.append((marks[at][1], marks[end][2]))
            at = end + 1
    return found


# Besides TeX's own: Codeforces' dollars, and what Lumen and WordPress call a short code.
_CLOSING = {"$$": "$$", "\\(": "\\)", "\\[": "\\]", "$$$": "$$$", "$$$$$$": "$$$$$$", "[latex]": "[/latex]"}
_AS_TEX = (("$$$$$$", "$$$$$$", "$$"), ("$$$", "$$$", "$"), ("[latex]", "[/latex]", "$"), ("$latex ", "$", "$"))


def as_tex(source: str) -> str:
    """A formula that :func:`written` found, between delimiters that TeX has."""
    if source.startswith(("$$$", "[", "$latex ")):
        for opening, closing, ours in _AS_TEX:
            if source.startswith(opening):
                return f"{ours}{source[len(opening) : -len(closing)].strip()}{ours}"
    return source


def _environments(marks: list[tuple[str, int, int]]) -> dict[int, int]:
    r"""Which ``\end`` ends which ``\begin``, as indices into ``marks``."""
    ends: dict[int, int] = {}
    opened: list[tuple[str, int]] = []
    for index, (mark, _, _) in enumerate(marks):
        if mark.startswith("\\begin"):
            opened.append((mark[6:], index))
        elif mark.startswith("\\end"):
            if opened and opened[-1][0] == mark[4:]:
                ends[opened.pop()[1]] = index
            else:
                opened.clear()
    return ends


def _closing(text: str, marks: list[tuple[str, int, int]], ends: dict[int, int], at: int) -> int | None:
    """Index of the mark that closes the formula opened by mark ``at``, if it opens one."""
    mark, _, begin = marks[at]
    if mark == "$":
        return _closing_dollar(text, marks, at)
    if mark.startswith("\\begin"):
        known = mark[7:-1] in DISPLAY_ENVIRONMENTS or mark[7:-1] in _INNER_ENVIRONMENTS
        end = ends.get(at) if known else None
        return end if end is not None and marks[end][1] - begin <= LONGEST_DISPLAY else None
    closing = _CLOSING.get(mark)
    longest = LONGEST_INLINE if mark == "\\(" else LONGEST_DISPLAY
    # The search stops at the next mark of the same kind, so that all searches together see each mark a few times.
    for index in range(at + 1, len(marks) if closing else 0):
        other, here, _ = marks[index]
        if here - begin > longest:
            return None
        if other == closing:
            return index if _looks_like_formula(text[begin:here], sure=True) else None
        if other == mark:
            return None
    return None


def _closing_dollar(text: str, marks: list[tuple[str, int, int]], at: int) -> int | None:
    _, start, begin = marks[at]
    before, first = text[start - 1 : start], text[begin : begin + 1]
    if before.isalnum() or not first or first.isspace():
        return None
    for index in range(at + 1, len(marks)):
        mark, here, end = marks[index]
        if here - begin > LONGEST_INLINE or mark.startswith("$$"):
            return None
        if mark == "$":
            # A dollar inside of \text{… $x$ …} is missed; that costs a range, not text.
            after = text[end : end + 1]
            if text[here - 1].isspace() or after.isalnum():
                return None
            return index if _looks_like_formula(text[begin:here], sure=False) else None
    return None


def _looks_like_formula(inside: str, sure: bool) -> bool:
    """Whether what stands between delimiters is mathematics. ``sure``: the delimiters are none that prose has."""
    if not inside.strip() or _PARAGRAPH.search(inside):
        return False
    if _AMOUNT.match(inside) and not sure:
        return "\\" in inside and not _TWO_WORDS.search(inside)
    if "\\" in inside:
        return True
    if not sure and (_NO_FORMULA.search(inside) or inside[-1] in "=("):
        return False
    if _TEX_SIGN.search(inside):
        return not _TWO_WORDS.search(inside)
    return _WITHOUT_COMMANDS.fullmatch(inside) is not None


# Scripts of HTML

_ORDINALS = frozenset(
    "st nd rd th er re ère ere e eme ème es nde nds o a os as ª º ste de ro ra do da to ta mo ma no na vo va r mo "
    "me mme lle gr le la te".split()
)
_NOTE = re.compile(r"[\[(].*[\])]|[*†‡§¶#]+", re.DOTALL)
_NUMBER = re.compile(r"[+\-−–]?\d+(?:[.,]\d+)?")
_SLASHES = ("/", "⁄")


def script(kind: str, text: str, before: str = "", after: str = "", linked: bool = False) -> str:
    """What stands in plain text for a ``<sub>`` or ``<sup>`` (``kind``) with this text; it is glued to the text
    before. ``before`` and ``after`` are the characters next to it, where they are known: ``after`` is a single one
    only if another element follows it. ``linked``: there is a link in it.

    Numbers must not fuse: 10<sup>6</sup> is ``10^6``, 101<sub>2</sub> is ``101_2``, 1<sup>1</sup>/<sub>2</sub> is
    ``1 1/2``. Where nothing can be mistaken the plain letters stay, as people write them: ``H2O``, ``1st``, ``Mme``.
    Notes keep their brackets, or get some."""
    text = " ".join(text.split())
    if not text:
        return ""
    if text.isdigit():
        if kind == "sup" and linked:
            return f"[{text}]"
        if kind == "sup" and after in _SLASHES and not before[-1:].isalpha():
            return f" {text}" if before[-1:].isdigit() else text
        if kind == "sub" and before[-1:] in _SLASHES:
            return text
    if len(text) > 24 or text.count(" ") > 1:  # small print, not a script
        return f" {text} "
    if _NOTE.fullmatch(text) and not (kind == "sup" and _raised(text, before)):
        return text
    if text in ("TM", "tm"):
        return "™"
    if kind == "sub":
        if text.isdigit() and before[-1:].isalpha() and not after[:1].isdigit():
            return text
        return f"_{_group(text)}"
    if text.lower() in _ORDINALS and not before[-1:].isalpha():
        return text
    if text.isalpha() and len(text) > 1 and before[-1:].isalpha():
        return text
    if not text.isalnum() and not _NUMBER.fullmatch(text) and not any(map(str.isalnum, text)):
        return text
    if before[-1:] and before[-1:] in '.,;:!?"”’»…' and text.replace(",", "").replace(" ", "").isdigit():
        return f"[{text}]"
    return f"^{_group(text)}"


def _raised(text: str, before: str) -> bool:
    """Whether a superscript in parentheses is part of a formula, like the derivative f^(n), and no note."""
    return text[0] == "(" and len(text) <= 4 and text[1:-1].isalpha() and len(before) == 1 and before.isalpha()


def _group(text: str) -> str:
    return text if text.isalnum() or _NUMBER.fullmatch(text) else f"{{{text}}}"
