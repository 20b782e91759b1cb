"""Worker processes of the local runner without their start-up: a process that has imported everything forks them.

Beam starts new workers for each of a run's jobs, and importing Beam and what the phases need takes each some seconds of CPU. So
one process a run does that once (``python -m pipeline.worker_server FD``) and forks a worker whenever Beam starts its
command, which is only a messenger (``worker_client.py``). Workers share the memory of what was imported. What only a later
phase needs is loaded while the workers of the first one work, once and not by each. Linux alone: elsewhere forking a
process with native libraries isn't safe, and workers are started one by one.

The server listens on a socket that the driver has made, and ends with its workers when the driver closes its end of the
server's standard input, whether on purpose or by dying.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import selectors
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gristmill_installation

_CLIENT = Path(__file__).with_name("worker_client.py")
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)
_LATER = "later:"  # before a module's name, on the server's command line
# Beam asks for the workers of a job one right after the other: what is loaded meanwhile would keep the next one waiting.
_QUIET_SECONDS = 0.5


class WorkerServer:
    """The driver's side: starts the server with the first command, so that a run that is finished or refused has none, and
    ends it when nobody holds this any more. The server imports the modules named ``needed``, and those named ``later``
    once it has forked workers and none is asked for."""

    def __init__(self, *needed: str, later: Sequence[str] = ()) -> None:
        self._modules = [*needed, *(_LATER + module for module in later)]
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def command(self) -> str:
        """What Beam runs for each worker: isolated and without ``site``, so that it starts in some hundredths of a second."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="gristmill-workers-")
            self._start(self._socket)
        return shlex.join(["exec", sys.executable, "-I", "-S", str(_CLIENT), self._socket])

    @property
    def _socket(self) -> str:
        assert self._folder is not None
        return str(Path(self._folder.name) / "socket")

    def _start(self, path: str) -> None:
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(path)
        listening.listen()
        command = [sys.executable, "-m", __name__, str(listening.fileno()), *self._modules]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[listening.fileno()])
        listening.close()  # from here on a server that is gone refuses, and its messengers say so
        weakref.finalize(self, _end, process)


def _end(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    process.wait()


class _Server:
    def __init__(self, listening: socket.socket, later: list[str]) -> None:
        self._listening = listening
        self._later = later
        self._workers: dict[int, socket.socket] = {}
        self._events = selectors.DefaultSelector()
        self._events.register(sys.stdin, selectors.EVENT_READ, "driver")
        self._events.register(listening, selectors.EVENT_READ, "listening")
        # A worker's end wakes the loop: Python writes a byte for each signal.
        woken, waking = socket.socketpair()
        woken.setblocking(False)
        waking.setblocking(False)
        signal.set_wakeup_fd(waking.fileno())
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        self._own = (woken, waking)
        self._events.register(woken, selectors.EVENT_READ, "ended")

    def serve(self) -> None:
        """Until the driver is gone."""
        while True:
            events = self._events.select(_QUIET_SECONDS if self._later and self._workers else None)
            if not events:
                _import(self._later.pop(0))
            for key, _ in events:
                if key.data == "driver":
                    if not os.read(sys.stdin.fileno(), 1):
                        self._kill(*self._workers)
                        return
                elif key.data == "listening":
                    self._fork()
                elif key.data == "ended":
                    with contextlib.suppress(BlockingIOError):
                        self._own[0].recv(4096)
                    self._reap()
                else:
                    self._kill(key.data)  # the messenger is gone: Beam wants no more of its worker

    def _fork(self) -> None:
        messenger, _ = self._listening.accept()
        with messenger.makefile("rb") as asked:
            environment = json.loads(asked.readline())
        worker = os.fork()
        if not worker:
            self._become_worker(messenger, environment)
        self._workers[worker] = messenger
        self._events.register(messenger, selectors.EVENT_READ, worker)

    def _become_worker(self, messenger: socket.socket, environment: dict[str, str]) -> None:
        """In the new process; doesn't return."""
        status = 1
        try:
            ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for each in (self._listening, messenger, *self._own, *self._workers.values()):
                each.close()
            self._events.close()
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.environ.clear()
            os.environ.update(environment)
            _work()
            status = 0
        except Exception:  # noqa: BLE001 (the parent must hear of it, whatever it is)
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def _reap(self) -> None:
        while self._workers:
            worker, status = os.waitpid(-1, os.WNOHANG)
            if not worker:
                return
            messenger = self._workers.pop(worker)
            self._events.unregister(messenger)
            with contextlib.suppress(OSError):  # a messenger that was killed
                messenger.sendall(str(os.waitstatus_to_exitcode(status)).encode())
            messenger.close()

    def _kill(self, *workers: int) -> None:
        for worker in workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)


def _import(module: str) -> None:
    # A worker that needs it imports it again, and says what is wrong where that is handled.
    with contextlib.suppress(Exception):
        importlib.import_module(module)
        gc.freeze()  # no worker's collections write to it, so that all go on sharing it


def _work() -> Any:
    # Imported long ago, in the parent, and not before logging was set up there.
    from apache_beam.runners.worker import sdk_worker_main

    return sdk_worker_main.main(sys.argv[:1])


def main() -> None:
    """The server's program."""
    # After the check of what is installed.
    from pipeline import worker

    worker.prepare()
    later = [name.removeprefix(_LATER) for name in sys.argv[2:] if name.startswith(_LATER)]
    for name in sys.argv[2:]:
        if not name.startswith(_LATER):
            importlib.import_module(name)
    # Not before logging is set up. Its tables and its kernel, .3 s, are there for all workers then.
    from text.word_scan import scan

    scan("")
    _Server(socket.socket(fileno=int(sys.argv[1])), later).serve()


if __name__ == "__main__":
    try:
        gristmill_installation.check()
    except gristmill_installation.ForeignPackageError as error:
        sys.exit(f"gristmill's worker: {error}")
    main()
