"""The messenger that Beam takes for a worker: what it tells the server, and how it ends."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline import worker_client

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux alone")


def command(path: Path) -> list[str]:
    return [sys.executable, "-I", "-S", worker_client.__file__, str(path)]


@pytest.mark.parametrize(("answer", "status"), [(b"0", 0), (b"7", 7), (b"", 1)])
def test_the_environment_is_handed_over_and_the_workers_end_is_its_own(
    answer: bytes, status: int, tmp_path: Path
) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        server.listen()
        server.settimeout(60)
        messenger = subprocess.Popen(command(tmp_path / "socket"), env={**os.environ, "WORKER_ID": "some\nworker"})
        connection, _ = server.accept()
        with connection, connection.makefile("rb") as asked:
            connection.settimeout(20)
            environment = json.loads(asked.readline())
            connection.sendall(answer)
    assert environment["WORKER_ID"] == "some\nworker" and environment["PATH"] == os.environ["PATH"]
    assert messenger.wait(60) == status


def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    done = subprocess.run(command(tmp_path / "nowhere"), capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "can't be reached" in done.stderr and "Traceback" not in done.stderr
