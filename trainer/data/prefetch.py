"""The steps of a run, prepared by a thread ahead of the training.

feed = Feed(config.stages, sources, seed, tokens=0, state=None, rank=0, ranks=1)
step = feed.next()     # the rank's rows, what it counts in them, and the state behind the step
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import torch

from trainer.config.schema import StageConfig
from trainer.config.stages import locate, total_tokens
from trainer.data.batch import Batch
from trainer.data.mixture import Mixture
from trainer.data.sources import Source

AHEAD = 2
"""Steps that the thread prepares ahead of the one that is trained on."""


class Step(NamedTuple):
    """What one update is made of."""

    batch: Batch
    """The rank's rows, in page-locked memory where there is a GPU to copy them to."""
    num_labels: int
    """Labels in the rank's rows."""
    sum_positions: int
    """Positions in the rank's rows, summed; for :func:`trainer.data.batch.mean_length`."""
    state: dict[str, Any]
    """The state of the data behind this step."""
    passes: dict[str, float]
    """Passes over each of the stage's pools behind this step (:meth:`Mixture.passes`)."""


class Feed:
    """All steps from ``tokens`` consumed tokens to the end of ``stages``, made ahead by a thread; of ``ranks`` groups
    of ranks, which must divide the rows of each batch, those of the group ``rank``."""

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
        self._steps = _steps(stages, Mixture(sources, seed, state), tokens, rank, ranks)
        self._queue: queue.Queue[Step | Exception] = queue.Queue(AHEAD)
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._work, name="data", daemon=True)
        self._thread.start()

    def next(self) -> Step:
        """The next step. Raises what went wrong in preparing it."""
        step = self._queue.get()
        if isinstance(step, Exception):
            raise step
        return step

    def close(self) -> None:
        """Ends the thread; to be called once no more steps are wanted."""
        self._closed.set()
        while self._thread.is_alive():
            with contextlib.suppress(queue.Empty):  # it may be waiting for room
                self._queue.get(timeout=0.05)

    def _work(self) -> None:
        try:
            for step in self._steps:
                self._queue.put(step)
                if self._closed.is_set():
                    return
        except Exception as error:  # noqa: BLE001 (whatever it is, the trainer's own thread raises it)
            self._queue.put(error)


def _steps(stages: Sequence[StageConfig], mixture: Mixture, tokens: int, rank: int, ranks: int) -> Iterator[Step]:
    end = total_tokens(stages)
    while tokens < end:
        stage = stages[locate(tokens, stages).number]
        rows = stage.batch_rows // ranks
        own = mixture.next_batch(stage, slice(rank * rows, (rank + 1) * rows))
        labels, positions = own.num_labels(), int(own.positions.sum())
        if torch.cuda.is_available():
            own = Batch(*(tensor.pin_memory() for tensor in own))
        yield Step(own, labels, positions, mixture.state, mixture.passes(stage))
        tokens += stage.batch_tokens
