"""The losses of post-training, as sums over rows or tokens: whoever calls divides by those of the whole batch.

Shapes: B rows, T tokens a row, G groups a row, W responses a group, ranked, the best first. A group is one prompt with
its responses. R is the number of groups in the batch of all ranks and micro-batches.

==========  ===========================================================================================================
SFT         sum of the cross-entropies of all targets / targets: :func:`trainer.model.cross_entropy.head_loss`
reward      1 / R sum over groups of the mean over ordered pairs (a better than b) of -log sigmoid(s_a - s_b). The paper,
            §4.1.2: Llama 2's margin is gone. That a group's pairs are averaged is our reading: otherwise three
            responses would weigh as much as three prompts
preference  1 / R sum over groups of -log sigmoid(z), z = beta ((s - s_ref)(chosen) - (s - s_ref)(rejected)); s is the sum
            of the log-probabilities of the content alone, without terminator (§4.1.4: formatting tokens are masked)
NLL         0.2 / R sum over groups of the mean of -log p over the chosen response, terminator included: it is to
            "maintain desired formatting for generation" (§4.1.4; the mean of a row is IRPO's, arXiv 2404.19733)
==========  ===========================================================================================================
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor


class RewardLoss(NamedTuple):
    """Sums over groups."""

    loss: Tensor
    accuracy: Tensor
    """The share of a group's pairs that are in order; equal scores are not."""
    margin: Tensor
    """The mean of s_a - s_b."""


def reward_loss(scores: Tensor, taken: Tensor, center: float = 0.0) -> RewardLoss:
    """Of ``scores`` (B, G, W) in fp32, where ``taken`` (B, G, W) says which there are.

    ``center`` times the mean of (s_a + s_b)² is added where it is not 0 (TRL's ``center_rewards_coefficient``): it holds
    the scores near 0, so that those of different prompts can be compared.
    """
    better = torch.ones(scores.shape[-1], scores.shape[-1], dtype=torch.bool, device=scores.device).triu(1)
    pairs = better & taken[..., :, None] & taken[..., None, :]
    weights = pairs / pairs.sum((-1, -2), keepdim=True).clamp_min(1)
    differences = scores[..., :, None] - scores[..., None, :]
    losses = -F.logsigmoid(differences)
    if center:
        losses = losses + center * (scores[..., :, None] + scores[..., None, :]) ** 2
    return RewardLoss(*((weights * x).sum() for x in (losses, (differences > 0).float(), differences)))


def response_sums(log_probs: Tensor, slots: Tensor, counted: Tensor, shape: torch.Size) -> Tensor:
    """The sums (B, G, W) = ``shape`` of ``log_probs`` (B, T) over the labels of each slot that are ``counted`` (B, T)."""
    numbers = torch.arange(shape[1] * shape[2], device=slots.device)
    # Not scatter_add, whose order on a GPU, and so whose last bits, change from run to run.
    mine = (slots[:, None] == numbers[:, None]) & counted[:, None]
    return torch.where(mine, log_probs[:, None], 0.0).sum(-1).view(shape)


class PreferenceLoss(NamedTuple):
    """Sums over groups."""

    loss: Tensor
    accuracy: Tensor
    margin: Tensor
    """z."""
    chosen: Tensor
    """s - s_ref of the chosen response, in nats."""
    rejected: Tensor


def preference_loss(sums: Tensor, reference: Tensor, taken: Tensor, beta: float) -> PreferenceLoss:
    """Of the sums of log-probabilities (B, G, 2) of the policy and of its ``reference``: chosen, rejected."""
    gains = sums - reference
    chosen, rejected = gains.unbind(-1)
    z = beta * (chosen - rejected)
    there = taken.all(-1)
    return PreferenceLoss(
        *(torch.where(there, x, 0.0).sum() for x in (-F.logsigmoid(z), (z > 0).float(), z, chosen, rejected))
    )


def chosen_nll(log_probs: Tensor, weights: Tensor) -> Tensor:
    """The sum of -log p over the labels of chosen responses, each with its weight (B, T), 0 for others: 1 / their number
    in the response for the mean of each row, R / their number in the batch for the mean of all tokens."""
    return -(log_probs * weights).sum()
