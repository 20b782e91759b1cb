"""Seconds go to the stage that they were spent in, of generators too, and also where it fails."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from pipeline import stopwatch


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that tests move."""
    now = [100.0]
    monkeypatch.setattr(stopwatch.time, "perf_counter", lambda: now[0])
    stopwatch.SECONDS.clear()
    return now


def test_a_block_is_measured_even_if_it_fails(clock: list[float]) -> None:
    with stopwatch.measure("read"):
        clock[0] += 2
    with pytest.raises(OSError, match="gone"), stopwatch.measure("read"):  # noqa: PT012 (both lines are measured)
        clock[0] += 1
        raise OSError("gone")
    assert stopwatch.SECONDS == {"read": 3}


def test_a_function_is_measured_and_returns_what_it_returns(clock: list[float]) -> None:
    @stopwatch.measured("clean")
    def add(one: int, other: int = 1) -> int:
        """Adds."""
        clock[0] += 4
        return one + other

    assert add(1, other=2) == 3 and add.__doc__ == "Adds."
    assert stopwatch.SECONDS == {"clean": 4}


def test_of_a_generator_only_what_happens_within_is_measured(clock: list[float]) -> None:
    @stopwatch.measured("lines")
    def count(numbers: int) -> Iterator[int]:
        for number in range(numbers):
            clock[0] += 1
            yield number
        clock[0] += 0.5

    found = []
    for number in count(3):
        clock[0] += 100
        found.append(number)
    assert found == [0, 1, 2] and stopwatch.SECONDS == {"lines": 3.5}


@pytest.mark.skipif(sys.platform != "linux", reason="running children are told by Linux alone")
def test_cpu_time_of_a_child_and_of_its_own_counts_while_it_runs_and_after() -> None:
    """Time in the process and in the kernel, of the child and of one that it has waited for: a twelfth of a second each."""
    work = (
        "import os\nzero = open('/dev/zero', 'rb', 0)\n"
        "while os.times().user < 0.08: sum(range(10**5))\n"
        "while os.times().system < 0.08: zero.read(1 << 20)\n"
    )
    code = f"{work}import subprocess, sys\nsubprocess.run([sys.executable, '-c', {work!r}])\n"
    code += "print(sum(os.times()[:4]), flush=True)\ninput()"
    before = stopwatch.cpu_seconds()
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        told = float(child.stdout.readline())
        assert child.pid in stopwatch.running_children()
        during = stopwatch.cpu_seconds()
        child.communicate(b"\n")
    # The clocks of the system tick a hundred times a second.
    assert told >= 0.32 and before + told - 0.05 < during <= stopwatch.cpu_seconds()


def test_what_a_unit_has_taken_is_counted_in_whole_milliseconds(clock: list[float]) -> None:
    with stopwatch.measure("read"):
        clock[0] += 2
    before = dict(stopwatch.SECONDS)
    assert stopwatch.since(before) == {}
    for stage in ("read", "lines"):
        with stopwatch.measure(stage):
            clock[0] += 0.25
    assert stopwatch.since(before) == {"read": 250, "lines": 250}
