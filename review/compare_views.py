"""A comparison of two runs as lines of text, as JSON, and as a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from review.compare import Comparison, Difference
from review.html import Element, page, table

_DIFFERENCES = (
    ("inputs", "Inputs, by sha256,"), ("settings", "Settings"), ("versions", "Versions and models"), ("books", "Ledger"),
    ("tokens", "Tokens by language and class"),
)  # fmt: skip
_BY_URL = "The runs read different inputs: records are joined by canonical address, not by id."


def lines(found: Comparison) -> Iterator[str]:
    """What a terminal shows."""
    yield f"A {found.runs[0]}"
    yield f"B {found.runs[1]}"
    if found.joined_by == "url":
        yield _BY_URL
    for name, title in _DIFFERENCES:
        differences: list[Difference] = getattr(found, name)
        if differences:
            yield f"{title} that differ:"
            yield from (f"  {what}: {before!r} -> {after!r}" for what, before, after in differences)
        if name == "inputs" and found.more_inputs:
            yield f"  and {found.more_inputs:,} more"
    if found.equal:
        yield f"Equal: all {sum(found.matrix.values())} records ended alike."
        return
    yield "Records by outcome in A and in B:"
    for (before, after), count in _cells(found):
        yield f"  {count:>9}  {before} -> {after}"
        yield from (f"             {url}" for url in found.samples[before, after])
    for what, count in sorted(found.changed.items()):
        yield f"Of documents that both kept {count} differ in {what}:"
        yield from (f"             {url}" for url in found.changed_samples[what])


def as_json(found: Comparison) -> dict[str, Any]:
    """The same for programs: cells that differ with their samples, and how many records ended alike."""
    return {
        "runs": list(found.runs),
        "equal": found.equal,
        "joined_by": found.joined_by,
        **{
            name: [{"name": what, "a": before, "b": after} for what, before, after in getattr(found, name)]
            for name, _ in _DIFFERENCES
        },
        "more_inputs": found.more_inputs,
        "alike": sum(count for (before, after), count in found.matrix.items() if before == after),
        "moved": [
            {"a": before, "b": after, "records": count, "samples": found.samples[before, after]}
            for (before, after), count in _cells(found)
        ],
        "changed": {
            what: {"documents": count, "samples": found.changed_samples[what]}
            for what, count in sorted(found.changed.items())
        },
    }


def as_page(found: Comparison) -> str:
    """The same as a page of one file."""
    body: list[Any] = [
        Element("h1", "Two runs compared"),
        table(["", "run"], [("A", found.runs[0]), ("B", found.runs[1])]),
    ]
    if found.joined_by == "url":
        body.append(Element("p", _BY_URL, class_="warning"))
    alike = sum(count for (before, after), count in found.matrix.items() if before == after)
    body.append(Element("p", f"{alike:,} of {sum(found.matrix.values()):,} records ended alike."))
    for name, title in _DIFFERENCES:
        differences: list[Difference] = getattr(found, name)
        if differences:
            body += [
                Element("h2", title),
                table(["", "A", "B"], [(what, _shown(a), _shown(b)) for what, a, b in differences]),
            ]
        if name == "inputs" and found.more_inputs:
            body.append(Element("p", f"and {found.more_inputs:,} more"))
    cells = list(_cells(found))
    if cells:
        body += [
            Element("h2", "Records that ended otherwise"),
            _matrix(found),
            [_samples(cell, count, found) for cell, count in cells],
        ]
    for what, count in sorted(found.changed.items()):
        body += [
            Element("h2", f"Kept by both with another {what}"),
            Element("p", f"{count:,} documents, such as"),
            _addresses(found.changed_samples[what]),
        ]
    return page("Two runs compared", *body)


def _cells(found: Comparison) -> list[tuple[tuple[str, str], int]]:
    """The cells off the diagonal, the largest first."""
    return sorted(
        ((cell, count) for cell, count in found.matrix.items() if cell[0] != cell[1]),
        key=lambda item: (-item[1], item[0]),
    )


def _matrix(found: Comparison) -> Element:
    moved = [cell for cell, _ in _cells(found)]
    befores, afters = ({cell[side] for cell in moved} for side in (0, 1))
    columns = sorted(afters)
    return table(
        ["A \\ B", *columns],
        [[before, *(found.matrix.get((before, after)) for after in columns)] for before in sorted(befores)],
    )


def _samples(cell: tuple[str, str], count: int, found: Comparison) -> Element:
    title = Element("summary", f"{cell[0]} → {cell[1]}: {count:,}")
    return Element("details", title, _addresses(found.samples[cell]))


def _addresses(urls: list[str]) -> Element:
    return Element("ul", [Element("li", Element("code", url)) for url in urls])


def _shown(value: Any) -> Any:
    return (
        value
        if isinstance(value, int | float) and not isinstance(value, bool)
        else ""
        if value is None
        else str(value)
    )
