from __future__ import annotations

import pytest

from trainer.config.run_config import RunConfig
from trainer.distributed.ranks import connect
from trainer.errors import TrainerError
from trainer.training.pretraining import pretrain


@pytest.mark.parametrize("key", ["context_parallel", "tensor_parallel"])
def test_one_process_shares_with_nobody(key, shards, make_config, tmp_path):
    with pytest.raises(TrainerError, match=f"run.{key} is 2, but there is one rank. Use torchrun"):
        pretrain(make_config(run={key: 2}), [shards], tmp_path / "run")


def test_ranks_that_do_not_make_up_groups_are_refused(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "8")
    with pytest.raises(TrainerError, match=r"_parallel \(3\) times .* \(2\) does not divide 8 ranks.* multiple of 6"):
        connect(RunConfig(device="cpu", context_parallel=3, tensor_parallel=2))
