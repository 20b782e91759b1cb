from __future__ import annotations

import pytest

from trainer.config.model_config import ModelConfig
from trainer.errors import TrainerError
from trainer.training.preflight import check_ranks, check_tensor_parallel


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
