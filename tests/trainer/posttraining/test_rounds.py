from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from rich.console import Console

from bench.posttraining_kills import state
from tests.trainer.posttraining.conftest import write_rows
from trainer.checkpoint import run_tokenizer, store
from trainer.config.loader import load_settings, parse
from trainer.config.model_config import ModelConfig
from trainer.config.validation import ConfigError
from trainer.errors import TrainerError
from trainer.model.llama import Llama
from trainer.posttraining import rounds as driver
from trainer.posttraining.round_settings import RoundsConfig
from trainer.posttraining.round_start import open_setting
from trainer.posttraining.rounds import run_rounds
from trainer.posttraining.rounds_table import table_of_rounds
from trainer.posttraining.settings import DpoConfig, RewardConfig, SftConfig

MODEL = ModelConfig(dim=16, num_layers=1, num_heads=2, num_kv_heads=1, ffn_multiple_of=8, vocab_size=512)
SHARES = {"a": 0.35, "b": 0.35, "<|eot_id|>": 0.3}
STAGES = ("collect", "reward", "sample", "select", "sft", "dpo", "average", "evaluate", "choose")


@pytest.fixture(scope="module")
def base(tmp_path_factory, byte_tokenizer) -> Path:
    """A model that writes a, b and the end of a turn by chance, whatever it is asked: nothing of it is trained."""
    model = Llama(MODEL)
    model.init_weights(0)
    special = byte_tokenizer.special_ids
    with torch.no_grad():
        model.embed_tokens.weight[:, 0] = 8.0
        model.lm_head.weight.mul_(0.1)
        model.lm_head.weight[:, 0] = -5.0
        for name, share in SHARES.items():
            model.lm_head.weight[special.get(name, ord(name[0])), 0] = float(torch.tensor(share).log()) / 4 + 1
    run = tmp_path_factory.mktemp("base")
    identity = {"model": dataclasses.asdict(MODEL.spelled_out()), "tokenizer": byte_tokenizer.sha256}
    facts = {"imported": True, "identity": identity, "length": 64}
    store.save(run, 0, facts, {"model": {n: p.detach() for n, p in model.named_parameters()}}, keep=1)
    run_tokenizer.keep(run, byte_tokenizer, byte_tokenizer.info)
    return run


@pytest.fixture(scope="module")
def prompts(tmp_path_factory) -> str:
    rows = [{"prompt": f"q{n}", "verifier": {"regex": "a+"}} for n in range(300)]
    return write_rows(tmp_path_factory.mktemp("prompts") / "prompts.jsonl", rows)


@pytest.fixture(scope="module")
def make(base: Path, prompts: str) -> Callable[..., RoundsConfig]:
    """``make(rounds=1, collect={…})``: settings of rounds that take seconds, with some changed."""

    def make(**changes: object) -> RoundsConfig:
        run = {"device": "cpu", "log_every": 5, "evaluate_every": 1000, "checkpoint_every": 4, "keep_checkpoints": 1}
        task = {"sequence_length": 64, "batch_rows": 8, "optimizer": {"peak_lr": 2e-2}, "run": run}
        settings: dict = {
            "rounds": 2, "device": "cpu", "data": {"base": str(base), "prompts": [prompts]},
            "splits": {"dev": 0.2, "test": 0.05, "preference": 0.45},
            "sampling": {"max_tokens": 8, "rows": 32},
            "collect": {"prompts": 60, "held_out": 0.2}, "select": {"prompts": 40, "per_prompt": 4, "by": "reward"},
            "dev_samples": 4, "reward": task | {"epochs": 2}, "sft": task | {"epochs": 2}, "dpo": task,
        }  # fmt: skip
        for name, value in changes.items():
            settings[name] = settings.get(name, {}) | value if isinstance(value, dict) else value
        return parse(RoundsConfig, settings)

    return make


def run(config: RoundsConfig, output: Path) -> list[dict]:
    console = Console(quiet=True)
    return run_rounds(open_setting(config, output, console), output, console)


@pytest.fixture(scope="module")
def whole(make, tmp_path_factory) -> tuple[Path, list[dict]]:
    """Two rounds that nobody disturbed."""
    torch.set_num_threads(1)
    output = tmp_path_factory.mktemp("whole")
    return output, run(make(), output)


def test_rounds_make_the_model_better(whole) -> None:
    output, lines = whole
    assert [line["round"] for line in lines] == [1, 2]
    first, second = (line["pass"] for line in lines)
    assert first["sft"] > first["incumbent"] + 0.1
    assert lines[0]["chosen"] != "incumbent"
    assert second["incumbent"] == first[lines[0]["chosen"]]
    assert all(line["pass"][line["chosen"]] >= line["pass"]["incumbent"] for line in lines)
    assert json.loads((output / "rounds.jsonl").read_text().splitlines()[1]) == lines[1]


def test_each_stage_has_a_manifest_without_paths_and_clocks(whole) -> None:
    output, _ = whole
    for stage in STAGES:
        text = (output / "round-02" / stage / "manifest.json").read_text()
        assert str(output) not in text and "seconds" not in text
    found = json.loads((output / "round-02" / "sft" / "manifest.json").read_text())
    assert found["stage"] == "round-02/sft" and found["outputs"].keys() == {"run"}


def test_the_second_round_compares_two_models(whole) -> None:
    output, _ = whole
    writers = [json.loads((output / "round-02" / "collect" / "manifest.json").read_text())["inputs"][f"writer {n}"] for n in (1, 2)]  # fmt: skip
    assert writers[0] != writers[1]
    first = json.loads((output / "round-01" / "collect" / "manifest.json").read_text())["inputs"]
    assert "writer 2" not in first


def test_reward_models_read_all_preferences_and_dpo_those_of_its_round(whole) -> None:
    output, _ = whole
    inputs = {stage: json.loads((output / "round-02" / stage / "manifest.json").read_text())["inputs"] for stage in ("reward", "dpo")}  # fmt: skip
    assert {"round-01 preferences.jsonl", "round-02 preferences.jsonl", "base"} <= inputs["reward"].keys()
    assert inputs["dpo"].keys() == {"base", "preferences"}


def test_a_finished_run_does_nothing_again(whole, make, monkeypatch) -> None:
    output, lines = whole
    before = state(output)
    monkeypatch.setattr(driver.sft, "train", None)
    monkeypatch.setattr(driver, "evaluate", None)
    assert run(make(), output) == lines
    assert state(output) == before


def test_killed_in_every_stage_it_ends_in_the_same_bytes(whole, make, tmp_path, monkeypatch) -> None:
    original = driver.run_stage
    killed: set[str] = set()

    def dying(directory, settings, inputs, work):
        def interrupted(directory):
            outcome = work(directory)
            if directory.name not in killed:
                killed.add(directory.name)
                raise KeyboardInterrupt
            return outcome

        return original(directory, settings, inputs, interrupted)

    monkeypatch.setattr(driver, "run_stage", dying)
    for _ in STAGES:
        with pytest.raises(KeyboardInterrupt):
            run(make(rounds=1), tmp_path)
    assert killed == set(STAGES)
    run(make(rounds=1), tmp_path)
    undisturbed = state(whole[0])
    first = {name: found for name, found in state(tmp_path).items() if name != "rounds.jsonl"}
    assert first == {name: found for name, found in undisturbed.items() if name.startswith("round-01/")}
    lines = [(output / "rounds.jsonl").read_text().splitlines() for output in (tmp_path, whole[0])]
    assert lines[0] == lines[1][:1]


def test_settings_of_finished_stages_may_not_change_and_those_to_come_may(whole, make, tmp_path) -> None:
    output, lines = whole
    with pytest.raises(TrainerError, match=r"round-01/select was done with settings.minimum = null; now it is 0.5"):
        run(make(select={"minimum": 0.5}), output)
    with pytest.raises(TrainerError, match=r"round-01/dpo was done with settings.beta = 0.1; now it is 0.2"):
        run(make(dpo={"beta": 0.2}), output)
    assert len(run(make(rounds=1), output)) == 1
    assert run(make(), output) == lines


def test_a_model_that_was_replaced_is_found_where_it_is_used(whole, make, tmp_path) -> None:
    config = make(rounds=1)
    shutil.copytree(whole[0], tmp_path, dirs_exist_ok=True)
    (tmp_path / "round-01" / "dpo" / "manifest.json").unlink()
    checkpoint = store.latest(tmp_path / "round-01" / "sft" / "run").path
    next(checkpoint.glob("*.distcp")).write_bytes(b"another")
    with pytest.raises(TrainerError, match="holds another model than its stage's manifest says"):
        run(config, tmp_path)


def test_people_compare_between_two_calls(make, tmp_path) -> None:
    pattern = str(tmp_path / "compared-{round}.jsonl")
    config = make(rounds=1, collect={"by": "people"}, data={"preferences": pattern})
    output = tmp_path / "out"
    with pytest.raises(TrainerError, match=r"Round 1 waits for people.*comparisons.jsonl.*compared-01.jsonl"):
        run(config, output)
    rows = [json.loads(line) for line in (output / "round-01/collect/comparisons.jsonl").read_text().splitlines()]
    assert len(rows) == 60 and all(len(row["responses"]) == 2 for row in rows)
    compared = [
        {"messages": row["messages"], "chosen": "a" * (n % 5 + 1), "rejected": "b"} for n, row in enumerate(rows)
    ]
    dev = open_setting(config, output, Console(quiet=True)).pools.dev[0]
    stolen = {"messages": [message.to_json() for message in dev.messages], "chosen": "a", "rejected": "b"}
    write_rows(tmp_path / "compared-01.jsonl", [*compared, stolen])
    with pytest.raises(TrainerError, match=r"compared-01.jsonl:61 has a prompt that models are measured on \(dev\)"):
        run(config, output)
    write_rows(tmp_path / "compared-01.jsonl", compared)
    (line,) = run(config, output)
    assert (
        line["pairs"] + json.loads((output / "round-01/collect/manifest.json").read_text())["counts"]["held_out"] == 60
    )


def test_the_incumbent_stays_where_nothing_is_learnt(make, tmp_path) -> None:
    slow = {"optimizer": {"peak_lr": 1e-9}}
    (line,) = run(make(rounds=1, sft=slow, dpo=slow, select={"by": "random"}, collect={"prompts": 30}), tmp_path)
    assert line["chosen"] == "incumbent" and line["model"] == "base"
    assert abs(line["difference"]) <= line["half_width"]


def test_the_table_has_a_row_a_round(whole) -> None:
    console = Console(width=80, record=True, quiet=False, file=open("/dev/null", "w"))  # noqa: SIM115
    console.print(table_of_rounds(whole[1]))
    text = console.export_text()
    assert text.count("±") == 2 and "pick" in text and f"{whole[1][0]['pass']['sft']:.3f}"[1:] in text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"select": {"per_prompt": 1}}, "per_prompt is 1; choosing the best needs at least 2"),
        ({"dev_samples": 0}, "dev_samples is 0"),
        ({"splits": {"dev": 0.5, "preference": 0.5}}, "something must be left"),
        ({"sampling": {"temperature": -1.0}}, "temperature is -1.0"),
        ({"sampling": {"top_p": 0.0}}, "top_p is 0.0"),
        ({"collect": {"by": "people"}}, "need data.preferences"),
        ({"collect": {"by": "task"}}, "data.task is missing"),
        ({"data": {"task": "sort-digits"}}, "makes base and prompts"),
    ],
)
def test_impossible_settings_are_refused(make, changes, words) -> None:
    with pytest.raises(ConfigError, match=words):
        make(**changes)


def test_what_rounds_begin_with_is_checked_first(make, tmp_path, base) -> None:
    with pytest.raises(TrainerError, match="data.base and data.prompts"):
        run(make(data={"base": None}), tmp_path)
    with pytest.raises(TrainerError, match="There is no file .*none.jsonl"):
        run(make(data={"dialogs": [str(tmp_path / "none.jsonl")]}), tmp_path)
    unverified = write_rows(tmp_path / "prompts.jsonl", [{"prompt": f"q{n}"} for n in range(100)])
    with pytest.raises(TrainerError, match=r"prompts.jsonl:\d+: a verifier is a name"):
        run(make(data={"prompts": [unverified]}), tmp_path)
    assert not (tmp_path / "round-01").exists()


@pytest.mark.parametrize("name", ["rounds", "rounds-toy"])
def test_shipped_settings_can_be_read(name) -> None:
    load_settings(RoundsConfig, name)


def test_the_tasks_of_shipped_rounds_are_those_that_are_shipped_alone() -> None:
    found = load_settings(RoundsConfig, "rounds")
    for kind, config in ((RewardConfig, found.reward), (SftConfig, found.sft), (DpoConfig, found.dpo)):
        name = {RewardConfig: "reward", SftConfig: "sft", DpoConfig: "dpo"}[kind]
        assert dataclasses.replace(load_settings(kind, name), held_out=0.0) == config
