"""A service is awaited by its log, explains its failures, and leaves no process behind however its starter ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.spark.service import Service, ServiceError
from tests.spark.toolchain import PROJECT

Start = Callable[[str], Service]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a service from a line of shell, and stops it after the test."""
    started = []

    def shell(line: str) -> Service:
        service = Service("small server", ["/bin/sh", "-c", line], tmp_path / "server.log", os.environ, tmp_path)
        started.append(service)
        return service

    yield shell
    for service in started:
        service.stop()


def _runs(pid: int) -> bool:
    """Whether the process exists and is more than a zombie that nobody has collected."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.startswith("Z")


def _ends(pid: int) -> bool:
    deadline = time.monotonic() + 5
    while _runs(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not _runs(pid)


def test_readiness_is_read_from_the_log(start: Start) -> None:
    assert start("sleep 0.1; echo listening on port 4711; sleep 60").wait_for(r"port (\d+)", 5) == "4711"


def test_an_early_end_shows_status_and_log(start: Start) -> None:
    with pytest.raises(ServiceError, match=r"(?s)small server ended with status 3 .*address already in use"):
        start("echo address already in use; exit 3").wait_for("(serving)", 5)


def test_silence_is_an_error_after_the_time_allowed(start: Start) -> None:
    service = start("echo still loading; sleep 60")
    service.wait_for("(still)", 5)
    with pytest.raises(ServiceError, match=r"(?s)small server was not ready after 0 s .*still loading"):
        service.wait_for("(serving)", 0.1)


def test_stopping_ends_what_the_service_started(start: Start) -> None:
    service = start("sleep 60 & echo child $!; wait")
    child = int(service.wait_for(r"child (\d+)", 5))
    assert _runs(child)
    service.stop()
    assert _ends(child)


def test_a_killed_starter_leaves_nothing_behind(tmp_path: Path) -> None:
    program = (
        "import os, time, pathlib; from tests.spark.service import Service\n"
        "here = pathlib.Path(os.environ['HERE'])\n"
        "service = Service('s', ['/bin/sh', '-c', 'echo pid $$; sleep 60'], here / 'log', os.environ, here)\n"
        "print(service.wait_for(r'pid (\\d+)', 5), flush=True); time.sleep(60)\n"
    )
    starter = subprocess.Popen(
        [sys.executable, "-c", program], cwd=PROJECT, env={**os.environ, "HERE": str(tmp_path)}, stdout=subprocess.PIPE
    )
    pid = int(starter.stdout.readline())
    assert _runs(pid)
    starter.send_signal(signal.SIGKILL)
    starter.communicate()
    assert _ends(pid)
