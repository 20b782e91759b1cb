"""Worker processes of the local runner without their start-up: a process that has imported everything forks them.

Importing Beam and what the phases need takes some seconds of CPU. So one process a run has that, and forks a worker for whoever
asks at its socket (:mod:`pipeline.worker_pool`). Workers share the memory of what was imported, and of what was loaded for them
(:class:`Preparation`). It is itself forked by the driver, where that can be: by the command line, once it has imported Beam and
before anything has started a thread. Elsewhere it is started (``python -m pipeline.worker_server FD PREPARATION``) and
imports all again. Another process has the parser and its kernels, and forks a parser's process for each worker
(:mod:`parsers.parser_process`). Linux alone: elsewhere workers and parsers are started one by one.

The servers listen on sockets that the driver has made, and end with all that they have forked when the driver closes its
ends of their standard inputs, whether on purpose or by dying (:mod:`parsers.fork_server`).
"""

from __future__ import annotations

import base64
import contextlib
import gc
import importlib
import os
import pickle
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import gristmill_installation
from parsers import sandbox
from parsers.fork_server import Forked, ForkServer
from pipeline import calls, pool_worker, worker
from pipeline.calls import Call, named

_ENDING = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True)
class Preparation:
    """What the process that forks workers does for all of them: it imports the modules named ``needed``, calls ``first``
    before it forks any, and ``later``, one after the other, once it has forked some and none is asked for. Functions are named
    ``module:function``, and called with ``argument``. What goes wrong in them goes wrong again in a worker, and is told there.
    ``parser``: name and ``alt_text`` of the one that workers will use, if any."""

    needed: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    argument: Any = None
    parser: tuple[str, str] | None = None
    parsers_at: str = ""


class _Process(Protocol):
    """A server, as who has started it knows it: what is used here of :class:`subprocess.Popen`."""

    stdin: Any

    def kill(self) -> None: ...

    def wait(self) -> int: ...


class WorkerServer:
    """The driver's side: starts the servers with the first process that is asked for or by :meth:`start`, so that a run that is finished or
    refused has none, and ends them when nobody holds this any more."""

    def __init__(self, preparation: Preparation) -> None:
        self._preparation = preparation
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._processes: list[_Process] = []
        self._asked: list[str] = []

    def worker(self) -> Forked:
        """A new worker (:mod:`pipeline.pool_worker`). Raises ``OSError`` where the server is gone."""
        self.start()
        self._asked.append("worker")
        return Forked(self._path("workers"), pool_worker.ASKED_FOR)

    def call(self, function: str, *arguments: object) -> Call:
        """Has ``module:function`` called with ``arguments`` in a process that is forked for it."""
        self.start()
        self._asked.append("call")
        return Call(self._path("workers"), function, arguments)

    def start_parsers(self) -> None:
        """Starts who forks parsers, if workers will use one: it needs nothing of what workers need."""
        if self._folder is not None:
            return
        self._folder = tempfile.TemporaryDirectory(prefix="gristmill-workers-")
        weakref.finalize(self, _end, self._processes, self._asked)
        parser = self._preparation.parser
        if parser is not None:
            path = self._path("parsers")
            with _listening(path) as listening:
                self._processes.append(sandbox.start_process(*parser, listening.fileno()))
            self._preparation = replace(self._preparation, parsers_at=path)
            sandbox.fork_from(path, *parser)  # a small crawl is extracted by the driver itself

    def start(self) -> None:
        """Starts the servers, unless they run."""
        self.start_parsers()
        if Path(self._path("workers")).exists():
            return
        with _listening(self._path("workers")) as listening:
            start = _forked if threading.active_count() == 1 and _has_imported(self._preparation) else _started
            self._processes.append(start(listening, self._preparation, self._processes))
        # From here on a server that is gone refuses.

    def _path(self, name: str) -> str:
        assert self._folder is not None
        return str(Path(self._folder.name) / name)


def _listening(path: str) -> socket.socket:
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(path)
    listening.listen()
    return listening


def _has_imported(preparation: Preparation) -> bool:
    return "apache_beam" in sys.modules and all(module in sys.modules for module in preparation.needed)


class _Child:
    """A process that this one has forked; ``stdin`` is the other end of its standard input."""

    def __init__(self, process: int, stdin: Any) -> None:
        self._process = process
        self.stdin = stdin

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._process, signal.SIGKILL)

    def wait(self) -> int:
        with contextlib.suppress(ChildProcessError):
            return os.waitstatus_to_exitcode(os.waitpid(self._process, 0)[1])
        return 0


def _forked(listening: socket.socket, preparation: Preparation, others: Sequence[_Process]) -> _Process:
    reading, writing = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    # In between a signal would be answered by both, each with the driver's sentence.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    process = os.fork()
    if process:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
        os.close(reading)
        return _Child(process, os.fdopen(writing, "wb"))
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
        os.close(writing)
        for other in others:
            other.stdin.close()  # else they would wait for the end of this one
        os.dup2(reading, 0)
        sys.stdin = os.fdopen(0, "r")
        worker.forget_the_driver()
        _serve(listening, preparation)
    except BaseException:  # noqa: BLE001 (whatever it is, the driver's own code must not go on here)
        traceback.print_exc()
    finally:
        os._exit(0)


def _started(listening: socket.socket, preparation: Preparation, others: Sequence[_Process]) -> _Process:
    packed = base64.b64encode(pickle.dumps(preparation)).decode()
    command = [sys.executable, "-m", __name__, str(listening.fileno()), packed]
    return subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[listening.fileno()])


def _end(processes: list[_Process], asked: list[str]) -> None:
    for process in processes:
        process.stdin.close()
        if not asked:
            process.kill()  # it may be in the middle of its imports, which nobody needs any more
    for process in processes:
        process.wait()


def _become_worker(asked: bytes, descriptors: list[int]) -> None:
    (calls.answer if calls.is_call(asked) else _work)(asked, *descriptors)


def _work(asked: bytes, requests: int, replies: int) -> None:
    assert asked == pool_worker.ASKED_FOR
    pool_worker.serve(requests, replies)


def _prepare(function: str, argument: Any) -> None:
    # A worker does it again, and says what is wrong where that is handled.
    with contextlib.suppress(Exception):
        named(function)(argument)
        gc.freeze()  # no worker's collections write to it, so that all go on sharing it


def _serve(listening: socket.socket, preparation: Preparation) -> None:
    worker.prepare()
    for module in preparation.needed:
        importlib.import_module(module)
    if preparation.parser is not None:
        sandbox.fork_from(preparation.parsers_at, *preparation.parser)
    for function in preparation.first:
        _prepare(function, preparation.argument)
    later = [partial(_prepare, function, preparation.argument) for function in preparation.later]
    ForkServer(listening, _become_worker, later).serve()


def main() -> None:
    """The server's program, where it wasn't forked."""
    _serve(socket.socket(fileno=int(sys.argv[1])), pickle.loads(base64.b64decode(sys.argv[2])))


if __name__ == "__main__":
    try:
        gristmill_installation.check()
    except gristmill_installation.ForeignPackageError as error:
        sys.exit(f"gristmill's worker: {error}")
    main()
