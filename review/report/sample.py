"""A uniform sample of a run's records: what was measured on each, what became of it and, where it is still there, its
text.

Ids are hashes, so the records with the smallest ids are drawn as by lot. Parts and output folders are sorted by id: of
each file the row groups below a bound are read and no others, so that a sample of a large run costs what it holds.
"""

# pyarrow.compute makes its functions when it is imported:
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow.compute as pc

from pipeline import storage
from pipeline.outputs import files_of
from pipeline.reports.records import files_of_rejected_texts
from pipeline.run_state import Part, parts_of_run
from review.published import FAILED, KEPT

RECORDS = 20_000
_MEASURES = ("words", "lines", "removed", "language_score")
_ID_DIGITS = 8  # of 32: enough to divide any run


@dataclass
class Sampled:
    """One record. ``outcome`` as in :class:`review.published.Fate`; ``score`` is what the verdict names; ``measured``
    holds words, lines, share removed, language score and every filter's scores; ``text`` is None where the run has cleared it away, ``tokens`` where the record wasn't kept."""

    id: str
    url: str
    outcome: str
    score: float | None = None
    detail: str | None = None
    language: str | None = None
    words: int | None = None
    measured: dict[str, float] = field(default_factory=dict)
    text: str | None = None
    tokens: int | None = None

    @property
    def kept(self) -> bool:
        return self.outcome == KEPT


def draw(run_dir: str, records: int, wanted: int = RECORDS) -> list[Sampled]:
    """Some ``wanted`` of a run's ``records`` records, by ascending id; all of them where there are no more."""
    bound = _bound(records, wanted)
    found: dict[str, Sampled] = {}
    for row in _below(run_dir, "documents", bound, ["id", "url", "language", "words", "text"]):
        found[row["id"]] = Sampled(
            row["id"], row["url"], KEPT, language=row["language"], words=row["words"], text=row["text"]
        )
    for row in _below(run_dir, "rejected", bound, ["id", "url", "stage", "reason", "score", "detail", "words"]):
        # A second record with the id of one that is there says the same page once more.
        outcome = f"{row['stage']}/{row['reason']}"
        found.setdefault(
            row["id"], Sampled(row["id"], row["url"] or "", outcome, row["score"], row["detail"], words=row["words"])
        )
    for row in _below(run_dir, "failed", bound, ["id", "url", "error"]):
        found.setdefault(row["id"], Sampled(row["id"], row["url"] or "", FAILED, detail=row["error"]))
    _count_tokens(run_dir, bound, found)
    for part in parts_of_run(run_dir):
        _measure(part, bound, found)
    return [found[identity] for identity in sorted(found)]


def examples(run_dir: str, each: int) -> list[Sampled]:
    """Of every stage and reason of which the run keeps texts, the first ``each``, also of reasons too rare for a sample."""
    found: list[Sampled] = []
    for path in files_of_rejected_texts(run_dir):
        with storage.open_parquet(path) as file:
            seen: Counter[str] = Counter()
            for group in range(file.num_row_groups):
                for row in file.read_row_group(group).to_pylist():
                    outcome = f"{row['stage']}/{row['reason']}"
                    seen[outcome] += 1
                    if seen[outcome] <= each:
                        found.append(
                            Sampled(
                                row["id"], row["url"] or "", outcome, row["score"], row["detail"], row["language"],
                                row["words"], text=row["text"],
                            )
                        )  # fmt: skip
    return found


def _bound(records: int, wanted: int) -> str:
    """The id below which some ``wanted`` of ``records`` lie."""
    if records <= wanted:
        return "g"  # behind every hexadecimal digit
    return f"{int(16**_ID_DIGITS * wanted / records):0{_ID_DIGITS}x}"


def _below(run_dir: str, folder: str, bound: str, columns: list[str]) -> Iterator[dict[str, Any]]:
    return _rows_below(files_of(run_dir, folder), bound, columns)


def _rows_below(paths: Iterable[str], bound: str, columns: list[str]) -> Iterator[dict[str, Any]]:
    """The rows of files that are sorted by id, one behind the other, up to ``bound``; what lies behind it isn't read."""
    for path in paths:
        with storage.open_parquet(path) as file:
            for group in range(file.num_row_groups):
                rows = file.read_row_group(group, columns).to_pylist()
                yield from (row for row in rows if row["id"] < bound)
                if rows and rows[-1]["id"] >= bound:
                    return


def _count_tokens(run_dir: str, bound: str, found: dict[str, Sampled]) -> None:
    """Adds the numbers of tokens. A shard is a range of ids, as in the other folders, but sorted by split before id."""
    for path in files_of(run_dir, "tokens"):
        with storage.open_parquet(path) as file:
            there = 0
            for group in range(file.num_row_groups):
                ids = file.read_row_group(group, ["id"])["id"].to_pylist()
                if not any(identity < bound for identity in ids):
                    continue
                there += 1
                lengths = pc.list_value_length(file.read_row_group(group, ["tokens"])["tokens"]).to_pylist()
                for identity, length in zip(ids, lengths, strict=True):
                    if identity in found:
                        found[identity].tokens = length
            if file.num_row_groups and not there:
                return


def _measure(part: Part, bound: str, found: dict[str, Sampled]) -> None:
    """Adds what a part's tables say of its records below ``bound``."""
    with storage.open_parquet(part.tables["extract", "features"]) as file:
        groups = file.num_row_groups
    for group in range(groups):
        columns = ["id", "language", *_MEASURES]
        features = part.read("extract", "features", columns, [group]).to_pylist()
        scores = (
            part.read("judge", "scores", ["scores"], [group])["scores"].to_pylist()
            if ("judge", "scores") in part.tables
            else [None] * len(features)
        )
        for row, judged in zip(features, scores, strict=True):
            record = found.get(row["id"])
            if record is None:
                continue
            record.language = row["language"]
            record.measured = {name: float(row[name]) for name in _MEASURES if row[name] is not None} | dict(
                judged or ()
            )
        if features and features[-1]["id"] >= bound:
            break
    _add_texts(part, bound, found)


def _add_texts(part: Part, bound: str, found: dict[str, Sampled]) -> None:
    path = part.tables["extract", "text"]
    if storage.size(path) is None:
        return  # cleared away: output.keep_work
    for row in _rows_below([path], bound, ["id", "text"]):
        if row["id"] in found and found[row["id"]].text is None:
            found[row["id"]].text = row["text"]
