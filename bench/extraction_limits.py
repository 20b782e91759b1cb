"""What a page may cost at most: growth with its size, and hostile pages against limits of time and memory."""

from __future__ import annotations

import math
import tarfile
from collections.abc import Iterator
from pathlib import Path

from bench.extraction_child import Cost, MeasuringChild

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
SHAPES = ("flat", "nested")
# Of nasty/: what is, or could be taken for, a page.
FOLDERS = ("html", "large", "large-book", "encoding", "text")
MAX_SECONDS = 2.0
MAX_MEMORY = 500_000_000
_REPEATS = 3
# The case separator of html5lib's and lexbor's tree construction tests: each case is a page.
_CASE = b"#data\n"
_SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu".split()


def synthetic_page(size: int, shape: str) -> bytes:
    """A page of ``size`` bytes and at most one section more: menus, prose, lists, tables, code and formulas in turn.

    ``flat``  sections side by side; ``nested``  each section opens an element that is closed at the page's end, so
    that depth grows with size. The same arguments give the same bytes.
    """
    parts = ["<!DOCTYPE html><html><head><title>Synthetic page</title></head><body><main>"]
    length, number = 0, 0
    while length < size:
        section = _section(number)
        parts.append(f'<div class="level">{section}' if shape == "nested" else f"<section>{section}</section>")
        length += len(parts[-1])
        number += 1
    if shape == "nested":
        parts.append("</div>" * number)
    parts.append("</main></body></html>")
    return "".join(parts).encode("ascii")


def _section(number: int) -> str:
    link = f"<a href='/{number}'>{_words(number + 1, 3)}</a>"
    prose = f"<p>{_words(number, 60)}, {link} <b>{_words(number + 2, 20)}</b>.</p>"
    forms = (
        f"<h2>{_words(number, 4)}</h2>{prose}",
        "<ul class='menu'>"
        + "".join(f"<li><a href='/{i}'>{_words(number + i, 2)}</a></li>" for i in range(8))
        + "</ul>",
        f"{prose}{prose}",
        "<table>" + "".join(f"<tr><td>{_words(number + i, 2)}</td><td>{i}</td></tr>" for i in range(6)) + "</table>",
        "<pre><code>"
        + "".join(f"def {_words(number + i, 1)}():\n    return {i}\n" for i in range(6))
        + "</code></pre>",
        f"<ol><li>{_words(number, 12)}</li><li>{_words(number + 5, 15)} <code>{_words(number, 1)}</code></li></ol>",
        f"<p>{_words(number, 30)} <math><mi>x</mi><mo>+</mo><mn>{number}</mn></math> {_words(number + 3, 10)}.</p>",
    )
    return forms[number % len(forms)]


def _words(start: int, count: int) -> str:
    base = len(_SYLLABLES)
    places = (((start + i) * 7919 + i * i * 31) % base**3 for i in range(count))
    return " ".join(_SYLLABLES[n % base] + _SYLLABLES[n // base % base] + _SYLLABLES[n // base**2] for n in places)


def growth(parser: str) -> list[dict]:
    """Time and memory for each shape and size: best time of three, the most memory of three, a fresh child each."""
    rows = []
    for shape in SHAPES:
        for size in SIZES:
            html = synthetic_page(size, shape)
            with MeasuringChild(parser) as child:
                cost = child.measure(html, _REPEATS)
            rows.append({"shape": shape, "bytes": len(html), **_figures(cost, len(html))})
    return rows


def _figures(cost: Cost, size: int) -> dict:
    return {
        "ms": 1000 * cost.seconds, "ms_per_10kB": 1000 * cost.seconds / size * 10_000, "peak_MB": cost.memory / 1e6,
        "bytes_per_byte": cost.memory / size, "characters": cost.characters, "error": cost.error,
    }  # fmt: skip


def hostile_pages(folder: Path) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of every file of :data:`FOLDERS`, every member of their archives, every case of their tests."""
    for name in FOLDERS:
        for path in sorted((folder / name).rglob("*")):
            if not path.is_file():
                continue
            label = str(path.relative_to(folder))
            if path.name.endswith(".tar.gz"):
                with tarfile.open(path) as archive:
                    for member in archive:
                        if member.isfile():
                            yield f"{label}!{member.name}", archive.extractfile(member).read()
                continue
            html = path.read_bytes()
            yield label, html
            if html.startswith(_CASE):
                for number, case in enumerate(html.split(_CASE)[1:]):
                    yield f"{label}#{number}", case.partition(b"\n#errors")[0]


def nasty(parser: str, folder: Path) -> dict:
    """Every hostile page through the parser: which ones break a limit, the slowest, the largest."""
    costs: list[tuple[str, Cost]] = []
    with MeasuringChild(parser) as child:
        for name, html in hostile_pages(folder):
            costs.append((name, child.measure(html)))
    if not costs:
        raise ValueError(f"{folder} has none of the folders {', '.join(FOLDERS)}: is it the unpacked nasty/?")
    died = [(name, cost) for name, cost in costs if math.isnan(cost.seconds)]
    lived = [(name, cost) for name, cost in costs if not math.isnan(cost.seconds)]
    slowest, largest = (
        max(lived, key=lambda item: getattr(item[1], key), default=("", Cost(0.0, 0, 0)))
        for key in ("seconds", "memory")
    )
    return {
        "pages": len(costs),
        "raised": [f"{name}: {cost.error}" for name, cost in lived if cost.error],
        "died": [f"{name}: {cost.error}" for name, cost in died],
        "slow": [f"{name}: {cost.seconds:.2f} s" for name, cost in lived if cost.seconds > MAX_SECONDS],
        "large": [f"{name}: {cost.memory / 1e6:.0f} MB" for name, cost in lived if cost.memory > MAX_MEMORY],
        "max_seconds": [slowest[1].seconds, slowest[0]],
        "max_memory_MB": [largest[1].memory / 1e6, largest[0]],
    }
