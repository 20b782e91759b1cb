"""What rounds begin with: what is named, or what a demo task makes; and what is missing."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from rich.console import Console

from tests.trainer.posttraining.conftest import write_rows
from trainer.errors import TrainerError
from trainer.posttraining import round_start
from trainer.posttraining.base import Base, weights_hash
from trainer.posttraining.demo_tasks import SORT_DIGITS
from trainer.posttraining.prompt_pools import pool_of
from trainer.posttraining.round_start import make_base, open_setting
from trainer.posttraining.rounds import StoppedError

SHARES = {"dev": 0.25, "test": 0.25, "preference": 0.25}


def config(by: str = "verifier", **data: Any) -> Any:
    values: dict[str, Any] = {
        "base": None, "tokenizer": None, "prompts": (), "dialogs": (), "preferences": None, "task": None, "base_config": None,
    }  # fmt: skip
    return SimpleNamespace(
        data=SimpleNamespace(**values | data), splits=SimpleNamespace(shares=SHARES), seed=3, device="cpu",
        collect=SimpleNamespace(by=by),
    )  # fmt: skip


def console() -> Console:
    return Console(file=io.StringIO(), width=300)


@pytest.fixture
def prompts(tmp_path: Path) -> str:
    rows = [{"prompt": f"say {n}", "answer": "a", "verifier": "exact"} for n in range(60)]
    return write_rows(tmp_path / "prompts.jsonl", [*rows, {"prompt": ""}])


def test_what_is_named_is_opened(make_base, prompts: str, tmp_path: Path) -> None:
    run, told = make_base(), console()
    dialogs = (write_rows(tmp_path / "d.jsonl", []),)
    found = open_setting(
        config(base=str(run), prompts=(prompts,), dialogs=dialogs, preferences="p"), tmp_path / "o", told
    )
    assert found.base == ("base", run, weights_hash(Base.open(run).checkpoint))
    assert (found.people, found.dialogs, found.tokenizer, found.device) == ("p", dialogs, None, torch.device("cpu"))
    assert len(found.pools.dev) + len(found.pools.test) > 5 and found.annotator is round_start.by_verifier
    assert "Refused 1" in told.file.getvalue()  # type: ignore[attr-defined]
    people = open_setting(config("people", base=str(run), prompts=(prompts,)), tmp_path / "o", told)
    assert people.annotator is None


@pytest.mark.parametrize("missing", ["base", "prompts"])
def test_without_a_model_or_prompts_there_is_nothing_to_begin_with(
    make_base, prompts: str, tmp_path: Path, missing: str
) -> None:
    named = {"base": str(make_base()), "prompts": (prompts,)}
    del named[missing]
    with pytest.raises(TrainerError, match="Rounds need a pre-trained model and prompts"):
        open_setting(config(**named), tmp_path / "o", console())


def test_files_that_are_not_there_and_reward_models_are_refused(
    make_base, prompts: str, tmp_path: Path, monkeypatch
) -> None:
    named = {"base": str(make_base()), "prompts": (prompts,)}
    with pytest.raises(TrainerError, match="There is no file none. Name files of dialogs in data.dialogs"):
        open_setting(config(**named, dialogs=("none",)), tmp_path / "o", console())
    original = Base.open
    monkeypatch.setattr(Base, "open", lambda *rest: original(*rest)._replace(task="reward"))
    with pytest.raises(TrainerError, match="is a reward model, and post-training needs a model that writes"):
        open_setting(config(**named), tmp_path / "o", console())


@pytest.fixture
def made(make_base, monkeypatch) -> list[Any]:
    """What was written and trained for a demo task, in place of doing it."""
    asked: list[Any] = []
    make_run = make_base  # a path that is absolute stays as it is
    monkeypatch.setattr(round_start, "load_config", lambda name: asked.append(name) or SimpleConfig())

    def write_task(task: Any, directory: Path, held_back: Any, seed: int) -> None:
        asked.append((task, seed, held_back))
        (directory / "shards").mkdir(parents=True)
        for name in ("tokenizer.model", "prompts.jsonl", "shards/train.parquet"):
            (directory / name).write_text("x")

    def pretrain(config: Any, data: list[str], output: Path) -> Any:
        asked.append((data, output))
        make_run(output)
        return SimpleNamespace(finished=asked[0] != "stopped", parameters=5, tokens=6, loss_end=7.0)

    monkeypatch.setattr(round_start, "write_task", write_task)
    monkeypatch.setattr(round_start, "pretrain", pretrain)
    original = Base.open
    monkeypatch.setattr(Base, "open", lambda run, tokenizer=None: original(run))
    return asked


@dataclasses.dataclass
class SimpleConfig:
    of: str = "pre-training"


def test_a_demo_task_trains_its_base_once_and_holds_its_measures_back(made, tmp_path: Path) -> None:
    wanted = config("task", task="sort-digits", base_config="tiny")
    folder = make_base(wanted, tmp_path / "base", console())
    assert folder == tmp_path / "base" and made[0] == "tiny"
    task, seed, held_back = made[1]
    assert task is SORT_DIGITS and seed == 3
    names = [f"{n:032x}" for n in range(0, 1 << 128, 1 << 121)]
    assert [held_back(name) for name in names] == [pool_of(name, SHARES) in ("dev", "test") for name in names]
    assert made[2] == ([str(folder / "shards")], folder / "run")
    make_base(wanted, tmp_path / "base", console())
    assert len(made) == 4 and made[3] == "tiny"  # nothing was written or trained again


def test_a_base_that_was_stopped_is_not_taken_for_one(made, tmp_path: Path) -> None:
    with pytest.raises(StoppedError, match="Stopped in .*base. The same command goes on"):
        make_base(config("task", task="sort-digits", base_config="stopped"), tmp_path / "base", console())
