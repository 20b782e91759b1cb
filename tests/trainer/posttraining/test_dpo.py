from __future__ import annotations

import math

import pytest

from trainer.metrics.run_log import read_metrics
from trainer.posttraining import dpo
from trainer.posttraining.settings import DpoConfig


def test_it_starts_at_log_2_and_learns(tmp_path, make_base, make_settings, preferences) -> None:
    config = make_settings(DpoConfig, epochs=2, held_out=0.25)
    dpo.train(config, make_base(), [preferences], tmp_path / "run")
    lines = read_metrics(tmp_path / "run")
    assert lines[0]["held_out_loss"] == pytest.approx(math.log(2), abs=1e-6)
    first, last = [line for line in lines if "preference_loss" in line][:: len(lines)][0], lines[-2]
    assert first["preference_loss"] == pytest.approx(math.log(2), abs=1e-6)
    assert last["margin"] > 0.1, lines
