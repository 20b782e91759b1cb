"""Several ranks against one: processes that talk over gloo, on the CPU."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
from torch.distributed.fsdp import FSDPModule
from torch.distributed.tensor import DTensor
from torch.testing import assert_close

from tests.trainer.runs import stopped_in_step
from trainer.checkpoint import store
from trainer.checkpoint.convert import load_model
from trainer.config.model_config import ModelConfig
from trainer.config.run_config import RunConfig
from trainer.config.schema import Config
from trainer.distributed.parallelize import local_part, parallelize_model
from trainer.distributed.ranks import connect
from trainer.errors import TrainerError
from trainer.metrics.run_log import read_metrics
from trainer.model.llama import Llama
from trainer.training.pretraining import Pretraining, pretrain

REPOSITORY = Path(__file__).parents[3]
SETTINGS = {
    "model": {"ffn_size": 42},  # two ranks have 21 rows each, which two others do not divide evenly
    "stages": [
        {"tokens": 4 * 256, "batch_tokens": 256, "micro_batch_rows": 1},
        {"tokens": 4 * 512, "sequence_length": 64, "batch_tokens": 512, "mixture": {"a": 0.7, "b": 0.3}},
    ],
    "run": {"log_every": 1, "checkpoint_every": 3, "evaluate_every": 4, "keep_checkpoints": 10},
}


@pytest.fixture
def data(shards, tmp_path, write_shard) -> list[str]:
    write_shard(tmp_path / "more" / "a.parquet", [[n % 60, (n + 7) % 60] * 9 for n in range(40)])
    return [f"a={shards}", f"b={tmp_path / 'more'}"]


def run_ranks(ranks: int, jobs: list[dict], folder: Path) -> None:
    path = folder / f"jobs-{ranks}.json"
    path.write_text(json.dumps(jobs))
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(REPOSITORY)}
    launcher, script = (str(Path(__file__).parents[1] / name) for name in ("forked.py", "ranks.py"))
    done = subprocess.run(
        [sys.executable, launcher, str(ranks), script, str(path)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    told = [line for line in done.stderr.splitlines() if line.startswith("[rank0]")]
    assert done.returncode == 0, "\n".join(told) or done.stderr


def job(config: Config, data: list[str], output: Path) -> dict:
    return {"config": dataclasses.asdict(config), "data": data, "output": str(output)}


def figures(run: Path) -> list[dict]:
    """The metrics that don't come from a clock."""
    names = ("step", "tokens", "loss", "grad_norm", "learning_rate", "held_out_loss", "skipped")
    groups = ("loss_by_source", "loss_by_class")
    return [
        {name: line[name] for name in names if name in line}
        | {f"{group}/{name}": loss for group in groups for name, loss in line.get(group, {}).items()}
        for line in read_metrics(run)
    ]


def assert_same_run(one: Path, other: Path) -> None:
    for a, b in zip(figures(one), figures(other), strict=True):
        assert a == pytest.approx(b, rel=2e-4)
    ends = [store.latest(run) for run in (one, other)]
    assert ends[0].facts["data"] == ends[1].facts["data"]
    models = [load_model(run).model for run in (one, other)]
    for a, b in zip(models[0].parameters(), models[1].parameters(), strict=True):
        assert_close(a, b, atol=2e-4, rtol=0)


@pytest.mark.parametrize(("ranks", "tied"), [(2, True), (4, False)])
def test_ranks_train_what_one_process_trains(ranks, tied, data, make_config, tmp_path):
    def configure(**run: object) -> Config:
        model = SETTINGS["model"] | {"tied_embeddings": tied}
        return make_config(**SETTINGS | {"model": model, "run": SETTINGS["run"] | run})

    config = configure()
    careful = {"activation_checkpointing": "selective", "reshard_after_forward": True}
    # Two ranks share each row, or each matrix; with four, two such pairs share the batch, or a pair of pairs a row.
    shared, divided = configure(context_parallel=2), configure(tensor_parallel=2)
    pretrain(config, data, tmp_path / "one")

    # One process stops after five steps; the ranks go on, with divided matrices.
    with stopped_in_step(5):
        pretrain(config, data, tmp_path / "handed-over")
    assert store.latest(tmp_path / "handed-over").facts["step"] == 5
    runs = {"ranks": config, "handed-over": divided, "shared": shared}
    # Copies of the model, on one rank each, or on two; saved while they go on.
    runs["copies"] = configure(data_parallel_replicas=2, async_checkpoints=True)
    if ranks == 2:
        runs["careful"] = configure(**careful)
        runs["careful-divided"] = configure(**careful, compile=True, tensor_parallel=2)
    else:
        runs["both"] = configure(context_parallel=2, tensor_parallel=2)
        runs["divided-copies"] = configure(data_parallel_replicas=2, tensor_parallel=2)
    run_ranks(ranks, [job(config, data, tmp_path / name) for name, config in runs.items()], tmp_path)
    for name in runs:
        assert_same_run(tmp_path / "one", tmp_path / name)

    # And back: what the ranks saved in the middle, one process ends.
    for name in ("ranks", "handed-over", "copies"):
        for path in store.steps(tmp_path / name):
            if path.name > "step-00000006":
                shutil.rmtree(path)
        pretrain(config, data, tmp_path / name)
        assert_same_run(tmp_path / "one", tmp_path / name)


@pytest.fixture
def one_rank_group() -> Iterator[None]:
    yield
    dist.destroy_process_group()


def test_bf16_trains_close_to_fp32_with_weights_kept_in_fp32(shards, make_config, tmp_path, one_rank_group):
    summaries = [
        pretrain(
            make_config(run={"precision": precision}, stage={"micro_batch_rows": rows}), [shards], tmp_path / name
        )
        for name, precision, rows in (("fp32", "fp32", None), ("bf16", "bf16", None), ("in micro-batches", "bf16", 1))
    ]
    assert summaries[1].loss_end == pytest.approx(summaries[0].loss_end, rel=0.01)
    assert summaries[2].loss_end == pytest.approx(summaries[0].loss_end, rel=0.01)
    assert summaries[1].loss_end != summaries[0].loss_end
    weights = load_model(tmp_path / "bf16").model.head_weight
    assert not torch.equal(weights, weights.bfloat16().float())


def test_the_first_block_does_not_wait_for_the_head(one_rank_group):
    shape = ModelConfig(dim=16, num_layers=2, num_heads=4, num_kv_heads=2, vocab_size=50, ffn_multiple_of=8)
    run = RunConfig(device="cpu", precision="bf16")
    ranks = connect(run)

    class Other(Llama):
        """One with a forward pass of its own, in which it uses the head's weight."""

        def forward(self, tokens, positions, labels):
            return self(tokens, positions) @ self.head_weight.T

    def parts(model: Llama) -> list[str]:
        parallelize_model(model, run, ranks)
        return [name for name, module in model.named_modules() if isinstance(module, FSDPModule)]

    with torch.device("meta"):
        model, tied, other = Llama(shape), Llama(dataclasses.replace(shape, tied_embeddings=True)), Other(shape)
    assert parts(model) == ["", "embed_tokens", "layers.0", "layers.1", "lm_head"]
    assert parts(tied) == ["", "layers.0", "layers.1"]
    assert parts(other) == ["", "embed_tokens", "layers.0", "layers.1"]

    model.to_empty(device="cpu")
    model.init_weights(0, local_part)
    whole: dict[str, bool] = {}
    seen = {"first block": model.layers[0], "head": model.lm_head}
    for name, module in seen.items():
        module.register_forward_pre_hook(
            lambda *_, name=name: whole.update({name: not isinstance(model.lm_head.weight, DTensor)})
        )
    tokens = torch.arange(32)[None]
    model(tokens, tokens, tokens).backward()
    assert whole == {"first block": False, "head": True}
    assert all(parameter.grad is not None for parameter in model.parameters())


def test_ranks_wait_long_for_a_stages_first_step_and_then_less(shards, make_config, tmp_path, one_rank_group):
    seen = []
    original = Pretraining.next_step

    def next_step(self, stage):
        backend = dist.group.WORLD._get_backend(torch.device("cpu"))
        seen.append(backend.options._timeout)
        return original(self, stage)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Pretraining, "next_step", next_step)
        config = make_config(
            stages=[{"tokens": 3 * 128}, {"tokens": 2 * 128}], run={"precision": "bf16", "timeout_minutes": 2}
        )
        pretrain(config, [shards], tmp_path / "run")
    long, short = timedelta(minutes=30), timedelta(minutes=2)
    assert seen == [long, short, short, long, short]


@pytest.mark.parametrize("recompute", ["none", "selective"])
def test_float8_trains_close_to_bf16(shards, make_config, tmp_path, one_rank_group, recompute):
    stage = {"tokens": 40 * 256, "batch_tokens": 256}
    model = {"dim": 64, "ffn_multiple_of": 64}
    runs = {}
    for float8 in (False, True):
        run = {"precision": "bf16", "float8": float8, "activation_checkpointing": recompute, "log_every": 40}
        config = make_config(stage=stage, model=model, run=run | {"evaluate_every": 1000, "checkpoint_every": 1000})
        runs[float8] = pretrain(config, [shards], tmp_path / str(float8))
    assert runs[True].held_out_loss_start == runs[False].held_out_loss_start  # evaluations are not in float8
    assert runs[True].held_out_loss_end != runs[False].held_out_loss_end
    assert runs[True].held_out_loss_end == pytest.approx(runs[False].held_out_loss_end, rel=0.03)
    assert runs[True].held_out_loss_end < runs[True].held_out_loss_start - 1


def test_float8_is_refused_where_sizes_do_not_fit(shards, make_config, tmp_path, one_rank_group):
    config = make_config(run={"precision": "bf16", "float8": True}, model={"ffn_size": 40})
    with pytest.raises(TrainerError, match="multiples of 16, and model.num_kv_heads makes one of 8"):
        pretrain(config, [shards], tmp_path / "run")
