"""Pages of one file: no request leaves them, and no text in them is markup.

A page is built of :class:`Element`; whatever is put into one is escaped, so that a crawl's titles and texts can only
ever be read. The policy in the head forbids everything that the file doesn't hold itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
_STYLE = """
:root { color-scheme: light dark; --line: #8886; --soft: #8881; --kept: #2a6; --gone: #c60; }
* { box-sizing: border-box; }
body { font: 15px/1.45 system-ui, sans-serif; overflow-wrap: break-word; max-width: 72rem; margin: 1.5rem auto 4rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: .2rem 0 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin-top: 2.6rem; padding-bottom: .2rem; border-bottom: 1px solid var(--line); scroll-margin-top: .5rem; }
h3 { font-size: 1rem; margin: 1.4rem 0 .3rem; } p { max-width: 60rem; }
nav { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; margin: 1rem 0; }
.wide { overflow-x: auto; } table { border-collapse: collapse; margin: .6rem 0; }
th, td { padding: .2rem 1.2rem .2rem 0; text-align: left; vertical-align: top; }
th { border-bottom: 1px solid var(--line); vertical-align: bottom; font-weight: 600; } tbody tr:hover { background: var(--soft); }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; } td.number { white-space: nowrap; }
.note { color: color-mix(in srgb, currentColor 70%, transparent); }
.warning { border-left: .3rem solid var(--gone); background: var(--soft); padding: .4rem .7rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(10.5rem, 1fr)); gap: .6rem; margin: 1rem 0; }
.tiles > div { border: 1px solid var(--line); border-radius: .4rem; padding: .5rem .8rem; }
.tiles b { display: block; font-size: 1.45rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 21rem), 1fr)); gap: 1rem 1.6rem; margin: .8rem 0; }
.figures p { margin: .2rem 0; overflow-wrap: anywhere; } figure { margin: 0; min-width: 0; } svg.histogram { width: 100%; height: 6rem; display: block; border-bottom: 1px solid var(--line); }
.kept { fill: var(--kept); } .by { fill: var(--gone); } .other { fill: var(--gone); fill-opacity: .4; } line { stroke: currentColor; vector-effect: non-scaling-stroke; }
.ends { display: flex; justify-content: space-between; font-size: .85em; }
.key { display: inline-block; width: .8em; height: .8em; margin: 0 .3em 0 1em; border-radius: .15em; } .key:first-child { margin-left: 0; }
.key.kept { background: var(--kept); } .key.by { background: var(--gone); } .key.other { background: var(--gone); opacity: .4; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; border-left: 3px solid var(--line); padding-left: .7rem; margin: .3rem 0; }
li { margin-bottom: .7rem; } code { overflow-wrap: anywhere; } mark { background: #fc06; color: inherit; }
.sides { display: grid; grid-template-columns: 1fr 1fr; gap: 0 1.4rem; margin: .6rem 0 1.2rem; } .sides > * { min-width: 0; }
details { margin: .35rem 0; } summary { cursor: pointer; padding: .1rem 0; } summary:hover { text-decoration: underline; }
a:focus-visible, summary:focus-visible, input:focus-visible, button:focus-visible { outline: 2px solid #27f; outline-offset: 2px; }
input, button { font: inherit; } input[type=range] { width: 13rem; max-width: 55vw; vertical-align: middle; }
input[type=number] { width: 7rem; } button { margin: 0 .4rem; } [data-slider] { white-space: nowrap; } tr:has([data-slider]) td { vertical-align: middle; }
#sliders-result { position: sticky; top: 0; background: Canvas; border: 1px solid var(--line); border-radius: .4rem; padding: .2rem .8rem;
  max-height: 45vh; overflow: auto; z-index: 1; }
@media (max-width: 40rem) { .sides { grid-template-columns: 1fr; } th, td { padding-right: .8rem; } }
@media print {
  body { max-width: none; margin: 0; font-size: 10pt; } nav, button { display: none; } .wide { overflow: visible; }
  h2, h3, summary { break-after: avoid; } tr, figure, li, .sides { break-inside: avoid; } td, th { overflow-wrap: anywhere; }
  #sliders-result { position: static; max-height: none; } details::details-content { content-visibility: visible; }
}
"""

_SHARE = re.compile(r"(?:[\d.,]+%)?")


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
    """A table with numbers to the right, written with commas between thousands. One that is too wide for a window has a
    bar of its own to move it by."""
    rows = [list(row) for row in rows]
    numeric = [bool(rows) and all(_is_numeric(row[place]) for row in rows) for place in range(len(header))]
    kinds = ["number" if is_number else None for is_number in numeric]
    head = (
        Element(
            "thead",
            Element(
                "tr", [Element("th", name, class_=kind, scope="col") for name, kind in zip(header, kinds, strict=True)]
            ),
        )
        if any(header)
        else ""
    )
    body = [
        Element("tr", [Element("td", number(cell), class_=kind) for cell, kind in zip(row, kinds, strict=True)])
        for row in rows
    ]
    return Element("div", Element("table", head, Element("tbody", body)), class_="wide")


def _is_numeric(cell: Any) -> bool:
    return isinstance(cell, int | float | None) or (isinstance(cell, str) and bool(_SHARE.fullmatch(cell)))


def number(value: Any) -> Any:
    """Numbers as people read them; anything else as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return f"{value:,}" if isinstance(value, int) else f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def seconds(value: float) -> str:
    """A time as people say it: ``8.1 s``, ``2 min 05 s``, ``3 h 07 min``."""
    if value < 60:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest:02} s" if minutes < 60 else f"{minutes // 60:,} h {minutes % 60:02} min"


def page(title: str, *body: Any) -> str:
    """A whole document."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n<body>{written(body)}</body></html>\n"
    )
