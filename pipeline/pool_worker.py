"""A worker process of the local runner that lives across jobs: bundles come and go through two pipes, and Beam's own code works on them.

    (BUNDLE, request, descriptor of its stage with the first of it, elements)  ->
                                            <-  (STATE, key, token), (LOG, logger, level, text), as often as need be
    (data, token)                           ->
                                            <-  (DONE, response, elements) or (FAILED, traceback, sentence on a store)
    (END,)                                  ->  the job is over, and what its stages hold is given back

All of it pickled, messages of Beam's as their own bytes. The other end is :mod:`pipeline.worker_pool`.
"""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import pickle
import threading
import traceback
from collections.abc import Iterator
from typing import Any, BinaryIO

from pipeline import storage_errors, worker

BUNDLE, STATE, LOG, DONE, FAILED, END = range(6)
ASKED_FOR = b"worker\n"
"""The line for which the server of workers forks one."""

_CACHED_BYTES = 100 << 20  # of side inputs, as Beam has it in one process


def serve(requests: int, replies: int) -> None:
    """Works until the other end is closed."""
    driver = _Driver(os.fdopen(requests, "rb"), os.fdopen(replies, "wb"))
    logging.getLogger().addHandler(_Forwarding(driver))
    for name in worker.LOGGING:
        logging.getLogger(name).setLevel(logging.INFO)
    job: _Job | None = None
    with contextlib.suppress(EOFError, BrokenPipeError):  # the driver is gone, or wants no more of it
        while True:
            kind, *said = driver.hear()
            if kind == BUNDLE:
                job = job or _Job(driver)
                driver.tell(*job.work(*said))
            elif job is not None:
                job.end()
                job = None
                _give_back_memory()


def _give_back_memory() -> None:
    """What a job has freed goes back to the system: else each worker keeps the most that any job has needed."""
    # Imported by every phase; this module is imported by the command line, too.
    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    with contextlib.suppress(AttributeError, OSError):  # a C library without it
        ctypes.CDLL(None).malloc_trim(0)


class _Driver:
    """Both pipes, of which several threads may write to one."""

    def __init__(self, requests: BinaryIO, replies: BinaryIO) -> None:
        self._requests, self._replies = requests, replies
        self._lock = threading.RLock()

    def hear(self) -> tuple:
        return pickle.load(self._requests)

    def tell(self, *what: object) -> None:
        with self._lock:
            pickle.dump(what, self._replies, pickle.HIGHEST_PROTOCOL)
            self._replies.flush()

    def ask(self, *what: object) -> tuple:
        self.tell(*what)
        return self.hear()


class _Forwarding(logging.Handler):
    """Hands on what is logged: the driver knows where it is wanted."""

    def __init__(self, driver: _Driver) -> None:
        super().__init__()
        self._driver = driver
        self.addFilter(worker.is_news)

    def emit(self, record: logging.LogRecord) -> None:
        with contextlib.suppress(OSError):
            self._driver.tell(LOG, record.name, record.levelno, self.format(record))


class _Job:
    """What a job has in this process: the stages that it was asked to work on, once each."""

    def __init__(self, driver: _Driver) -> None:
        # Imported long ago, in the process that has forked this one.
        from apache_beam.portability.api import beam_fn_api_pb2
        from apache_beam.runners.portability.fn_api_runner import worker_handlers
        from apache_beam.runners.worker import data_plane, sdk_worker
        from apache_beam.runners.worker.statecache import StateCache

        self._messages = beam_fn_api_pb2
        self._written = data_plane.InMemoryDataChannel()
        self._given = self._written.inverse()
        state = sdk_worker.GlobalCachingStateHandler(StateCache(_CACHED_BYTES), _state_of(driver))
        self._processors = sdk_worker.BundleProcessorCache(
            worker_handlers.FNAPI_RUNNER_CAPABILITIES,
            worker_handlers.SingletonStateHandlerFactory(state),
            data_plane.InMemoryDataChannelFactory(self._given),
            {},
        )
        self._worker = sdk_worker.SdkWorker(self._processors)

    def work(self, request: bytes, descriptor: bytes | None, elements: list[bytes]) -> tuple[object, ...]:
        if descriptor is not None:
            self._processors.register(self._messages.ProcessBundleDescriptor.FromString(descriptor))
        self._given._inputs.extend(map(self._messages.Elements.Data.FromString, elements))
        try:
            response = self._worker.do_instruction(self._messages.InstructionRequest.FromString(request))
        except Exception as error:  # noqa: BLE001 (whatever it is, the driver says it)
            self._given._inputs.clear()
            self._written._inputs.clear()
            return FAILED, traceback.format_exc(), storage_errors.explain(error)
        found = [each.SerializeToString() for each in self._written._inputs]
        self._written._inputs.clear()
        return DONE, response.SerializeToString(), found

    def end(self) -> None:
        try:
            self._processors.shutdown()
        except Exception:  # its bundles are done, whatever a stage meets when it puts things away
            logging.getLogger(__name__).exception("a stage could not be put away")


def _state_of(driver: _Driver) -> Any:
    # Imported long ago, in the process that has forked this one.
    from apache_beam.runners.worker import sdk_worker

    class DriversState(sdk_worker.StateHandler):
        """Side inputs lie with the driver, and no step of ours has a state of its own."""

        def get_raw(self, state_key: Any, continuation_token: bytes | None = None) -> tuple[bytes, bytes | None]:
            data, token = driver.ask(STATE, state_key.SerializeToString(), continuation_token)
            return data, token

        def append_raw(self, state_key: Any, data: bytes) -> Any:
            raise NotImplementedError

        def clear(self, state_key: Any) -> Any:
            raise NotImplementedError

        @contextlib.contextmanager
        def process_instruction_id(self, bundle_id: str) -> Iterator[None]:
            yield

        def done(self) -> None:
            pass

    return DriversState()
