"""Common Crawl by name: ``cc:CRAWL/KIND#FIRST-LAST``, whole files or single records chosen by the columnar index.

    cc:CC-MAIN-2026-30/warc              every WARC file of a crawl, as its ``warc.paths.gz`` lists them
    cc:CC-MAIN-2026-30/wet#0-99          the first hundred WET files (``#7``: the eighth alone)
    cc:CC-MAIN-2026-30/warc?language=deu&mime=text/html#0-99
                                         of the first hundred WARC files, the records that the index says are German pages

A choice costs no file: of the index the needed columns of the row groups that may hold something are read, and of the
archives the records chosen, each by a range request. Its unit of work is one file of the index.
"""

# pyarrow.compute makes its functions when it is imported, fsspec says too little of what it opens.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import groupby
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline import storage
from pipeline.sources.captures import Limits
from pipeline.sources.records import Record, failed
from pipeline.sources.warc import read_warc

PUBLIC_BASE = "https://data.commoncrawl.org"
SELECTABLE = {
    "language": "content_languages",
    "domain": "url_host_registered_domain",
    "host": "url_host_name",
    "tld": "url_host_tld",
    "mime": "content_mime_detected",
    "status": "fetch_status",
    "url": "url",
}
"""What a choice may name, and its column. ``language`` is one of the ISO 639-3 codes that a page has; ``url`` a pattern
in which ``*`` stands for any characters. Several values of one name are alternatives; all names must agree."""
_NAME = re.compile(
    r"cc:(?P<crawl>[\w-]+)/(?P<kind>warc|wet|wat|robotstxt|non200responses)(?:\?(?P<choice>[^#]*))?(?:#(?P<first>\d+)(?:-(?P<last>\d+))?)?"
)
_MARK = "#select="
_WHERE = ["warc_filename", "warc_record_offset", "warc_record_length"]
# Records that lie this close are fetched by one request, and no request is longer than this.
_GAP_BYTES = 64 << 10
_RUN_BYTES = 32 << 20


def is_name(pattern: str) -> bool:
    return pattern.startswith("cc:")


def with_choice(pattern: str, choices: list[str]) -> str:
    """``pattern`` with choices (``NAME=VALUE``) added; other inputs stay as they are."""
    if not choices or not is_name(pattern):
        return pattern
    name, mark, files = pattern.partition("#")
    added = "&".join("=".join(map(quote, choice.partition("=")[::2])) for choice in choices)
    return f"{name}{'&' if '?' in name else '?'}{added}{mark}{files}"


def resolve(pattern: str, base: str) -> list[str]:
    """The paths that ``pattern`` stands for. Raises ``ValueError`` for what is no name, or chooses nothing there is."""
    match = _NAME.fullmatch(pattern)
    if match is None:
        raise ValueError(
            f"--input {pattern} is no name of a crawl; it looks like cc:CC-MAIN-2026-30/warc#0-99, with warc, wet or wat"
        )
    base = base.rstrip("/")
    root = f"{base}/crawl-data/{match['crawl']}"
    names = _lines(f"{root}/{match['kind']}.paths.gz")
    first = int(match["first"] or 0)
    last = int(match["last"] or match["first"] or len(names) - 1)
    if not first <= last < len(names):
        raise ValueError(f"--input {pattern}: the crawl has the files 0 to {len(names) - 1}, and no {first} to {last}")
    if match["choice"] is None:
        return [f"{base}/{name}" for name in names[first : last + 1]]
    choice = _parse_choice(pattern, match["choice"])
    if match["kind"] not in ("warc", "robotstxt", "non200responses"):
        raise ValueError(f"--input {pattern}: the index knows the records of WARC files alone; write /warc")
    subset = f"subset={match['kind']}/"
    parts = [name for name in _lines(f"{root}/cc-index-table.paths.gz") if subset in name]
    files = [] if match["first"] is None else names[first : last + 1]
    listing = {
        "base": base,
        "choice": choice,
        "names": f"{root}/{match['kind']}.paths.gz" if files else "",
        "first": first,
        "last": last,
    }
    marked = _MARK + quote(json.dumps(listing, sort_keys=True), safe="")
    return [f"{base}/{part}{marked}" for part in parts]


def _parse_choice(pattern: str, query: str) -> dict[str, list[str]]:
    choice: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name not in SELECTABLE or not value:
            known = ", ".join(SELECTABLE)
            raise ValueError(f"--input {pattern}: {name}={value} chooses nothing; a choice is NAME=VALUE with {known}")
        choice.setdefault(name, []).append(value)
    return choice


@lru_cache(maxsize=16)
def _lines(path: str) -> list[str]:
    try:
        return gzip.decompress(storage.read_bytes(path)).decode().split()
    except FileNotFoundError:
        raise FileNotFoundError(f"There is no {path}; is there a crawl of this name?") from None


def is_selection(path: str) -> bool:
    return _MARK in path


def stored_file(path: str) -> str:
    """The file that an input is read from: of a selection, the index that chooses."""
    return path.partition(_MARK)[0]


def read_selection(
    path: str, limits: Limits, on_sha256: Callable[[str], None] = lambda digest: None
) -> Iterator[Record]:
    """The records that a path of :func:`resolve` chooses, in the order of their archives and places.

    ``on_sha256`` is told the sha256 of all that was fetched.
    """
    part, _, marked = path.partition(_MARK)
    listing = json.loads(unquote(marked))
    digest = hashlib.sha256()
    try:
        yield from _records(part, listing, limits, digest)
    finally:  # also where a limit ends the reading
        on_sha256(digest.hexdigest())


def _records(part: str, listing: dict[str, Any], limits: Limits, digest: Any) -> Iterator[Record]:
    for file, places in groupby(_chosen(part, listing), key=lambda place: place[0]):
        archive = f"{listing['base']}/{file}"
        for start, data, records in _fetched(archive, [(offset, length) for _, offset, length in places]):
            for offset, length in records:
                record = data[offset - start : offset - start + length]
                digest.update(record)
                place = f"{file} from byte {offset}"
                if len(record) < length:
                    yield failed(place, None, f"the record is cut off: {len(record)} of {length} bytes are there")
                else:
                    for found in read_warc(io.BytesIO(record), place, limits):
                        yield replace(found, file=file, offset=offset)


def _chosen(part: str, listing: dict[str, Any]) -> list[tuple[str, int, int]]:
    choice = listing["choice"]
    columns = [SELECTABLE[name] for name in choice]
    allowed = None
    if listing["names"]:
        allowed = set(_lines(listing["names"])[listing["first"] : listing["last"] + 1])
    found: list[tuple[str, int, int]] = []
    with storage.open_read(part) as stream, pq.ParquetFile(stream) as file:
        for group in range(file.num_row_groups):
            if not _may_hold(file.metadata.row_group(group), choice):
                continue
            chosen = _matches(file.read_row_group(group, columns=list(dict.fromkeys(columns))), choice)
            if not pc.any(chosen).as_py():
                continue
            rows = file.read_row_group(group, columns=_WHERE).filter(chosen).to_pydict()
            found += zip(*(rows[column] for column in _WHERE), strict=True)
    return sorted(place for place in found if allowed is None or place[0] in allowed)


def _may_hold(group: pq.RowGroupMetaData, choice: dict[str, list[str]]) -> bool:
    """Whether the row group's statistics leave room for what is chosen: the index is sorted by domain."""
    columns = {column.path_in_schema: column for column in map(group.column, range(group.num_columns))}
    for name in ("domain", "host", "tld"):
        column = columns.get(SELECTABLE[name]) if name in choice else None
        known = column.statistics if column is not None else None
        if known is None or not known.has_min_max:
            continue
        if not any(known.min <= value <= known.max for value in choice[name]):
            return False
    return True


def _matches(table: pa.Table, choice: dict[str, list[str]]) -> pa.ChunkedArray:
    chosen = None
    for name, values in choice.items():
        column = table[SELECTABLE[name]]
        if name == "status":
            column = column.cast(pa.string())
        if name in ("language", "url"):
            patterns = (_url_pattern(value) if name == "url" else rf"(^|,){re.escape(value)}(,|$)" for value in values)
            found = pc.match_substring_regex(column, "|".join(patterns))
        else:
            found = pc.is_in(column, pa.array(values, column.type))
        found = pc.fill_null(found, False)
        chosen = found if chosen is None else pc.and_(chosen, found)
    return chosen


def _url_pattern(value: str) -> str:
    return "^" + ".*".join(map(re.escape, value.split("*"))) + "$"


def _fetched(archive: str, places: list[tuple[int, int]]) -> Iterator[tuple[int, bytes, list[tuple[int, int]]]]:
    """Stretches of an archive: where each begins, its bytes, and the places in it."""
    run: list[tuple[int, int]] = []
    for place in [*places, None]:
        if run and (
            place is None or place[0] - sum(run[-1]) > _GAP_BYTES or place[0] + place[1] - run[0][0] > _RUN_BYTES
        ):
            start = run[0][0]
            yield start, storage.read_range(archive, start, max(map(sum, run)) - start), run
            run = []
        if place is not None:
            run.append(place)
