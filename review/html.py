"""Pages of one file: no request leaves them, and no text in them is markup.

A page is built of :class:`Element`; whatever is put into one is escaped, so that a crawl's titles and texts can only
ever be read. The policy in the head forbids everything that the file doesn't hold itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
_STYLE = """
:root { color-scheme: light dark; --line: #8884; --mark: #2a6; }
body { font: 15px/1.45 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; border-bottom: 1px solid var(--line); }
table { border-collapse: collapse; margin: .6rem 0; } th, td { padding: .15rem .7rem .15rem 0; text-align: left; vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; } tr:hover td { background: #8881; }
.note { color: color-mix(in srgb, currentColor 65%, transparent); } .warning { border-left: .3rem solid #c60; padding-left: .7rem; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; } code { overflow-wrap: anywhere; }
details { margin: .3rem 0; } summary { cursor: pointer; }
@media print { details { display: block; } body { max-width: none; } }
"""


class Element:
    """One element with its attributes and content; ``str`` of it is markup. ``class_`` is written as ``class``."""

    def __init__(self, tag: str, *content: Any, **attributes: Any) -> None:
        self._tag = tag
        self._content = content
        self._attributes = attributes

    def __str__(self) -> str:
        attributes = "".join(
            f' {name.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
            for name, value in self._attributes.items()
            if value is not None
        )
        return f"<{self._tag}{attributes}>{written(self._content)}</{self._tag}>"


class _Markup(Element):
    """An element whose content is no text of a crawl but ours."""

    def __init__(self, tag: str, content: str, **attributes: Any) -> None:
        super().__init__(tag, **attributes)
        self._own = content

    def __str__(self) -> str:
        start, end, name = super().__str__().rpartition("</")
        return f"{start}{self._own}{end}{name}"


def script(source: str) -> Element:
    """A script of ours."""
    return _Markup("script", source)


def data(identity: str, value: Any) -> Element:
    """Data for a script, which finds them by their identity. No text in them ends the element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character in ("<", "\u2028", "\u2029"):
        text = text.replace(character, f"\\u{ord(character):04x}")
    return _Markup("script", text, type="application/json", id=identity)


def written(content: Any) -> str:
    """Markup of elements, of sequences of them, and of anything else as text."""
    if isinstance(content, Element):
        return str(content)
    if isinstance(content, str) or not isinstance(content, Iterable):
        return escape(str(content)) if content is not None else ""
    return "".join(written(item) for item in content)


def table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Element:
    """A table with numbers to the right, written with commas between thousands."""
    rows = [list(row) for row in rows]
    numeric = [
        bool(rows) and all(isinstance(row[place], int | float | None) for row in rows) for place in range(len(header))
    ]
    kinds = ["number" if is_number else None for is_number in numeric]
    head = Element("tr", [Element("th", name, class_=kind) for name, kind in zip(header, kinds, strict=True)])
    body = [
        Element("tr", [Element("td", number(cell), class_=kind) for cell, kind in zip(row, kinds, strict=True)])
        for row in rows
    ]
    return Element("table", Element("thead", head), Element("tbody", body))


def number(value: Any) -> Any:
    """Numbers as people read them; anything else as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4g}"


def page(title: str, *body: Any) -> str:
    """A whole document."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n<body>{written(body)}</body></html>\n"
    )
