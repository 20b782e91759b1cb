"""A process that forks others like itself for whoever asks at its socket: what it has imported and compiled is there at once,
and shared.

    a line, and descriptors of files  ->  a new process, which works on what was asked for
    its exit status, in digits        <-  when it has ended
    the connection is closed          ->  the process is killed

All ends when the server's standard input does, which who started it holds open, and forked processes are killed when
their server is. Forking is done without threads. Linux alone: elsewhere it isn't safe in a process with native libraries.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import selectors
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Sequence

_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)
# Who asks for one process may ask for another right after: what is done meanwhile would keep that one waiting.
_QUIET_SECONDS = 0.5
_MOST_DESCRIPTORS = 8
_LOST = -int(signal.SIGKILL)

AVAILABLE = sys.platform == "linux"
"""Whether processes are forked here."""


class ForkServer:
    """Forks processes that call ``become(line, descriptors)``, and end with status 0 when it returns. ``later``: what the
    server does once it has forked and nobody asks for more, one after the other."""

    def __init__(
        self,
        listening: socket.socket,
        become: Callable[[bytes, list[int]], object],
        later: Sequence[Callable[[], object]] = (),
    ) -> None:
        self._listening = listening
        self._become = become
        self._later = list(later)
        self._forked: dict[int, socket.socket] = {}
        self._events = selectors.DefaultSelector()
        self._events.register(sys.stdin, selectors.EVENT_READ, "owner")
        self._events.register(listening, selectors.EVENT_READ, "listening")
        # The end of a process wakes the loop: Python writes a byte for each signal.
        woken, waking = socket.socketpair()
        woken.setblocking(False)
        waking.setblocking(False)
        signal.set_wakeup_fd(waking.fileno())
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        self._own = (woken, waking)
        self._events.register(woken, selectors.EVENT_READ, "ended")

    def serve(self) -> None:
        """Until its owner is gone."""
        while True:
            events = self._events.select(_QUIET_SECONDS if self._later and self._forked else None)
            if not events:
                self._later.pop(0)()
            for key, _ in events:
                if key.data == "owner":
                    if not os.read(sys.stdin.fileno(), 1):
                        self._kill(*self._forked)
                        for process in self._forked:  # so that the owner's CPU time has theirs
                            os.waitpid(process, 0)
                        return
                elif key.data == "listening":
                    self._fork()
                elif key.data == "ended":
                    with contextlib.suppress(BlockingIOError):
                        self._own[0].recv(4096)
                    self._reap()
                elif key.data in self._forked:  # else it has just ended
                    self._kill(key.data)  # who has asked for it is gone, or wants no more of it
                    self._events.unregister(self._forked[key.data])

    def _fork(self) -> None:
        connection, _ = self._listening.accept()
        asked, descriptors = _heard(connection)
        if asked.endswith(b"\n"):
            process = os.fork()
            if not process:
                self._work(connection, asked, descriptors)
            self._forked[process] = connection
            self._events.register(connection, selectors.EVENT_READ, process)
        else:
            connection.close()  # it was gone before it had asked
        for descriptor in descriptors:
            os.close(descriptor)

    def _work(self, connection: socket.socket, asked: bytes, descriptors: list[int]) -> None:
        """In the new process; doesn't return."""
        status = 1
        try:
            ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for each in (self._listening, connection, *self._own, *self._forked.values()):
                each.close()
            self._events.close()
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            self._become(asked, descriptors)
            status = 0
        except SystemExit as ended:  # as a process ends that was not forked
            status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        except Exception:  # noqa: BLE001 (who started it must hear of it, whatever it is)
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def _reap(self) -> None:
        while self._forked:
            process, status = os.waitpid(-1, os.WNOHANG)
            if not process:
                return
            connection = self._forked.pop(process)
            with contextlib.suppress(KeyError):  # killed, since its connection was closed
                self._events.unregister(connection)
            with contextlib.suppress(OSError):  # who asked for it was killed
                connection.sendall(str(os.waitstatus_to_exitcode(status)).encode())
            connection.close()

    def _kill(self, *processes: int) -> None:
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)


def _heard(connection: socket.socket) -> tuple[bytes, list[int]]:
    """A line, or what came of it, and the descriptors that came with it."""
    line, descriptors = b"", list[int]()
    while not line.endswith(b"\n"):
        try:
            more, found, _, _ = socket.recv_fds(connection, 1 << 16, _MOST_DESCRIPTORS)
        except ConnectionError:
            break
        descriptors.extend(found)
        if not more:
            break
        line += more
    return line, descriptors


class Forked:
    """A process that a server at ``path`` has forked for ``line``, with two pipes to it: ``stdin`` and ``stdout`` of what
    :class:`subprocess.Popen` has. Raises ``OSError`` where there is no server."""

    def __init__(self, path: str, line: bytes = b"\n") -> None:
        self._connection = socket.socket(socket.AF_UNIX)
        self._status: int | None = None
        try:
            self._connection.connect(path)
            requests, own_requests = os.pipe()
            own_replies, replies = os.pipe()
            self.stdin, self.stdout = os.fdopen(own_requests, "wb"), os.fdopen(own_replies, "rb")
            try:
                socket.send_fds(self._connection, [line], [requests, replies])
            finally:
                os.close(requests)
                os.close(replies)
        except OSError:
            self._connection.close()
            raise

    def poll(self) -> int | None:
        """The exit status where it has ended."""
        if self._status is None:
            with contextlib.suppress(BlockingIOError):
                self._hear(socket.MSG_DONTWAIT)
        return self._status

    def wait(self) -> int:
        """The exit status, once it has ended."""
        if self._status is None:
            self._hear(0)
        assert self._status is not None
        return self._status

    def kill(self) -> None:
        """Ends it."""
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_WR)

    def _hear(self, flags: int) -> None:
        try:
            said = self._connection.recv(64, flags)
        except ConnectionError:
            said = b""
        self._status = int(said) if said else _LOST  # a server that is gone takes it along
        self._connection.close()
