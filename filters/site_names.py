"""What the name of a domain says about it, as so many bad pages seen (:class:`filters.domain_evidence.Marks`).

Names run words together (``freeteenporn.example``), so parts of them are looked for, after the longer harmless words that
hold such parts (``essex``, ``cockburn``, ``analyst``) have been cut out. ``data/site_names/<kind>.txt`` has a line a part,
``PART | PAGES``, and the harmless words as lines ``PART | 0``. Our own lists.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from filters.vocabulary import DATA

KINDS = ("adult", "harm")
_MOST = 2
_SEPARATORS = re.compile(r"[^a-z0-9]+")


def name_marks(domain: str) -> dict[str, int]:
    """By kind how many bad pages (1 or 2) a domain's name counts as; kinds that it says nothing of are absent."""
    names, dot, top_level = domain.lower().rpartition(".")
    name = _SEPARATORS.sub("", names)
    marks = {kind: min(_MOST, _points(kind, name)) for kind in KINDS}
    if dot and top_level in ("xxx", "porn", "sex", "adult"):
        marks["adult"] = _MOST
    return {kind: pages for kind, pages in marks.items() if pages}


def _points(kind: str, name: str) -> int:
    pattern, pages = _parts(kind)
    return sum(pages[part] for part in {match[0] for match in pattern.finditer(name)})


@lru_cache(maxsize=4)
def _parts(kind: str) -> tuple[re.Pattern[str], dict[str, int]]:
    pages = _read(DATA / "site_names" / f"{kind}.txt")
    longest_first = sorted(pages, key=lambda part: (-len(part), part))
    return re.compile("|".join(map(re.escape, longest_first))), pages


def _read(path: Path) -> dict[str, int]:
    pages = {}
    for line in path.read_text("utf-8").splitlines():
        part, _, number = line.partition("#")[0].partition("|")
        if part.strip():
            pages[part.strip()] = int(number)
    return pages
