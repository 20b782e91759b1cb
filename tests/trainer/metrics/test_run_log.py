"""What a run writes about itself: valid JSON, whole at any moment."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path

import pytest

from trainer import files
from trainer.metrics.run_log import RunLog, Summary, read_metrics


def strict(path: Path) -> list[dict]:
    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    return [json.loads(line, parse_constant=refuse) for line in path.read_text("utf-8").splitlines()]


def test_what_is_no_number_is_written_as_null(tmp_path):
    log = RunLog(tmp_path, 0)
    log.add({"step": 1, "loss": math.nan, "passes": {"a": math.inf, "b": 0.5}, "all": [1.0, -math.inf]})
    log.add({"step": 2, "loss": 3.5})
    lines = strict(tmp_path / "metrics.jsonl")
    assert lines == [
        {"step": 1, "loss": None, "passes": {"a": None, "b": 0.5}, "all": [1.0, None]},
        {"step": 2, "loss": 3.5},
    ]
    assert log.summarise(True, 2, 10, 1.0, 5).loss_start == 3.5


def test_a_line_that_was_cut_off_and_lines_behind_the_checkpoint_are_dropped(tmp_path):
    log = RunLog(tmp_path, 0)
    for step in range(1, 5):
        log.add({"step": step})
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write('{"step": 5, "lo')
    assert [line["step"] for line in read_metrics(tmp_path)] == [1, 2, 3, 4]
    assert [line["step"] for line in RunLog(tmp_path, 3).lines] == [1, 2, 3]
    assert [line["step"] for line in strict(tmp_path / "metrics.jsonl")] == [1, 2, 3]


@pytest.mark.parametrize("death", ["fsync", "replace"])
def test_death_while_the_log_is_replaced_leaves_the_old_one(tmp_path, monkeypatch, death):
    log = RunLog(tmp_path, 0)
    for step in (1, 2, 3):
        log.add({"step": step})
    before = (tmp_path / "metrics.jsonl").read_bytes()

    class Killed(BaseException):
        pass

    def die(*args: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(*((files.os, "fsync") if death == "fsync" else (Path, "replace")), die)
        with pytest.raises(Killed):
            RunLog(tmp_path, 1)
    assert (tmp_path / "metrics.jsonl").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["metrics.jsonl"]


def test_a_summary_holds_the_first_and_last_losses_and_the_speed(tmp_path):
    log = RunLog(tmp_path, 0)
    for line in (
        {"held_out_loss": 5.0},
        {"loss": 4.0},
        {"loss": 3.0, "held_out_loss": None},
        {"loss": 2.0},
        {"held_out_loss": 1.0},
    ):
        log.add({"step": 1, **line})
    summary = log.summarise(False, 7, 1000, 1.23456, 99)
    assert summary == Summary(False, 7, 1000, 1.235, 810.0, 99, 4.0, 2.0, 5.0, 1.0)
    assert json.loads((tmp_path / "summary.json").read_text()) == asdict(summary)
    nothing = RunLog(tmp_path / "new", 0).summarise(True, 0, 0, 0.0, 99)
    assert nothing == Summary(True, 0, 0, 0.0, 0.0, 99, None, None, None, None)


def test_who_does_not_write_leaves_no_file(tmp_path):
    log = RunLog(tmp_path / "run", 0, write=False)
    log.add({"step": 1, "loss": 2.0})
    assert log.summarise(True, 1, 1, 1.0, 1).loss_end == 2.0 and not (tmp_path / "run").exists()
