"""Workers that are forked: each messenger has one, and none outlives its messenger, its server or the driver."""

from __future__ import annotations

import gc
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.stopwatch import running_children
from pipeline.worker_server import WorkerServer

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux alone")
# Somebody listens there and never answers: Beam's worker waits until it is ended.
SILENT = socket.create_server(("localhost", 0))
NOWHERE = dict(
    os.environ,
    CONTROL_API_SERVICE_DESCRIPTOR=f'url: "localhost:{SILENT.getsockname()[1]}"',
    WORKER_ID="one",
    PIPELINE_OPTIONS="{}",
)


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
    server = WorkerServer()
    assert set(running_children()) == before  # nothing is started before it is needed
    server.command()
    (process,) = set(running_children()) - before
    return server, process


def test_workers_begin_and_end_with_their_messengers_and_all_with_the_driver(tmp_path: Path) -> None:
    server, process = _started()
    refused = dict(os.environ, CONTROL_API_SERVICE_DESCRIPTOR="no descriptor", WORKER_ID="x", PIPELINE_OPTIONS="{}")
    done = subprocess.run(server.command(), shell=True, env=refused, capture_output=True, check=False)
    assert done.returncode == 1  # Beam's own status, handed on

    messengers = [subprocess.Popen(server.command(), shell=True, env=NOWHERE) for _ in range(2)]
    _wait_for(lambda: len(running_children(process)) == 2)
    workers = running_children(process)
    assert all(Path(f"/proc/{worker}/environ").exists() for worker in workers)
    messengers[0].kill()
    _wait_for(lambda: len(running_children(process)) == 1)

    del server
    gc.collect()
    _wait_for(lambda: not any(map(_runs, [process, *workers])))
    assert [messenger.wait(60) != 0 for messenger in messengers] == [True, True]


def test_a_server_that_is_gone_is_told_and_takes_its_workers_along() -> None:
    server, process = _started()
    messenger = subprocess.Popen(server.command(), shell=True, env=NOWHERE)
    _wait_for(lambda: running_children(process))
    workers = running_children(process)
    os.kill(process, 9)
    assert messenger.wait(60) == 1
    _wait_for(lambda: not any(map(_runs, workers)))
    done = subprocess.run(server.command(), shell=True, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "run the same command again" in done.stderr


def test_what_later_phases_need_is_imported_once_workers_are_forked_and_shared_by_those_after_them(
    tmp_path: Path,
) -> None:
    noted = tmp_path / "noted"
    (tmp_path / "needed_later.py").write_text(
        f"import os\nwith open({str(noted)!r}, 'a') as file:\n    file.write(f'{{os.getpid()}} ')\n"
    )
    (tmp_path / "broken_later.py").write_text("raise ImportError")
    before = set(running_children())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])]))
        server = WorkerServer(later=["broken_later", "needed_later"])
        server.command()
    (process,) = set(running_children()) - before
    assert not noted.exists()
    messenger = subprocess.Popen(server.command(), shell=True, env=NOWHERE)
    _wait_for(noted.exists)
    _wait_for(noted.read_text)
    assert noted.read_text().split() == [str(process)]  # by the server itself, in spite of a module that can't be
    del server
    gc.collect()
    assert messenger.wait(60) != 0
