"""Reading prompts, several at a time: their keys and values, and the logits of what follows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from trainer.model.llama import Llama


class PromptCache:
    """Keys and values of prompts in one layer, (P, kv heads, T, E), as the model hands them over."""

    keys: Tensor
    values: Tensor

    def extend(self, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        self.keys, self.values = k, v
        return k, v


class Prompts(NamedTuple):
    """P prompts that were read together, padded on the right to one length."""

    caches: list[PromptCache]
    """One a layer; what lies behind a prompt's own length is padding's."""
    lengths: Tensor
    logits: Tensor
    """(P, V) in fp32, behind each prompt's last token."""


def read_prompts(model: Llama, prompts: Sequence[Sequence[int]], rows: int, length: int) -> Prompts:
    """Reads ``prompts`` in a batch of ``rows`` rows of ``length`` tokens, whatever their number and lengths."""
    tokens = torch.zeros(rows, length, dtype=torch.long)
    for row, ids in enumerate(prompts):
        tokens[row, : len(ids)] = torch.tensor(ids)
    device = model.head_weight.device
    lengths = torch.tensor([len(ids) for ids in prompts], device=device)
    places = torch.arange(length, device=device)
    # Padding comes after a prompt: causality alone keeps the prompt from seeing it.
    mask = (places[:, None] >= places)[None, None]
    caches = [PromptCache() for _ in model.layers]
    hidden = model.hidden_states(tokens.to(device), places.expand(rows, length), mask, caches)
    last = torch.ones(rows, dtype=torch.long, device=device)
    last[: len(prompts)] = lengths
    logits = F.linear(hidden[torch.arange(rows, device=device), last - 1], model.head_weight)
    return Prompts(caches, lengths, logits.float())
