from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest

from trainer.errors import TrainerError
from trainer.training.pretraining import pretrain
from trainer.training.run_lock import RunLock

HOLD = """
import sys
from pathlib import Path
from trainer.training.run_lock import RunLock
with RunLock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_run_that_another_process_writes_is_refused(shards, make_config, tmp_path):
    command = [sys.executable, "-c", HOLD, str(tmp_path / "run")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(TrainerError, match=f"written by process {other.pid} on {socket.gethostname()}"):
            pretrain(make_config(), [shards], tmp_path / "run")
        other.kill()
    assert pretrain(make_config(), [shards], tmp_path / "run").finished  # a dead one has no lock


def test_another_host_has_it_while_it_says_so(tmp_path):
    (tmp_path / "lock").write_text("elsewhere 12")
    with pytest.raises(TrainerError, match="process 12 on elsewhere.*remove"), RunLock(tmp_path):
        pass
    os.utime(tmp_path / "lock", (0, 0))
    with RunLock(tmp_path):
        assert (tmp_path / "lock").read_text() == f"{socket.gethostname()} {os.getpid()}"
    assert (tmp_path / "lock").read_text() == ""


@pytest.mark.parametrize("name", ["file", "file/run"])
def test_an_output_that_is_a_file_is_refused(tmp_path, name):
    (tmp_path / "file").write_text("x")
    with (
        pytest.raises(TrainerError, match="is not a directory, or lies below a file. Name another"),
        RunLock(tmp_path / name),
    ):
        pass
