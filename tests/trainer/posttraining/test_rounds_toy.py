"""Rounds from nothing, with their controls: four minutes of one core (``make rounds-test``). Orders, not numbers."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from rich.console import Console

from bench.posttraining_kills import run_with_kills, state
from trainer.checkpoint.convert import find_tokenizer, load_model
from trainer.config.loader import load_settings
from trainer.posttraining import dpo
from trainer.posttraining.annotators import Verdict, by_task
from trainer.posttraining.chat import ChatFormat
from trainer.posttraining.choose import choose_model, paired_difference
from trainer.posttraining.collecting import PREFERENCES
from trainer.posttraining.demo_tasks import SORT_DIGITS
from trainer.posttraining.measuring import evaluate, read_rates
from trainer.posttraining.round_setting import Setting
from trainer.posttraining.round_settings import RoundsConfig
from trainer.posttraining.round_start import open_setting
from trainer.posttraining.rounds import run_rounds

pytestmark = pytest.mark.rounds

ROUNDS = ["rounds=2", "dev_samples=4"]
QUIET = Console(quiet=True)


def open_rounds(output: Path, *overrides: str) -> Setting:
    return open_setting(load_settings(RoundsConfig, "rounds-toy", [*ROUNDS, *overrides]), output, QUIET)


@pytest.fixture(scope="module")
def two(tmp_path_factory) -> tuple[Path, Setting, list[dict]]:
    """Two rounds: where, with what, and their figures."""
    torch.set_num_threads(1)
    output = tmp_path_factory.mktemp("rounds")
    setting = open_rounds(output)
    return output, setting, run_rounds(setting, output)


def control(two, output: Path, *overrides: str, flipped: bool = False) -> dict:
    """One round from the same base, with fewer preferences."""
    shutil.copytree(two[0] / "base", output / "base")
    setting = open_rounds(output, "rounds=1", "collect.prompts=700", *overrides)
    if flipped:
        setting = dataclasses.replace(setting, annotator=contrary)
    (line,) = run_rounds(setting, output)
    return line


def contrary(row: dict, contents: Sequence[str]) -> Verdict | None:
    found = by_task(SORT_DIGITS)(row, contents)
    return None if found is None else Verdict(1 - found.chosen)


@pytest.fixture(scope="module")
def by_chance(two, tmp_path_factory) -> dict:
    # Who selects by lot needs no reward model.
    return control(two, tmp_path_factory.mktemp("chance"), "select.by=random", "reward.steps=20")


def test_the_first_round_beats_the_base_and_selection_by_lot(two, by_chance) -> None:
    (first, _) = two[2]
    chosen = first["pass"][first["chosen"]]
    assert chosen > first["pass"]["incumbent"] + 0.2
    assert first["pass"]["sft"] > by_chance["pass"]["sft"] + 0.2
    assert first["selected_right"] > by_chance["selected_right"] + 0.2
    assert first["reward_accuracy"] > 0.8


def test_the_second_round_beats_the_first_beyond_chance_and_nothing_chosen_falls(two) -> None:
    output, _, (first, second) = two
    assert first["chosen"] != "incumbent" != second["chosen"]
    rates = read_rates(output / "round-02" / "evaluate")
    assert paired_difference(rates[second["chosen"]], rates["incumbent"]).lower > 0
    assert rates["incumbent"] == read_rates(output / "round-01" / "evaluate")[first["chosen"]]


def test_a_reward_model_of_flipped_labels_makes_it_worse(two, tmp_path) -> None:
    line = control(two, tmp_path, flipped=True)
    assert line["pass"]["sft"] < line["pass"]["incumbent"] - 0.05
    assert line["chosen"] == "incumbent"


def trained_dpo(two, base: Path, output: Path, **changes: object) -> Path:
    """DPO on the first round's preferences, with some settings changed."""
    directory, setting, _ = two
    config = dataclasses.replace(setting.config.dpo, **changes)
    preferences = str(directory / "round-01" / "collect" / PREFERENCES)
    dpo.train(config, base, [preferences], output, tokenizer=setting.tokenizer)
    return output


def test_a_bad_round_leaves_the_incumbent(two, tmp_path) -> None:
    output, setting, lines = two
    incumbent = setting.model("incumbent", output / lines[-1]["model"] / "run")
    rate = setting.config.dpo.optimizer.peak_lr
    optimizer = dataclasses.replace(setting.config.dpo.optimizer, peak_lr=100 * rate)
    bad = setting.model("dpo", trained_dpo(two, incumbent.run, tmp_path / "bad", optimizer=optimizer))
    evaluate(setting, {"incumbent": incumbent, "dpo": bad}, {}, tmp_path)
    choice = choose_model(read_rates(tmp_path), "incumbent")
    assert choice.chosen == "incumbent" and choice.rates["dpo"] < choice.rates["incumbent"]


def ends(two, run: Path) -> float:
    """The mean probability of the end of the turn behind a complete right answer to a dev prompt."""
    setting = two[1]
    trained = load_model(run)
    chat = ChatFormat(find_tokenizer(trained, setting.tokenizer))
    rows = [
        [*chat.encode_prompt(prompt.messages), *chat.tokenizer.encode(prompt.answer)] for prompt in setting.pools.dev
    ]
    tokens = torch.tensor(rows)
    with torch.no_grad():
        logits = trained.model.logits(tokens, torch.arange(tokens.shape[1]).expand(tokens.shape))
    return logits[:, -1].softmax(-1)[:, chat.eot].mean().item()


def test_the_format_mask_keeps_answers_ending(two, tmp_path) -> None:
    sft = two[0] / "round-01" / "sft" / "run"
    optimizer = dataclasses.replace(two[1].config.dpo.optimizer, peak_lr=1e-3)
    found = {
        mask: ends(two, trained_dpo(two, sft, tmp_path / str(mask), nll=0.0, mask_format=mask, optimizer=optimizer))
        for mask in (True, False)
    }
    assert found[True] > found[False]


def test_killed_rounds_end_in_the_same_bytes(two, tmp_path) -> None:
    shutil.copytree(two[0] / "base", tmp_path / "base")
    lasted = run_with_kills("rounds-toy", [*ROUNDS, "rounds=1"], tmp_path, kills=3, seconds=30, seed=1)
    assert lasted
    first = {name: found for name, found in state(two[0]).items() if name.startswith(("base/", "round-01/"))}
    assert {name: found for name, found in state(tmp_path).items() if name != "rounds.jsonl"} == first
    lines = [(output / "rounds.jsonl").read_text().splitlines() for output in (tmp_path, two[0])]
    assert lines[0] == lines[1][:1]
