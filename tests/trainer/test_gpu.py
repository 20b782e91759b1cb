"""What the tests beside this one show on a CPU, on a GPU: kernels, whole runs, and the way between the two."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from tests.trainer.runs import same_state, stopped_in_step
from tests.trainer.test_cli import parse
from trainer.labels import IGNORE
from trainer.metrics.run_log import read_metrics
from trainer.model.attention import attend, prepare
from trainer.model.cross_entropy import head_loss
from trainer.training.pretraining import pretrain

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no GPU")

# The kernels want heads of 16 entries at least.
MODEL = {"dim": 128, "num_layers": 3, "num_heads": 4, "num_kv_heads": 2, "ffn_multiple_of": 32}
STAGE = {"tokens": 12 * 2048, "sequence_length": 256, "batch_tokens": 2048, "micro_batch_rows": 4}
FAST = [("flex", False, "none"), ("flex", True, "none"), ("flex", True, "selective"), ("varlen", True, "none")]


def run_config(make_config, attention="sdpa", compile=False, recompute="none", precision="bf16", **run):
    run = {"device": "cuda", "attention": attention, "compile": compile, "precision": precision} | run
    return make_config(model=MODEL, stage=STAGE, run=run | {"activation_checkpointing": recompute})


def relative_error(a: torch.Tensor, b: torch.Tensor) -> float:
    return float((a.double().cpu() - b.double().cpu()).norm() / b.double().cpu().norm())


@pytest.mark.parametrize("backend", ["flex", "varlen"])
@pytest.mark.parametrize("heads", [(4, 2, 64), (8, 1, 128)])
def test_fast_kernels_attend_within_documents(backend, heads):
    rng = np.random.default_rng(1)
    rows = []
    for _ in range(3):
        lengths = rng.lognormal(4, 1.3, 400).astype(int) + 1
        rows.append(torch.cat([torch.arange(length) for length in lengths])[:1024])
    positions = torch.stack(rows).cuda()
    q, kv, width = heads
    torch.manual_seed(0)
    inputs = [torch.randn(3, n, 1024, width, device="cuda", dtype=torch.bfloat16) for n in (q, kv, kv)]
    results = []
    for name, dtype in (("sdpa", torch.float32), (backend, torch.bfloat16)):
        own = [tensor.to(dtype).requires_grad_() for tensor in inputs]
        out = attend(*own, prepare(positions, name))
        (out.float() * torch.linspace(-1, 1, width, device="cuda")).sum().backward()
        results.append((out, *(tensor.grad for tensor in own)))
    for exact, fast in zip(*results, strict=True):
        assert relative_error(fast, exact) < 1e-2


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_fused_head_is_plain_cross_entropy(dtype):
    torch.manual_seed(0)
    hidden, weight = torch.randn(3000, 64).to(dtype), (torch.randn(5000, 64) / 8).to(dtype)
    labels = torch.randint(5000, (3000,))
    labels[::5] = IGNORE
    exact = [tensor.double().requires_grad_() for tensor in (hidden, weight)]
    expected = F.cross_entropy(exact[0] @ exact[1].T, labels, ignore_index=IGNORE, reduction="sum")
    expected.backward()
    own = [tensor.cuda().requires_grad_() for tensor in (hidden, weight)]
    loss = head_loss(*own, labels.cuda())
    loss.backward()
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5 if dtype == torch.float32 else 1e-3)
    for mine, theirs in zip(own, exact, strict=True):
        assert relative_error(mine.grad, theirs.grad) < (1e-5 if dtype == torch.float32 else 1e-2)


@pytest.mark.parametrize("settings", FAST)
def test_runs_on_a_gpu_learn_what_a_cpu_learns(shards, make_config, tmp_path, settings):
    pretrain(run_config(make_config, device="cpu", precision="fp32"), [shards], tmp_path / "cpu")
    pretrain(run_config(make_config, *settings), [shards], tmp_path / "gpu")
    losses = [[line["loss"] for line in read_metrics(tmp_path / name) if "loss" in line] for name in ("cpu", "gpu")]
    assert len(losses[0]) == 12 and losses[0][-1] < losses[0][0] - 1
    assert np.allclose(*losses, rtol=0.03)


@pytest.mark.parametrize("settings", [FAST[1], FAST[3]])
def test_a_run_resumes_to_the_bit(shards, make_config, tmp_path, settings):
    config = run_config(make_config, *settings, checkpoint_every=5)
    pretrain(config, [shards], tmp_path / "whole")
    with stopped_in_step(7):
        assert not pretrain(config, [shards], tmp_path / "parts").finished
    assert pretrain(config, [shards], tmp_path / "parts").finished
    assert same_state(tmp_path / "whole", tmp_path / "parts")


def test_a_run_of_a_gpu_is_evaluated_there(shards, make_config, tmp_path, capsys):
    pretrain(run_config(make_config, *FAST[1]), [shards], tmp_path / "run")
    args = parse("eval", str(tmp_path / "run"), "--data", shards)
    assert args.run(args) == 0
    held_out = [line["held_out_loss"] for line in read_metrics(tmp_path / "run") if "held_out_loss" in line][-1]
    assert json.loads(capsys.readouterr().out)["held_out_loss"] == pytest.approx(held_out, rel=0.01)
