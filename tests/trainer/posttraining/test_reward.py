from __future__ import annotations

import pytest
import torch

from tests.trainer.posttraining.conftest import MODEL
from trainer.checkpoint import store
from trainer.checkpoint.convert import load_model
from trainer.errors import TrainerError
from trainer.metrics.run_log import read_metrics
from trainer.posttraining import dpo, reward, sft
from trainer.posttraining.averaging import average
from trainer.posttraining.chat import Message
from trainer.posttraining.models import HEAD, RewardModel
from trainer.posttraining.records import read_preferences
from trainer.posttraining.scoring import Scorer
from trainer.posttraining.settings import DpoConfig, RewardConfig, SftConfig


def test_it_learns_what_is_preferred(tmp_path, make_base, make_settings, preferences) -> None:
    config = make_settings(RewardConfig, epochs=12, held_out=0.25)
    reward.train(config, make_base(), [preferences], tmp_path / "run")
    lines = read_metrics(tmp_path / "run")
    assert abs(lines[0]["held_out_loss"] - 0.69) < 0.2
    held_out = [line for line in lines if "held_out_accuracy" in line][-1]
    assert held_out["held_out_accuracy"] > 0.9 and lines[-2]["accuracy"] > 0.95


def test_a_scorer_scores_as_the_training_did(tmp_path, make_base, make_settings, preferences) -> None:
    """Of all preferences, in rows of another length, in other batches, with any number of responses."""
    config = make_settings(RewardConfig, epochs=4)
    reward.train(config, make_base(), [preferences], tmp_path / "run")
    records = list(read_preferences([preferences]))
    scorer = Scorer(tmp_path / "run", torch.device("cpu"), rows=3)
    together = list(scorer.score((record.prompt, record.responses) for record in records))
    alone = Scorer(tmp_path / "run", torch.device("cpu"), length=64, rows=1)
    for record, scores in zip(records, together, strict=True):
        assert len(scores) == len(record.responses)
        for response, score in zip(record.responses, scores, strict=True):
            (found,) = alone.score([(record.prompt, [response])])
            assert found == [pytest.approx(score, abs=1e-5)]
    in_order = sum(scores == sorted(scores, reverse=True) for scores in together)
    assert in_order / len(records) == pytest.approx(read_metrics(tmp_path / "run")[-1]["accuracy"], abs=0.3)
    assert in_order > 30


def test_what_cannot_be_scored_has_no_score(tmp_path, make_base, make_settings, preferences) -> None:
    reward.train(make_settings(RewardConfig, steps=1), make_base(), [preferences], tmp_path / "run")
    scorer = Scorer(tmp_path / "run", torch.device("cpu"), length=64)
    said = [Message("assistant", text) for text in ("a", "b" * 60, "c" * 20, "d" * 20)]
    cut = Message("assistant", "e", ids=(101,))
    long = [Message("user", "x" * 60)]
    (scores, nothing) = scorer.score([([Message("user", "x")], [*said, cut]), (long, said)])
    assert [score is None for score in scores] == [False, True, False, False, True]
    assert nothing == [None] * 4


def test_a_reward_model_without_its_head_is_refused(
    tmp_path, make_base, make_settings, preferences, byte_tokenizer
) -> None:
    reward.train(make_settings(RewardConfig, steps=1), make_base(), [preferences], tmp_path / "run")
    saved = store.latest(tmp_path / "run")
    weights = {name: p.detach() for name, p in RewardModel(MODEL).named_parameters() if name != HEAD}
    store.save(tmp_path / "lost", 1, saved.facts, {"model": weights}, keep=1)
    with pytest.raises(TrainerError, match="reward_head"):
        Scorer(tmp_path / "lost", torch.device("cpu"), byte_tokenizer.spec)


def test_a_reward_model_is_no_policy_and_a_policy_no_reward_model(
    tmp_path, make_base, make_settings, preferences, dialogs
) -> None:
    base = make_base()
    reward.train(make_settings(RewardConfig, steps=1), base, [preferences], tmp_path / "run")
    for task, config, data in (
        (sft, SftConfig, dialogs), (dpo, DpoConfig, preferences), (reward, RewardConfig, preferences),
    ):  # fmt: skip
        with pytest.raises(TrainerError, match="is a reward model"):
            task.train(make_settings(config), tmp_path / "run", [data], tmp_path / "other")
    with pytest.raises(TrainerError, match="is a reward model"):
        load_model(tmp_path / "run")
    with pytest.raises(TrainerError, match="needs a reward model"):
        Scorer(base, torch.device("cpu"))
    with pytest.raises(TrainerError, match="another kind of head"):
        average([base, tmp_path / "run"], tmp_path / "mean")
