"""One layer and its updates, for tests of the optimizer."""

from __future__ import annotations

import torch

from trainer.config.model_config import ModelConfig
from trainer.config.schema import OptimizerConfig
from trainer.model.llama import Llama
from trainer.optim.adamw import make_optimizer
from trainer.optim.clipping import clip
from trainer.optim.skip_step import Guard

CONFIG = ModelConfig(dim=16, num_layers=1, num_heads=2, num_kv_heads=1, vocab_size=20, ffn_multiple_of=8)
TOKENS, POSITIONS = torch.arange(10)[None] % 20, torch.arange(10)[None]


def make() -> tuple[Llama, torch.optim.AdamW]:
    model = Llama(CONFIG)
    model.init_weights(0)
    optimizer = make_optimizer(model, OptimizerConfig(peak_lr=1.0))
    for group in optimizer.param_groups:
        group["lr"] = 1e-3
    return model, optimizer


def update(model: Llama, optimizer: torch.optim.AdamW, guard: Guard, scale: float) -> bool:
    optimizer.zero_grad()
    (model(TOKENS, POSITIONS, TOKENS) * scale).backward()
    return bool(guard.step(optimizer, clip(model, 1.0)))
