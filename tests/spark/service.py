"""One background process of a test cluster: started in a group of its own, awaited, and certain to end."""

from __future__ import annotations

import re
import subprocess
import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path

_TAIL_LINES = 20
_POLL_SECONDS = 0.05


class ServiceError(RuntimeError):
    """A service ended or stayed silent; the message is a sentence followed by the end of its log."""


class Service:
    """A process with its own process group, whose output goes to `log`, and a guard that outlives its starter.

    The whole group ends at once, so that what the process itself started (a Spark worker its executors, a worker pool
    its Python workers) ends with it. The guard is a shell that waits on a pipe held by this Python process: the pipe
    closes however this Python process ends, `kill -9` included, and the guard then kills the group.
    """

    def __init__(self, name: str, command: Sequence[str], log: Path, env: Mapping[str, str], cwd: Path) -> None:
        self.name = name
        self.log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(env),
                cwd=cwd,
                start_new_session=True,
            )
        self._guard = subprocess.Popen(
            ["/bin/sh", "-c", 'read _; kill -KILL "-$0"', str(self._process.pid)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    @property
    def process(self) -> int:
        """Its id."""
        return self._process.pid

    def wait_for(self, pattern: str, seconds: float) -> str:
        """Return group 1 of the first match of `pattern` in the log, once it is there.

        Servers bind to port 0 and log the port they were given: the match is both the port and the proof of life.
        Raises ServiceError when the process ends first or `seconds` pass.
        """
        deadline = time.monotonic() + seconds
        while True:
            alive = self._process.poll() is None  # asked before reading, so that the last words are always read
            found = re.search(pattern, self.log.read_text("utf-8", "replace"))
            if found:
                return found.group(1)
            if not alive:
                raise self._failure(f"ended with status {self._process.returncode} before it was ready")
            if time.monotonic() > deadline:
                raise self._failure(f"was not ready after {seconds:.0f} s (no line matched {pattern!r})")
            time.sleep(_POLL_SECONDS)

    def stop(self) -> None:
        """Kill the whole group, by closing the guard's pipe: one way to end, taken on every occasion.

        A test cluster keeps nothing that a polite end would save. Safe to call twice.
        """
        self._guard.stdin.close()
        self._guard.wait()
        self._process.wait()

    def _failure(self, what: str) -> ServiceError:
        with self.log.open("r", encoding="utf-8", errors="replace") as lines:
            tail = "".join(deque(lines, _TAIL_LINES)).rstrip()
        return ServiceError(f"The {self.name} {what}. Its log {self.log} ends with:\n{tail or '(nothing)'}")
