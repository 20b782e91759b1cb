"""A small part of a crawl, drawn evenly: what an estimate is measured on (:mod:`pipeline.estimate`).

Archives are cut into as many equal stretches as there are places, and in each one place is drawn; the records that begin
in it are copied, so that each record of the crawl has the same chance. Of other formats whole files are drawn. The draw
follows from sizes alone: the same crawl has the same pilot.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline import storage
from pipeline.sources.files import can_be_cut, read_records
from pipeline.sources.records import PageRecord
from pipeline.sources.warc import end_of_record, first_record, packing
from pipeline.transforms.measures import url_key
from recipes import Recipe
from recipes.schema import Read
from text.hashing import hash64

LEAST_PAGES = 500
MOST_PAGES = 20_000
SHARE = 0.001
_PLACES = 32
# In memory at once.
_PLACE_BYTES = 16 << 20
# Of a record that begins in a place. Where one seems to reach further, the file is one packed piece, which has no places.
_LONGEST_RECORD = 64 << 20


@dataclass(frozen=True)
class Pilot:
    """Files to run, the pages in them, and how many of the crawl's ``of_bytes`` they stand for. ``page_bytes``: of each
    page, unpacked, file by file."""

    paths: list[str]
    pages: int
    bytes: int
    of_bytes: int
    page_bytes: list[list[int]] = field(default_factory=list)

    def bytes_of(self, limit: int | None) -> int:
        """Bytes of the pages that a run with this limit reads: an equal number from the start of each file."""
        each = None if limit is None else -(-limit // len(self.paths))
        return sum(sum(sizes[:each]) for sizes in self.page_bytes)


def draw(
    paths: Sequence[str], sizes: Sequence[int | None], settings: Read, folder: Path, share: float | None
) -> Pilot:
    """Draws a pilot of ``share`` of the crawl's bytes into ``folder``; where that is ``None``, :data:`SHARE`, but at
    least :data:`LEAST_PAGES` and at most some :data:`MOST_PAGES`.

    Raises ``ValueError`` where nobody knows how large a file is, or no page is found.
    """
    unknown = [path for path, size in zip(paths, sizes, strict=True) if size is None]
    if unknown:
        raise ValueError(
            f"how large {unknown[0]} is can't be told, so that no share of it can be drawn; name files of known size "
            f"as --input (a folder, a bucket, or cc:CRAWL/warc without a choice)"
        )
    known = [(path, size or 0) for path, size in zip(paths, sizes, strict=True)]
    total = sum(size for _, size in known)
    wanted = share or SHARE
    while True:
        pilot = _of_share(known, total, min(1.0, wanted), settings, folder)
        enough = pilot.pages >= LEAST_PAGES or pilot.bytes >= total
        if share is None and pilot.pages > 2 * MOST_PAGES:
            wanted *= MOST_PAGES / pilot.pages
        elif share is None and not enough and wanted < 1:
            wanted *= min(16.0, max(1.5, 1.2 * LEAST_PAGES / max(1, pilot.pages)))
        else:
            break
    if not pilot.pages:
        raise ValueError(
            f"{pilot.bytes:,} bytes drawn from {len(paths)} files hold no page that can be read; where files are one gzip "
            f"member each, no part of them can be drawn: name some of them as --input and multiply"
        )
    return pilot


def first_captures(paths: Sequence[str], recipe: Recipe) -> float:
    """The share of pages that are the first, or only, captures of their address."""
    pages = 0
    seen: set[int] = set()
    for path in paths:
        for page in _pages(path, recipe.read):
            pages += 1
            seen.add(hash64(url_key(page.url, recipe)))
    return len(seen) / pages if pages else 1.0


def _of_share(files: list[tuple[str, int]], total: int, share: float, settings: Read, folder: Path) -> Pilot:
    draws = random.Random(total)
    archives = [(path, size) for path, size in files if can_be_cut(path)]
    chosen, drawn = _whole_files([file for file in files if not can_be_cut(file[0])], share, draws)
    for old in folder.glob("records-*"):
        old.unlink()
    # In another order than they lie in: the first pages of the pilot are then a sample too.
    places = list(_places(archives, share, draws))
    draws.shuffle(places)
    for path, start, end in places:
        records, kind = _records(path, start, end)
        if kind is not None:
            drawn += end - start
        if records:
            # A name that tells no format, so that it is read in one piece; one file for each packing.
            with open(folder / f"records-{kind}", "ab") as out:
                out.write(records)
    chosen += sorted(str(path) for path in folder.glob("records-*"))
    sizes = [[len(page.html or page.text or "") for page in _pages(path, settings)] for path in chosen]
    return Pilot(chosen, sum(map(len, sizes)), drawn, total, sizes)


def _pages(path: str, settings: Read) -> Iterator[PageRecord]:
    return (record for record in read_records(path, path, settings) if isinstance(record, PageRecord))


def _whole_files(files: list[tuple[str, int]], share: float, draws: random.Random) -> tuple[list[str], int]:
    """Files of together at least ``share`` of their bytes, and those bytes."""
    wanted = share * sum(size for _, size in files)
    draws.shuffle(files)
    chosen: list[str] = []
    drawn = 0
    for path, size in files:
        if drawn >= wanted:
            break
        chosen.append(path)
        drawn += size
    return chosen, drawn


def _places(files: list[tuple[str, int]], share: float, draws: random.Random) -> Iterator[tuple[str, int, int]]:
    """(path, start, end) of each place, of which none overlap; one that reaches into the next file is there twice."""
    total = sum(size for _, size in files)
    count = max(_PLACES, int(share * total / _PLACE_BYTES) + 1)
    length = math.ceil(share * total / count)
    remaining = iter(files)
    path, before, size = "", 0, 0  # of the file that was reached, and the bytes before it
    for number in range(count if total else 0):
        first, last = total * number // count, total * (number + 1) // count
        at = first + draws.randrange(max(1, last - first - length + 1))
        end = min(last, at + length)
        while at < end:
            while at >= before + size:
                before += size
                path, size = next(remaining)
            stop = min(end, before + size)
            yield path, at - before, stop - before
            at = stop


def _records(path: str, start: int, end: int) -> tuple[bytes, str | None]:
    """The bytes of the records that begin in a place, and their packing; ``None`` where the file has no places."""
    with storage.open_read(path) as file:
        began = 0 if start == 0 else first_record(file, start, end)
        if began is None or began >= end:
            return b"", ""
        reach = end_of_record(file, began)
        if reach is not None and reach > end + _LONGEST_RECORD:
            return b"", None
        ended = first_record(file, end)
        kind = (packing(file, began) or b"").hex() or "plain"
        file.seek(began)
        return file.read(-1 if ended is None else ended - began), kind
