"""Formulas that HTML sets with italics, sub- and superscripts alone."""

from __future__ import annotations

import re

from parsers.formulas.symbols import FUNCTIONS, characters, joined
from parsers.markup.tokens import tokenize

LONGEST = 2_000  # characters; a longer one is a paragraph


def from_html(markup: str) -> str:
    r"""TeX of ``<i>n</i> ≤ 10<sup>5</sup>``, as Codeforces and Wikipedia's template "math" write formulas. Empty if
    the markup is too long or reads like prose."""
    if len(markup) > LONGEST:
        return ""
    out = ""
    scripts: list[str] = []
    for kind, name, text in tokenize(markup):
        if kind == "text":
            for word in re.findall(r"[A-Za-z]{2,}|\s+|[^A-Za-z\s]+|[A-Za-z]", text):
                if word.isspace():
                    out += " "
                elif len(word) > 1 and word.isascii() and word.isalpha():
                    out = joined(out, f"\\{word}" if word in FUNCTIONS else word)
                else:
                    out = joined(out, characters(word))
        elif name in ("sub", "sup"):
            if kind == "start":
                out = (out or "{}") + ("_{" if name == "sub" else "^{")
                scripts.append(name)
            elif scripts:
                out += "}"
                scripts.pop()
    out = " ".join((out + "}" * len(scripts)).split())
    return "" if re.search(r"(?:[A-Za-z]{3,} ){3}", out) else out
