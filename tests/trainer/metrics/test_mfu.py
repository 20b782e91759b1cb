from __future__ import annotations

import pytest
import torch

from trainer.config.loader import load_config
from trainer.config.schema import ModelConfig
from trainer.metrics.mfu import flops_per_token
from trainer.model.llama import Llama


def parameters(model: ModelConfig) -> int:
    with torch.device("meta"):
        return Llama(model).num_parameters()


# Worked out by hand from 6 N + 12 L D T with N without the input embedding, which the tied 1B and 3B multiply by.
@pytest.mark.parametrize(
    ("size", "length", "flops"),
    [("1b", 4096, 9.03e9), ("1b", 8192, 1.064e10), ("1b", 131072, 5.90e10), ("3b", 8192, 2.77e10),
     ("8b", 4096, 5.15e10), ("8b", 8192, 5.79e10), ("70b", 4096, 4.49e11), ("405b", 8192, 2.63e12)],
)  # fmt: skip
def test_operations_of_a_token(size, length, flops):
    model = load_config(f"llama3-{size}").model
    assert flops_per_token(model, parameters(model), length) == pytest.approx(flops, rel=2e-3)
