"""Which rows a step consists of: pools of directories, mixed by shares of tokens.

A stage without a mixture reads all directories as one pool; one with a mixture reads a pool for each name, and a row
comes whole from one of them: the one that lags furthest behind its share. Every pool keeps its place from stage to
stage. The state is these places and the rows that each pool has given in the stage: a few integers that are the same
on every rank and for every number of ranks, because each rank counts all rows, whichever of them it reads.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

from tokens.shards import TRAIN
from trainer.config.schema import StageConfig
from trainer.data.batch import Batch
from trainer.data.sources import Source
from trainer.data.stream import Cursor, DocumentPart, TrainingStream

POOL = ""
"""The name of the pool of all directories."""


class Mixture:
    """The pools of all stages and their places."""

    def __init__(self, sources: Sequence[Source], seed: int, state: dict[str, Any] | None = None) -> None:
        state = state or {"stage": None, "rows": {}, "cursors": {}}
        self._sources, self._seed = sources, seed
        self._stage, self._rows = state["stage"], dict(state["rows"])
        self._cursors = {name: Cursor(*cursor) for name, cursor in state["cursors"].items()}
        self._streams: dict[str, TrainingStream] = {}

    @property
    def state(self) -> dict[str, Any]:
        """Where all pools stand: what a later :class:`Mixture` goes on from, as JSON keeps it."""
        cursors = self._cursors | {name: stream.cursor for name, stream in self._streams.items()}
        return {
            "stage": self._stage,
            "rows": dict(self._rows),
            "cursors": {name: list(map(int, cursor)) for name, cursor in cursors.items()},
        }

    def passes(self, stage: StageConfig) -> dict[str, float]:
        """Passes so far over each pool that ``stage`` reads, by its name."""
        names = [POOL] if stage.mixture is None else [name for name, share in stage.mixture.items() if share]
        return {name: self._stream(name).passes for name in names}

    def next_batch(self, stage: StageConfig, own: slice | None = None) -> Batch:
        """The rows of the next step of ``stage``, or those of them that are ``own``."""
        if stage.name != self._stage:
            self._stage, self._rows = stage.name, {}
        if stage.mixture is None:
            return self._stream(POOL).next_batch(stage.batch_rows, stage.sequence_length, own)
        first, last = (own.start, own.stop) if own else (0, stage.batch_rows)
        owners = [self._next_owner(stage.mixture) for _ in range(stage.batch_rows)]
        batch = Batch.empty(last - first, stage.sequence_length)
        for name in sorted(set(owners)):
            places = [place for place, owner in enumerate(owners) if owner == name]
            before = sum(place < first for place in places)
            mine = [place - first for place in places if first <= place < last]
            part = self._stream(name).next_batch(len(places), stage.sequence_length, slice(before, before + len(mine)))
            for whole, rows in zip(batch, part, strict=True):
                whole[mine] = rows
        return batch

    def next_documents(
        self, stage: StageConfig, only: Container[tuple[str, int]] | None = None
    ) -> list[tuple[str, DocumentPart]]:
        """Which documents the next step of ``stage`` consists of, each with the name of the pool that its row comes
        from; moves on as :meth:`next_batch` does. ``only``: :meth:`TrainingStream.next_documents`."""
        if stage.name != self._stage:
            self._stage, self._rows = stage.name, {}
        owners = [self._next_owner(stage.mixture) if stage.mixture else POOL for _ in range(stage.batch_rows)]
        found = []
        for name in sorted(set(owners)):
            rows = [row for row, owner in enumerate(owners) if owner == name]
            for part in self._stream(name).next_documents(len(rows), stage.sequence_length, only):
                found.append((name, part._replace(row=rows[part.row])))
        return sorted(found, key=lambda entry: (entry[1].row, entry[1].column))

    def _next_owner(self, shares: dict[str, float]) -> str:
        number = sum(self._rows.values()) + 1
        owner = max(sorted(shares), key=lambda name: shares[name] * number - self._rows.get(name, 0))
        self._rows[owner] = self._rows.get(owner, 0) + 1
        return owner

    def _stream(self, name: str) -> TrainingStream:
        if name not in self._streams:
            chosen = [number for number, source in enumerate(self._sources) if name in (POOL, source.name)]
            indices = [self._sources[number].shards for number in chosen]
            self._streams[name] = TrainingStream(indices, self._seed, self._cursors.get(name, Cursor()), chosen)
        return self._streams[name]


def planned_passes(stages: Sequence[StageConfig], sources: Sequence[Source]) -> dict[str, float]:
    """How often ``stages`` read the training tokens of each pool, whatever the weights of its documents."""
    wanted: dict[str, float] = {}
    for stage in stages:
        for name, share in (stage.mixture or {POOL: 1.0}).items():
            wanted[name] = wanted.get(name, 0.0) + share * stage.whole_tokens
    there = {
        name: sum(group.tokens for own, index in sources if name in (POOL, own) for group in index.split(TRAIN))
        for name in wanted
    }
    return {name: tokens / there[name] for name, tokens in wanted.items() if tokens}
