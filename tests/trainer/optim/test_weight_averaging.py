from __future__ import annotations

import torch

from trainer.config.model_config import ModelConfig
from trainer.model.llama import Llama
from trainer.optim.weight_averaging import Average


def test_mean_of_weights_is_kept_in_fp32():
    model = Llama(ModelConfig(dim=16, num_layers=1, num_heads=2, num_kv_heads=1, vocab_size=20)).bfloat16()
    average = Average(model)
    for value in (1.0, 1.0, 1.0078125):
        with torch.no_grad():
            model.norm.weight.fill_(value)
        average.add(model)
    torch.testing.assert_close(average.tensors["norm.weight"], torch.full((16,), 1 + 0.0078125 / 3), rtol=1e-6, atol=0)
