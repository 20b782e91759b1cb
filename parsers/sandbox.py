"""A parser in a process of its own, which may hang, crash or eat memory without harm to the run.

Real crawls hold pages that take a C library minutes, gigabytes or the process. Threads can't be stopped and signals
don't reach C code, so the parser runs in a child process; pages go there in batches and come back one by one. What
is countable decides first (:mod:`parsers.limits`); a page that still exceeds memory or the clock loses its
child, is reported as a :class:`Failure`, and the rest of its batch goes to a fresh one.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

from parsers import ALT_TEXTS, PARSERS
from parsers.extracted import Extracted
from parsers.fork_server import AVAILABLE, Forked
from parsers.forked_child import ForkedChild
from parsers.limits import PageLimits, PageTooCostly, check_size, count_tags
from parsers.messages import Replies, send, widen
from text.importing import hidden, uncollected

_Process = subprocess.Popen | Forked | ForkedChild
_Serving = Callable[[str, str, BinaryIO, BinaryIO], object]
# A child's start: imports, and on a machine where gristmill has not run before a minute or two of compiling kernels, which
# may go on in every worker at once.
_START_SECONDS = 600.0
# Processes that were started before anybody asked for them, and sockets of servers that fork one, by parser and alt_text.
_early: dict[tuple[str, str], _Process] = {}
_servers: dict[tuple[str, str], str] = {}


@dataclass(frozen=True)
class Limits(PageLimits):
    """What one page may cost. Those of :class:`parsers.limits.PageLimits` decide before it is parsed.

    ``memory_mb``  address space that the child may add while it parses.
    ``seconds``  wall-clock backstop. Far above any honest page: where it strikes, a run says so, since a slower
    machine might decide otherwise.
    """

    memory_mb: int = 1024
    seconds: float = 60.0


@dataclass(frozen=True)
class Page:
    html: bytes
    url: str
    content_type: str


@dataclass(frozen=True)
class Failure:
    """Why a page gave no text. ``kind``: too_many_bytes, too_many_tags, too_deep, error, memory, died or clock."""

    kind: str
    message: str
    score: float = 0.0


class IsolatedParser:
    """Runs the parser called ``name`` in a child process, started at the first page and again after each loss.
    ``alt_text`` as in :func:`parsers.load`."""

    def __init__(self, name: str, limits: Limits, alt_text: str = "formulas"):
        self._name = name
        self._limits = limits
        self._alt_text = alt_text
        self._child: _Process | None = None
        self._replies: Replies | None = None

    def extract_all(self, pages: list[Page]) -> Iterator[Extracted | Failure]:
        """One result for each page, in order. Keep batches small: a whole batch lies in the pipe at once."""
        results: list[Extracted | Failure | None] = [self._judge_size(page) for page in pages]
        waiting = [index for index, result in enumerate(results) if result is None]
        while waiting:
            done = 0
            for result in self._run([pages[index] for index in waiting]):
                results[waiting[done]] = result
                done += 1
            waiting = waiting[done:]
        yield from results  # type: ignore[misc]

    def close(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            assert self._child.stdin and self._child.stdout
            self._child.stdout.close()
            with contextlib.suppress(BrokenPipeError):  # closing flushes what a dead child never took
                self._child.stdin.close()
            self._child = self._replies = None

    def _judge_size(self, page: Page) -> Failure | None:
        """Pages too large need not go to the child; all else that is countable is counted there."""
        try:
            check_size(page.html, self._limits)
        except PageTooCostly as refused:
            return Failure(refused.kind, str(refused), refused.score)
        return None

    def _run(self, pages: list[Page]) -> Iterator[Extracted | Failure]:
        """Results until the batch ends or a page costs the child; that page's failure is the last result."""
        child, replies = self._start()
        assert child.stdin
        try:
            send(child.stdin, pages)
            for _ in pages:
                yield replies.next(time.monotonic() + self._limits.seconds)
        except TimeoutError:
            self.close()
            yield Failure("clock", f"the parser took more than {self._limits.seconds:g} s")
        except (EOFError, BrokenPipeError):
            code = child.wait()
            self.close()
            yield Failure("died", f"the parser's process ended with exit status {code}")

    def _start(self) -> tuple[_Process, Replies]:
        if self._child is not None and self._child.poll() is not None:
            self.close()  # lost between two batches (the kernel was short of memory, say): no page's fault
        if self._child is None or self._replies is None:
            self._child = _new_child(self._name, self._alt_text)
            assert self._child.stdin and self._child.stdout
            widen(self._child.stdin)
            widen(self._child.stdout)
            self._replies = Replies(self._child.stdout)
            send(self._child.stdin, self._limits)
            # The clock must not count the child's own start.
            try:
                self._replies.next(time.monotonic() + _START_SECONDS)
            except TimeoutError:
                self.close()
                raise RuntimeError(
                    f"the parser's process was not ready within {_START_SECONDS:g} s. Where gristmill has not run before it "
                    "compiles its kernels first, which takes a minute, or more on a busy machine; what is compiled is kept: "
                    "give the same command again."
                ) from None
        return self._child, self._replies


def start_early(name: str, alt_text: str = "formulas", serve: _Serving | None = None) -> None:
    """Starts the process of a shipped parser now, while this one has other things to do: the first
    :class:`IsolatedParser` takes it. It ends with this process, as all do. With ``serve``
    (:func:`parsers.parser_process.serve`) it is forked where that can be: then it shares numba, which this process needs
    as well, and which takes as long to load as all else that a parser loads."""
    if name in PARSERS and alt_text in ALT_TEXTS and (name, alt_text) not in _early:
        if serve is not None and AVAILABLE and threading.active_count() == 1:
            with uncollected(), hidden("scipy"):  # which numba looks for with the first kernel
                count_tags(b"<")
            _early[name, alt_text] = ForkedChild(partial(serve, name, alt_text))
        else:
            _early[name, alt_text] = start_process(name, alt_text)
        atexit.register(_end_early)


def _end_early() -> None:
    for process in _early.values():
        process.kill()
        process.wait()
    _early.clear()


def fork_from(path: str, name: str, alt_text: str) -> None:
    """From now on processes of a parser are asked for at the socket ``path``, from one that has loaded it
    (``python -m parsers.parser_process NAME ALT_TEXT FD``). Where nobody answers they are started as ever."""
    _servers[name, alt_text] = path


def start_process(name: str, alt_text: str, *listening: int) -> subprocess.Popen:
    """A parser's process, or with the descriptor of a socket one that forks them."""
    return subprocess.Popen(
        [sys.executable, "-m", "parsers.parser_process", name, alt_text, *map(str, listening)],
        stdin=subprocess.PIPE,
        stdout=None if listening else subprocess.PIPE,
        pass_fds=listening,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OMP_NUM_THREADS": "1"},
    )


def _new_child(name: str, alt_text: str) -> _Process:
    early = _early.pop((name, alt_text), None)
    if early is not None and early.poll() is None:
        return early
    if (name, alt_text) in _servers:
        with contextlib.suppress(OSError):
            return Forked(_servers[name, alt_text])
    return start_process(name, alt_text)
