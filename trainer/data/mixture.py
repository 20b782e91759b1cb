"""Which rows a step consists of: pools of directories, mixed by shares of tokens, prepared by a thread.

    sources = open_data(["web=out/tokens", "code=code/tokens"])
    feed = Feed(config.stages, sources, seed, tokens=0, state=None, rank=0, ranks=1)
    step = feed.next()     # the rank's rows, the labels of all ranks, and the state behind the step

A stage without a mixture reads all directories as one pool; one with a mixture reads a pool for each name, and a row
comes whole from one of them: the one that lags furthest behind its share. Every pool keeps its place from stage to
stage. The state is these places and the rows that each pool has given in the stage: a few integers that are the same
on every rank and for every number of ranks, because each rank walks all rows and keeps its own.
"""

from __future__ import annotations

import hashlib
import queue
import re
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import torch

from tokens.index import ShardIndex, read_index
from tokens.shards import TRAIN, ShardError
from trainer.data.stream import Batch, Cursor, TrainingStream
from trainer.errors import TrainerError
from trainer.data.foreign_parquet import is_plain, read_plain
from trainer.optim.lr_schedule import locate, total_tokens
from trainer.config.schema import StageConfig

POOL = ""
"""The name of the pool of all directories."""
AHEAD = 2
"""Steps that the thread prepares ahead of the one that is trained on."""


class Source(NamedTuple):
    """A directory of shards under the name that mixtures call it by."""

    name: str
    index: ShardIndex


def open_data(directories: Sequence[str], vocab_size: int | None = None) -> list[Source]:
    """The directories ``DIR`` or ``NAME=DIR``; without a name, a directory is called as it is written.

    ``vocab_size`` is for Parquet that isn't ours (:mod:`trainer.data.foreign_parquet`) and doesn't say how many ids there are.
    Raises :class:`~tokens.shards.ShardError` if their tokenizers differ.
    """
    sources = []
    for directory in directories:
        named = re.fullmatch(r"([\w-]+)=(.+)", directory)
        name, path = named.groups() if named else (directory, directory)
        if name in {source.name for source in sources}:
            raise TrainerError(f"Two directories are called {name}. Name them --data NAME=DIR, each differently.")
        sources.append(Source(name, read_plain(path, vocab_size) if is_plain(path) else read_index(path)))
    first = sources[0].index
    for _, index in sources[1:]:
        if index.tokenizer.sha256 != first.tokenizer.sha256:
            raise ShardError(
                f"{first.directory} was written with the tokenizer {first.tokenizer.name}, "
                f"{index.directory} with {index.tokenizer.name} or another version of it. Their ids mean different "
                "things; tokenise one of them anew."
            )
    return sources


def fingerprint(sources: Sequence[Source]) -> str:
    """A hash of what the footers say: the same data in the same files. Directories may move between two runs."""
    digest = hashlib.sha256()
    for _, index in sources:
        digest.update(index.tokenizer.sha256.encode())
        for group in index.groups:
            digest.update(f"\n{group.split} {group.documents} {group.tokens}".encode())
    return digest.hexdigest()


def check_mixtures(stages: Sequence[StageConfig], sources: Sequence[Source]) -> None:
    """Raises :class:`TrainerError` for a stage whose mixture names what isn't there, or whose rows can't be filled."""
    indices = {source.name: source.index for source in sources}
    for stage in stages:
        pools = [list(indices)] if stage.mixture is None else [[n] for n, share in stage.mixture.items() if share]
        for names in pools:
            if unknown := [name for name in names if name not in indices]:
                raise TrainerError(
                    f"The stage {stage.name} mixes {unknown[0]}, but the data is called {', '.join(indices)}. "
                    "Name directories as in --data NAME=DIR."
                )
            groups = [group for name in names for group in indices[name].split(TRAIN)]
            tokens = sum(group.tokens for group in groups)
            if tokens <= stage.sequence_length:
                raise TrainerError(
                    f"{', '.join(indices[name].directory for name in names)} holds {tokens:,} training tokens, which "
                    f"do not fill one row of {stage.sequence_length:,}. Give more data, or lower the sequence_length "
                    f"of the stage {stage.name}."
                )


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

    def next_batch(self, stage: StageConfig) -> Batch:
        """The rows of the next step of ``stage``."""
        if stage.name != self._stage:
            self._stage, self._rows = stage.name, {}
        if stage.mixture is None:
            return self._stream(POOL).next_batch(stage.batch_rows, stage.sequence_length)
        owners = [self._next_owner(stage.mixture) for _ in range(stage.batch_rows)]
        batch = None
        for name in sorted(set(owners)):
            places = torch.tensor([place for place, owner in enumerate(owners) if owner == name])
            part = self._stream(name).next_batch(len(places), stage.sequence_length)
            if batch is None:
                batch = Batch(*(torch.empty(stage.batch_rows, *t.shape[1:], dtype=t.dtype) for t in part))
            for whole, rows in zip(batch, part, strict=True):
                whole[places] = rows
        return batch

    def _next_owner(self, shares: dict[str, float]) -> str:
        number = sum(self._rows.values()) + 1
        owner = max(sorted(shares), key=lambda name: shares[name] * number - self._rows.get(name, 0))
        self._rows[owner] = self._rows.get(owner, 0) + 1
        return owner

    def _stream(self, name: str) -> TrainingStream:
        if name not in self._streams:
            indices = [index for own, index in self._sources if name in (POOL, own)]
            self._streams[name] = TrainingStream(indices, self._seed, self._cursors.get(name, Cursor()))
        return self._streams[name]


class Step(NamedTuple):
    """What one update is made of."""

    batch: Batch
    """The rank's rows, in page-locked memory where there is a GPU to copy them to."""
    num_labels: int
    """Labels in the rows of all ranks."""
    mean_length: float
    """:meth:`Batch.mean_length` of the rows of all ranks."""
    state: dict[str, Any]
    """The state of the data behind this step."""


class Feed:
    """All steps from ``tokens`` consumed tokens to the end of ``stages``, made ahead by a thread."""

    def __init__(
        self,
        stages: Sequence[StageConfig],
        sources: Sequence[Source],
        seed: int,
        tokens: int,
        state: dict[str, Any] | None,
        rank: int = 0,
        ranks: int = 1,
    ) -> None:
        self.stalled = 0.0
        """Seconds that :meth:`next` has waited for data."""
        self._steps = _steps(stages, Mixture(sources, seed, state), tokens, rank, ranks)
        self._queue: queue.Queue[Step | Exception] = queue.Queue(AHEAD)
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._work, name="data", daemon=True)
        self._thread.start()

    def next(self) -> Step:
        """The next step. Raises what went wrong in preparing it."""
        begin = time.perf_counter()
        step = self._queue.get()
        self.stalled += time.perf_counter() - begin
        if isinstance(step, Exception):
            raise step
        return step

    def close(self) -> None:
        """Ends the thread; to be called once no more steps are wanted."""
        self._closed.set()
        while self._thread.is_alive():
            try:  # it may be waiting for room
                self._queue.get(timeout=0.05)
            except queue.Empty:
                pass

    def _work(self) -> None:
        try:
            for step in self._steps:
                self._queue.put(step)
                if self._closed.is_set():
                    return
        except Exception as error:  # whatever it is, the trainer's own thread is the one to raise it
            self._queue.put(error)


def _steps(stages: Sequence[StageConfig], mixture: Mixture, tokens: int, rank: int, ranks: int) -> Iterator[Step]:
    end = total_tokens(stages)
    while tokens < end:
        stage = stages[locate(tokens, stages).number]
        whole = mixture.next_batch(stage)
        own = whole.share(rank, ranks)
        if torch.cuda.is_available():
            own = Batch(*(tensor.pin_memory() for tensor in own))
        yield Step(own, whole.num_labels(), whole.mean_length(), mixture.state)
        tokens += stage.batch_tokens
