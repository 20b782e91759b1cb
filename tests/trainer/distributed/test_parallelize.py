"""Several ranks against one: processes that talk over gloo, on the CPU."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
from torch.testing import assert_close
from torch.utils._python_dispatch import TorchDispatchMode

from tests.trainer.runs import stopped_in_step
from trainer.checkpoint import store as checkpoint
from trainer.errors import TrainerError
from trainer.model.llama import Llama
from trainer.distributed.parallelize import connect, parallelize
from trainer.training.preflight import check_ranks, check_tensor_parallel
from trainer.training.pretraining import pretrain
from trainer.metrics.run_log import read_metrics
from trainer.config.schema import Config, ModelConfig, RunConfig
from trainer.checkpoint.convert import load_model

REPOSITORY = Path(__file__).parents[2]
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
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={ranks}"]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(REPOSITORY)}
    script = str(Path(__file__).with_name("ranks.py"))
    done = subprocess.run(
        [*command, script, str(path)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    told = [line for line in done.stderr.splitlines() if line.startswith("[rank0]")]  # the rest is torchrun's
    assert done.returncode == 0, "\n".join(told) or done.stderr


def job(config: Config, data: list[str], output: Path) -> dict:
    return {"config": dataclasses.asdict(config), "data": data, "output": str(output)}


def figures(run: Path) -> list[dict]:
    """The metrics that don't come from a clock; those of by-source dictionaries are left out."""
    names = ("step", "tokens", "loss", "grad_norm", "learning_rate", "held_out_loss", "skipped")
    return [{name: line[name] for name in names if name in line} for line in read_metrics(run)]


def assert_same_run(one: Path, other: Path) -> None:
    for a, b in zip(figures(one), figures(other), strict=True):
        assert a == pytest.approx(b, rel=2e-4)
    ends = [checkpoint.latest(run) for run in (one, other)]
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
    assert checkpoint.latest(tmp_path / "handed-over").facts["step"] == 5
    runs = {"ranks": config, "handed-over": divided, "shared": shared}
    if ranks == 2:
        runs["careful"] = configure(**careful)
        runs["careful-divided"] = configure(**careful, compile=True, tensor_parallel=2)
    else:
        runs["both"] = configure(context_parallel=2, tensor_parallel=2)
    run_ranks(ranks, [job(config, data, tmp_path / name) for name, config in runs.items()], tmp_path)
    for name in runs:
        assert_same_run(tmp_path / "one", tmp_path / name)

    # And back: what the ranks saved in the middle, one process ends.
    for name in ("ranks", "handed-over"):
        for path in checkpoint.steps(tmp_path / name):
            if path.name > "step-00000006":
                shutil.rmtree(path)
        pretrain(config, data, tmp_path / name)
        assert_same_run(tmp_path / "one", tmp_path / name)


def test_batches_that_ranks_do_not_divide_are_refused(make_config):
    stages = make_config(stage={"micro_batch_rows": 2}).stages
    check_ranks(stages, 2)
    with pytest.raises(TrainerError, match="4 rows a batch, which 3 ranks do not divide. Make .* multiple of 96"):
        check_ranks(stages, 3)
    with pytest.raises(TrainerError, match="each of 4 ranks has 1 rows, which micro_batch_rows"):
        check_ranks(stages, 4)
    check_ranks(stages, 1, shared=16)
    with pytest.raises(TrainerError, match="rows of 32, which 3 ranks cannot share: .* a multiple of 6"):
        check_ranks(stages, 1, shared=3)
    check_ranks(stages, 1, shared=2, tensor=16)
    with pytest.raises(TrainerError, match="rows of 32, whose tokens 64 ranks cannot divide: .* a multiple of 64"):
        check_ranks(stages, 1, shared=8, tensor=8)


@pytest.mark.parametrize(
    ("key", "size"), [("num_heads", 6), ("num_kv_heads", 2), ("ffn_size", 42), ("vocab_size", 51)]
)
def test_matrices_that_ranks_do_not_divide_are_refused(key, size):
    shape = {"dim": 24, "num_layers": 1, "num_heads": 12, "num_kv_heads": 4, "ffn_size": 40, "vocab_size": 52}
    if key == "num_heads":
        shape["num_kv_heads"] = 2
    check_tensor_parallel(ModelConfig(**shape), 2)
    with pytest.raises(TrainerError, match=f"model.{key} is {size}, which 4 ranks cannot divide among them"):
        check_tensor_parallel(ModelConfig(**shape | {key: size}), 4)


@pytest.mark.parametrize("key", ["context_parallel", "tensor_parallel"])
def test_one_process_shares_with_nobody(key, shards, make_config, tmp_path):
    with pytest.raises(TrainerError, match=f"run.{key} is 2, but there is one rank. Use torchrun"):
        pretrain(make_config(run={key: 2}), [shards], tmp_path / "run")


def test_ranks_that_do_not_make_up_groups_are_refused(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "8")
    with pytest.raises(TrainerError, match=r"_parallel \(3\) times .* \(2\) does not divide 8 ranks.* multiple of 6"):
        connect(RunConfig(device="cpu", context_parallel=3, tensor_parallel=2))


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


class CountProducts(TorchDispatchMode):
    """Counts matrix products and attentions while entered."""

    def __init__(self) -> None:
        super().__init__()
        self.products = self.attentions = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.products += func == torch.ops.aten.mm.default
        self.attentions += func == torch.ops.aten._scaled_dot_product_flash_attention_for_cpu.default
        return func(*args, **(kwargs or {}))


def test_recomputation_repeats_what_it_says_and_changes_nothing():
    config = ModelConfig(dim=16, num_layers=2, num_heads=4, num_kv_heads=2, vocab_size=50, ffn_multiple_of=8)
    tokens = torch.randint(50, (2, 20), generator=torch.Generator().manual_seed(0))
    positions = torch.arange(20).expand(2, -1)
    gradients, counts = {}, {}
    for name in ("none", "selective", "full"):
        run = RunConfig(device="cpu", activation_checkpointing=name)
        model = Llama(config)
        model.init_weights(0)
        parallelize(model, run, connect(run))
        with CountProducts() as count:
            model(tokens, positions, tokens).backward()
        gradients[name] = [parameter.grad for parameter in model.parameters()]
        counts[name] = count
    for name in ("selective", "full"):
        assert all(torch.equal(a, b) for a, b in zip(gradients["none"], gradients[name], strict=True))
    # A block has seven products and one attention; recomputing stops before what no gradient needs.
    none, selective, full = (counts[name].products for name in ("none", "selective", "full"))
    assert none < selective < full <= none + 2 * 7
    assert [counts[name].attentions for name in ("none", "selective", "full")] == [2, 2, 4]
