"""Writing on: a prompt in, the model's continuation out, with a cache of keys and values."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from trainer.model.llama import Llama


@torch.no_grad()
def generate_ids(
    model: Llama,
    prompt: list[int],
    most: int,
    stop: frozenset[int],
    temperature: float = 0.0,
    top_p: float = 1.0,
    seed: int = 0,
) -> Iterator[int]:
    """The ids that follow ``prompt``, one by one: at most ``most``, up to and without one of ``stop``.

    With a temperature of 0 always the likeliest; otherwise drawn, by ``seed``, from the likeliest tokens that
    together have the probability ``top_p``.
    """
    device = model.head_weight.device
    draw = torch.Generator(device).manual_seed(seed)
    caches = model.make_caches(1, len(prompt) + most)
    tokens = torch.tensor([prompt], device=device)
    for _ in range(most):
        token = _choose(model.next_logits(tokens, caches)[0].float(), temperature, top_p, draw)
        if token in stop:
            return
        yield token
        tokens = torch.tensor([[token]], device=device)


def _choose(logits: Tensor, temperature: float, top_p: float, draw: torch.Generator) -> int:
    if temperature == 0:
        return int(logits.argmax())
    probabilities, ids = (logits / temperature).softmax(-1).sort(descending=True, stable=True)
    # A token stays while those before it have not reached top_p yet; the first always does.
    probabilities[probabilities.cumsum(-1) - probabilities >= top_p] = 0
    return int(ids[torch.multinomial(probabilities, 1, generator=draw)])
