"""Progress of a run, for people and for logs."""

from __future__ import annotations

import json

import pytest

from gristmill import display


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that tests move."""
    now = [1000.0]
    monkeypatch.setattr(display.time, "monotonic", lambda: now[0])
    return now


def _go(mode: str, clock: list[float]) -> None:
    with display.phase_progress(mode) as (progress, said):
        said("4 files, by recipe [llama3]")
        for done, seconds in [(0, 0), (1, 10), (3, 30), (4, 1), (9, 40), (10, 1), (10, 1)]:
            clock[0] += seconds
            progress("extract", done, 10)


def test_lines_come_each_half_minute_and_when_a_phase_is_done(clock: list[float], capsys) -> None:
    _go("lines", clock)
    shown = capsys.readouterr()
    lines = [line.partition(" ")[2] for line in shown.err.splitlines()]
    assert lines == [
        "4 files, by recipe [llama3]",
        "extract: 3 of 10 units, some 93 s left",
        "extract: 9 of 10 units, some 9 s left",
        "extract: 10 of 10 units",
    ]
    assert shown.out == ""


def test_json_has_an_object_a_line_with_a_time(clock: list[float], capsys) -> None:
    _go("json", clock)
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert all(each.pop("time").startswith("20") for each in told)
    assert told[0] == {"said": "4 files, by recipe [llama3]"}
    assert told[1] == {"phase": "extract", "done": 3, "units": 10, "seconds_left": 93}
    assert told[-1] == {"phase": "extract", "done": 10, "units": 10, "seconds_left": None}


def test_none_is_silent(clock: list[float], capsys) -> None:
    _go("none", clock)
    assert capsys.readouterr() == ("", "")


def test_where_there_is_no_terminal_auto_means_lines(clock: list[float], capsys) -> None:
    _go("auto", clock)
    assert "extract: 10 of 10 units" in capsys.readouterr().err
