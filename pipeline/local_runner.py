"""Beam's local runner for one machine: work dealt to workers as they ask for it, who live across jobs (:mod:`pipeline.worker_pool`); what is
small, before there are any, in the driver's own process.

Beam gives each of N workers an N-th of a step's input before any of it is worked on, so that a job takes as long as the
unluckiest part, and starts N workers for jobs that take no longer than their start. Here a step's input is cut into
pieces, large ones first, and a worker takes the next when it is done with one (guided self-scheduling, Polychronopoulos
and Kuck 1987). Graphs are what they are on every other runner.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import apache_beam as beam
from apache_beam.metrics import monitoring_infos
from apache_beam.options.pipeline_options import DirectOptions, PipelineOptions
from apache_beam.portability.api import beam_fn_api_pb2
from apache_beam.runners.portability.fn_api_runner.fn_runner import (
    BundleManager,
    FnApiRunner,
    ParallelBundleManager,
    RunnerResult,
)
from apache_beam.transforms.environments import EmbeddedPythonEnvironment, Environment

from pipeline.worker_pool import WorkerPool

# What several workers must save for a job to be given them, in seconds, where they have to be started for it. Beam's own take .2
# for their start, their channels to the driver and their end, and then load what the first document needs.
LEAST_SAVED = 0.5
# Into how many pieces a step's input is cut at the most, before they are put together again.
_MOST_PIECES = 1024
# A worker takes one of so many shares, a worker, of what is left: the last pieces are small, and the first few.
_SHARES = 4
# Asking for a piece and sending back what came of it takes some 5 ms.
_SHORT_SECONDS = 0.1

# Beam registers the class by a decorator that hides its type.
_THIS_PROCESS: Any = EmbeddedPythonEnvironment

Inputs = dict[str, list[bytes]]
"""Encoded elements by the transform that reads them."""


class LocalRunner(FnApiRunner):
    """Runs a job in this process, or by ``workers`` processes where they save time: those of a ``pool``, which do every job once
    they are there, or Beam's own in ``environment()``. ``saves``: the seconds by which so many workers can be expected to
    shorten the job.
    """

    def __init__(
        self,
        workers: int = 1,
        environment: Callable[[], Environment] = _THIS_PROCESS.default,
        pool: WorkerPool | None = None,
        saves: float = float("inf"),
    ) -> None:
        super().__init__()
        self._most_workers = workers
        self._environment = environment
        self._pool = pool
        self._saves = saves
        self._of_the_pool: Callable[[Any], list[Any]] | None = None

    def for_work(self, seconds: float) -> LocalRunner:
        """This runner for a job of which workers can share some ``seconds`` of one's work."""
        saves = seconds * (1 - 1 / max(2, self._most_workers))
        return LocalRunner(self._most_workers, self._environment, self._pool, saves)

    def run_pipeline(self, pipeline: beam.Pipeline, options: PipelineOptions) -> RunnerResult:
        # Beam reads the number of workers from the options, which jobs share.
        are_there = self._pool is not None and self._pool.is_there
        several = self._most_workers > 1 and (are_there or self._saves >= LEAST_SAVED)
        options.view_as(DirectOptions).direct_num_workers = self._most_workers if several else 1
        if not several:
            self._default_environment = _THIS_PROCESS.default()
            return super().run_pipeline(pipeline, options)
        self._default_environment = self._environment()
        if self._pool is None:
            return super().run_pipeline(pipeline, options)
        with self._pool.job() as self._of_the_pool:
            return super().run_pipeline(pipeline, options)

    def _execute_bundle(self, runner_execution_context: Any, bundle_context_manager: Any, bundle_input: Any) -> Any:
        if self._of_the_pool is not None:
            # Before anybody asks for them, upon which Beam would make its own.
            known = self._of_the_pool(runner_execution_context.worker_handler_manager)
            bundle_context_manager._worker_handlers = known
        return super()._execute_bundle(runner_execution_context, bundle_context_manager, bundle_input)

    def _get_bundle_manager(self, bundle_context_manager: Any) -> BundleManager:
        manager = super()._get_bundle_manager(bundle_context_manager)
        if isinstance(manager, ParallelBundleManager):
            tokens = manager._cache_token_generator
            return _Dealer(bundle_context_manager, self._progress_frequency, cache_token_generator=tokens)
        return manager


class _Dealer(ParallelBundleManager):
    """Lets workers take pieces of a step's input."""

    def process_bundle(
        self,
        inputs: Mapping[str, Any],
        expected_outputs: Any,
        fired_timers: Any,
        expected_output_timers: Any,
        dry_run: bool = False,
    ) -> Any:
        if fired_timers or expected_output_timers:  # which no step of ours has
            return super().process_bundle(inputs, expected_outputs, fired_timers, expected_output_timers, dry_run)
        workers = self.bundle_context_manager.worker_handlers
        pieces = _Pieces(inputs, len(workers))

        def work(worker: Any) -> list[Any]:
            one: Any = _OneWorker(self.bundle_context_manager, worker)
            manager = BundleManager(one, self._progress_frequency, self._cache_token_generator)
            found = []
            try:
                for piece in pieces.taken():
                    # Lists of bytes do for it, as they do for Beam's own parts of an input.
                    given: Any = piece
                    found.append(manager.process_bundle(given, expected_outputs, {}, {}, dry_run))
            except BaseException:
                pieces.stop()  # nobody needs the rest: what is left to do is done by the next start
                raise
            return found

        busy = min(len(workers), pieces.count)
        with ThreadPoolExecutor(busy) as pool:
            found = list(itertools.chain.from_iterable(pool.map(work, workers[:busy])))
        return _together([result for result, _ in found]), [split for _, splits in found for split in splits]


def _together(results: list[Any]) -> Any:
    """The answers of all workers as one."""
    said = itertools.chain.from_iterable(result.process_bundle.monitoring_infos for result in results)
    return beam_fn_api_pb2.InstructionResponse(
        process_bundle=beam_fn_api_pb2.ProcessBundleResponse(monitoring_infos=monitoring_infos.consolidate(said))
    )


class _OneWorker:
    """What a step's bundles share, with one of its workers alone."""

    def __init__(self, step: Any, worker: Any) -> None:
        self._step = step
        self.worker_handlers = [worker]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._step, name)


class _Pieces:
    """A step's input, cut up, to be taken by several threads."""

    def __init__(self, inputs: Mapping[str, Any], workers: int) -> None:
        cut = {name: buffer.partition(_MOST_PIECES) for name, buffer in inputs.items()}
        every = [{name: parts[number] for name, parts in cut.items()} for number in range(_MOST_PIECES)]
        # A step is run even where it is given nothing: what follows it waits for its end.
        self._waiting: list[Inputs] = [one for one in every if any(map(any, one.values()))] or every[:1]
        self.count = len(self._waiting)
        self._workers = workers
        self._next = 0
        self._lock = threading.Lock()

    def taken(self) -> Iterator[Inputs]:
        """Until nothing is left: pieces for a worker that asks, more at once where the ones before took no time."""
        wanted = 1
        while True:
            with self._lock:
                left = self.count - self._next
                size = max(1, left // (_SHARES * self._workers), min(wanted, left // self._workers))
                chosen = self._waiting[self._next : self._next + size]
                self._next += len(chosen)
            if not chosen:
                return
            began = time.monotonic()
            yield {name: list(itertools.chain.from_iterable(one[name] for one in chosen)) for name in chosen[0]}
            wanted = 2 * size if time.monotonic() - began < _SHORT_SECONDS else 1

    def stop(self) -> None:
        """Nothing more is taken."""
        with self._lock:
            self._next = self.count
