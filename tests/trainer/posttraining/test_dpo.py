from __future__ import annotations

import json
import math
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from rich.console import Console

from trainer.checkpoint import store
from trainer.distributed.ranks import Ranks
from trainer.errors import TrainerError
from trainer.metrics.run_log import read_metrics
from trainer.posttraining import dpo, reference
from trainer.posttraining.base import Base
from trainer.posttraining.preferences import read_groups
from trainer.posttraining.rows import Group
from trainer.posttraining.settings import DpoConfig


def begun(run_dir: Path, base: Path, config: DpoConfig, preferences: str) -> tuple[dpo.DpoTask, list[Group]]:
    """A task before its first step, and the pairs that it trains on."""
    opened = Base.open(base)
    pairs = read_groups([preferences], [], opened.chat, config, shared=True, pairs=True)
    task = dpo.DpoTask(config, opened, pairs, Ranks(0, 1, torch.device("cpu"), None), run_dir)
    run_dir.mkdir()
    task.build()
    task.init_weights()
    task.begin(0, {})
    return task, pairs.train


@pytest.mark.parametrize("mean", ["row", "token"])
def test_labels_of_chosen_responses_weigh_as_a_mean_of_rows_or_of_tokens(
    tmp_path, make_base, make_settings, preferences, mean
) -> None:
    config = make_settings(DpoConfig, nll_mean=mean, batch_rows=100)
    task, pairs = begun(tmp_path / "run", make_base(), config, preferences)
    step = task.next_step(task.settings.stages[0])
    assert step.divisor == len(pairs) == 40
    slots, weights = step.batch["slots"], step.batch["nll_weights"]
    chosen = (slots >= 0) & (slots % 2 == 0)
    assert (weights[~chosen] == 0).all()
    lengths = [len(pair.responses[0].ids) for pair in pairs]
    each = (
        [1 / length for length in lengths for _ in range(length)]
        if mean == "row"
        else [40 / sum(lengths)] * sum(lengths)
    )
    assert sorted(weights[chosen].tolist()) == pytest.approx(sorted(each))
    found = task.loss(step.batch)
    assert found["chosen_length"] == sum(lengths)
    assert found["rejected_length"] == sum(len(pair.responses[1].ids) for pair in pairs)
    assert found["preference_loss"].item() == pytest.approx(40 * math.log(2), rel=1e-5)
    assert found["loss"].item() == pytest.approx((found["preference_loss"] + 0.2 * found["nll"]).item())
    assert found["nll"].item() / 40 == pytest.approx(math.log(512), rel=0.2)  # random weights know nothing yet
    assert (found["chosen"], found["rejected"], found["margin"], found["accuracy"]) == (0, 0, 0, 0)


def test_the_first_loss_must_be_log_2_and_lost_nats_are_told_once(
    tmp_path, make_base, make_settings, preferences
) -> None:
    task, _ = begun(tmp_path / "run", make_base(), make_settings(DpoConfig), preferences)
    said: list[str] = []
    report: Any = SimpleNamespace(say=said.append)

    def watch(step: int, loss: float | None, chosen: float) -> None:
        task.watch({"step": step, "preference_loss": loss, "chosen": chosen}, report)

    for near in (math.log(2) - 0.9e-6, math.log(2) + 0.9e-6):
        watch(1, near, 0.0)
    for far in (math.log(2) - 1.1e-6, math.log(2) + 1.1e-6):
        watch(2, far, 0.0)
        with pytest.raises(TrainerError, match=f"step 1 is {far:.9f} and not log 2"):
            watch(1, far, 0.0)
    watch(3, None, -9.0)
    watch(4, 0.5, -1.0)
    assert said == []
    watch(5, 0.5, -1.26)
    watch(6, 0.5, -9.0)
    (warning,) = said
    assert warning.startswith("Warning: at step 5 the chosen responses have lost 1.3 nats a row")


def test_it_starts_at_log_2_and_learns(tmp_path, make_base, make_settings, preferences) -> None:
    config = make_settings(DpoConfig, epochs=2, held_out=0.25)
    dpo.train(config, make_base(), [preferences], tmp_path / "run")
    lines = read_metrics(tmp_path / "run")
    assert lines[0]["held_out_loss"] == pytest.approx(math.log(2), abs=1e-6)
    first, last = [line for line in lines if "preference_loss" in line][:: len(lines)][0], lines[-2]
    assert first["preference_loss"] == pytest.approx(math.log(2), abs=1e-6)
    assert last["margin"] > 0.1, lines


def test_a_run_without_its_reference_does_not_go_on(tmp_path, make_base, make_settings, preferences) -> None:
    base, run = make_base(), tmp_path / "run"
    dpo.train(make_settings(DpoConfig, batch_rows=2, steps=2), base, [preferences], run)
    more = make_settings(DpoConfig, batch_rows=2, steps=4)
    (file,) = (run / "reference").iterdir()
    kept = file.read_bytes()
    file.write_bytes(kept[:-4])
    with pytest.raises(TrainerError, match="cannot be used"):
        dpo.train(more, base, [preferences], run)
    file.unlink()
    with pytest.raises(TrainerError, match="no longer has the reference"):
        dpo.train(more, base, [preferences], run)
    file.write_bytes(kept)
    assert dpo.train(more, base, [preferences], run).steps == 4


def test_a_missing_number_is_an_error() -> None:
    sums, taken = np.zeros((2, 1, 2), dtype=np.float32), np.ones((2, 1, 2), dtype=bool)
    sums[1, 0, 0] = np.nan
    with pytest.raises(TrainerError, match="1 of 4 responses"):
        reference.check(sums, taken)
    taken[1, 0, 0] = False
    reference.check(sums, taken)


def test_the_name_of_a_reference_follows_from_all_that_makes_it(
    tmp_path, make_base, make_settings, preferences
) -> None:
    names = set()
    for number, (seed, changes) in enumerate(
        [(0, {}), (1, {}), (0, {"mask_format": False}), (0, {"sequence_length": 128})]
    ):
        run = tmp_path / f"run-{number}"
        settings = make_settings(DpoConfig, steps=1, **changes)
        dpo.train(settings, make_base(f"base-{number}", seed=seed), [preferences], run)
        names |= {path.name for path in (run / "reference").iterdir()}
    assert len(names) == 4


def test_a_first_loss_that_is_not_log_2_ends_the_run(
    tmp_path, make_base, make_settings, preferences, monkeypatch
) -> None:
    original = dpo.DpoTask._compute_reference
    monkeypatch.setattr(dpo.DpoTask, "_compute_reference", lambda *a: original(*a) + np.array([1e-3, 0], np.float32))
    with pytest.raises(TrainerError, match="not log 2"):
        dpo.train(make_settings(DpoConfig, steps=3), make_base(), [preferences], tmp_path / "run")
    assert store.latest(tmp_path / "run") is None


def test_chosen_responses_that_become_unlikely_are_told(tmp_path, make_base, make_settings, preferences) -> None:
    settings = make_settings(DpoConfig, nll=0.0, beta=5.0, batch_rows=2, optimizer={"peak_lr": 0.3})
    out = StringIO()
    console = Console(file=out, width=300)
    dpo.train(settings, make_base(), [preferences], tmp_path / "run", console=console)
    assert out.getvalue().count("the chosen responses have lost") == 1
    chosen = [line["chosen"] for line in read_metrics(tmp_path / "run") if "chosen" in line]
    assert min(chosen) < -1


def test_an_edited_response_is_the_chosen_one(tmp_path, make_base, make_settings, preferences) -> None:
    dpo.train(make_settings(DpoConfig, steps=1, batch_rows=100), make_base(), [preferences], tmp_path / "run")
    lines = [json.loads(line) for line in Path(preferences).read_text().splitlines()]
    expected = [
        sum(len(line.get(key, line["chosen"])) + 1 for line in lines) / len(lines) for key in ("edited", "chosen")
    ]
    (found,) = [line["chosen_length"] for line in read_metrics(tmp_path / "run") if "chosen_length" in line]
    assert found == pytest.approx(expected[0]) != expected[1]
