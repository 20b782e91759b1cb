"""Finding records of a finished run: by URL in every spelling that the run takes for one, by id or the beginning of one,
by domain. Files are read a row group at a time, those columns alone that are asked for."""

# pyarrow.compute makes its functions when it is imported:
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from blocklists.domain import normalise_host, registrable_domain
from dedup.url import RULES, canonical_url
from pipeline import outputs, storage
from pipeline.listing import read_manifest
from pipeline.phases import rejected_texts
from pipeline.run_state import PARTS, Part, parts_of, parts_of_run
from pipeline.stages import PHASES
from pipeline.transforms.domain_pages import EVIDENCE_JOB
from text.hosts import host_of

FOLDERS = ("documents", "rejected", "failed")
_ID = re.compile(r"[0-9a-f]{32}")
_ID_BEGINS = re.compile(r"[0-9a-f]{6,31}")
_HOST = re.compile(r"[^\s/:@]+\.[^\s/:@.]+")
_LARGE = ("text", "spans")


class Found(NamedTuple):
    """A record and the output folder that it is in."""

    folder: str
    row: dict[str, Any]


def recipe_of(run_dir: str) -> dict[str, Any]:
    """The recipe of a finished run."""
    return json.loads(storage.read_bytes(storage.join(run_dir, "run.json")))["recipe"]


def find(run_dir: str, wanted: str) -> Iterator[Found]:
    """Every record that ``wanted`` may mean: a URL, an id or at least six of its first digits, a domain or host. Texts are
    left out."""
    if _ID.fullmatch(wanted) or _ID_BEGINS.fullmatch(wanted):
        yield from _by_id(run_dir, wanted)
        return
    by_url = list(_by_url(run_dir, wanted))
    yield from by_url
    if not by_url and _HOST.fullmatch(wanted):
        yield from of_host(run_dir, wanted)


def with_id(run_dir: str, identity: str) -> Found | None:
    """The first record of that id."""
    return next(_by_id(run_dir, identity), None)


def of_host(run_dir: str, host: str) -> Iterator[Found]:
    """The records of a host or, where it is registrable, of a whole domain."""
    host = normalise_host(host)

    def is_of(url: str) -> bool:
        own = normalise_host(host_of(url))
        return own == host or registrable_domain(own) == host

    yield from _scan(run_dir, _chosen_by_url(_plain_part(host), is_of))


def is_host(wanted: str) -> bool:
    return _HOST.fullmatch(wanted) is not None


def _by_id(run_dir: str, wanted: str) -> Iterator[Found]:
    def choose(table: pa.Table) -> pa.ChunkedArray:
        return pc.starts_with(table["id"], wanted)

    yield from _scan(run_dir, choose, lambda file, group: may_hold(file, group, wanted))


def _by_url(run_dir: str, wanted: str) -> Iterator[Found]:
    rules = (recipe_of(run_dir).get("urls") or {}).get("rules", tuple(RULES))
    key = canonical_url(wanted, rules)
    plain = _plain_part(host_of(wanted).removeprefix("www."))
    yield from _scan(run_dir, _chosen_by_url(plain, lambda url: url == wanted or canonical_url(url, rules) == key))


def _plain_part(host: str) -> str:
    """What every spelling of a host has in it; empty where spellings differ too much to tell."""
    return host if host.isascii() and "xn--" not in host and "%" not in host else ""


def _chosen_by_url(plain: str, is_meant: Callable[[str], bool]) -> Callable[[pa.Table], pa.Array]:
    def choose(table: pa.Table) -> pa.Array:
        urls = table["url"].combine_chunks()
        # Most rows are passed over without a line of Python.
        near = pc.fill_null(pc.match_substring(urls, plain, ignore_case=True), False).to_pylist()
        meant = [here and is_meant(url) for here, url in zip(near, urls.to_pylist(), strict=True)]
        return pa.array(meant, pa.bool_())

    return choose


def may_hold(file: pq.ParquetFile, group: int, identity: str) -> bool:
    """Whether a row group of a table that is sorted by id may have one that begins with ``identity``, by its footer."""
    metadata = file.metadata.row_group(group)
    place = file.schema_arrow.get_field_index("id")
    for number in range(metadata.num_columns):
        column = metadata.column(number)
        if column.path_in_schema == "id" and column.statistics is not None and column.statistics.has_min_max:
            low, high = column.statistics.min, column.statistics.max
            return low[: len(identity)] <= identity <= high
    return place >= 0


def _scan(
    run_dir: str,
    choose: Callable[[pa.Table], Any],
    may_be_in: Callable[[pq.ParquetFile, int], bool] = lambda file, group: True,
) -> Iterator[Found]:
    for folder in FOLDERS:
        for path in outputs.files_of(run_dir, folder):
            with storage.open_parquet(path) as file:
                names = [name for name in file.schema_arrow.names if name not in _LARGE]
                for group in range(file.num_row_groups):
                    if not may_be_in(file, group):
                        continue
                    chosen = choose(file.read_row_group(group, ["id", "url"]))
                    if pc.any(chosen).as_py():
                        for row in file.read_row_group(group, names).filter(chosen).to_pylist():
                            yield Found(folder, row)


def text_of(run_dir: str, identity: str) -> tuple[str, list[Mapping[str, Any]], str] | None:
    """Text, spans and language of a document: as published, or, of one that went, as extracted where the run has kept
    that, or as one of its samples; ``None`` where nobody has it."""
    for path in outputs.files_of(run_dir, "documents"):
        found = row_with_id(path, identity, ["id", "text", "spans", "language"])
        if found:
            return found["text"], found["spans"] or [], found["language"]
    for part in parts_of_run(run_dir):
        path = part.tables["extract", "text"]
        there = storage.size(path) is not None  # runs clear texts away unless told to keep them
        found = row_with_id(path, identity, ["id", "text", "spans", "language"]) if there else None
        if found:
            return found["text"], found["spans"] or [], found["language"]
    for path in files_of_rejected_texts(run_dir):
        found = row_with_id(path, identity, ["id", "text", "spans", "language"])
        if found:
            return found["text"], found["spans"] or [], found["language"] or ""
    return None


def files_of_rejected_texts(run_dir: str) -> list[str]:
    """The files of samples of texts that went; none where the recipe keeps none."""
    try:
        return outputs.files_of(run_dir, rejected_texts.FOLDER)
    except FileNotFoundError:
        return []


def row_with_id(path: str, identity: str, columns: list[str]) -> dict[str, Any] | None:
    """The row of a table that is sorted by id; ``None`` where it has none with that one."""
    with storage.open_parquet(path) as file:
        for group in range(file.num_row_groups):
            if may_hold(file, group, identity):
                ids = file.read_row_group(group, ["id"])["id"]
                place = pc.index(ids, identity).as_py()
                if place >= 0:
                    return file.read_row_group(group, columns).slice(place, 1).to_pylist()[0]
    return None


def parts_with_evidence(run_dir: str) -> Iterator[Part]:
    """The parts of a run with all that ``work/`` still has of them; none where it is gone."""
    found = [read_manifest(run_dir, phase) for phase in (PARTS, *PHASES, EVIDENCE_JOB)]
    done = [manifest for manifest in found if manifest is not None]
    if any(manifest.phase == PARTS for manifest in done):
        yield from parts_of(done)


def row_in_part(part: Part, identity: str) -> int | None:
    """The row of a document in a part."""
    with storage.open_parquet(part.tables["extract", "features"]) as file:
        start = 0
        for group in range(file.num_row_groups):
            if may_hold(file, group, identity):
                place = pc.index(file.read_row_group(group, ["id"])["id"], identity).as_py()
                if place >= 0:
                    return start + place
            start += file.metadata.row_group(group).num_rows
    return None
