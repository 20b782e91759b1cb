"""A worker process of the local runner that is gone ends its job, with a sentence.

Beam's local runner asks a worker and waits for the answer without a limit. Where the worker is killed, by somebody or
because memory ran out, between two answers or before it has begun, nobody tells who waits, and a run would wait forever.
"""

from __future__ import annotations

import contextlib
import threading
from typing import Any

from apache_beam.portability.python_urns import SUBPROCESS_SDK
from apache_beam.runners.portability.fn_api_runner.worker_handlers import SubprocessSdkWorkerHandler, WorkerHandler

from pipeline.worker import GONE

_AGAIN_SECONDS = 0.2


class WatchedWorker(SubprocessSdkWorkerHandler):  # pyright: ignore[reportGeneralTypeIssues]  # Beam's decorator hides its type
    """Beam's own, which gives those who wait for an answer a ``RuntimeError`` where the process ends before it is closed."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._closing = threading.Event()
        self._is_gone = False

    def start_worker(self) -> None:
        super().start_worker()
        threading.Thread(target=self._watch, name="watch_worker", daemon=True).start()

    def close(self) -> None:
        self._closing.set()
        # A connection that was lost raises once more where it is closed: who waited has been told already.
        with contextlib.suppress(*([Exception] if self._is_gone else [])):
            super().close()

    def _watch(self) -> None:
        self.worker_thread.join()
        if self._closing.is_set():
            return
        self._is_gone = True
        with contextlib.suppress(Exception):  # it raises what its own reader met, whatever that was
            self.data_conn.close()
        # More may be asked after this: until somebody has noticed, and closes.
        while not self._closing.wait(_AGAIN_SECONDS):
            with contextlib.suppress(RuntimeError):  # something is asked at this very moment
                self.control_conn.abort(RuntimeError(GONE))


def watch_workers() -> None:
    """From now on this process's local runners watch the workers that they start."""
    WorkerHandler.register_environment(SUBPROCESS_SDK, bytes)(WatchedWorker)
