"""A second driver on a folder says so; a dead one is in nobody's way."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pipeline import lock

_HOLD = "import sys, time; from pipeline import lock\nwith lock.held(sys.argv[1]):\n print('held', flush=True); time.sleep(60)"


def test_a_second_driver_is_refused_while_the_first_lives(tmp_path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", _HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None and holder.stdout.readline() == "held\n"
    with pytest.raises(RuntimeError, match="another gristmill is writing to"), lock.held(str(tmp_path)):
        pass
    holder.kill()
    holder.wait()
    for _ in range(2):
        with lock.held(str(tmp_path)):
            pass


def test_stores_have_no_lock() -> None:
    with lock.held("memory://lock/run"), lock.held("memory://lock/run"):
        pass
