"""Extracted texts against gold texts: the scorer's arithmetic, its means per source, paired differences, worst pages.

The arithmetic of a page and of a source is ``score_extraction.py``'s, which lies with the shared data and is loaded
from there, so that figures of this command and of that script agree to the last digit.
"""

from __future__ import annotations

import importlib.util
import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

import numpy as np

from bench.extraction_tools import Contestant, Page
from parsers.encoding.detection import decode

# The scorer's names; a source without code or formulas has no figure for them.
MEASURES = {
    "shF": "shingle F1 (4 words)",
    "wF": "word F1",
    "code=": "code lines verbatim with indentation",
    "tex": "formulas",
    "texH": "formulas that plain text dumps lose",
    "err": "pages that raised",
    "empty": "pages without text",
}
PAIRED = ("wF", "shF")
# The gold text of this source is the output of Readability.js, so that its clones can't be beaten there.
OWN_GOLD = "readability"
_RESAMPLES = 1000


def load_scorer() -> ModuleType:
    """``data/score_extraction.py`` of the folder ``GRISTMILL_SHARED`` (by default ``shared`` beside the repository).

    Raises ``FileNotFoundError`` where it isn't.
    """
    shared = Path(os.environ.get("GRISTMILL_SHARED", Path(__file__).parents[2] / "shared"))
    path = shared / "data" / "score_extraction.py"
    if not path.is_file():
        raise FileNotFoundError(f"the scorer isn't at {path}; set GRISTMILL_SHARED to the folder that holds data/")
    spec = importlib.util.spec_from_file_location("score_extraction", path)
    scorer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scorer)
    return scorer


class Pack:
    """Pages with gold text: ``gold.jsonl`` and ``pages/<id>.html`` or ``.html.gz``, as the scorer reads them."""

    def __init__(self, folder: Path, scorer: ModuleType, sources: list[str] | None = None):
        self.folder = folder
        self.scorer = scorer
        if not (folder / "gold.jsonl").is_file():
            raise FileNotFoundError(
                f"{folder} is no pack: it has no gold.jsonl; name one that has, or set GRISTMILL_DATA"
            )
        self.gold = scorer.read_pack(str(folder), sources)
        if not self.gold:
            known = ", ".join(sorted({gold["source"] for gold in scorer.read_pack(str(folder))}))
            raise ValueError(f"the pack {folder} has no page of {', '.join(sources or [])}; its sources are {known}")
        self.sources = list(dict.fromkeys(gold["source"] for gold in self.gold))

    def page(self, gold: dict) -> Page:
        html = self.scorer.page(str(self.folder), gold)
        return Page(gold["id"], gold.get("url") or "", html, decode(html)[0])


class Results:
    """What one contestant made of every page: the scorer's record of each, in the order of ``pack.gold``."""

    def __init__(self, contestant: Contestant, pack: Pack):
        self.contestant = contestant
        self.records: list[dict] = []
        self.errors: Counter[str] = Counter()
        self._pack = pack

    def add(self, gold: dict, page: Page) -> None:
        error = 0
        try:
            text = self.contestant.extract(page) or ""
        except Exception as exception:  # noqa: BLE001 - a contestant's fault is a result too
            text, error = "", 1
            self.errors[f"{type(exception).__name__}: {exception}"[:200]] += 1
        record = self._pack.scorer.score_page(gold, text, 0)
        self.records.append(record | {"err": error, "source": gold["source"]})

    def of(self, source: str) -> list[dict]:
        return [record for record in self.records if record["source"] == source]

    def summary(self) -> dict[str, dict[str, float]]:
        """The scorer's figures per source; and under ``all``: for F1 the mean over sources (also without
        :data:`OWN_GOLD`, under ``neutral``), for code and formulas the mean over pages, for counts the sum.
        """
        aggregate = self._pack.scorer.aggregate
        figures = {source: aggregate(self.of(source)) for source in self._pack.sources}
        neutral = [source for source in figures if source != OWN_GOLD]
        total = aggregate(self.records)
        for name, sources in (("all", list(figures)), ("neutral", neutral)):
            means = {key: _mean(figures[source].get(key) for source in sources) for key in ("shF", "wF")}
            figures[name] = (total if name == "all" else {}) | {k: v for k, v in means.items() if v is not None}
        return figures


def run(pack: Pack, contestants: Iterable[Contestant], progress=lambda done, pages: None) -> dict[str, Results]:
    """Every contestant on every page."""
    results = {contestant.name: Results(contestant, pack) for contestant in contestants}
    for number, gold in enumerate(pack.gold):
        page = pack.page(gold)
        for result in results.values():
            result.add(gold, page)
        progress(number + 1, len(pack.gold))
    return results


def differences(ours: Results, theirs: Results, scorer: ModuleType, seed: int = 3) -> dict[str, dict[str, tuple]]:
    """Ours minus theirs on the same pages: ``{source: {measure: (difference, low, high)}}``, and so for ``mean``.

    The interval is the middle 95% of 1,000 resamples of the pages (paired bootstrap: Efron, Tibshirani 1993). Sources
    without gold text have no entry.
    """
    random = np.random.Generator(np.random.PCG64(seed))
    found: dict[str, dict[str, tuple]] = {}
    drawn: dict[str, list[np.ndarray]] = {measure: [] for measure in PAIRED}
    for source in dict.fromkeys(record["source"] for record in ours.records):
        pairs = [pair for pair in zip(ours.of(source), theirs.of(source), strict=True) if "bag" in pair[0]]
        if not pairs:
            continue
        # Row 0 is the pages as they are, the others are resamples.
        picks = random.integers(len(pairs), size=(_RESAMPLES + 1, len(pairs)))
        picks[0] = np.arange(len(pairs))
        for measure in PAIRED:
            one, other = (_resampled(measure, [pair[side] for pair in pairs], picks, scorer) for side in (0, 1))
            drawn[measure].append(one - other)
        found[source] = {measure: _interval(drawn[measure][-1]) for measure in PAIRED}
    if found:
        found["mean"] = {measure: _interval(np.mean(drawn[measure], axis=0)) for measure in PAIRED}
    return found


def _resampled(measure: str, records: list[dict], picks: np.ndarray, scorer: ModuleType) -> np.ndarray:
    """A source's figure for each row of page numbers."""
    if measure == "wF":
        return np.array([record["bag"][2] for record in records])[picks].mean(axis=1)
    # Shingle F1 is that of mean precision and mean recall, each over the pages where it is defined.
    shares = [record["sh"] for record in records]
    precision = np.array([scorer.prec(*share) if share[0] + share[1] > 0 else np.nan for share in shares])[picks]
    recall = np.array([scorer.rec(*share) if share[0] + share[2] > 0 else np.nan for share in shares])[picks]
    means = []
    for values in (precision, recall):
        defined = ~np.isnan(values)
        means.append(np.where(defined, values, 0).sum(axis=1) / np.maximum(defined.sum(axis=1), 1))
    return 2 * means[0] * means[1] / np.maximum(means[0] + means[1], np.finfo(float).tiny)


def _interval(values: np.ndarray) -> tuple[float, float, float]:
    low, high = np.percentile(values[1:], [2.5, 97.5])
    return float(values[0]), float(low), float(high)


def worst(results: dict[str, Results], name: str, count: int) -> dict[str, list[dict]]:
    """The ``count`` pages per source on which ``name`` has the lowest word F1, with the best other's beside it."""
    found: dict[str, list[dict]] = {}
    others = {other: result for other, result in results.items() if other != name}
    rows = [
        {
            "id": record["id"], "source": record["source"], "F": record["bag"][2], "P": record["bag"][0],
            "R": record["bag"][1],
            "best other": max(((o.records[i]["bag"][2], other) for other, o in others.items()), default=None),
        }
        for i, record in enumerate(results[name].records) if "bag" in record
    ]  # fmt: skip
    for row in sorted(rows, key=lambda row: (row["F"], row["id"])):
        pages = found.setdefault(row.pop("source"), [])
        if len(pages) < count:
            pages.append(row)
    return found


def _mean(values: Iterable[float | None]) -> float | None:
    present = [value for value in values if value is not None]
    return sum(present) / len(present) if present else None
