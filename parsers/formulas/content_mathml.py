r"""Content MathML (MathML 3, chapter 4) to TeX: ``<apply><plus/><ci>a</ci><cn>1</cn></apply>`` is ``a + 1``.

Called from the inside out like the rest of :mod:`parsers.formulas.mathml`: the children of an element have become
pieces already. Parentheses are set by precedence (``Piece.level``); an operator that is not known is written as a
function.
"""

from __future__ import annotations

from itertools import pairwise

from parsers.formulas.symbols import FUNCTIONS, characters, ends_in_command, joined
from parsers.formulas.tex_rows import ATOMIC, FUNCTION, NUMBER, OPERAND, WORD, Piece, environment, row, scripted

SEPARATOR = "\ue000"  # stands for <sep/> in the text of a number: private use, no white space

LOGIC, RELATION, SUM, PRODUCT, PREFIX, POWER = range(1, 7)

# Infix operators: (sign, precedence of the whole).
_INFIX = {
    "plus": ("+", SUM), "minus": ("-", SUM), "times": ("", PRODUCT), "eq": ("=", RELATION), "neq": (r"\neq", RELATION),
    "lt": ("<", RELATION), "gt": (">", RELATION), "leq": (r"\leq", RELATION), "geq": (r"\geq", RELATION),
    "equivalent": (r"\equiv", RELATION), "approx": (r"\approx", RELATION), "factorof": (r"\mid", RELATION),
    "tendsto": (r"\to", RELATION), "implies": (r"\implies", LOGIC), "and": (r"\land", LOGIC), "or": (r"\lor", LOGIC),
    "xor": (r"\oplus", LOGIC), "in": (r"\in", RELATION), "notin": (r"\notin", RELATION),
    "subset": (r"\subseteq", RELATION), "prsubset": (r"\subset", RELATION), "notsubset": (r"\nsubseteq", RELATION),
    "notprsubset": (r"\not\subset", RELATION), "union": (r"\cup", SUM), "intersect": (r"\cap", PRODUCT),
    "setdiff": (r"\setminus", SUM), "cartesianproduct": (r"\times", PRODUCT), "compose": (r"\circ", PRODUCT),
    "vectorproduct": (r"\times", PRODUCT), "scalarproduct": (r"\cdot", PRODUCT), "outerproduct": (r"\otimes", PRODUCT),
    "rem": (r"\bmod", PRODUCT),
}  # fmt: skip
# One argument between two signs.
_AROUND = {
    "abs": (r"\left|", r"\right|"), "floor": (r"\left\lfloor ", r"\right\rfloor"), "root": (r"\sqrt{", "}"),
    "ceiling": (r"\left\lceil ", r"\right\rceil"), "card": (r"\left|", r"\right|"), "conjugate": (r"\overline{", "}"),
    "mean": (r"\left\langle ", r"\right\rangle"),
}  # fmt: skip
_NAMED = {
    "arccosh": r"\operatorname{arccosh}", "arcsinh": r"\operatorname{arcsinh}", "arctanh": r"\operatorname{arctanh}",
    "determinant": r"\det", "real": r"\operatorname{Re}", "imaginary": r"\operatorname{Im}", "arg": r"\arg",
    "lcm": r"\operatorname{lcm}", "grad": r"\nabla", "divergence": r"\nabla\cdot", "curl": r"\nabla\times",
    "laplacian": r"\nabla^{2}", "variance": r"\operatorname{Var}", "sdev": r"\sigma",
    "median": r"\operatorname{median}", "mode": r"\operatorname{mode}", "domain": r"\operatorname{dom}",
    "codomain": r"\operatorname{codom}",
    "image": r"\operatorname{im}", "sech": r"\operatorname{sech}", "csch": r"\operatorname{csch}", "not": r"\neg",
    "arcsec": r"\operatorname{arcsec}", "arccsc": r"\operatorname{arccsc}", "arccot": r"\operatorname{arccot}",
    "ident": r"\operatorname{id}", **{name: rf"\{name}" for name in FUNCTIONS},
}  # fmt: skip
_POSTFIX = {"factorial": "!", "transpose": r"^{T}", "inverse": "^{-1}"}
_BIG = {"int": r"\int", "sum": r"\sum", "product": r"\prod", "limit": r"\lim", "max": r"\max", "min": r"\min",
        "forall": r"\forall", "exists": r"\exists"}  # fmt: skip
_SPECIAL = {"divide", "power", "log", "diff", "partialdiff", "quotient", "moment", "selector"}
_CONSTANTS = {
    "pi": r"\pi", "exponentiale": "e", "imaginaryi": "i", "infinity": r"\infty", "emptyset": r"\emptyset",
    "true": r"\text{true}", "false": r"\text{false}", "notanumber": r"\text{NaN}", "eulergamma": r"\gamma",
    "reals": r"\mathbb{R}", "integers": r"\mathbb{Z}", "naturalnumbers": r"\mathbb{N}", "rationals": r"\mathbb{Q}",
    "complexes": r"\mathbb{C}", "primes": r"\mathbb{P}",
}  # fmt: skip
_QUALIFIERS = frozenset({"bvar", "lowlimit", "uplimit", "degree", "logbase", "condition", "domainofapplication",
                         "momentabout"})  # fmt: skip
_CONTAINERS = frozenset({"apply", "reln", "bind", "ci", "cn", "csymbol", "lambda", "set", "list", "vector", "matrix",
                         "matrixrow", "interval", "piecewise", "piece", "otherwise"})  # fmt: skip
_OPERATORS = frozenset({*_INFIX, *_AROUND, *_NAMED, *_POSTFIX, *_BIG, *_SPECIAL})

ELEMENTS = _OPERATORS | _CONSTANTS.keys() | _QUALIFIERS | _CONTAINERS

_OPERATOR = "operator"  # a piece's role: the name in ``raw`` waits for its arguments


def element(name: str, attributes: dict[str, str], children: list[Piece], text: str) -> Piece:
    """The piece for a content element that has ended."""
    if name in _CONSTANTS:
        return Piece(_CONSTANTS[name])
    if name in _QUALIFIERS:
        inner = [piece for piece in children if piece.role != "degree"]
        degree = next((piece.tex for piece in children if piece.role == "degree"), "")
        return row(inner)._replace(role=name, raw=degree)
    if name == "cn":
        return _number(text, attributes.get("type", ""), children)
    if name in ("ci", "csymbol"):
        return _identifier(name, text, children)
    if name in ("apply", "reln", "bind"):
        return _application(children)
    if name in _CONTAINERS:
        return _container(name, attributes, [piece for piece in children if piece.tex])
    return Piece("", raw=name, role=_OPERATOR)


def _number(text: str, kind: str, children: list[Piece]) -> Piece:
    parts = [characters(part.strip()) for part in text.split(SEPARATOR)]
    if len(parts) < 2:
        return Piece(parts[0], NUMBER, level=PREFIX if parts[0][:1] == "-" else ATOMIC) if parts[0] else row(children)
    first, second = parts[:2]
    if kind == "rational":
        return Piece(rf"\frac{{{first}}}{{{second}}}")
    if kind == "e-notation":
        return Piece(rf"{first} \times 10^{{{second}}}", level=PRODUCT, single=False)
    if kind == "complex-polar":
        return Piece(f"{first} e^{{i {second}}}", level=PRODUCT, single=False)
    if kind == "complex-cartesian":
        return Piece(f"{first} + {second}i", level=SUM, single=False)
    return Piece(" ".join(parts), NUMBER)


def _identifier(name: str, text: str, children: list[Piece]) -> Piece:
    if not text:
        return row(children)
    if name == "csymbol" and text in _OPERATORS:
        return Piece("", raw=text, role=_OPERATOR)
    if text in FUNCTIONS:
        return Piece(rf"\{text}", FUNCTION)
    return Piece(characters(text), WORD if len(text) > 1 else OPERAND)


def _within(piece: Piece, level: int) -> str:
    """``piece`` as an operand of an operator of this precedence."""
    return piece.tex if piece.level > level else rf"\left({piece.tex}\right)"


def _call(function: str, arguments: list[Piece]) -> Piece:
    """A function and its arguments: without parentheses where it is one of TeX's own and has one simple argument."""
    if len(arguments) == 1 and function.startswith("\\") and arguments[0].level == ATOMIC and arguments[0].single:
        inside = arguments[0].tex
        blank = ends_in_command(function) or inside[:1].isalnum() or inside[:1] == "\\"
        return Piece(f"{function} {inside}" if blank else function + inside, single=False, level=PREFIX)
    return Piece(rf"{function}\left({', '.join(piece.tex for piece in arguments)}\right)")


def _application(children: list[Piece]) -> Piece:
    if not children:
        return Piece("")
    head, *rest = children
    qualifiers = {piece.role: piece for piece in rest if piece.role in _QUALIFIERS}
    bound = [piece for piece in rest if piece.role == "bvar"]
    arguments = [piece for piece in rest if piece.role not in _QUALIFIERS and (piece.tex or piece.role == _OPERATOR)]
    # An operator can be an argument itself, as in the inverse of sine.
    arguments = [_named(piece) for piece in arguments]
    if head.role != _OPERATOR:
        return _call(head.tex if head.single else rf"\left({head.tex}\right)", arguments) if arguments else head
    name = head.raw
    if name in _BIG and (bound or qualifiers):
        return _big(name, bound, qualifiers, arguments)
    if name in _SPECIAL or name == "root":
        return _special(name, bound, qualifiers, arguments)
    if name in _INFIX and arguments:
        return _infix(name, arguments)
    if name in _AROUND:
        before, after = _AROUND[name]
        return Piece(before + ", ".join(piece.tex for piece in arguments) + after)
    if name in _POSTFIX and arguments:
        base = arguments[0] if arguments[0].level == ATOMIC else Piece(_within(arguments[0], POWER))
        return Piece(base.tex + _POSTFIX[name], scripts="^" if name != "factorial" else "")
    return _call(_named(head).tex, arguments)


def _named(piece: Piece) -> Piece:
    if piece.role != _OPERATOR:
        return piece
    name = piece.raw
    return Piece(_NAMED.get(name) or _BIG.get(name) or _INFIX.get(name, ("",))[0] or rf"\operatorname{{{name}}}")


def _infix(name: str, arguments: list[Piece]) -> Piece:
    sign, level = _INFIX[name]
    if len(arguments) == 1:
        level = PREFIX if sign else arguments[0].level
        return Piece(joined(sign, _within(arguments[0], SUM)), level=level, single=False)
    parts = [arguments[0].tex if arguments[0].level >= level else _within(arguments[0], level)]
    for before, piece in pairwise(arguments):
        term = _within(piece, level)
        if name == "plus" and term[:1] == "-":
            parts.append(f" - {term[1:].lstrip()}")
        elif name == "times":
            dot = (
                r" \cdot " if piece.kind == NUMBER or (piece.tex[:1].isdigit() and before.tex[-1:].isdigit()) else " "
            )
            parts.append(dot + term)
        else:
            parts.append(f" {sign} {term}")
    return Piece("".join(parts), level=level, single=False)


def _big(name: str, bound: list[Piece], qualifiers: dict[str, Piece], arguments: list[Piece]) -> Piece:
    """Sums, integrals, limits, quantifiers: a large sign, the bound variables at it or behind the body."""
    variables = ", ".join(piece.tex for piece in bound)
    low, high = qualifiers.get("lowlimit"), qualifiers.get("uplimit")
    where = qualifiers.get("condition") or qualifiers.get("domainofapplication")
    body = " ".join(piece.tex if piece.level > SUM else rf"\left({piece.tex}\right)" for piece in arguments)
    if name in ("forall", "exists"):
        return Piece(f"{_BIG[name]} {where.tex if where else variables}\\colon {body}", level=LOGIC, single=False)
    if where is not None:
        below = where.tex
    elif name == "int":
        below = low.tex if low else ""
    elif name == "limit":
        below = rf"{variables} \to {low.tex}" if low else variables
    else:
        below = f"{variables} = {low.tex}" if low else variables
    sign = scripted(Piece(_BIG[name]), Piece(below), high)
    tail = "".join(rf"\, d{joined('', piece.tex)}" for piece in bound) if name == "int" else ""
    return Piece(f"{sign.tex} {body}{tail}", level=PRODUCT, single=False)


def _derivative(sign: str, bound: list[Piece], total: str, body: str) -> Piece:
    """The degree of each variable stands in ``raw``."""
    below = " ".join(joined(sign, piece.tex) + (f"^{{{piece.raw}}}" if piece.raw else "") for piece in bound)
    return Piece(rf"\frac{{{sign}{f'^{{{total}}}' if total else ''}}}{{{below}}} {body}", level=PRODUCT, single=False)


def _special(name: str, bound: list[Piece], qualifiers: dict[str, Piece], arguments: list[Piece]) -> Piece:
    first, second = (*arguments, Piece(""), Piece(""))[:2]
    if name == "divide":
        return Piece(rf"\frac{{{first.tex}}}{{{second.tex}}}")
    if name == "quotient":
        return Piece(rf"\left\lfloor \frac{{{first.tex}}}{{{second.tex}}} \right\rfloor")
    if name == "power":
        base = first if first.level == ATOMIC else Piece(_within(first, POWER))
        return scripted(base, None, Piece(second.tex))
    if name == "root":
        degree = qualifiers["degree"].tex if "degree" in qualifiers else ""
        return Piece(rf"\sqrt[{{{degree}}}]{{{first.tex}}}" if degree not in ("", "2") else rf"\sqrt{{{first.tex}}}")
    if name == "log":
        logbase = qualifiers.get("logbase")
        return _call(scripted(Piece(r"\log"), logbase._replace(raw="") if logbase else None).tex, arguments)
    if name in ("diff", "partialdiff"):
        body = first.tex if first.level > SUM else rf"\left({first.tex}\right)"
        if not bound:
            return Piece(f"{{{first.tex}}}'")
        degree = qualifiers["degree"].tex if "degree" in qualifiers else bound[0].raw if len(bound) == 1 else ""
        return _derivative(r"\partial" if name == "partialdiff" else "d", bound, degree, body)
    if name == "moment":
        degree = qualifiers["degree"].tex if "degree" in qualifiers else ""
        return Piece(rf"\left\langle {scripted(first, None, Piece(degree)).tex} \right\rangle")
    return scripted(first, Piece(", ".join(piece.tex for piece in arguments[1:])))  # selector


def _container(name: str, attributes: dict[str, str], children: list[Piece]) -> Piece:
    if name == "lambda":
        variables = ", ".join(piece.tex for piece in children if piece.role == "bvar")
        body = row(piece for piece in children if piece.role != "bvar")
        return Piece(rf"{variables} \mapsto {body.tex}", level=LOGIC, single=False)
    if name == "interval":
        left = "(" if attributes.get("closure", "closed").startswith("open") else "["
        right = ")" if attributes.get("closure", "closed") in ("open", "closed-open") else "]"
        return Piece(rf"\left{left}{', '.join(piece.tex for piece in children)}\right{right}")
    if name == "matrixrow":
        return Piece(" & ".join(piece.tex for piece in children))
    if name == "matrix":
        return Piece(environment("pmatrix", r" \\ ".join(piece.tex for piece in children)))
    if name == "vector":
        return Piece(environment("pmatrix", r" \\ ".join(piece.tex for piece in children)))
    if name == "piece":
        return Piece(r" & \text{if } ".join(piece.tex for piece in children))
    if name == "otherwise":
        return Piece(rf"{row(children).tex} & \text{{otherwise}}")
    if name == "piecewise":
        return Piece(environment("cases", r" \\ ".join(piece.tex for piece in children)))
    bounds = [piece.tex for piece in children if piece.role in ("bvar", "condition")]
    inside = ", ".join(piece.tex for piece in children if piece.role not in ("bvar", "condition"))
    inside = rf"{inside} \mid {', '.join(bounds[-1:])}" if bounds else inside
    return Piece(rf"\left\{{{inside}\right\}}" if name == "set" else rf"\left({inside}\right)")
