r"""TeX to presentation MathML, for as much of TeX as our own formulas use.

Covered: letters, numbers, operators, ``{groups}``, ``^`` and ``_``, ``\frac``, ``\sqrt`` and the commands in
``_SYMBOLS``. Anything else raises ``KeyError``: the formulas are ours, so that would be a slip of the pen.
"""

from __future__ import annotations

import re
from html import escape

_TOKEN = re.compile(r"\\[a-zA-Z]+|\d+|\S")
_SYMBOLS = {
    "pi": "π", "alpha": "α", "beta": "β", "gamma": "γ", "lambda": "λ", "xi": "ξ", "varphi": "φ", "infty": "∞",
    "sum": "∑", "int": "∫", "cdots": "⋯", "circ": "∘", "equiv": "≡", "neq": "≠", "cap": "∩", "sin": "sin",
    "cos": "cos", "ln": "ln",
}  # fmt: skip
_OPERATORS = {"sum", "int", "circ", "equiv", "neq", "cap"}


def to_mathml(tex: str) -> str:
    """A ``<math>`` element with the TeX source as its annotation."""
    tokens = _TOKEN.findall(tex)
    row = _row(tokens)
    return (
        f'<math xmlns="http://www.w3.org/1998/Math/MathML"><semantics><mrow>{row}</mrow>'
        f'<annotation encoding="application/x-tex">{escape(tex, quote=False)}</annotation></semantics></math>'
    )


def _row(tokens: list[str]) -> str:
    """Consume tokens up to a closing brace or the end."""
    parts: list[str] = []
    while tokens and tokens[0] != "}":
        base = _atom(tokens)
        marks = {}
        while tokens and tokens[0] in "^_":
            mark = tokens.pop(0)
            marks[mark] = _atom(tokens)
        if len(marks) == 2:
            base = f"<msubsup>{base}{marks['_']}{marks['^']}</msubsup>"
        elif "^" in marks:
            base = f"<msup>{base}{marks['^']}</msup>"
        elif "_" in marks:
            base = f"<msub>{base}{marks['_']}</msub>"
        parts.append(base)
    return "".join(parts)


def _atom(tokens: list[str]) -> str:
    token = tokens.pop(0)
    if token == "{":
        row = _row(tokens)
        tokens.pop(0)
        return f"<mrow>{row}</mrow>"
    if token == r"\frac":
        return f"<mfrac>{_atom(tokens)}{_atom(tokens)}</mfrac>"
    if token == r"\sqrt":
        return f"<msqrt>{_atom(tokens)}</msqrt>"
    if token.startswith("\\"):
        name = token[1:]
        element = "mo" if name in _OPERATORS else "mi"
        return f"<{element}>{_SYMBOLS[name]}</{element}>"
    if token.isdigit():
        return f"<mn>{token}</mn>"
    element = "mi" if token.isalpha() else "mo"
    return f"<{element}>{escape(token, quote=False)}</{element}>"
