"""The log-probability of the last tokens of a text."""

from __future__ import annotations

import math

import torch

from trainer.data.batch import Batch
from trainer.distributed.ranks import Ranks
from trainer.labels import IGNORE
from trainer.model.llama import Llama


def score_ending(model: Llama, text: list[int], count: int, ranks: Ranks) -> tuple[float, bool]:
    """The log-probability of the last ``count`` tokens of a document, and whether each was the likeliest."""
    length = len(text) - 1
    unit = 2 * ranks.context_size * ranks.tensor_size
    if ranks.device.type == "cuda":
        unit = math.lcm(unit, 256)  # kernels are compiled for each length that occurs
    filling = [0] * (-length % unit)  # behind the text, where no label sees it
    tokens = torch.tensor([text[:-1] + filling])
    labels = torch.full_like(tokens, IGNORE)
    labels[0, length - count : length] = torch.tensor(text[-count:])
    batch = Batch.ungrouped(tokens, labels, torch.arange(tokens.shape[1])[None])
    own = ranks.part(batch).to(ranks.device)
    log_probs, best = model(own.tokens, own.positions, own.labels, score=True)
    # Every group of ranks has scored the same text.
    return ranks.sum(log_probs.sum()).item() / ranks.data_size, not ranks.sum((~best).sum())
