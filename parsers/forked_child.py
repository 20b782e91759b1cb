"""A process that this one forks for itself, with two pipes to it: what is imported by then is there at once, and shared.

Forking is done without threads, and at a program's beginning: the process holds whatever files are open by then. Linux alone
(:data:`parsers.fork_server.AVAILABLE`).
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import BinaryIO

_ENDING = (signal.SIGINT, signal.SIGTERM)


class ForkedChild:
    """A process that calls ``become(requests, replies)`` and ends. ``stdin`` and ``stdout`` are this side's ends of the two
    pipes: what is used here of :class:`subprocess.Popen`."""

    def __init__(self, become: Callable[[BinaryIO, BinaryIO], object]) -> None:
        requests, own_requests = os.pipe()
        own_replies, replies = os.pipe()
        self._status: int | None = None
        sys.stdout.flush()
        sys.stderr.flush()
        # In between a signal would be answered by both, each with the driver's sentence.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
        self._process = os.fork()
        if not self._process:
            os.close(own_requests)
            os.close(own_replies)
            _work(become, requests, replies, before)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        os.close(requests)
        os.close(replies)
        self.stdin, self.stdout = os.fdopen(own_requests, "wb"), os.fdopen(own_replies, "rb")

    def poll(self) -> int | None:
        """The exit status where it has ended."""
        return self._wait(os.WNOHANG)

    def wait(self) -> int:
        """The exit status, once it has ended."""
        status = self._wait(0)
        assert status is not None
        return status

    def kill(self) -> None:
        """Ends it."""
        if self._status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process, signal.SIGKILL)

    def _wait(self, flags: int) -> int | None:
        if self._status is None:
            try:
                process, status = os.waitpid(self._process, flags)
            except ChildProcessError:  # somebody else has waited for it
                self._status = 0
            else:
                self._status = os.waitstatus_to_exitcode(status) if process else None
        return self._status


def _work(become: Callable[[BinaryIO, BinaryIO], object], requests: int, replies: int, mask: set[int]) -> None:
    """In the new process; doesn't return."""
    status = 1
    try:
        # Ctrl-C is the driver's, which ends all.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)  # a library that prints must not write into what the driver prints
        logging.getLogger().handlers.clear()  # the driver's
        become(os.fdopen(requests, "rb"), os.fdopen(replies, "wb"))
        status = 0
    except BaseException:  # noqa: BLE001 (whatever it is, the driver's own code must not go on here)
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)
