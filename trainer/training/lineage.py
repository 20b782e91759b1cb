"""Which documents a step of a run trained on, and which steps saw a page.

Rows are a function of the shards, the seed, the stages and the number of the step: nothing has to be recorded, and what
is found holds for every number of ranks and across every resume. Where a run stands in its data is taken from the
nearest checkpoint before, else worked out from the beginning by the sizes of row groups alone.
"""

# pyarrow.compute makes its functions when it is imported:
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import json
import os
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from fsspec import AbstractFileSystem

from tokens.files import parquet_files
from tokens.shards import TRAIN
from trainer.checkpoint import store
from trainer.config.loader import parse
from trainer.config.schema import StageConfig
from trainer.config.stages import locate
from trainer.data.mixture import Mixture
from trainer.data.sources import Source, fingerprint, open_data
from trainer.data.stream import DocumentPart
from trainer.errors import TrainerError

_Shown = tuple[int, str, DocumentPart]
"""Step, stage, and a stretch of a document in it."""


class Seen(NamedTuple):
    """A stretch of a document in a step. ``warc_file`` and ``warc_offset`` (bytes) are there where the ``documents/``
    of the run that wrote the shards lie beside them and say so."""

    step: int
    stage: str
    part: DocumentPart
    url: str | None
    warc_file: str | None
    warc_offset: int | None

    def as_json(self) -> dict[str, Any]:
        """As one object, with the places of the stretch in its row and in the document."""
        part = self.part
        return {
            "step": self.step,
            "stage": self.stage,
            "id": part.id,
            "url": self.url,
            "warc_file": self.warc_file,
            "warc_offset": self.warc_offset,
            "row": part.row,
            "column": part.column,
            "tokens": part.tokens,
            "first_token": part.first,
            "shard": part.group.path,
        }


class Lineage:
    """The run in ``run_dir``, with its data: ``data`` where the directories lie elsewhere than when it was trained.

    Raises :class:`TrainerError` where there is no run, or the data are not those it was trained on.
    """

    def __init__(self, run_dir: Path, data: Sequence[str] | None = None) -> None:
        latest = store.latest(run_dir)
        if latest is None or "data" not in latest.facts:
            raise TrainerError(f"{run_dir} holds no run of pretrain with a checkpoint. Name the directory of one.")
        self._run_dir = run_dir
        self.steps: int = latest.facts["step"]
        identity = latest.facts["identity"]
        self._seed: int = identity["seed"]
        self._sources = open_data(data, identity["model"]["vocab_size"]) if data else self._recorded(identity)
        if fingerprint(self._sources) != identity["data"]:
            raise TrainerError(
                f"These are not the shards that {run_dir} was trained on, or not all of them. Name them after --data, as "
                "they were named for pretrain."
            )
        self._history: list[tuple[int, list[StageConfig]]] = []

    def of_step(self, step: int) -> list[Seen]:
        """The documents of the rows of ``step`` (from 1), by row and column. Raises :class:`TrainerError` for a step that
        the run has not done."""
        if not 1 <= step <= self.steps:
            raise TrainerError(f"{self._run_dir} has done the steps 1 to {self.steps}. Name one of them after --step.")
        return self._described(self._walk(step, step))

    def of_url(self, url: str) -> list[Seen]:
        """Every stretch of a page that any step of the run saw. Only row groups that hold the page are read."""
        found = self._holding("url", [url])
        if not found:
            raise TrainerError(
                f"No document for training has the URL {url}. It may have been held out or rejected: gristmill why "
                "says so of a run."
            )
        return self._seen_in(found)

    def of_ids(self, ids: Collection[str]) -> list[Seen]:
        """The same of documents by their ids; nothing of those that are not for training."""
        return self._seen_in(self._holding("id", ids))

    def _holding(self, column: str, values: Collection[str]) -> dict[tuple[str, int], set[str]]:
        """By row group, the ids of its documents that have one of ``values`` in a column."""
        found: dict[tuple[str, int], set[str]] = {}
        wanted = pa.array(values, pa.string())
        for source in self._sources:
            for group in source.shards.split(TRAIN):
                table = _columns(group.fs, group.path, group.number, ["id", "url"])
                if column in table.column_names and "id" in table.column_names:
                    ids = table.filter(pc.is_in(table[column], value_set=wanted))["id"].to_pylist()
                    if ids:
                        found[group.path, group.number] = set(ids)
        return found

    def _seen_in(self, groups: dict[tuple[str, int], set[str]]) -> list[Seen]:
        ids = set().union(*groups.values())
        if not ids:
            return []
        walk = self._walk(1, self.steps, groups)
        return self._described((step, stage, part) for step, stage, part in walk if part.id in ids)

    def _recorded(self, identity: dict[str, Any]) -> list[Source]:
        try:
            about = json.loads((self._run_dir / "data.json").read_text("utf-8"))
        except (OSError, ValueError):
            raise TrainerError(
                f"{self._run_dir} does not say where its shards lie (an earlier version trained it). Name them after "
                "--data, as they were named for pretrain."
            ) from None
        written = [re.fullmatch(r"(?:([\w-]+)=)?(.+)", entry) for entry in about["data"]]
        names = [found[1] or found[2] for found in written if found]
        paths = [found[2] for found in written if found]
        # Paths that were relative are so to the directory of that session; URLs and absolute ones stay.
        there = [path if "://" in path else os.path.join(about["directory"], path) for path in paths]
        opened = open_data(there, identity["model"]["vocab_size"])
        return [source._replace(name=name) for name, source in zip(names, opened, strict=True)]

    def _walk(self, first: int, last: int, only: Container[tuple[str, int]] | None = None) -> Iterator[_Shown]:
        step, tokens, state = self._nearest(first)
        mixture = Mixture(self._sources, self._seed, state)
        while step < last:
            step += 1
            stages = self._stages(step)
            stage = stages[locate(tokens, stages).number]
            tokens += stage.batch_tokens
            if step < first:
                mixture.next_batch(stage, slice(0, 0))
                continue
            for _, part in mixture.next_documents(stage, only):
                yield step, stage.name, part

    def _nearest(self, step: int) -> tuple[int, int, dict[str, Any] | None]:
        """Step, tokens and the place in the data of the last checkpoint before ``step``."""
        for path in reversed(store.steps(self._run_dir)):
            if int(path.name.removeprefix("step-")) < step:
                facts = store.read(path).facts
                return facts["step"], facts["tokens"], facts["data"]
        return 0, 0, None

    def _stages(self, step: int) -> list[StageConfig]:
        """The stages that were in force in ``step``: those of the session that did it."""
        if not self._history:
            until = sorted(self._run_dir.glob("config-until-*.json"))
            named = [(int(path.stem.rpartition("-")[2]), path) for path in until]
            self._history = [
                (number, [parse(StageConfig, stage) for stage in json.loads(path.read_text("utf-8"))["stages"]])
                for number, path in [*named, (self.steps, self._run_dir / "config.json")]
            ]
        return next(stages for number, stages in self._history if step <= number)

    def _described(self, shown: Iterable[_Shown]) -> list[Seen]:
        """With URLs from the shards and, where they have them, places from documents/ beside them."""
        shown = list(shown)
        wanted: dict[tuple[str, int], set[str]] = defaultdict(set)
        groups = {}
        for _, _, part in shown:
            groups[part.group.path, part.group.number] = part.group
            wanted[part.group.path, part.group.number].add(part.id)
        urls: dict[str, str | None] = {}
        for key, group in groups.items():
            rows = _columns(group.fs, group.path, group.number, ["id", "url"]).to_pylist()
            urls |= {row["id"]: row.get("url") for row in rows if row.get("id") in wanted[key]}
        by_run: dict[str, set[str]] = defaultdict(set)
        for (path, number), ids in wanted.items():
            by_run[groups[path, number].fs.unstrip_protocol(path).rsplit("/", 2)[0]] |= ids
        places: dict[str, tuple[str | None, int | None]] = {}
        for run, ids in by_run.items():
            places |= _places(run, ids)
        return [
            Seen(step, stage, part, urls.get(part.id) or None, *places.get(part.id, (None, None)))
            for step, stage, part in shown
        ]


def _columns(fs: AbstractFileSystem, path: str, group: int, columns: list[str]) -> pa.Table:
    """Those of ``columns`` that a row group has."""
    with fs.open(path, "rb") as file:
        parquet = pq.ParquetFile(file)
        there = [name for name in columns if name in parquet.schema_arrow.names]
        return parquet.read_row_group(group, there)


def _places(run: str, ids: set[str]) -> dict[str, tuple[str | None, int | None]]:
    """WARC file and offset of documents of the pipeline's run ``run``; nothing where its ``documents/`` isn't there.
    They are sorted by id: only row groups whose range an id lies in are read."""
    try:
        files = parquet_files(run, "documents")
    except FileNotFoundError:
        return {}
    ordered, found = sorted(ids), {}
    for fs, path in files:
        with fs.open(path, "rb") as file:
            metadata = pq.read_metadata(file)
        place = metadata.schema.names.index("id")
        for number in range(metadata.num_row_groups):
            statistics = metadata.row_group(number).column(place).statistics
            if statistics and statistics.has_min_max:
                first = bisect_left(ordered, statistics.min)
                if first == len(ordered) or ordered[first] > statistics.max:
                    continue
            for row in _columns(fs, path, number, ["id", "warc_file", "warc_offset"]).to_pylist():
                if row["id"] in ids:
                    found[row["id"]] = (row.get("warc_file"), row.get("warc_offset"))
    return found
