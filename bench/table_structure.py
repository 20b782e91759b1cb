"""How well tables survive extraction: rows and columns of the text against those of the page's own markup.

For each page with gold text, the tables of its source that have headers or a caption and stand in the gold are put into
grids by the HTML standard ("forming a table"): a cell's text at its first place, nothing at the others that it spans. In
the extracted text, neighbouring lines with tabs (or with the bars of Markdown) are a table. Each gold table is compared
with the one that shares most words with it. The score is TEDS (Zhong et al. 2020, "Image-based table recognition"), 1 less the edit distance
of two trees over the size of the larger one, with rows and cells as nodes; turning a cell into another one costs the share
of words that they don't share. A table that is nowhere scores 0.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bench.extraction_score import Pack
from bench.extraction_tools import Contestant

Grid = list[list[str]]
_BLANKS = re.compile(r"\s+")
_WORD = re.compile(r"\w+")
_RULE = re.compile(r"[\s|:+-]+")
# Larger tables would cost minutes, and are data of their own; smaller ones have no structure. Of a table's words so many
# are in the gold text, or it is no part of it.
_LARGEST, _FEWEST, _IN_GOLD = 200, 4, 0.8
_PARSERS_SPAN = 200


def measure(pack: Pack, contestants: Iterable[Contestant]) -> dict[str, dict[str, float]]:
    """Of each contestant: ``tables`` that were looked for, the share ``found`` of them, and the mean ``teds``."""
    tools = list(contestants)
    scores: dict[str, list[float]] = {tool.name: [] for tool in tools}
    for gold in pack.gold:
        page = pack.page(gold)
        wanted = content_tables(page.source, gold["text"])
        if not wanted:
            continue
        for tool in tools:
            found = list(text_tables(_extracted(tool, page)))
            scores[tool.name] += [best_teds(table, found) for table in wanted]
    return {
        name: {
            "tables": len(values),
            "found": sum(value > 0 for value in values) / max(len(values), 1),
            "teds": sum(values) / max(len(values), 1),
        }
        for name, values in scores.items()
    }


def _extracted(tool: Contestant, page) -> str:
    try:
        return tool.extract(page) or ""
    except Exception:  # noqa: BLE001 - a contestant's fault is a result too
        return ""


def content_tables(html: str, gold: str) -> list[Grid]:
    """The tables of a page that carry data and stand in its gold text."""
    words = Counter(_words(gold))
    tables = []
    for node in LexborHTMLParser(html).css("table"):
        # The first table is this one. Tables without any header are layout as often as data.
        if node.css("table")[1:] or not node.css_first("th, thead, caption"):
            continue
        grid = tidy(source_grid(node))
        size = sum(map(len, grid))
        own = Counter(word for row in grid for cell in row for word in _words(cell))
        if (
            len(grid) > 1
            and sum(len(row) > 1 for row in grid) > 1
            and _FEWEST <= size <= _LARGEST
            and (own & words).total() >= _IN_GOLD * own.total() > 0
        ):
            tables.append(grid)
    return tables


def source_grid(table: LexborNode) -> Grid:
    """The cells of a table in their places, by the markup."""
    places: dict[tuple[int, int], str] = {}
    y = -1
    for row in table.css("tr"):
        y += 1
        x = 0
        for cell in row.css("td, th"):
            while (y, x) in places:
                x += 1
            width, height = (_span(cell, name) for name in ("colspan", "rowspan"))
            text = _BLANKS.sub(" ", cell.text(separator=" ")).strip()
            for down in range(height):
                for right in range(width):
                    places[y + down, x + right] = text if down == right == 0 else ""
            x += width
    columns = max((x for _, x in places), default=-1) + 1
    return [[places.get((line, x), "") for x in range(columns)] for line in range(y + 1)]


def _span(cell: LexborNode, name: str) -> int:
    value = (cell.attributes.get(name) or "1").strip()
    return min(max(int(value), 1), _PARSERS_SPAN) if value.isdecimal() else 1


def text_tables(text: str) -> Iterator[Grid]:
    """The tables of an extracted text: neighbouring lines with tabs, or with the bars of Markdown."""
    rows: Grid = []
    for line in [*text.split("\n"), ""]:
        cells = (
            line.split("\t")
            if "\t" in line
            else line.strip().removeprefix("|").removesuffix("|").split("|")
            if line.count("|") > 1
            else []
        )
        if cells and not _RULE.fullmatch(line):
            rows.append([_BLANKS.sub(" ", cell).strip() for cell in cells])
        elif not cells and rows:
            # A line of one cell belongs to the table if no empty line parts them.
            if line.strip():
                rows.append([line.strip()])
                continue
            yield tidy(rows)
            rows = []


def tidy(grid: Grid) -> Grid:
    """Without rows and columns that are empty, and without empty cells at the end of rows."""
    width = max(map(len, grid), default=0)
    filled = [x for x in range(width) if any(x < len(row) and row[x] for row in grid)]
    rows = [[row[x] if x < len(row) else "" for x in filled] for row in grid if any(row)]
    for row in rows:
        while not row[-1]:
            row.pop()
    return rows


def best_teds(table: Grid, found: Iterable[Grid]) -> float:
    """TEDS against the one of ``found`` that shares most words with ``table``; 0 if none shares any."""
    own = Counter(word for row in table for cell in row for word in _words(cell))
    shared = [
        ((own & Counter(w for row in grid for cell in row for w in _words(cell))).total(), grid) for grid in found
    ]
    most, grid = max(shared, key=lambda pair: pair[0], default=(0, []))
    return teds(table, grid) if most and sum(map(len, grid)) <= 2 * _LARGEST else 0.0


def teds(one: Grid, other: Grid) -> float:
    """1 less the edit distance of two tables, whose rows and cells are nodes, over the size of the larger."""
    sizes = [[1 + len(row) for row in grid] for grid in (one, other)]
    bags = [[[Counter(_words(cell)) or Counter([cell]) for cell in row] for row in grid] for grid in (one, other)]
    distance = _aligned(bags[0], bags[1], lambda row: 1.0 + len(row), lambda a, b: _aligned(a, b, _one, _unlike))
    return 1 - distance / (1 + max(sum(sizes[0]), sum(sizes[1])))


def _one(_: Counter[str]) -> float:
    return 1.0


def _unlike(one: Counter[str], other: Counter[str]) -> float:
    return 1 - 2 * (one & other).total() / (one.total() + other.total())


def _aligned(one: list, other: list, cost, change) -> float:
    """The edit distance of two sequences (Wagner and Fischer 1974)."""
    before = [0.0]
    for item in other:
        before.append(before[-1] + cost(item))
    for left in one:
        now = [before[0] + cost(left)]
        for place, right in enumerate(other):
            now.append(
                min(
                    before[place + 1] + cost(left),
                    now[-1] + cost(right),
                    before[place] + (change(left, right) if left != right else 0),
                )
            )
        before = now
    return before[-1]


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())
