"""One process at a time writes a run.

    RUN/lock    the host and process that has the run; empty when none has

The kernel gives the lock back when its process ends, however it ends. Some network file systems don't carry it from
host to host: for these the file says who has it and is touched every half minute, and counts for five.
"""

from __future__ import annotations

import fcntl
import os
import socket
import threading
import time
from pathlib import Path
from typing import Self

from trainer.errors import TrainerError

BEAT, FRESH = 30.0, 300.0
"""Seconds between two touches, and how long one counts."""


class RunLock:
    """Held while entered. Raises :class:`TrainerError` where another process has the run."""

    def __init__(self, run_dir: Path) -> None:
        self._path = run_dir / "lock"
        self._ended = threading.Event()

    def __enter__(self) -> Self:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise TrainerError(
                f"{self._path.parent} is not a directory, or lies below a file. Name another --output."
            ) from None
        self._file = self._path.open("a+", encoding="utf-8")
        self._file.seek(0)
        host, _, process = self._file.read().strip().partition(" ")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            taken = bool(host) and host != socket.gethostname() and time.time() - self._path.stat().st_mtime < FRESH
        except BlockingIOError:
            taken = True
        if taken:
            self._file.close()
            raise TrainerError(
                f"{self._path.parent} is being written by process {process or '(unknown)'} on {host or 'this host'}. "
                f"Wait until it ends, or end it; if it is gone, remove {self._path}. Another run needs another --output."
            )
        self._write(f"{socket.gethostname()} {os.getpid()}")
        self._thread = threading.Thread(target=self._touch, name="lock", daemon=True)
        self._thread.start()
        return self

    def _write(self, text: str) -> None:
        self._file.seek(0)
        self._file.truncate()
        self._file.write(text)
        self._file.flush()

    def _touch(self) -> None:
        while not self._ended.wait(BEAT):
            os.utime(self._file.fileno())

    def __exit__(self, *exception: object) -> None:
        self._ended.set()
        self._thread.join()
        self._write("")
        self._file.close()
