"""A parser in a process of its own, which may hang, crash or eat memory without harm to the run.

Real crawls hold pages that take a C library minutes, gigabytes or the process. Threads can't be stopped and signals
don't reach C code, so the parser runs in a child process; pages go there in batches and come back one by one. What
is countable decides first (:mod:`parsers.limits`); a page that still exceeds memory or the clock loses its
child, is reported as a :class:`Failure`, and the rest of its batch goes to a fresh one.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import resource
import selectors
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from parsers.extracted import Extracted
from parsers.limits import PageLimits, PageTooCostly, check, check_size
from text.importing import hidden, uncollected

_HEADER = struct.Struct("<Q")
# A child's start: imports, and on a machine where gristmill has not run before a minute or two of compiling kernels, which
# may go on in every worker at once.
_START_SECONDS = 600.0
_LOOKED_SECONDS = 1.0  # for its parent


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
        self._child: subprocess.Popen | None = None

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
            self._child = None

    def _judge_size(self, page: Page) -> Failure | None:
        """Pages too large need not go to the child; all else that is countable is counted there."""
        try:
            check_size(page.html, self._limits)
        except PageTooCostly as refused:
            return Failure(refused.kind, str(refused), refused.score)
        return None

    def _run(self, pages: list[Page]) -> Iterator[Extracted | Failure]:
        """Results until the batch ends or a page costs the child; that page's failure is the last result."""
        child = self._start()
        try:
            _send(child.stdin, pages)
            for _ in pages:
                yield _receive(child.stdout, time.monotonic() + self._limits.seconds)
        except TimeoutError:
            self.close()
            yield Failure("clock", f"the parser took more than {self._limits.seconds:g} s")
        except (EOFError, BrokenPipeError):
            code = child.wait()
            self.close()
            yield Failure("died", f"the parser's process ended with exit status {code}")

    def _start(self) -> subprocess.Popen:
        if self._child is not None and self._child.poll() is not None:
            self.close()  # lost between two batches (the kernel was short of memory, say): no page's fault
        if self._child is None:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "parsers.sandbox", self._name, self._alt_text],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OMP_NUM_THREADS": "1"},
            )
            _send(self._child.stdin, self._limits)
            # The clock must not count the child's own start.
            try:
                _receive(self._child.stdout, time.monotonic() + _START_SECONDS)
            except TimeoutError:
                self.close()
                raise RuntimeError(
                    f"the parser's process was not ready within {_START_SECONDS:g} s. Where gristmill has not run before it "
                    "compiles its kernels first, which takes a minute, or more on a busy machine; what is compiled is kept: "
                    "give the same command again."
                ) from None
        return self._child


def _send(stream, value) -> None:
    data = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    stream.write(_HEADER.pack(len(data)) + data)
    stream.flush()


def _receive(stream, deadline: float):
    (length,) = _HEADER.unpack(_read(stream, _HEADER.size, deadline))
    return pickle.loads(_read(stream, length, deadline))


def _read(stream, size: int, deadline: float) -> bytes:
    """Exactly ``size`` bytes from a pipe. Raises ``TimeoutError`` after ``deadline``, ``EOFError`` if it ends."""
    descriptor = stream.fileno()
    data = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while len(data) < size:
            if not selector.select(max(0.0, deadline - time.monotonic())):
                raise TimeoutError
            chunk = os.read(descriptor, min(size - len(data), 1 << 20))
            if not chunk:
                raise EOFError
            data += chunk
    return bytes(data)


def _serve(name: str, alt_text: str) -> None:
    """The child: parses batches from standard input until it ends."""
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    requests = sys.stdin.buffer
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not write into the replies
    limits = pickle.loads(requests.read(_HEADER.unpack(requests.read(_HEADER.size))[0]))
    with uncollected():
        import parsers
        from parsers.page_cost import cost  # compiled code: loaded before memory is limited, and not in the parent

        parse = parsers.load(name, alt_text, None)
    gc.freeze()
    with hidden("scipy"):  # which numba looks for with the first kernel
        parse(b"<html><body><p>warm-up</p></body></html>", "", "")
        cost(b"<p>warm-up</p>")
    pages = Path("/proc/self/statm").read_text().split()[0] if os.path.exists("/proc") else 0
    used = int(pages) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + (limits.memory_mb << 20),) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _send(replies, "ready")
    while header := requests.read(_HEADER.size):
        for page in pickle.loads(requests.read(_HEADER.unpack(header)[0])):
            _send(replies, _parse(parse, limits, page))


def _end_with(parent: int) -> None:
    """Ends this process when its parent is gone, which would otherwise be noticed after the page in hand, or after minutes
    in which kernels are compiled."""
    while os.getppid() == parent:
        time.sleep(_LOOKED_SECONDS)
    os._exit(1)


def _parse(parse, limits: PageLimits, page: Page) -> Extracted | Failure:
    try:
        check(page.html, limits)
        return parse(page.html, page.url, page.content_type)
    except PageTooCostly as refused:
        return Failure(refused.kind, str(refused), refused.score)
    except MemoryError:
        return Failure("memory", "the parser needed more memory than the limit")
    except RecursionError:
        return Failure("error", "RecursionError: the page is nested too deeply for the parser")
    except Exception as error:  # noqa: BLE001 (whatever a library raises costs this page alone)
        return Failure("error", f"{type(error).__name__}: {error}"[:500])


if __name__ == "__main__":
    # Under this name pickle would look for the classes in __main__; import the module proper instead.
    from parsers import sandbox  # noqa: PLW0406

    sandbox._serve(sys.argv[1], sys.argv[2])
