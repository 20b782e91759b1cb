"""Blocks compiled for the CPU. The first time on a machine this takes half a minute, later there is a cache."""

from __future__ import annotations

import shutil

import pytest
import torch
from torch.testing import assert_close

from trainer.config.model_config import ModelConfig
from trainer.config.run_config import RunConfig
from trainer.distributed.parallelize import parallelize_model
from trainer.distributed.ranks import connect
from trainer.model.llama import Llama


@pytest.mark.skipif(not shutil.which("g++"), reason="torch compiles for the CPU with g++, which is not there")
def test_compiled_blocks_share_one_graph_and_change_nothing():
    config = ModelConfig(dim=16, num_layers=3, num_heads=4, num_kv_heads=2, vocab_size=50, ffn_multiple_of=8)
    tokens = torch.randint(50, (2, 20), generator=torch.Generator().manual_seed(0))
    positions = torch.cat((torch.arange(7), torch.arange(13))).expand(2, -1)
    losses, gradients = [], []
    torch._dynamo.reset()
    torch._dynamo.utils.counters.clear()
    for compiled in (False, True):
        run = RunConfig(device="cpu", compile=compiled)
        model = Llama(config)
        model.init_weights(0)
        parallelize_model(model, run, connect(run))
        losses.append(model(tokens, positions, tokens))
        losses[-1].backward()
        gradients.append([parameter.grad for parameter in model.parameters()])
    assert torch._dynamo.utils.counters["stats"]["unique_graphs"] == 1
    assert_close(losses[0], losses[1])
    for plain, compiled in zip(*gradients, strict=True):
        assert_close(plain, compiled, atol=1e-5, rtol=1e-4)
