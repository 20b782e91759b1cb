r"""MathML to TeX: presentation markup, content markup, and the boxes that MathJax 3 draws where it left no source.

One pass over the tags, from the inside out: when an element ends, its children have become pieces of TeX already and
it joins them to one. There is no tree and no recursion; elements nested deeper than :data:`DEPTH` hand their children
to the parent, so that the work stays linear in the markup. Semantics: MathML 3 (W3C, second edition), chapters 3, 4.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from parsers.formulas import content_mathml
from parsers.formulas.mathml_tokens import Frame, mi, mn, mo, ms, mspace, mtext, words
from parsers.formulas.symbols import ACCENTS_OVER, ACCENTS_UNDER, BARS, characters
from parsers.formulas.tex_rows import (
    ATOP,
    BAR,
    CLOSE,
    COMMA,
    EMPTY,
    INFIX,
    LARGE,
    OPEN,
    OPERAND,
    TABLE,
    Piece,
    environment,
    row,
    scripted,
)  # fmt: skip
from parsers.markup.tokens import REST_OF_TAG

# Formulas of real pages nest less than 40 deep (every TeX group may become an mrow).
DEPTH = 200
_REPAIR = 8  # levels that one end tag may close where tags are missing

# A start tag, its text and, if it comes right then, its end tag; or an end tag. Then the text that follows.
_ELEMENT = re.compile(r"(?:<([^\s/>!]+)" + REST_OF_TAG + r"([^<]*)(</\1>)?|</([^\s>]+)[^>]*>)([^<]*)")
# MathJax 3 writes a glyph as <mjx-c class="mjx-c1D467">, and its style sheet draws the character U+1D467; one that
# stretches has its parts inside. In SVG it is <use data-c="1D467">.
_GLYPHS = frozenset({"mjx-c", "mjx-stretchy-v", "mjx-stretchy-h", "use", "path"})
_GLYPH = re.compile(r'[\s"]mjx-c([0-9A-Fa-f]{1,6})(?=[\s"])|\sdata-c="([0-9A-Fa-f]{1,6})"')

# Boxes of MathJax's output that hold nothing but other boxes.
_BOXES = frozenset(
    "mjx-math mjx-frac mjx-dbox mjx-dtable mjx-row mjx-box mjx-sqrt mjx-table mjx-itable mjx-base mjx-utext "
    "mjx-ext mjx-beg mjx-mid mjx-end".split()
)
# Boxes that say which part their content plays for the element around them.
_ROLES = {"mjx-num": "num", "mjx-den": "den", "mjx-over": "over", "mjx-under": "under", "mjx-root": "root"}
_SKIPPED = frozenset(
    "annotation annotation-xml mphantom maligngroup malignmark mjx-surd mjx-labels mjx-assistive-mml style script "
    "title defs".split()
)
_TOKENS = frozenset({"mi", "mn", "mo", "mtext"})
# All elements whose text counts; between the others there is only white space.
_LEAVES = _TOKENS | {"ms", "ci", "cn", "csymbol", "mjx-c", "text"}


def mathml_to_tex(markup: str) -> str:
    """TeX of the first formula in ``markup``: a ``<math>`` element, a part of one, or MathJax's boxes. Empty if there
    is nothing to show. Never raises; time is linear in the length."""
    stack = [Frame("mrow", "")]
    ignored: list[str] = []  # elements nested too deep: their ends are not the ends of anything on the stack
    skipped = 0
    for start, source, text, whole, end, after in _ELEMENT.findall(_without_comments(markup)):
        name = (start or end).rpartition(":")[2]
        whole = whole or source[-1:] == "/"
        if name in _SKIPPED or skipped:
            skipped += 0 if whole else 1 if start else -1 if skipped else 0
        elif name in _BOXES:
            continue
        elif whole and (name in _TOKENS or len(stack) > DEPTH):
            if name in _TOKENS:
                stack[-1].children.append(_token(name, source, text))
        elif start and len(stack) > DEPTH:
            ignored.append(name)
        elif start:
            stack.append(Frame(name, source, text if name in _LEAVES else ""))
            if whole:
                _finish(stack)
        elif ignored:
            ignored.pop()
        else:
            # An end tag that fits nothing is left out; one that fits a little further down closes what was left open.
            near = range(len(stack) - 1, max(0, len(stack) - _REPAIR), -1)
            position = next((at for at in near if stack[at].name == name), 0)
            while position and len(stack) > position:
                _finish(stack)
            if position == 1 and name == "math":
                break
        if after and stack[-1].name in _LEAVES and not skipped:
            stack[-1].text += after
    while len(stack) > 1:
        _finish(stack)
    return row(stack[0].children).tex.strip()


def _without_comments(markup: str) -> str:
    if "<!--" not in markup:
        return markup
    first, *rest = markup.split("<!--")
    return first + "".join(part.partition("-->")[2] for part in rest)


@lru_cache(8192)
def _token(name: str, source: str, text: str) -> Piece:
    """A token element, the leaf of a formula. A page repeats the same few dozen, hence the cache."""
    return _PRESENTATION[name](Frame(name, source, text))


def _finish(stack: list[Frame]) -> None:
    """Ends the element on top of the stack."""
    frame = stack.pop()
    parent = stack[-1]
    if frame.name in _GLYPHS:
        glyph = _GLYPH.search(frame.source)
        parent.text += frame.text or (_glyph(glyph[1] or glyph[2]) if glyph else "")
    elif frame.name == "text":
        parent.text += frame.text
    elif frame.name == "g":
        parent.children.append(_drawn(frame))
    elif frame.name == "mjx-script":
        parent.children += [piece._replace(role="script") for piece in frame.children]
    elif frame.name in _ROLES:
        parent.children.append(row(frame.children)._replace(role=_ROLES[frame.name]))
    elif frame.name == "sep":
        parent.text += content_mathml.SEPARATOR
    elif frame.name in _TOKENS and frame.children and frame.text.strip():  # its end tag was missing
        parent.children += [_token(frame.name, frame.source, frame.text), *frame.children]
    else:
        name = frame.name.removeprefix("mjx-")
        presentation = _PRESENTATION.get(name)
        if presentation:
            parent.children.append(presentation(frame))
        elif name in content_mathml.ELEMENTS:
            parent.children.append(content_mathml.element(name, frame.attributes, frame.children, words(frame)))
        else:
            parent.children.append(row(frame.children))


def _glyph(code: str) -> str:
    point = int(code, 16)
    if 0x239B <= point <= 0x23AD:  # a part of a stretched fence: the first one stands for all
        return _FENCE_TOPS.get(point, "")
    return chr(point) if point < 0x110000 and not 0xD800 <= point < 0xE000 else ""


_FENCE_TOPS = {0x239B: "(", 0x239E: ")", 0x23A1: "[", 0x23A4: "]", 0x23A7: "{", 0x23AB: "}"}


def _drawn(frame: Frame) -> Piece:
    """A group of MathJax's SVG: named after the element that it draws, or nameless and there to move what is in it.
    Two scripts come from top to bottom, a root's sign behind what is under it."""
    frame.name = frame.attributes.get("data-mml-node", "").lower()
    children = frame.children
    if frame.name in ("msubsup", "munderover") and len(children) == 3:
        children[1:] = children[:0:-1]
    elif frame.name in ("msqrt", "mroot"):
        del children[1 + (frame.name == "mroot") :]
    presentation = _PRESENTATION.get(frame.name)
    return presentation(frame) if presentation else row(children)


# Layout


def _mrow(frame: Frame) -> Piece:
    whole = row(frame.children)
    if len(frame.children) == 1 and frame.source and whole.raw in BARS and whole.kind == BAR:
        side = frame.attributes.get("data-mjx-texclass") or frame.attributes.get("class", "").rpartition("-")[2]
        return whole._replace(kind={"OPEN": OPEN, "CLOSE": CLOSE}.get(side, BAR))
    return whole


def _first(frame: Frame) -> Piece:
    return next((piece for piece in frame.children if piece.tex), EMPTY)


def _arguments(frame: Frame, count: int) -> list[Piece]:
    """The first ``count`` children; what is missing is empty, what is too much is joined to the last."""
    children = frame.children
    if len(children) > count:
        return [*children[: count - 1], row(children[count - 1 :])]
    return children + [EMPTY] * (count - len(children))


def _roles(frame: Frame) -> tuple[Piece, dict[str, Piece]]:
    """The children without a role side by side, and those that have one."""
    return (
        row(piece for piece in frame.children if not piece.role),
        {piece.role: piece for piece in frame.children if piece.role},
    )


def _mfrac(frame: Frame) -> Piece:
    _, roles = _roles(frame)
    above, below = (roles.get("num", EMPTY), roles.get("den", EMPTY)) if roles else _arguments(frame, 2)
    thickness = frame.attributes.get("linethickness", "") if frame.source else ""
    if thickness[:1] == "0" and not thickness.strip("0.pxemt%"):
        both = f"{{{above.tex}}}{{{below.tex}}}"
        return Piece(rf"\genfrac{{}}{{}}{{0pt}}{{}}{both}", ATOP, both)
    if "bevelled" in frame.source and frame.attributes.get("bevelled") == "true":
        return Piece(f"{_grouped(above)}/{_grouped(below)}", single=False)
    return Piece(rf"\frac{{{above.tex}}}{{{below.tex}}}")


def _grouped(piece: Piece) -> str:
    return piece.tex if piece.single else rf"\left({piece.tex}\right)"


def _msqrt(frame: Frame) -> Piece:
    return Piece(rf"\sqrt{{{row(frame.children).tex}}}")


def _mroot(frame: Frame) -> Piece:
    base, roles = _roles(frame)
    index = roles.get("root")
    if index is None:
        base, index = _arguments(frame, 2)
    inside = f"{{{index.tex}}}" if "]" in index.tex else index.tex
    return Piece(rf"\sqrt[{inside}]{{{base.tex}}}" if inside else rf"\sqrt{{{base.tex}}}")


def _scripts(frame: Frame) -> tuple[Piece, list[Piece]]:
    """Base and scripts of MathJax's boxes; no scripts if the element is none of those."""
    scripts = [piece._replace(role="") for piece in frame.children if piece.role == "script" and piece.tex]
    return (_roles(frame)[0], scripts) if scripts else (EMPTY, [])


def _msub(frame: Frame) -> Piece:
    base, scripts = _scripts(frame)
    if scripts:
        return scripted(base, row(scripts))
    base, below = _arguments(frame, 2)
    return scripted(base, below)


def _msup(frame: Frame) -> Piece:
    base, scripts = _scripts(frame)
    if scripts:
        return scripted(base, None, row(scripts))
    base, above = _arguments(frame, 2)
    return scripted(base, None, above)


def _msubsup(frame: Frame) -> Piece:
    base, scripts = _scripts(frame)
    if scripts:  # drawn from top to bottom
        return scripted(base, row(scripts[1:]), scripts[0])
    base, below, above = _arguments(frame, 3)
    return scripted(base, below, above)


def _carries_limits(base: Piece) -> bool:
    return base.kind == LARGE or base.tex.startswith((r"\overbrace", r"\underbrace", r"\operatorname*"))


_ARROWS = {
    "→": r"\xrightarrow", "⟶": r"\xrightarrow", "←": r"\xleftarrow", "⟵": r"\xleftarrow", "⇒": r"\xRightarrow",
    "⇔": r"\xLeftrightarrow", "↔": r"\xleftrightarrow", "⇌": r"\xrightleftharpoons",
}  # fmt: skip


def _limits(base: Piece, below: Piece, above: Piece) -> Piece:
    """``base`` with something under it, over it or both: limits of a large operator, an accent, a labelled arrow, or
    whatever else, stacked."""
    if _carries_limits(base):
        return scripted(base, below, above)
    if base.raw in _ARROWS:
        under = f"[{below.tex}]" if below.tex else ""
        return Piece(f"{_ARROWS[base.raw]}{under}{{{above.tex}}}", INFIX)
    narrow = len(base.raw) == 1 or (base.kind == OPERAND and len(base.tex) == 1)
    tex, kind = base.tex, base.kind if base.kind == INFIX else OPERAND
    if below.tex:
        accent = ACCENTS_UNDER.get(below.raw)
        tex = f"{accent[not narrow]}{{{tex}}}" if accent else rf"\underset{{{below.tex}}}{{{tex}}}"
    if above.tex:
        accent = ACCENTS_OVER.get(above.raw)
        tex = f"{accent[not narrow]}{{{tex}}}" if accent else rf"\overset{{{above.tex}}}{{{tex}}}"
    return Piece(tex, kind)


def _stacked(frame: Frame, *places: str) -> Piece:
    """The base with what stands under and over it: told by roles, else the children behind the base are ``places``."""
    base, roles = _roles(frame)
    if not roles:
        base, *others = _arguments(frame, 1 + len(places))
        roles = dict(zip(places, others, strict=True))
    return _limits(base, roles.get("under", EMPTY), roles.get("over", EMPTY))


_PRESCRIPTS = Piece("", role="prescripts")


def _mmultiscripts(frame: Frame) -> Piece:
    """Base, then pairs of sub- and superscript; after ``mprescripts`` the pairs that stand in front of the base."""
    children = frame.children or [EMPTY]
    cut = next((at for at, piece in enumerate(children) if piece is _PRESCRIPTS), len(children))
    base, after, before = children[0], children[1:cut], children[cut + 1 :]
    whole = base
    for at in range(0, len(after), 2):
        whole = scripted(whole, after[at], after[at + 1] if at + 1 < len(after) else None)
    front = [scripted(EMPTY, before[at], before[at + 1] if at + 1 < len(before) else None).tex
             for at in range(0, len(before), 2)]  # fmt: skip
    return whole._replace(tex="".join(front) + whole.tex, single=False) if front else whole


def _mtd(frame: Frame) -> Piece:
    return row(frame.children)._replace(role="cell")


def _mtr(frame: Frame) -> Piece:
    cells = [piece.tex for piece in frame.children if piece.role == "cell" or piece.tex]
    return Piece(" & ".join(cells), role="row", raw=str(len(cells)))


_PLAIN_TEXT = re.compile(r"\\text\{([^{}\\]*)\}")


def _mlabeledtr(frame: Frame) -> Piece:
    """A numbered row: its first cell is the number (MathML 3, section 3.5.3)."""
    label, *rest = frame.children or [EMPTY]
    cells = " & ".join(piece.tex for piece in rest)
    name = _PLAIN_TEXT.sub(lambda text: text[1], label.tex).replace(r"\left(", "(").replace(r"\right)", ")").strip()
    if "\\" in name:  # a tag is text; with a star it is shown as it is, without parentheses of its own
        tag = rf" \tag*{{${name}$}}"
    else:
        name = name[1:-1].strip() if name.startswith("(") and name.endswith(")") else name
        tag = rf" \tag{{{name}}}" if name else ""
    return Piece(cells + tag, role="row", raw=str(len(rest)))


def _mtable(frame: Frame) -> Piece:
    rows = [piece for piece in frame.children if piece.tex or piece.role == "row"]
    body = r" \\ ".join(piece.tex for piece in rows)
    if len(rows) == 1 and rows[0].raw in ("0", "1"):
        return Piece(body, single=False)
    align = frame.attributes.get("columnalign", "").split() if frame.source else []
    name = "aligned" if align[:1] == ["right"] and "left" in align else "matrix"
    if r"\tag" in body:
        name = "align" if "&" in body else "gather"
    return Piece(environment(name, body), TABLE, body)


def _mfenced(frame: Frame) -> Piece:
    opening, closing = frame.attributes.get("open", "("), frame.attributes.get("close", ")")
    signs = "".join(frame.attributes.get("separators", ",").split())
    inner: list[Piece] = []
    for at, piece in enumerate(frame.children):
        if at and signs:
            sign = signs[min(at - 1, len(signs) - 1)]
            inner.append(Piece(BARS.get(sign) or characters(sign), COMMA if sign in ",;" else INFIX, sign))
        inner.append(piece)
    if not opening and not closing:
        return row(inner)
    left = Piece(characters(opening) or ".", OPEN, opening)
    right = Piece(characters(closing) or ".", CLOSE, closing)
    if opening == "{" and not closing and len(inner) == 1 and inner[0].kind == TABLE:
        return Piece(environment("cases", inner[0].raw))
    return row([left, *inner, right])


_ENCLOSURES = {
    "longdiv": r"\overline{)%s}", "radical": r"\sqrt{%s}", "box": r"\boxed{%s}", "roundedbox": r"\boxed{%s}",
    "top": r"\overline{%s}", "actuarial": r"\overline{%s|}", "bottom": r"\underline{%s}",
    "updiagonalstrike": r"\cancel{%s}", "downdiagonalstrike": r"\bcancel{%s}", "horizontalstrike": r"\sout{%s}",
    "circle": r"\enclose{circle}{%s}",
}  # fmt: skip


def _menclose(frame: Frame) -> Piece:
    inside = row(frame.children)
    notations = frame.attributes.get("notation", "longdiv").split()
    if {"updiagonalstrike", "downdiagonalstrike"} <= set(notations):
        return Piece(rf"\xcancel{{{inside.tex}}}")
    pattern = next((_ENCLOSURES[notation] for notation in notations if notation in _ENCLOSURES), None)
    return Piece(pattern % inside.tex) if pattern and inside.tex else inside


def _mglyph(frame: Frame) -> Piece:
    return Piece(characters(frame.attributes.get("alt", "")))


_PRESENTATION: dict[str, Callable[[Frame], Piece]] = {
    "mi": mi, "mn": mn, "mo": mo, "ms": ms, "mtext": mtext, "mspace": mspace, "mglyph": _mglyph,
    "mrow": _mrow, "texatom": _mrow, "mfrac": _mfrac, "msqrt": _msqrt, "mroot": _mroot, "mfenced": _mfenced,
    "menclose": _menclose, "msub": _msub, "msup": _msup, "msubsup": _msubsup,
    "munder": lambda frame: _stacked(frame, "under"), "mover": lambda frame: _stacked(frame, "over"),
    "munderover": lambda frame: _stacked(frame, "under", "over"), "mmultiscripts": _mmultiscripts,
    "mprescripts": lambda frame: _PRESCRIPTS, "none": lambda frame: EMPTY, "mtable": _mtable, "mtr": _mtr,
    "mlabeledtr": _mlabeledtr, "mtd": _mtd, "semantics": _first, "maction": _first,
}  # fmt: skip
