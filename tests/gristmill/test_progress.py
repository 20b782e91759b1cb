"""Progress of a run, for people and for logs."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path

import pytest

from gristmill import logs, progress
from pipeline.progress import PhaseProgress, Work


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that tests move."""
    now = [1000.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def _go(mode: str, clock: list[float]) -> None:
    steps = [(0, 0, 0.0), (1, 10, 0.0), (3, 30, 0.2), (4, 1, 0.0), (9, 40, 0.0), (10, 1, 0.0), (10, 1, 0.0)]
    with progress.phase_progress(mode) as (show, said):
        said("4 files, by recipe [llama3]")
        for done, seconds, share in steps:
            clock[0] += seconds
            records = round(100 * (done + share))
            rejected = {"extract/too_short": records // 4, "read/not_html": records // 2}
            work = Work(records, records - records // 4 - records // 2, 20_000 * records, share, 300 << 20, rejected)
            show(PhaseProgress("extract", 1, 9, done, 10, work))


def test_lines_come_each_half_minute_and_when_a_phase_is_done(clock: list[float], capsys) -> None:
    _go("lines", clock)
    shown = capsys.readouterr()
    lines = [line.partition(" ")[2] for line in shown.err.splitlines()]
    assert lines == [
        "4 files, by recipe [llama3]",
        "extract (1 of 9): 3 of 10 units, some 85 s left, 320 records, 8 records/s, 0.2 MB/s, 25% of pages go on, 300 MiB",
        "extract (1 of 9): 9 of 10 units, some 9 s left, 900 records, 11 records/s, 0.2 MB/s, 25% of pages go on, 300 MiB",
        "extract (1 of 9): 10 of 10 units, 1,000 records, 12 records/s, 0.2 MB/s, 25% of pages go on, 300 MiB, 82 s; most went by read/not_html 500, extract/too_short 250",
    ]
    assert shown.out == ""


def test_requests_and_the_like_are_no_pages_that_went(clock: list[float], capsys) -> None:
    rejected = {"read/record_type_request": 50, "read/record_type_metadata": 10, "extract/too_short": 10}
    with progress.phase_progress("lines") as (show, _):
        clock[0] += 40
        show(PhaseProgress("extract", 1, 9, 1, 1, Work(100, 30, 0, 0.0, 0, rejected)))
    assert (
        capsys.readouterr()
        .err.strip()
        .endswith("100 records, 75% of pages go on, 0 s; most went by extract/too_short 10")
    )


def test_json_has_an_object_a_line_with_a_time(clock: list[float], capsys) -> None:
    _go("json", clock)
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert all(each.pop("time").startswith("20") for each in told)
    assert told[0] == {"said": "4 files, by recipe [llama3]"}
    assert told[1] == {
        "phase": "extract", "number": 1, "of": 9, "done": 3, "units": 10, "share": 0.32, "seconds": 40.0,
        "seconds_left": 85, "records": 320, "records_per_second": 8.0, "mb_per_second": 0.16, "kept": 80,
        "kept_share": 0.25, "memory_mib": 300, "rejected": {"extract/too_short": 80, "read/not_html": 160},
    }  # fmt: skip
    assert (told[-1]["done"], told[-1]["share"], told[-1]["seconds_left"]) == (10, 1.0, None)


def test_none_is_silent(clock: list[float], capsys) -> None:
    _go("none", clock)
    assert capsys.readouterr() == ("", "")


def test_where_there_is_no_terminal_auto_means_lines(clock: list[float], capsys) -> None:
    _go("auto", clock)
    assert "extract (1 of 9): 10 of 10 units" in capsys.readouterr().err


def test_bars_have_the_same_figures(clock: list[float], monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setattr(progress.console, "_width", 160)
    monkeypatch.setattr(progress.console, "_force_terminal", True)
    _go("bar", clock)
    shown = capsys.readouterr().out
    assert "4 files, by recipe [llama3]" in shown and "10 of 10 units, 1,000 records, 12 records/s" in shown
    assert " 1/9 extract" in shown


def test_in_a_narrow_window_figures_are_cut_and_not_the_bar(
    clock: list[float], monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setattr(progress.console, "_width", 70)
    monkeypatch.setattr(progress.console, "_force_terminal", True)
    _go("bar", clock)
    last = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", capsys.readouterr().out).rstrip().splitlines()[-1]
    assert last.startswith(" 1/9 extract") and last.endswith("…") and last.count("━") == 16
    assert re.search(r"━ [-:\d]+ 10 of 10 units, ", last)


@pytest.fixture
def root_logger():
    root = logging.getLogger()
    before = root.level, list(root.handlers)
    yield root
    root.setLevel(before[0])
    for handler in set(root.handlers) - set(before[1]):
        root.removeHandler(handler)
        handler.close()
    for name in ("gristmill", "pipeline", "review"):
        logging.getLogger(name).setLevel(logging.NOTSET)


def test_a_log_file_has_progress_whatever_is_shown_and_others_warnings(
    clock: list[float], root_logger: logging.Logger, tmp_path: Path, capsys
) -> None:
    logs.log_to(str(tmp_path / "run.log"), "info")
    _go("none", clock)
    logging.getLogger("apache_beam.x").info("chatter")
    logging.getLogger("apache_beam.x").warning("a worker is slow")
    lines = (tmp_path / "run.log").read_text("utf-8").splitlines()
    assert lines[0].split(" ", 1)[1] == "INFO gristmill: 4 files, by recipe [llama3]"
    assert lines[-1].endswith("WARNING apache_beam.x: a worker is slow") and len(lines) == 5
    assert all(line[4] == "-" and line.split(" ")[0].endswith("Z") for line in lines)


def test_a_log_file_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="--log .* can't be written to: "):
        logs.log_to(str(tmp_path / "nowhere" / "run.log"))
