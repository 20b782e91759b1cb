"""Processes that are forked: each is its asker's, says how it has ended, and none outlives who asked for it or the server."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from parsers.fork_server import AVAILABLE, Forked

pytestmark = pytest.mark.skipif(not AVAILABLE, reason="processes are forked on Linux alone")
# Each process tells its number, and then does what it was asked for.
SERVER = """
import os, socket, sys, time
from parsers.fork_server import ForkServer
def become(asked, pipes):
    requests, replies = (os.fdopen(each, mode) for each, mode in zip(pipes, ("rb", "wb")))
    replies.write(b"%d\\n" % os.getpid())
    replies.flush()
    if asked == b"echo\\n":
        for line in requests:
            replies.write(line.upper())
            replies.flush()
    elif asked == b"leave\\n":
        sys.exit(7)
    elif asked == b"fail\\n":
        raise KeyError("a process that fails")
    time.sleep(0 if asked == b"echo\\n" else 3600)
ForkServer(socket.socket(fileno=int(sys.argv[1])), become, [lambda: open(sys.argv[2], "w").close()]).serve()
"""


class Server(NamedTuple):
    process: subprocess.Popen[bytes]
    path: str
    later: Path


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    path, later = str(tmp_path / "socket"), tmp_path / "later"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        command = [sys.executable, "-c", SERVER, str(listening.fileno()), str(later)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[listening.fileno()])
    yield Server(process, path, later)
    process.kill()
    process.communicate()


def _number(forked: Forked) -> int:
    return int(forked.stdout.readline())


def _wait_until(true: Callable[[], object]) -> None:
    until = time.monotonic() + 120
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)


def _is_gone(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_each_asker_has_a_process_of_its_own_with_pipes_to_it(server: Server) -> None:
    one, other = Forked(server.path, b"echo\n"), Forked(server.path, b"echo\n")
    assert len({_number(one), _number(other), server.process.pid, os.getpid()}) == 4
    for forked, word in ((other, b"flour\n"), (one, b"grain\n"), (other, b"meal\n")):
        forked.stdin.write(word)
        forked.stdin.flush()
        assert forked.stdout.readline() == word.upper()
    assert one.poll() is None
    one.stdin.close()
    assert (one.wait(), one.wait(), one.poll()) == (0, 0, 0) and one.stdout.read() == b""
    assert other.poll() is None


def test_what_can_wait_is_done_once_a_process_was_forked(server: Server) -> None:
    assert not server.later.exists()
    forked = Forked(server.path, b"stay\n")
    _wait_until(server.later.exists)
    assert _number(forked) and forked.poll() is None


@pytest.mark.parametrize(("asked", "status"), [(b"leave\n", 7), (b"fail\n", 1)])
def test_how_a_process_ends_is_told(server: Server, asked: bytes, status: int) -> None:
    assert Forked(server.path, asked).wait() == status
    assert Forked(server.path, b"fail\n").wait() == 1  # the server goes on


def test_a_killed_process_says_by_what_signal(server: Server) -> None:
    forked = Forked(server.path, b"stay\n")
    os.kill(_number(forked), signal.SIGTERM)
    assert forked.wait() == -signal.SIGTERM


def test_a_process_is_killed_when_it_is_not_wanted_any_more(server: Server) -> None:
    forked, dropped = Forked(server.path, b"stay\n"), Forked(server.path, b"stay\n")
    number, other = _number(forked), _number(dropped)
    forked.kill()
    assert forked.wait() == -signal.SIGKILL and _is_gone(number)
    del dropped  # as when who asked for it has ended
    _wait_until(lambda: _is_gone(other))


@pytest.mark.parametrize("how", ["kill", "let go"])
def test_all_end_with_their_server_and_the_server_with_its_owner(server: Server, how: str) -> None:
    forked = Forked(server.path, b"stay\n")
    number = _number(forked)
    if how == "kill":
        server.process.kill()
    else:
        assert server.process.stdin is not None
        server.process.stdin.close()
    server.process.wait(120)
    _wait_until(lambda: _is_gone(number))
    assert forked.wait() == -signal.SIGKILL
    with pytest.raises(OSError, match="refused"):
        Forked(server.path, b"echo\n")


def test_who_hangs_up_before_asking_gets_nothing_and_disturbs_nobody(server: Server) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.connect(server.path)
        silent.sendall(b"no end of li")
    assert _number(Forked(server.path, b"echo\n"))
