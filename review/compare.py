"""Two finished runs side by side: settings, books, and every page that ended otherwise.

Records are joined by id, a hash of address, date and content: both runs are sorted by it, so that the join holds a row
group of each. Where the runs read different inputs, as two months of a crawl, ids would hardly meet; records are joined
by canonical address then, some two million at a time.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from operator import attrgetter, itemgetter
from typing import Any

import numpy as np

from dedup.url import canonical_url
from pipeline import storage
from pipeline.outputs import read_ledger
from review.published import KEPT, Fate, about, fates, flat, inputs, tokens_by, url_rules
from text.hashing import hash64

ABSENT = "absent"
SAMPLES = 5
INPUTS = 1000
_URLS_AT_ONCE = 2_000_000


# A name, and its value in the first run and in the second: None where a run has no such name.
Difference = tuple[str, Any, Any]


@dataclass
class Comparison:
    """What :func:`compare_runs` finds. ``joined_by`` is ``id`` or ``url``. ``matrix`` counts records by outcome in the
    first and in the second run; ``tokens`` are by language and class, ``inputs`` hashes by path where the runs read
    different ones, the first :data:`INPUTS` of them, and ``more_inputs`` how many more there are; ``samples`` has the addresses of the first few of each cell off the diagonal, and
    ``changed`` those of documents kept by both whose text, language or class differs."""

    runs: tuple[str, str]
    joined_by: str
    settings: list[Difference]
    versions: list[Difference]
    books: list[Difference]
    tokens: list[Difference]
    inputs: list[Difference]
    more_inputs: int
    matrix: Counter[tuple[str, str]] = field(default_factory=Counter)
    samples: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    changed: Counter[str] = field(default_factory=Counter)
    changed_samples: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @property
    def equal(self) -> bool:
        """Whether both runs say the same of every record. Settings may differ all the same."""
        return not self.changed and all(one == other for one, other in self.matrix)


def compare_runs(one: str, other: str) -> Comparison:
    """Compares the finished runs in two folders. Raises ``FileNotFoundError`` where a folder holds none."""
    runs = (storage.absolute(one), storage.absolute(other))
    said = [about(run) for run in runs]
    joined_by = "id" if _same_contents(*runs) else "url"
    found = Comparison(
        runs,
        joined_by,
        _differences(said[0].get("recipe", {}), said[1].get("recipe", {})),
        _differences(*({k: v for k, v in run.items() if k not in ("recipe", "inputs")} for run in said)),
        _differences(*(read_ledger(run) for run in runs)),
        _differences(*(tokens_by(run) for run in runs)),
        *(([], 0) if joined_by == "id" else _other_inputs(*runs)),
    )
    pairs = _by_id(*runs) if joined_by == "id" else _by_url(runs, said)
    for pair in pairs:
        _count(found, *pair)
    return found


def _inputs(run: str) -> Iterator[tuple[str, str]]:
    """The path of each input, and what tells its content: its sha256, or those of the stretches that it was read in."""
    for file in inputs(run):
        parts = file["stretches"] if "sha256" not in file else [file]
        yield file["path"], " ".join(part["sha256"] for part in parts)


def _same_contents(one: str, other: str) -> bool:
    before, after = (np.fromiter((hash64(content) for _, content in _inputs(run)), np.uint64) for run in (one, other))
    return np.array_equal(np.sort(before), np.sort(after))


def _other_inputs(one: str, other: str) -> tuple[list[Difference], int]:
    """The first inputs by path that are not in both runs with the same content, and how many more there are. Of each input
    8 bytes are held, and 8 of each that differs."""
    runs = (one, other)
    there = [np.sort(np.fromiter(map(_hash_of_input, _inputs(run)), np.uint64)) for run in runs]

    def differing(side: int) -> Iterator[tuple[str, str]]:
        return (each for each in _inputs(runs[side]) if not _contains(there[1 - side], _hash_of_input(each)))

    # Of the first paths of both, each is among the first of each run that has it.
    first = [dict(heapq.nsmallest(INPUTS, differing(side), key=itemgetter(0))) for side in (0, 1)]
    paths = sorted(first[0].keys() | first[1].keys())[:INPUTS]
    hashes = (np.fromiter((hash64(path) for path, _ in differing(side)), np.uint64) for side in (0, 1))
    return [(path, first[0].get(path), first[1].get(path)) for path in paths], len(np.union1d(*hashes)) - len(paths)


def _hash_of_input(each: tuple[str, str]) -> int:
    return hash64("\0".join(each))


def _contains(hashes: np.ndarray, one: int) -> bool:
    place = int(np.searchsorted(hashes, np.uint64(one)))
    return place < len(hashes) and int(hashes[place]) == one


def _count(found: Comparison, before: list[Fate], after: list[Fate]) -> None:
    for one, other in _paired(before, after):
        cell = (one.outcome if one else ABSENT, other.outcome if other else ABSENT)
        found.matrix[cell] += 1
        there = one or other
        url = (there.url or there.id) if there else ""
        if cell[0] != cell[1] and len(found.samples[cell]) < SAMPLES:
            found.samples[cell].append(url)
        if cell != (KEPT, KEPT):
            continue
        for what in ("text", "language", "class_"):
            if getattr(one, what) != getattr(other, what):
                name = what.rstrip("_")
                found.changed[name] += 1
                if len(found.changed_samples[name]) < SAMPLES:
                    found.changed_samples[name].append(url)


def _paired(before: list[Fate], after: list[Fate]) -> Iterator[tuple[Fate | None, Fate | None]]:
    """Records of one id or address beside each other, those that ended alike first. Both are sorted by outcome."""
    left = list(after)
    rest = []
    for one in before:
        same = next((place for place, other in enumerate(left) if other.outcome == one.outcome), None)
        if same is None:
            rest.append(one)
        else:
            yield one, left.pop(same)
    yield from zip_longest(rest, left)


def _by_id(one: str, other: str) -> Iterator[tuple[list[Fate], list[Fate]]]:
    """The records of both runs with one id, in the order of ids."""
    streams = [fates(one), fates(other)]
    heads = [next(stream, None) for stream in streams]
    while heads[0] or heads[1]:
        first = min(head[0].id for head in heads if head)
        pair: list[list[Fate]] = []
        for number, head in enumerate(heads):
            here = head is not None and head[0].id == first
            pair.append(head if here and head else [])
            if here:
                heads[number] = next(streams[number], None)
        yield pair[0], pair[1]


def _by_url(runs: tuple[str, str], said: list[dict[str, Any]]) -> Iterator[tuple[list[Fate], list[Fate]]]:
    """The records of both runs with one canonical address, by the first run's rules for addresses."""
    rules = url_rules(said[0].get("recipe", {}))
    passes = 1 + sum(read_ledger(run)["records"]["read"] for run in runs) // _URLS_AT_ONCE
    for number in range(passes):
        groups: dict[str, tuple[list[Fate], list[Fate]]] = {}
        for side, run in enumerate(runs):
            for fate in (fate for same in fates(run) for fate in same):
                key = canonical_url(fate.url, rules) if fate.url else fate.id
                if hash64(key) % passes == number:
                    groups.setdefault(key, ([], []))[side].append(fate)
        for _, (before, after) in sorted(groups.items()):
            yield sorted(before, key=attrgetter("outcome")), sorted(after, key=attrgetter("outcome"))


def _differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[Difference]:
    """By name, dotted as ``--set`` takes it."""
    before, after = (dict(flat(side)) for side in (one, other))
    # A section without settings of its own is a mapping with nothing in it; what the other run sets there is told by name.
    filled = {
        name[:place] for side in (before, after) for name in side for place in range(len(name)) if name[place] == "."
    }
    names = sorted(name for name in before.keys() | after.keys() if name not in filled)
    return [(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)]
