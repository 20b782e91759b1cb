"""Head and cross-entropy in one, a chunk of tokens at a time.

With a vocabulary of 128,256 the logits of one row of 8,192 tokens are 4.2 GB in fp32, several times what the rest of
a 1B model's activations takes. Here at most :data:`CHUNK_TOKENS` tokens have logits at any moment: their gradients
are computed in the forward pass, where the logits are at hand, and scaled in the backward pass.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

IGNORE = -100
"""The label of a token from which nothing is predicted (torch's convention)."""
CHUNK_TOKENS = 1024


class _HeadLoss(torch.autograd.Function):
    @staticmethod
    def forward(ctx, hidden: Tensor, weight: Tensor, labels: Tensor, chunk: int) -> Tensor:
        grad_hidden = torch.empty_like(hidden)
        grad_weight = torch.zeros_like(weight, dtype=torch.float32)
        total = torch.zeros((), dtype=torch.float32, device=hidden.device)
        for start in range(0, len(hidden), chunk):
            part = slice(start, start + chunk)
            loss, grad = _chunk(hidden[part], weight, labels[part])
            total += loss
            grad = grad.to(hidden.dtype)
            grad_hidden[part] = grad @ weight
            grad_weight += grad.T @ hidden[part]
        ctx.save_for_backward(grad_hidden, grad_weight.to(weight.dtype))
        return total

    @staticmethod
    def backward(ctx, grad_output: Tensor):
        grad_hidden, grad_weight = ctx.saved_tensors
        return grad_hidden * grad_output, grad_weight * grad_output, None, None


def _chunk(hidden: Tensor, weight: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """The summed loss of a few tokens, and its gradient with regard to their logits (softmax - one-hot)."""
    log_probs = F.log_softmax(F.linear(hidden, weight).float(), dim=-1)
    loss = F.nll_loss(log_probs, labels, ignore_index=IGNORE, reduction="sum")
    used = labels != IGNORE
    grad = log_probs.exp_()
    grad[torch.arange(len(labels), device=labels.device), labels.clamp_min(0)] -= 1
    return loss, grad.mul_(used[:, None])


def head_loss(hidden: Tensor, weight: Tensor, labels: Tensor, chunk: int = CHUNK_TOKENS) -> Tensor:
    """The SUM of cross-entropies of ``labels`` under softmax(hidden @ weight.T), in nats, a scalar in fp32.

    ``hidden`` (…, D), ``weight`` (vocabulary, D), ``labels`` (…) with :data:`IGNORE` where there is nothing to
    predict. A sum and not a mean: the caller divides by the labels of the whole step, of which it may see only a part.
    """
    hidden, labels = hidden.flatten(0, -2), labels.flatten()
    if torch.is_grad_enabled():
        return _HeadLoss.apply(hidden, weight, labels, chunk)
    parts = zip(hidden.split(chunk), labels.split(chunk), strict=True)
    return torch.stack(
        [
            F.cross_entropy(F.linear(h, weight).float(), part, ignore_index=IGNORE, reduction="sum")
            for h, part in parts
        ]
    ).sum()


class Scores(NamedTuple):
    """What the model thinks of each label, in the shape of the labels; 0 and true where a label is ignored."""

    log_probs: Tensor
    """Natural logarithms of probabilities, fp32."""
    best: Tensor
    """Whether no other token was likelier: what greedy decoding would have written."""


@torch.no_grad()
def head_scores(hidden: Tensor, weight: Tensor, labels: Tensor, chunk: int = CHUNK_TOKENS) -> Scores:
    """:class:`Scores` of ``labels``, by the same chunks as :func:`head_loss`; its arguments are that function's."""
    log_probs, best = [], []
    for h, part in zip(hidden.flatten(0, -2).split(chunk), labels.flatten().split(chunk), strict=True):
        logits = F.linear(h, weight).float()
        log_probs.append(-F.cross_entropy(logits, part, ignore_index=IGNORE, reduction="none"))
        best.append((logits.argmax(-1) == part) | (part == IGNORE))
    return Scores(torch.cat(log_probs).view(labels.shape), torch.cat(best).view(labels.shape))
