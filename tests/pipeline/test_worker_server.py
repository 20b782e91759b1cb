"""Workers that are forked: none outlives who has asked for it, its server or the driver."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline import worker_server
from pipeline.stopwatch import running_children
from pipeline.storage_errors import StoreUnusable
from pipeline.worker import GONE
from pipeline.worker_server import Preparation, WorkerServer

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux alone")


def _wait_for(true: Callable[[], object]) -> None:
    until = time.monotonic() + 60
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)


def _runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _started() -> tuple[WorkerServer, int]:
    before = set(running_children())
    server = WorkerServer(Preparation())
    assert set(running_children()) == before  # nothing is started before it is needed
    server.start()
    (process,) = set(running_children()) - before
    return server, process


def test_workers_begin_and_end_with_who_asks_for_them_and_all_with_the_driver() -> None:
    server, process = _started()
    asked = [server.worker() for _ in range(2)]
    _wait_for(lambda: len(running_children(process)) == 2)
    workers = running_children(process)
    asked[0].stdin.close()  # nothing more will be asked of it
    assert asked[0].wait() == 0
    assert len(running_children(process)) == 1
    del server
    gc.collect()
    _wait_for(lambda: not any(map(_runs, [process, *workers])))
    assert asked[1].wait() == -9


class _Process:
    def __init__(self, done: list[str]) -> None:
        self.stdin = SimpleNamespace(close=lambda: done.append("close"))
        self.kill = lambda: done.append("kill")
        self.wait = lambda: done.append("wait")


@pytest.mark.parametrize(
    ("ask", "ending"),
    [
        (lambda server: None, ["close", "kill", "wait"]),
        (lambda server: server.worker(), ["close", "wait"]),
        (lambda server: server.call("os:getpid"), ["close", "wait"]),
    ],
)
def test_a_server_that_nobody_has_asked_is_killed_and_others_end_by_themselves(
    monkeypatch: pytest.MonkeyPatch, ask: Callable[[WorkerServer], object], ending: list[str]
) -> None:
    done: list[str] = []
    for name in ("_started", "_forked"):
        monkeypatch.setattr(worker_server, name, lambda *rest: _Process(done))
    for name in ("Forked", "Call"):
        monkeypatch.setattr(worker_server, name, lambda *rest: None)
    server = WorkerServer(Preparation())
    server.start()
    ask(server)
    assert done == []
    del server
    gc.collect()
    assert done == ending


def test_a_server_that_is_gone_is_told_and_takes_its_workers_along() -> None:
    server, process = _started()
    asked = server.worker()
    _wait_for(lambda: running_children(process))
    workers = running_children(process)
    os.kill(process, 9)
    assert asked.wait() == -9
    _wait_for(lambda: not any(map(_runs, workers)))
    with pytest.raises(ConnectionRefusedError):
        server.worker()


def test_what_workers_need_is_loaded_once_first_and_between_forks_and_shared(tmp_path: Path) -> None:
    noted = tmp_path / "noted"
    (tmp_path / "warmer.py").write_text(
        "import os\n"
        "def first(path):\n    note(path, 'first')\n"
        "def note(path, when='later'):\n"
        "    with open(path, 'a') as file:\n        file.write(f'{when} {os.getpid()} ')\n"
    )
    before = set(running_children())
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(tmp_path))  # for a server that this process forks; else it is started
        patch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])]))
        later = ("broken:function", "warmer:note")
        server = WorkerServer(Preparation(first=("warmer:missing", "warmer:first"), later=later, argument=str(noted)))
        server.start()
        (process,) = set(running_children()) - before
    _wait_for(lambda: noted.exists() and noted.read_text().endswith(" "))
    assert noted.read_text().split() == ["first", str(process)]  # in spite of a function that isn't there
    asked = server.worker()
    _wait_for(lambda: len(noted.read_text().split()) == 4)
    assert noted.read_text().split()[2:] == ["later", str(process)]  # by the server itself, once it has forked
    del server
    gc.collect()
    assert asked.wait() == -9


def test_functions_are_called_in_processes_of_their_own_which_end_with_the_server() -> None:
    server = WorkerServer(Preparation())
    before = set(running_children())
    calls = [server.call("os:getpid"), server.call("time:sleep", 600), server.call("time:sleep", 600)]
    (process,) = set(running_children()) - before
    assert calls[0].result() not in (os.getpid(), process)
    with pytest.raises(RuntimeError, match=r"ValueError: .*'no number'"):
        server.call("builtins:int", "no number").result()
    with pytest.raises(StoreUnusable, match="there is no such bucket: the specified bucket does not exist"):
        server.call("tests.pipeline.test_worker_server:refused_by_a_store").result()
    _wait_for(lambda: len(running_children(process)) == 2)
    calls[1].stop()
    _wait_for(lambda: len(running_children(process)) == 1)
    with pytest.raises(RuntimeError, match=GONE[:20]):
        calls[1].result()
    left = [process, *running_children(process)]
    del server
    gc.collect()
    _wait_for(lambda: not any(map(_runs, left)))


def refused_by_a_store() -> None:
    raise FileNotFoundError("the specified bucket does not exist")


FORKED = """
import gc, os, sys, time
from pipeline.worker import import_with_beam, quieten
quieten()
import_with_beam("pipeline.phases")
from pipeline.stopwatch import running_children
from pipeline.worker_server import Preparation, WorkerServer
sys.stdout.write("once")  # waits to be written
sys.read_by_nobody = 1
server = WorkerServer(Preparation(needed=("pipeline.phases",)))
server.start()
(process,) = running_children()
with open(f"/proc/{process}/cmdline") as ours, open("/proc/self/cmdline") as theirs:
    assert ours.read() == theirs.read()
assert server.call("builtins:getattr", sys.modules and "x", "__class__").result() is str
assert server.call("tests.pipeline.test_worker_server:what_was_there").result() == (1, 0, "")
del server
gc.collect()
assert running_children() == []
"""


def what_was_there() -> tuple[int, int, str]:
    """In a process that is called: what the driver had before it forked, and has not handed on."""
    import logging
    import signal

    handlers = [each for each in logging.getLogger().handlers if isinstance(each, logging.FileHandler)]
    return sys.read_by_nobody, len(handlers), "" if signal.getsignal(signal.SIGTERM) == signal.SIG_DFL else "ours"  # type: ignore[attr-defined]


def test_a_driver_that_has_imported_everything_and_has_no_thread_forks_the_server() -> None:
    done = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "once", "")
