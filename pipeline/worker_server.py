"""Worker processes of the local runner without their start-up: a process that has imported everything forks them.

Beam starts new workers for each of a run's jobs, and importing Beam and what the phases need takes each some seconds of CPU. So
one process a run does that once (``python -m pipeline.worker_server FD``) and forks a worker whenever Beam starts its
command, which is only a messenger (``worker_client.py``). Workers share the memory of what was imported. What only a later
phase needs is loaded while the workers of the first one work, once and not by each. Another process has the parser and its
kernels, and forks a parser's process for each worker (:mod:`parsers.parser_process`). Both start while the driver imports
Beam and checks the run, where they are told to. Linux alone: elsewhere workers and parsers are started one by one.

The servers listen on sockets that the driver has made, and end with all that they have forked when the driver closes its
ends of their standard inputs, whether on purpose or by dying (:mod:`parsers.fork_server`).
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import shlex
import socket
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import gristmill_installation
from parsers import sandbox
from parsers.fork_server import ForkServer

_CLIENT = Path(__file__).with_name("worker_client.py")
_LATER = "later:"  # before a module's name, on the server's command line
_PARSER = "parser:"  # before where a parser's processes are to be had


class WorkerServer:
    """The driver's side: starts the servers with the first command or by :meth:`start`, so that a run that is finished or
    refused has none, and ends them when nobody holds this any more. The server imports the modules named ``needed``, and
    those named ``later`` once it has forked workers and none is asked for. ``parser``: name and ``alt_text`` of the one
    that workers will use, if any."""

    def __init__(self, *needed: str, later: Sequence[str] = (), parser: tuple[str, str] | None = None) -> None:
        self._modules = [*needed, *(_LATER + module for module in later)]
        self._parser = parser
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._asked: list[str] = []

    def command(self) -> str:
        """What Beam runs for each worker: isolated and without ``site``, so that it starts in some hundredths of a second."""
        self.start()
        self._asked.append(self._path("workers"))
        return shlex.join(["exec", sys.executable, "-I", "-S", str(_CLIENT), self._path("workers")])

    def start(self) -> None:
        """Starts the servers, unless they run."""
        if self._folder is not None:
            return
        self._folder = tempfile.TemporaryDirectory(prefix="gristmill-workers-")
        processes: list[subprocess.Popen[bytes]] = []
        modules = self._modules
        if self._parser is not None:
            path = self._path("parsers")
            with _listening(path) as listening:
                processes.append(sandbox.start_process(*self._parser, listening.fileno()))
            modules = [*modules, _PARSER + json.dumps([path, *self._parser])]
            sandbox.fork_from(path, *self._parser)  # a small crawl is extracted by the driver itself
        with _listening(self._path("workers")) as listening:
            command = [sys.executable, "-m", __name__, str(listening.fileno()), *modules]
            processes.append(
                subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[listening.fileno()])
            )  # from here on a server that is gone refuses, and its messengers say so
        weakref.finalize(self, _end, processes, self._asked)

    def _path(self, name: str) -> str:
        assert self._folder is not None
        return str(Path(self._folder.name) / name)


def _listening(path: str) -> socket.socket:
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(path)
    listening.listen()
    return listening


def _end(processes: list[subprocess.Popen[bytes]], asked: list[str]) -> None:
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()
        if not asked:
            process.kill()  # it may be in the middle of its imports, which nobody needs any more
    for process in processes:
        process.wait()


def _become_worker(asked: bytes, descriptors: list[int]) -> None:
    os.environ.clear()
    os.environ.update(json.loads(asked))
    # Imported long ago, in the parent, and not before logging was set up there.
    from apache_beam.runners.worker import sdk_worker_main

    sdk_worker_main.main(sys.argv[:1])


def _import(module: str) -> None:
    # A worker that needs it imports it again, and says what is wrong where that is handled.
    with contextlib.suppress(Exception):
        importlib.import_module(module)
        gc.freeze()  # no worker's collections write to it, so that all go on sharing it


def _options(mark: str) -> list[str]:
    return [each.removeprefix(mark) for each in sys.argv[2:] if each.startswith(mark)]


def main() -> None:
    """The server's program."""
    # After the check of what is installed.
    from pipeline import worker

    worker.prepare()
    for name in sys.argv[2:]:
        if not name.startswith((_LATER, _PARSER)):
            importlib.import_module(name)
    for parser in _options(_PARSER):
        sandbox.fork_from(*json.loads(parser))
    # Not before logging is set up. Its tables and its kernel, .3 s, are there for all workers then.
    from text.word_scan import scan

    scan("")
    later = [partial(_import, module) for module in _options(_LATER)]
    ForkServer(socket.socket(fileno=int(sys.argv[1])), _become_worker, later).serve()


if __name__ == "__main__":
    try:
        gristmill_installation.check()
    except gristmill_installation.ForeignPackageError as error:
        sys.exit(f"gristmill's worker: {error}")
    main()
