"""Llama as post-training asks it: for the log-probability of each label, and, with another head, for scores."""

from __future__ import annotations

import dataclasses

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.distributed.tensor import DTensor, Replicate

from trainer.config.model_config import ModelConfig
from trainer.model.attention import Mask
from trainer.model.init import Part, fill
from trainer.model.llama import Llama
from trainer.posttraining.logprob import token_log_probs

HEAD = "reward_head.weight"
"""The name of the reward model's own weight; a run that lacks it cannot be loaded as one."""


class Policy(Llama):
    """A Llama that returns log-probabilities. Its weights are a Llama's."""

    def forward(self, tokens: Tensor, positions: Tensor, labels: Tensor, mask: Mask) -> Tensor:  # type: ignore[override]
        """(B, T) fp32: the log-probability of each of ``labels`` (B, T), 0 where there is none
        (:func:`trainer.posttraining.logprob.token_log_probs`). Computed in here because under FSDP the head's weight
        is whole only while the module that owns it runs."""
        return token_log_probs(self.hidden_states(tokens, positions, mask), self.head_weight, labels)


class RewardHead(nn.Module):
    """D numbers to one, in fp32 and without a bias (Llama 2, arXiv 2307.09288 §3.2.2, has a linear head as well)."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(1, dim))

    def forward(self, hidden: Tensor) -> Tensor:
        weight: Tensor = self.weight
        if isinstance(
            weight, DTensor
        ):  # whole on each of the ranks that share matrices, all of which compute the same
            weight = weight.to_local(grad_placements=[Replicate()])
        return F.linear(hidden.float(), weight.float()).squeeze(-1)


class RewardModel(Llama):
    """A Llama with :class:`RewardHead` in the place of its head: scores of responses."""

    def __init__(self, config: ModelConfig, attention: str = "sdpa") -> None:
        # One whose head is the embedding has no head of its own, which nobody would train.
        super().__init__(dataclasses.replace(config, tied_embeddings=True), attention)
        self.reward_head = RewardHead(config.dim)

    @property
    def exact_modules(self) -> list[nn.Module]:
        return [self.reward_head]

    def forward(self, tokens: Tensor, positions: Tensor, terminators: Tensor, mask: Mask) -> Tensor:  # type: ignore[override]
        """(B, S) fp32: the score at each of the places ``terminators`` (B, S), from the last block's normed output; 0
        where the place is -1."""
        hidden = self.hidden_states(tokens, positions, mask)
        if isinstance(hidden, DTensor):
            hidden = hidden.redistribute(placements=[Replicate()]).to_local(grad_placements=[Replicate()])
        places = terminators.clamp_min(0)[..., None].expand(-1, -1, hidden.shape[-1])
        return self.reward_head(hidden.gather(1, places)).masked_fill(terminators < 0, 0.0)

    @torch.no_grad()
    def init_head(self, seed: int, part: Part) -> None:
        """Draws the head's weight, of which ``part`` is here, from N(0, 1 / (D + 1)) (arXiv 2009.01325, appendix B)."""
        dim = self.config.dim
        fill(part, dim, seed, HEAD, (dim + 1) ** -0.5)
