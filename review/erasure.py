"""What a run that follows demands (erasure, opt-out, licence) took out of its base: pages, files, and what came instead.

Demands are decisions to drop with one of those reasons. Which pages they took is read from the new run's ``rejected/``, which files differ
from both runs' manifests, where shards have numbers: names differ by attempt. Memory: the ids of pages that came, went or
were taken.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from blocklists.decisions import DROP, ON_DEMAND, Decision
from pipeline import storage
from pipeline.outputs import FOLDERS
from pipeline.stages import DECISIONS
from pipeline.transforms.extracted_part import PLACES
from pipeline.transforms.people import decisions_of, reason_of
from recipes import Recipe
from review.looked_at import mark_of
from review.published import KEPT, rows
from tokens.files import MANIFEST

# Places say where records were read, which no demand changes; they depend on how the input was cut.
_COMPARED = [folder for folder in FOLDERS if folder != PLACES]


@dataclass(frozen=True)
class Taken:
    """A record that a demand took. ``was``: what the base had done to it (``kept``, or stage and reason); ``by``: scope and value
    of the decision."""

    id: str
    url: str
    was: str
    reason: str
    by: str


@dataclass(frozen=True)
class Change:
    """A file of an output folder, by its number there, with its sha256 before and after; ``None`` where there is none."""

    folder: str
    shard: int
    before: str | None
    after: str | None


@dataclass
class Erasure:
    """What a new run's demands changed of its base. ``came``: ids and URLs of documents that are kept now and were not, such as copies
    of a page that went; ``left``: how many documents went besides; ``unused``: demands that hold for no page."""

    base: str
    run: str
    marks: tuple[str, str]
    demands: list[Decision]
    taken: list[Taken] = field(default_factory=list)
    unused: list[Decision] = field(default_factory=list)
    came: list[tuple[str, str]] = field(default_factory=list)
    left: int = 0
    changes: list[Change] = field(default_factory=list)
    files: int = 0

    def lines(self) -> Iterator[str]:
        """For people."""
        yield f"{len(self.taken):,} records of {self.base} went on demand:"
        yield from (f"  {one.id} {one.reason}, was {one.was}: {one.url}" for one in self.taken)
        yield from (f"No record is concerned by: {one.why} {one.scope} {one.value}" for one in self.unused)
        if self.came:
            yield f"{len(self.came):,} documents are kept now that were not before, such as copies of those that went:"
            yield from (f"  {identity} {url}" for identity, url in self.came)
        if self.left:
            yield f"{self.left:,} documents went besides, by rules that count over all of them, or by other decisions."
        yield f"{len(self.changes):,} of {self.files:,} files differ from those of {self.base}:"
        for one in self.changes:
            yield f"  {one.folder} {one.shard}: sha256 {one.before or 'no file'} -> {one.after or 'no file'}"
        yield (
            f"The pages are still in {self.base}, whose extracted texts {self.run} takes over, and in the crawl's files. "
            "Delete the first once nothing goes on from either run."
        )

    def record(self, who: str, when: str, trained: list[dict[str, Any]]) -> dict[str, Any]:
        """The line for the record: no addresses, which may be personal data themselves. ``trained``: training runs with the steps
        that saw a page."""
        return {
            "when": when, "signed_off_by": who,
            "base": {"path": self.base, "run_sha256": self.marks[0]},
            "run": {"path": self.run, "run_sha256": self.marks[1]},
            "demands": [{"when": one.when, "who": one.who, "why": one.why, "scope": one.scope} for one in self.demands],
            "erased": [{"id": one.id, "why": one.reason, "was": one.was} for one in self.taken],
            "shards": [
                {"folder": one.folder, "shard": one.shard, "sha256_before": one.before, "sha256_after": one.after}
                for one in self.changes
            ],
            "trained": trained,
        }  # fmt: skip


def demands_of(recipe: Recipe) -> list[Decision]:
    """The decisions of a recipe that drop pages because somebody demanded it. Raises ``ValueError`` where there is none."""
    found = [line for line in decisions_of(recipe).lines if line.verdict == DROP and line.why in ON_DEMAND]
    if not found:
        files = ", ".join(recipe.decisions) or "the recipe, which names no file of decisions,"
        raise ValueError(
            f"no decision of {files} drops anything for {', '.join(ON_DEMAND)}: there is nothing to erase; see `gristmill decide`"
        )
    return found


def compare_erasure(base: str, run: str, recipe: Recipe) -> Erasure:
    """What the finished ``run`` with ``recipe`` took out of the finished run ``base``. Raises as :func:`demands_of`."""
    base, run = storage.absolute(base), storage.absolute(run)
    found = Erasure(base, run, (mark_of(base), mark_of(run)), demands_of(recipe))
    gone = _taken_by_people(run)
    before = _outcomes(base, gone.keys())
    reasons = {reason_of(one) for one in found.demands}
    for identity, row in gone.items():
        was = before.get(identity, "")
        if row["reason"] in reasons and not was.startswith(f"{DECISIONS.name}/"):
            found.taken.append(Taken(identity, row["url"] or "", was, row["reason"], row["detail"] or ""))
    used = {row["detail"] for row in gone.values()}
    found.unused = [one for one in found.demands if f"{one.scope} {one.value}" not in used]
    taken = {one.id for one in found.taken}
    for one, other in _apart(_kept(base), _kept(run)):
        if other is not None:
            found.came.append(other)
        elif one is not None and one[0] not in taken:
            found.left += 1
    for change in _files(base, run):
        found.files += 1
        if change.before != change.after:
            found.changes.append(change)
    return found


def _taken_by_people(run: str) -> dict[str, dict[str, Any]]:
    columns = ["id", "url", "stage", "reason", "detail"]
    return {row["id"]: row for row in rows(run, "rejected", columns) if row["stage"] == DECISIONS.name}


def _outcomes(run: str, ids: Container[str]) -> dict[str, str]:
    """What became of records of a run, by their ids."""
    found = {row["id"]: f"{row['stage']}/{row['reason']}" for row in rows(run, "rejected", ["id", "stage", "reason"])
             if row["id"] in ids}  # fmt: skip
    return found | {row["id"]: KEPT for row in rows(run, "documents", ["id"]) if row["id"] in ids}


def _kept(run: str) -> Iterator[tuple[str, str]]:
    return ((row["id"], row["url"]) for row in rows(run, "documents", ["id", "url"]))


_Document = tuple[str, str]


def _apart(
    ones: Iterator[_Document], others: Iterator[_Document]
) -> Iterator[tuple[_Document | None, _Document | None]]:
    """Documents that are in one of two streams, both sorted by id."""
    one, other = next(ones, None), next(others, None)
    while one is not None or other is not None:
        if other is None or (one is not None and one[0] < other[0]):
            yield one, None
            one = next(ones, None)
        elif one is None or other[0] < one[0]:
            yield None, other
            other = next(others, None)
        else:
            one, other = next(ones, None), next(others, None)


def _files(base: str, run: str) -> Iterator[Change]:
    for folder in _COMPARED:
        pairs = zip_longest(_hashes(base, folder), _hashes(run, folder))
        yield from (Change(folder, number, before, after) for number, (before, after) in enumerate(pairs))


def _hashes(run: str, folder: str) -> list[str]:
    """The sha256 of the files of an output folder, in the order of their numbers, as its manifest has them; none where a run leaves
    the folder out."""
    path = storage.join(run, folder, MANIFEST)
    if storage.size(path) is None:
        return []
    listed = json.loads(storage.read_bytes(path))
    return [file["sha256"] for file in listed["files"]]
