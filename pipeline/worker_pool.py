"""Workers that live across a run's jobs, as Beam's local runner sees them.

Beam's own are started for each job and spoken to by gRPC: of a run's fifteen jobs each cost a worker .2 CPU seconds, and what a
step loads was loaded again. These are forked once (:mod:`pipeline.worker_server`), work for one job after the other, and
keep what they have loaded. One whose process is killed is replaced, and its bundle done again: what a bundle gives
counts only once it is whole, and what it has written to files is named by nobody.
"""

from __future__ import annotations

import contextlib
import logging
import pickle
from collections.abc import Callable, Iterator
from typing import Any

from apache_beam.portability.api import beam_fn_api_pb2, endpoints_pb2
from apache_beam.runners.portability.fn_api_runner.worker_handlers import (
    ControlFuture,
    WorkerHandler,
    WorkerHandlerManager,
)
from apache_beam.runners.worker import data_plane

from parsers.fork_server import Forked
from pipeline.pool_worker import BUNDLE, DONE, END, FAILED, LOG, STATE
from pipeline.storage_errors import StoreUnusable
from pipeline.worker import GONE

# A bundle that has cost two processes would cost a third: there isn't the memory for it, or somebody wants no workers.
_PROCESSES_A_BUNDLE = 2
_LOST = (EOFError, OSError, pickle.UnpicklingError)


class WorkerPool:
    """So many workers, forked by ``fork`` when a job first needs them. Those of the first job are let go with it: meanwhile
    the process that forks has loaded what the next ones need, and what extraction has filled of their memory is free."""

    def __init__(self, size: int, fork: Callable[[], Forked]) -> None:
        self._workers = [_PoolWorker(fork) for _ in range(size)]
        self._jobs = 0

    @property
    def is_there(self) -> bool:
        """Whether some job had them."""
        return self._jobs > 0

    @contextlib.contextmanager
    def job(self) -> Iterator[Callable[[WorkerHandlerManager], list[WorkerHandler]]]:
        """Workers for one job: what it gives makes them known to Beam's manager of it."""
        handlers: list[WorkerHandler] = []

        def known_to(manager: WorkerHandlerManager) -> list[WorkerHandler]:
            if not handlers:
                handlers.extend(_Handler(worker, manager) for worker in self._workers)
            return handlers

        self._jobs += 1
        try:
            yield known_to
        finally:
            for worker in self._workers:
                worker.end_job() if self._jobs > 1 else worker.let_go()


class _PoolWorker:
    """One worker, in whichever process; a thread of the driver speaks to it at a time."""

    def __init__(self, fork: Callable[[], Forked]) -> None:
        self._fork = fork
        self._process: Forked | None = None
        self._knows: set[str] = set()

    def work(
        self, request: Any, stage: str, describe: Callable[[], bytes], elements: list[bytes], state: Any
    ) -> tuple[bytes, list[bytes]]:
        """Response and elements of a bundle of ``stage``, which ``describe`` describes to who doesn't know it yet."""
        packed = request.SerializeToString()
        for _ in range(_PROCESSES_A_BUNDLE):
            try:
                if self._process is None:
                    self._process = self._fork()
                self._tell(BUNDLE, packed, None if stage in self._knows else describe(), elements)
                self._knows.add(stage)
                kind, *said = self._heard(state)
            except _LOST:
                self.let_go()
                continue
            if kind == DONE:
                return said[0], said[1]
            text, about_store = said
            raise StoreUnusable(about_store) if about_store else RuntimeError(text)
        raise RuntimeError(GONE)

    def end_job(self) -> None:
        self._knows.clear()
        if self._process is not None:
            try:
                self._tell(END)
            except _LOST:
                self.let_go()

    def let_go(self) -> None:
        """Ends the process, if there is one."""
        self._knows.clear()
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.stdout.close()
            with contextlib.suppress(OSError):  # what it never took is written when the pipe is closed
                process.stdin.close()

    def _tell(self, *what: object) -> None:
        assert self._process is not None
        pickle.dump(what, self._process.stdin, pickle.HIGHEST_PROTOCOL)
        self._process.stdin.flush()

    def _heard(self, state: Any) -> tuple:
        """How a bundle has ended; answers what is asked until then."""
        assert self._process is not None
        while True:
            kind, *said = pickle.load(self._process.stdout)
            if kind == STATE:
                key, token = said
                data = state.get_raw(beam_fn_api_pb2.StateKey.FromString(key), token)
                pickle.dump(data, self._process.stdin, pickle.HIGHEST_PROTOCOL)
                self._process.stdin.flush()
            elif kind == LOG:
                name, level, text = said
                logging.getLogger(name).log(level, "%s", text)
            else:
                assert kind in (DONE, FAILED)
                return kind, *said


class _Handler(WorkerHandler):
    """A worker for one job: what Beam's own handler of a worker in the same process is, but for the process."""

    def __init__(self, worker: _PoolWorker, manager: WorkerHandlerManager) -> None:
        self._channel = data_plane.InMemoryDataChannel()
        super().__init__(None, self._channel, manager.state_servicer, manager._job_provision_info)
        self._worker = worker
        self._manager = manager
        # Beam declares both for gRPC.
        itself: Any = self
        channel: Any = self._channel
        self.control_conn, self.data_conn = itself, channel

    def push(self, request: Any) -> ControlFuture:
        """Has a bundle worked on, and waits for it. Our steps need no other request."""
        if request.WhichOneof("request") != "process_bundle":
            raise NotImplementedError(request)
        given, found = self._channel.inverse()._inputs, self._channel._inputs
        elements = [each.SerializeToString() for each in given]
        given.clear()
        stage = request.process_bundle.process_bundle_descriptor_id
        response, written = self._worker.work(request, stage, lambda: self._described(stage), elements, self.state)
        found.extend(map(beam_fn_api_pb2.Elements.Data.FromString, written))
        return ControlFuture(request.instruction_id, beam_fn_api_pb2.InstructionResponse.FromString(response))

    def _described(self, stage: str) -> bytes:
        return self._manager._process_bundle_descriptors[stage].SerializeToString()

    def data_api_service_descriptor(self) -> endpoints_pb2.ApiServiceDescriptor:
        return endpoints_pb2.ApiServiceDescriptor(url="pipe")  # named in descriptions of stages, and asked by nobody

    def state_api_service_descriptor(self) -> None:
        return None

    def logging_api_service_descriptor(self) -> None:
        return None

    def start_worker(self) -> None:
        """Its process is forked with the first bundle."""

    def stop_worker(self) -> None:
        """Its process is the pool's."""
