from __future__ import annotations

import gzip
import io
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from rich.console import Console

from tests.trainer.runs import same_state, stopped_in_step
from tokens.shards import ShardError
from trainer.checkpoint import store
from trainer.data.sources import open_data
from trainer.data.stream import TrainingStream
from trainer.distributed.ranks import Ranks
from trainer.errors import TrainerError
from trainer.metrics.mfu import flops_per_token
from trainer.metrics.run_log import read_metrics
from trainer.model.llama import Llama
from trainer.training.loop import TrainingLoop
from trainer.training.preflight import with_vocabulary
from trainer.training.pretraining import Pretraining, pretrain

REPOSITORY = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("changes", "ranks", "words"),
    [
        ({}, {"size": 3}, "4 rows a batch, which 3 ranks do not divide"),
        (
            {"model": {"num_heads": 4, "num_kv_heads": 1}},
            {"tensor_size": 2, "size": 2},
            "num_kv_heads is 1, which 2 ranks cannot",
        ),
        ({"run": {"attention": "varlen"}}, {}, "run.attention is varlen, which trains on GPUs alone"),
        ({"run": {"float8": True, "precision": "bf16"}}, {}, "run.float8 needs matrices"),
        ({"stage": {"mixture": {"nothing": 1.0}}}, {}, "nothing"),
    ],
)
def test_what_does_not_go_together_is_refused_before_anything_is_built(shards, make_config, changes, ranks, words):
    given = Ranks(**{"rank": 0, "size": 1, "device": torch.device("cpu"), "mesh": None, **ranks})
    with pytest.raises(TrainerError, match=words):
        Pretraining(make_config(**changes), [shards], given)


def test_loss_falls_on_documents_that_can_be_learnt(shards, make_config, tmp_path):
    config = make_config(stage={"tokens": 60 * 128}, run={"evaluate_every": 100, "log_every": 10})
    summary = pretrain(config, [shards], tmp_path / "run")
    assert summary.finished and summary.steps == 60 and summary.tokens == 60 * 128
    assert summary.loss_start == pytest.approx(4.2, abs=0.5)  # ln 64: it knows nothing
    assert summary.loss_end < 2.5
    assert summary.held_out_loss_end < 2.5 < summary.held_out_loss_start
    assert json.loads((tmp_path / "run" / "summary.json").read_text())["loss_end"] == summary.loss_end
    assert summary.tokens_per_second > 0


@pytest.mark.parametrize("stop_at", [1, 2, 5])
def test_resumed_run_equals_an_uninterrupted_one(shards, make_config, tmp_path, stop_at):
    config = make_config(run={"log_every": 4})
    pretrain(config, [shards], tmp_path / "whole")
    with stopped_in_step(stop_at):
        summary = pretrain(config, [shards], tmp_path / "parts")
    assert (summary.finished, summary.steps) == (False, stop_at)
    assert pretrain(config, [shards], tmp_path / "parts").finished
    assert same_state(tmp_path / "whole", tmp_path / "parts")


def test_killed_run_goes_on_from_its_last_checkpoint(shards, make_config, tmp_path, monkeypatch):
    config = make_config()
    pretrain(config, [shards], tmp_path / "whole")

    class Killed(BaseException):
        pass

    original = store.save

    def save(run_dir, step, facts, tensors, keep):
        if step == 4:
            raise Killed
        return original(run_dir, step, facts, tensors, keep)

    with monkeypatch.context() as patch:
        patch.setattr(store, "save", save)
        with pytest.raises(Killed):
            pretrain(config, [shards], tmp_path / "parts")
    with (tmp_path / "parts" / "metrics.jsonl").open("a") as file:
        file.write('{"step": 4, "lo')
    console = Console(file=io.StringIO())
    pretrain(config, [shards], tmp_path / "parts", console)
    assert "Going on from step 2." in console.file.getvalue()
    assert same_state(tmp_path / "whole", tmp_path / "parts")


def test_finished_run_is_left_alone(shards, make_config, tmp_path):
    first = pretrain(make_config(), [shards], tmp_path / "run")
    before = (tmp_path / "run" / "metrics.jsonl").read_bytes()
    assert pretrain(make_config(), [shards], tmp_path / "run") == first
    assert (tmp_path / "run" / "metrics.jsonl").read_bytes() == before


def test_mfu_with_and_without_what_the_mask_spares(shards, make_config, tmp_path, monkeypatch):
    monkeypatch.setattr("trainer.training.pretraining.peak_flops", lambda device: 1e9)
    config = make_config(run={"log_every": 4})
    with stopped_in_step(3):
        pretrain(config, [shards], tmp_path / "run")
    pretrain(config, [shards], tmp_path / "run")
    sources = open_data([shards])
    model = with_vocabulary(config.model, sources)
    parameters = Llama(model).num_parameters()
    stream = TrainingStream([sources[0].shards], seed=0)
    lengths = [stream.next_batch(4, 32).mean_length() for _ in range(6)]
    lines = {line["step"]: line for line in read_metrics(tmp_path / "run") if "loss" in line}
    assert sorted(lines) == [1, 4, 6]
    for step, seen in ((1, lengths[:1]), (4, lengths[1:4]), (6, lengths[4:])):
        speed = lines[step]["tokens_per_second"] / 1e9
        assert lines[step]["mfu"] == pytest.approx(speed * flops_per_token(model, parameters, 32))
        expected = flops_per_token(model, parameters, sum(seen) / len(seen))
        assert lines[step]["mfu_documents"] == pytest.approx(speed * expected)
        assert 1 < sum(seen) / len(seen) < 32


def test_whole_run_hardly_depends_on_micro_batches(shards, make_config, tmp_path):
    losses = [
        pretrain(make_config(stage={"micro_batch_rows": rows}), [shards], tmp_path / str(rows)).loss_end
        for rows in (4, 1)
    ]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


def test_another_run_in_the_same_place_is_refused(shards, make_config, tmp_path, write_shard):
    pretrain(make_config(stage={"tokens": 3 * 128}), [shards], tmp_path / "run")
    for sections, problem in (
        ({"model": {"dim": 32}}, "another model"),
        ({"run": {"seed": 1}}, "another seed"),
        ({"stage": {"sequence_length": 16}}, "another sequence_length"),
        ({"stage": {"batch_tokens": 256}}, "another batch_tokens"),
        ({"stage": {"tokens": 128}}, "only 128 tokens"),
        ({"stage": {"name": "other"}}, "another stage"),
    ):
        with pytest.raises(TrainerError, match=f"{problem}. Name a new --output"):
            pretrain(make_config(**sections), [shards], tmp_path / "run")
    write_shard(Path(shards) / "more.parquet", [[1, 2, 3]])
    with pytest.raises(TrainerError, match="another the shards|the shards"):
        pretrain(make_config(), [shards], tmp_path / "run")


def test_data_that_does_not_fit_is_refused_before_anything_is_written(shards, make_config, tmp_path):
    run = tmp_path / "run"
    with pytest.raises(TrainerError, match="do not fill one row of 100,000"):
        pretrain(make_config(stage={"sequence_length": 100_000, "batch_tokens": 100_000}), [shards], run)
    with pytest.raises(TrainerError, match="model.vocab_size is 50, but the shards .* ids up to 63"):
        pretrain(make_config(model={"vocab_size": 50}), [shards], run)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ShardError, match="There is no Parquet file"):
        pretrain(make_config(), [str(tmp_path / "empty")], run)
    assert not run.exists()


def test_loss_that_is_no_number_ends_the_run_in_a_sentence(shards, make_config, tmp_path):
    with pytest.raises(TrainerError, match="last 10 updates .* were skipped.*lower optimizer.peak_lr"):
        pretrain(make_config(optimizer={"peak_lr": 1e30}, stage={"tokens": 20 * 128}), [shards], tmp_path / "run")


def test_run_without_held_out_documents_says_nothing_of_them(tmp_path, write_shard, make_config):
    write_shard(tmp_path / "shards" / "a.parquet", [[1, 2, 3] * 20])
    console = Console(file=io.StringIO())
    summary = pretrain(make_config(stage={"tokens": 3 * 128}), [str(tmp_path / "shards")], tmp_path / "run", console)
    assert summary.held_out_loss_start is summary.held_out_loss_end is None
    assert re.search(r"step 3/3  loss \d\.\d{3}  [\d,]+ tokens/s", console.file.getvalue())


def run_module(*args: str) -> subprocess.CompletedProcess:
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-m", "trainer", *args]
    return subprocess.run(
        command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_command_trains_and_says_where(shards, tmp_path):
    sets = [f"--set=stages.0.{setting}" for setting in ("tokens=128", "batch_tokens=64", "sequence_length=32")]
    done = run_module("pretrain", "--config", "debug", "--data", shards, "--output", str(tmp_path / "run"), *sets)
    assert done.returncode == 0, done.stderr
    assert re.search(r"Loss \d\.\d+ -> \d\.\d+, held out .* over 128 tokens", done.stdout)


def test_command_refuses_in_one_sentence(tmp_path):
    done = run_module("pretrain", "--data", str(tmp_path / "none"), "--output", str(tmp_path / "run"))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"trainer: There is no directory {tmp_path / 'none'}.\n"


def test_a_disk_too_small_is_told_before_the_first_step(shards, make_config, tmp_path, monkeypatch):
    monkeypatch.setattr(store, "free_bytes", lambda path: 100_000)
    console = Console(file=io.StringIO(), width=300)
    pretrain(make_config(), [shards], tmp_path / "run", console)
    told = console.file.getvalue()
    assert re.search(r"Warning: 4 checkpoints of [\d,]+ bytes are to come, and the disk of .* has 100,000", told)
    assert told.index("Warning") < told.index("step 1/6")


def told(config, shards, run) -> str:
    console = Console(file=io.StringIO(), width=400)
    pretrain(config, [shards], run, console)
    return console.file.getvalue()


def test_changed_settings_are_said_and_the_former_kept(shards, make_config, tmp_path):
    with stopped_in_step(3):
        told(make_config(), shards, tmp_path / "run")
    said = told(make_config(optimizer={"peak_lr": 0.02, "beta1": 0.8}), shards, tmp_path / "run")
    assert "Since the session before, optimizer.peak_lr is 0.02 and was 0.01." in said
    assert "Since the session before, optimizer.beta1 is 0.8 and was 0.9." in said
    former = json.loads((tmp_path / "run" / "config-until-00000003.json").read_text())
    assert former["optimizer"]["peak_lr"] == 0.01
    assert json.loads((tmp_path / "run" / "config.json").read_text())["optimizer"]["peak_lr"] == 0.02


def test_passes_over_each_pool_are_told_and_measured(three, make_config, tmp_path):
    # 20 documents of 20 to 39 tokens and their frames: 630 tokens.
    config = make_config(stage={"tokens": 40 * 128, "mixture": {"a": 0.75, "b": 0.25}}, run={"evaluate_every": 100})
    console = Console(file=io.StringIO(), width=400)
    pretrain(config, three, tmp_path / "run", console)
    said = console.file.getvalue()
    assert f"Passes over the data: a {3840 / 630:.2f}, b {1280 / 630:.2f}." in said
    assert "Warning: a will be read more than 4 times" in said
    lines = [line for line in read_metrics(tmp_path / "run") if "loss" in line]
    assert lines[-1]["passes"] == pytest.approx({"a": 3840 / 630, "b": 1280 / 630}, rel=0.01)
    for line in lines:  # log_every is 1: what a step's losses are made of
        assert line["loss_by_source"].keys() == {"a", "b"} and line["loss_by_class"].keys() == {"general"}
        assert line["loss_by_class"]["general"] == pytest.approx(line["loss"], rel=1e-5)
        low, high = sorted(line["loss_by_source"].values())
        assert low <= line["loss"] <= high


def test_a_longer_cosines_jump_is_said(shards, make_config, tmp_path):
    with stopped_in_step(5):
        told(make_config(), shards, tmp_path / "run")
    said = told(make_config(stage={"tokens": 60 * 128}), shards, tmp_path / "run")
    assert re.search(r"the learning rate jumps from 0.00\d+ to 0.00\d+, because its segment has other tokens", said)


def test_a_vocabulary_far_over_the_tokenizers_is_told(shards, make_config, tmp_path):
    assert "vocab_size is 6,400, but the tokenizer has 64 ids: 96%" in told(
        make_config(model={"vocab_size": 6400}), shards, tmp_path / "large"
    )
    assert "Warning" not in told(make_config(), shards, tmp_path / "run")


@pytest.mark.parametrize("attention", ["flex", "varlen"])
def test_attention_for_gpus_is_refused_on_a_cpu(shards, make_config, tmp_path, attention):
    with pytest.raises(TrainerError, match=f"run.attention is {attention}, .* on the cpu. Set run.attention=sdpa"):
        pretrain(make_config(run={"attention": attention}), [shards], tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_sigusr1_saves_and_the_run_goes_on(shards, make_config, tmp_path, monkeypatch):
    original = TrainingLoop.train_step

    def train_step(self):
        if self.state.step == 2:
            os.kill(os.getpid(), signal.SIGUSR1)
        original(self)

    monkeypatch.setattr(TrainingLoop, "train_step", train_step)
    said = told(make_config(run={"checkpoint_every": 100}), shards, tmp_path / "run")
    assert "Saved step 3, as SIGUSR1 asks for." in said
    assert [int(path.name[-1]) for path in store.steps(tmp_path / "run")] == [3, 6]


def test_a_stop_before_the_first_step_says_that_nothing_is_saved(shards, make_config, tmp_path, monkeypatch):
    original = TrainingLoop.introduce

    def introduce(self):
        original(self)
        os.kill(os.getpid(), signal.SIGTERM)

    with monkeypatch.context() as patch:
        patch.setattr(TrainingLoop, "introduce", introduce)
        said = told(make_config(), shards, tmp_path / "run")
    assert "Stopped at step 0, which is not saved. The same command begins anew: there is no checkpoint." in said
    with stopped_in_step(3):
        said = told(make_config(), shards, tmp_path / "run")
    assert "Stopped at step 3 and saved. The same command goes on from step 3." in said


@pytest.mark.parametrize("stop_at", [2, 5])
def test_checkpoints_in_the_background_are_the_same(shards, make_config, tmp_path, stop_at):
    stages = [{"tokens": 4 * 128}, {"tokens": 4 * 128, "average_every": 1}]
    pretrain(make_config(stages=stages, run={"checkpoint_every": 1}), [shards], tmp_path / "whole")
    config = make_config(stages=stages, run={"async_checkpoints": True, "checkpoint_every": 1})
    with stopped_in_step(stop_at):
        summary = pretrain(config, [shards], tmp_path / "parts")
    assert store.latest(tmp_path / "parts").facts["step"] == summary.steps == stop_at
    assert pretrain(config, [shards], tmp_path / "parts").finished
    assert same_state(tmp_path / "whole", tmp_path / "parts")
    assert [path.name for path in store.steps(tmp_path / "whole")] == [
        path.name for path in store.steps(tmp_path / "parts")
    ]


def test_a_background_save_that_fails_ends_the_run_with_its_sentence(shards, make_config, tmp_path, monkeypatch):
    def save(*args):
        raise TrainerError("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(store, "save", save)
        with pytest.raises(TrainerError, match="The disk is full"):
            pretrain(make_config(run={"async_checkpoints": True}), [shards], tmp_path / "run")
    assert json.loads((tmp_path / "run" / "summary.json").read_text())["finished"] is False


def test_one_step_is_profiled(shards, make_config, tmp_path):
    pretrain(make_config(run={"profile_step": 4}), [shards], tmp_path / "run")
    (trace,) = (tmp_path / "run" / "profile").iterdir()
    assert trace.name == "step-00000004.json.gz"
    names = {event.get("name") for event in json.loads(gzip.decompress(trace.read_bytes()))["traceEvents"]}
    assert "aten::mm" in names and any("backward" in str(name).lower() for name in names)
    pretrain(make_config(), [shards], tmp_path / "plain")
    assert same_state(tmp_path / "plain", tmp_path / "run")
