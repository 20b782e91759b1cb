"""A parser in a process of its own that measures what one page costs: CPU seconds and memory, exceptions and deaths.

Memory is the most that was resident while the page was parsed, less what was resident before; the kernel's high-water
mark is reset for each page (Linux: ``/proc/self/clear_refs``, proc(5)).
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import resource
import select
import struct
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import parsers

# A page that takes longer is not waited for, and one that needs more doesn't take the machine with it.
PATIENCE_SECONDS = 120.0
_MEMORY = 8 << 30
_REQUEST = struct.Struct("<QI")
_WARM_UP = (
    b"<html><body><h1>warm-up</h1><p>One <b>page</b>, so that imports and compilation are over.</p></body></html>"
)


@dataclass(frozen=True)
class Cost:
    """``seconds``  CPU, the least of all repeats; ``memory``  bytes; ``characters``  of text; ``error``  or empty."""

    seconds: float
    memory: int
    characters: int
    error: str = ""


class MeasuringChild:
    """Runs the parser called ``name`` (see :func:`parsers.load`); a child that dies is replaced at the next page.

    Measuring raises ``ValueError`` where the child can't start: no such parser, or one that fails on any page.
    """

    def __init__(self, name: str):
        self._name = name
        self._child: subprocess.Popen | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception) -> None:
        if self._child is not None:
            with contextlib.suppress(BrokenPipeError):
                self._child.stdin.close()
            self._child.wait()
            self._child.stdout.close()
            self._child = None

    def measure(self, html: bytes, repeats: int = 1) -> Cost:
        """What ``html`` costs. A page that kills its child costs ``nan`` seconds and says so in ``error``."""
        if self._child is None:
            self._child = self._start()
        with contextlib.suppress(BrokenPipeError):  # the reply, which is none, tells
            self._child.stdin.write(_REQUEST.pack(len(html), repeats) + html)
            self._child.stdin.flush()
        # A limit of the operating system on CPU time would coarsen the child's clock to 4 ms ticks.
        answered, _, _ = select.select([self._child.stdout], [], [], PATIENCE_SECONDS)
        if not answered:
            self._child.kill()
        reply = self._child.stdout.readline() if answered else b""
        if reply:
            return Cost(**json.loads(reply))
        code = self._child.wait()
        self.__exit__()
        if not answered:
            return Cost(math.nan, 0, 0, f"no answer within {PATIENCE_SECONDS:g} s")
        return Cost(math.nan, 0, 0, f"the process died: exit status {code}")

    def _start(self) -> subprocess.Popen:
        child = subprocess.Popen(
            [sys.executable, "-m", "bench.extraction_child", self._name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))},
        )
        if not child.stdout.readline():
            raise ValueError(f"the parser {self._name!r} doesn't start in a process of its own: see the message above")
        return child


def _serve(name: str) -> None:
    requests = sys.stdin.buffer
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # a library that prints must not write into the replies
    extract = parsers.load(name)
    extract(_WARM_UP, "", "")
    resource.setrlimit(resource.RLIMIT_AS, (_status("VmSize") + _MEMORY,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    print("ready", file=replies, flush=True)
    while request := requests.read(_REQUEST.size):
        size, repeats = _REQUEST.unpack(request)
        html = requests.read(size)
        costs = [_cost(extract, html) for _ in range(repeats)]
        fastest = min(costs, key=lambda cost: cost.seconds)
        print(json.dumps(asdict(fastest) | {"memory": max(cost.memory for cost in costs)}), file=replies, flush=True)


def _cost(extract: parsers.Parser, html: bytes) -> Cost:
    Path("/proc/self/clear_refs").write_text("5")
    before = _status("VmRSS")
    characters, error = 0, ""
    started = time.process_time()
    try:
        characters = len(extract(html, "", "").text)
    except Exception as exception:  # noqa: BLE001 - what is counted
        error = f"{type(exception).__name__}: {exception}"[:300]
    seconds = time.process_time() - started
    return Cost(seconds, max(0, _status("VmHWM") - before), characters, error)


def _status(field: str) -> int:
    """A size in ``/proc/self/status``, in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) << 10
    raise RuntimeError(f"/proc/self/status has no field {field}; memory is measured on Linux alone")


if __name__ == "__main__":
    _serve(sys.argv[1])
