from __future__ import annotations

from trainer.checkpoint import store
from trainer.metrics.run_log import read_metrics
from trainer.posttraining import reward
from trainer.posttraining.settings import RewardConfig


def test_it_learns_what_is_preferred(tmp_path, make_base, make_settings, preferences) -> None:
    config = make_settings(RewardConfig, epochs=12, held_out=0.25)
    reward.train(config, make_base(), [preferences], tmp_path / "run")
    lines = read_metrics(tmp_path / "run")
    assert abs(lines[0]["held_out_loss"] - 0.69) < 0.2
    held_out = [line for line in lines if "held_out_accuracy" in line][-1]
    assert held_out["held_out_accuracy"] > 0.9 and lines[-2]["accuracy"] > 0.95
