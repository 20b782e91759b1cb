from __future__ import annotations

import io

import pytest
import torch
from rich.console import Console

from tests.trainer.runs import same_state, stopped_in_step
from trainer.checkpoint import store
from trainer.checkpoint.convert import load_model
from trainer.errors import TrainerError
from trainer.training.pretraining import pretrain


def moments(run) -> torch.Tensor:
    path = store.latest(run).path
    tensors = {"optimizer": {"norm.weight.exp_avg_sq": torch.zeros(16)}}
    store.load(path, tensors)
    return tensors["optimizer"]["norm.weight.exp_avg_sq"]


def test_a_branch_begins_with_weights_and_moments_on_other_data(shards, make_config, tmp_path, write_shard):
    pretrain(make_config(run={"checkpoint_every": 2, "keep_checkpoints": 9}), [shards], tmp_path / "whole")
    write_shard(tmp_path / "other" / "a.parquet", [[n % 60 for n in range(k, k + 30)] for k in range(40)])
    data = [shards, str(tmp_path / "other")]
    # A rate so small that nothing moves shows what it began with.
    probe = make_config(stage={"tokens": 2 * 128}, optimizer={"peak_lr": 1e-30, "beta2": 0.9999999})
    console = Console(file=io.StringIO(), width=300)
    source = f"{tmp_path / 'whole'}@4"
    assert pretrain(probe, data, tmp_path / "probe", console, source).steps == 2
    assert "after step 4" in console.file.getvalue()
    origin = store.latest(tmp_path / "probe").facts["branched_from"]
    assert origin == {"run": str(tmp_path / "whole"), "step": 4, "tokens": 512}
    before = {name: torch.zeros_like(p) for name, p in load_model(tmp_path / "probe").model.named_parameters()}
    store.load(tmp_path / "whole" / "checkpoints" / "step-00000004", {"model": before})
    for name, parameter in load_model(tmp_path / "probe").model.named_parameters():
        torch.testing.assert_close(parameter.detach(), before[name])
    old = {"optimizer": {"norm.weight.exp_avg_sq": torch.zeros(16)}}
    store.load(tmp_path / "whole" / "checkpoints" / "step-00000004", old)
    torch.testing.assert_close(
        moments(tmp_path / "probe"), old["optimizer"]["norm.weight.exp_avg_sq"], rtol=1e-3, atol=0
    )


def test_a_branch_resumes_like_any_run(shards, make_config, tmp_path):
    pretrain(make_config(), [shards], tmp_path / "first")
    config, source = make_config(run={"seed": 3}), str(tmp_path / "first")
    pretrain(config, [shards], tmp_path / "whole", None, source)
    with stopped_in_step(3):
        pretrain(config, [shards], tmp_path / "parts", None, source)
    assert pretrain(config, [shards], tmp_path / "parts", None, source).finished
    assert same_state(tmp_path / "whole", tmp_path / "parts")
    with pytest.raises(TrainerError, match="did not begin with"):
        pretrain(config, [shards], tmp_path / "parts", None, f"{source}@4")


def test_what_cannot_be_branched_from_is_refused(shards, make_config, tmp_path):
    pretrain(make_config(), [shards], tmp_path / "first")
    for name, config, sentence in (
        (f"{tmp_path}/none", make_config(), "There is no checkpoint .*it holds none"),
        (f"{tmp_path}/first@3", make_config(), "its steps are 2, 4, 6"),
        (f"{tmp_path}/first", make_config(model={"dim": 32}), "another model than this run would have"),
    ):
        with pytest.raises(TrainerError, match=sentence):
            pretrain(config, [shards], tmp_path / "new", None, name)
