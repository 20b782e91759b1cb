"""What a run was asked for is kept: the latest settings, those before, and how they differ."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from trainer.training.config_history import rate_before, write_config, write_data

SETTINGS: dict[str, Any] = {
    "optimizer": {"peak_lr": 0.5},
    "stages": [
        {"name": "a", "tokens": 100, "sequence_length": 10, "batch_tokens": 10, "learning_rate": {"shape": "linear", "end": 0.0}}
    ],
    "run": {"log_every": 10, "seed": 1},
}  # fmt: skip


def changed(**sections: Any) -> dict[str, Any]:
    return json.loads(json.dumps({**SETTINGS, **sections}))


def test_settings_are_written_and_what_differs_is_told(tmp_path: Path) -> None:
    assert write_config(tmp_path, SETTINGS, 0) == []
    assert json.loads((tmp_path / "config.json").read_text()) == SETTINGS
    assert write_config(tmp_path, SETTINGS, 5) == [] and len([*tmp_path.iterdir()]) == 1
    other = changed(optimizer={"peak_lr": 0.25, "beta1": 0.8}, run={"log_every": 1, "seed": 2})
    assert write_config(tmp_path, other, 7) == [
        "optimizer.beta1 is 0.8 and was null",
        "optimizer.peak_lr is 0.25 and was 0.5",
        "run.seed is 2 and was 1",
    ]
    assert json.loads((tmp_path / "config-until-00000007.json").read_text()) == SETTINGS
    assert json.loads((tmp_path / "config.json").read_text()) == other


def test_of_a_run_that_has_not_begun_nothing_is_kept(tmp_path: Path) -> None:
    write_config(tmp_path, SETTINGS, 0)
    assert write_config(tmp_path, changed(run={}), 0) == [
        "run is {} and was null",
        "run.seed is null and was 1",
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["config.json"]


def test_a_file_that_was_cut_is_no_difference(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"optim')
    assert write_config(tmp_path, SETTINGS, 3) == [] and [path.name for path in tmp_path.iterdir()] == ["config.json"]


def test_entries_of_a_list_are_told_by_their_place(tmp_path: Path) -> None:
    write_config(tmp_path, SETTINGS, 0)
    stage = SETTINGS["stages"][0]
    assert write_config(tmp_path, changed(stages=[{**stage, "tokens": 200}]), 1) == [
        "stages.0.tokens is 200 and was 100"
    ]


@pytest.mark.parametrize(("tokens", "rate"), [(0, 0.5), (50, 0.25), (100, 0.0)])
def test_the_rate_of_the_session_before(tmp_path: Path, tokens: int, rate: float) -> None:
    assert rate_before(tmp_path, tokens) is None
    write_config(tmp_path, SETTINGS, 0)
    assert rate_before(tmp_path, tokens) == pytest.approx(rate)
    for text in ("{}", '{"stages": [{}]}', "[", '{"stages": 3}'):
        (tmp_path / "config.json").write_text(text)
        assert rate_before(tmp_path, tokens) is None


def test_data_are_kept_as_they_were_given_and_from_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_data(tmp_path, ("a=shards", "b"))
    assert json.loads((tmp_path / "data.json").read_text()) == {"data": ["a=shards", "b"], "directory": str(tmp_path)}
