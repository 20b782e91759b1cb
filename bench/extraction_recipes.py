"""How much of recipes extractors keep: the lines of ingredients and instructions that people's scrapers expect of real
pages, by the arithmetic of ``score_recipes.py``, which lies with the shared data.

A line is kept where its letters and digits stand in the text. Lines of which the page's source shows nothing (a script
would fetch them) don't count, nor ingredients of fewer than three and instructions of fewer than twenty letters.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable
from pathlib import Path

from bench.extraction_tools import Contestant, Page
from parsers.encoding.detection import decode

LEAST = {"ingredients": 3, "instructions": 20}
_SCRIPTS = re.compile(r"(?is)<(script|style).*?</\1>")
_TAG, _OTHER = re.compile(r"<[^>]*>"), re.compile(r"\W+")


def recipes(folder: Path, contestants: Iterable[Contestant]) -> dict[str, dict[str, float]]:
    """For each contestant the share of ``ingredients`` and ``instructions`` that it keeps, and how many pages lose ``all`` or
    ``some`` of their ingredients. ``folder`` holds ``gold.jsonl`` and the pages that it names. Raises ``FileNotFoundError``
    where it isn't."""
    rows = [json.loads(line) for line in (folder / "gold.jsonl").open(encoding="utf-8")]
    pages = [(row, (folder / row["page"]).read_bytes()) for row in rows]
    return {contestant.name: _of(contestant, pages) for contestant in contestants}


def _of(contestant: Contestant, pages: list[tuple[dict, bytes]]) -> dict[str, float]:
    kept, total = dict.fromkeys(LEAST, 0), dict.fromkeys(LEAST, 0)
    lost = {"all": 0, "some": 0}
    for row, source in pages:
        shown = _letters(_TAG.sub(" ", _SCRIPTS.sub(" ", source.decode("utf-8", "replace"))))
        text = _letters(contestant.extract(Page(row["page"], row["url"], source, decode(source)[0])) or "")
        for kind, least in LEAST.items():
            lines = [line for line in map(_letters, row[kind]) if len(line) >= least and line in shown]
            found = sum(line in text for line in lines)
            kept[kind] += found
            total[kind] += len(lines)
            if kind == "ingredients" and len(lines) > 1:
                lost["all"] += found == 0
                lost["some"] += 0 < found < len(lines)
    return {kind: kept[kind] / max(total[kind], 1) for kind in LEAST} | lost


def _letters(text: str) -> str:
    return _OTHER.sub("", html.unescape(text).lower())
