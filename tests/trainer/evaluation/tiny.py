"""A model, a tokenizer and a single rank for tests of evaluations."""

from __future__ import annotations

import torch

from tokens.tokenizer import load
from trainer.config.model_config import ModelConfig
from trainer.distributed.ranks import Ranks
from trainer.model.llama import Llama

ALONE = Ranks(0, 1, torch.device("cpu"), None)
TOKENIZER = load()


def make(vocab_size: int) -> Llama:
    model = Llama(ModelConfig(dim=16, num_layers=1, num_heads=2, num_kv_heads=1, vocab_size=vocab_size))
    model.init_weights(0)
    return model
