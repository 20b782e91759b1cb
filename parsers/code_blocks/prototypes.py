"""Prototypes of functions that Doxygen sets as a table: a name, a bracket, a type and a parameter in a cell each."""

from __future__ import annotations

import re

from parsers.markup.tokens import tokenize

# The table itself, and what Doxygen puts around it; which also holds labels ("inline", "static") in a table of its own.
PROTOTYPE_CLASSES = frozenset({"memname"})

_CLOSING = re.compile(r"\s+([),;])")


def prototype(markup: str) -> str | None:
    """The lines of a prototype, one for each row of the table; ``None`` where there is no bracket in it."""
    rows: list[list[str]] = []
    for token in tokenize(markup):
        if token.kind == "start" and token.name == "tr":
            rows.append([])
        elif token.kind == "start" and token.name in ("td", "th") and rows:
            rows[-1].append("")
        elif token.kind == "text" and rows and rows[-1]:
            rows[-1][-1] += token.text
    lines = [" ".join(" ".join(row).split()) for row in rows]
    text = _CLOSING.sub(r"\1", "\n    ".join(filter(None, lines)))
    first, bracket, rest = text.partition("(")
    return f"{first.rstrip()}({rest.lstrip(' ')}" if bracket else None
