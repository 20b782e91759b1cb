"""Head and cross-entropy in one, a chunk of tokens at a time.

With a vocabulary of 128,256 the logits of one row of 8,192 tokens are 4.2 GB in fp32, several times what the rest of
a 1B model's activations takes. Here at most :data:`CHUNK_TOKENS` tokens have logits at any moment: their gradients
are computed in the forward pass, where the logits are at hand, and scaled in the backward pass.

Under tensor parallelism a rank holds a part of the head's rows, and computes that part of each token's logits; the
ranks then agree on what softmax divides by (:class:`~trainer.vocabulary.Vocabulary`).
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from trainer.vocabulary import IGNORE, Vocabulary, own_part

CHUNK_TOKENS = 1024


class _HeadLoss(torch.autograd.Function):
    @staticmethod
    def forward(ctx, hidden: Tensor, weight: Tensor, labels: Tensor, vocabulary: Vocabulary, chunk: int) -> Tensor:
        grad_hidden = torch.empty_like(hidden)
        grad_weight = torch.zeros_like(weight, dtype=torch.float32)
        total = torch.zeros((), dtype=torch.float32, device=hidden.device)
        for start in range(0, len(hidden), chunk):
            part = slice(start, start + chunk)
            loss, grad = _chunk(hidden[part], weight, labels[part], vocabulary)
            total += loss
            grad = grad.to(hidden.dtype)
            grad_hidden[part] = grad @ weight
            grad_weight += grad.T @ hidden[part]
        ctx.save_for_backward(grad_hidden, grad_weight.to(weight.dtype))
        return vocabulary.sum(total)

    @staticmethod
    def backward(ctx, grad_output: Tensor):
        grad_hidden, grad_weight = ctx.saved_tensors
        return grad_hidden * grad_output, grad_weight * grad_output, None, None, None


def _chunk(hidden: Tensor, weight: Tensor, labels: Tensor, vocabulary: Vocabulary) -> tuple[Tensor, Tensor]:
    """The summed loss of the labels that ``weight`` has rows for, and the gradient of the loss of all with regard to
    its logits (softmax - one-hot)."""
    own = vocabulary.own(labels)
    log_probs = vocabulary.log_softmax(F.linear(hidden, weight).float())
    loss = F.nll_loss(log_probs, own, ignore_index=IGNORE, reduction="sum")
    grad = log_probs.exp_()
    grad[torch.arange(len(own), device=own.device), own.clamp_min(0)] -= (own != IGNORE).float()
    return loss, grad.mul_((labels != IGNORE)[:, None])


def head_loss(hidden: Tensor, weight: Tensor, labels: Tensor, chunk: int = CHUNK_TOKENS) -> Tensor:
    """The SUM of cross-entropies of ``labels`` under softmax(hidden @ weight.T), in nats, a scalar in fp32.

    ``hidden`` (…, D), ``weight`` (vocabulary, D), ``labels`` (…) with :data:`IGNORE` where there is nothing to
    predict. A sum and not a mean: the caller divides by the labels of the whole step, of which it may see only a part.
    Under tensor parallelism ``hidden`` and ``weight`` are DTensors, ``labels`` whole, and every rank gets the sum.
    """
    hidden, weight, vocabulary = own_part(hidden, weight)
    hidden, labels = hidden.flatten(0, -2), labels.flatten()
    if torch.is_grad_enabled():
        return _HeadLoss.apply(hidden, weight, labels, vocabulary, chunk)
    losses = []
    for h, part in zip(hidden.split(chunk), labels.split(chunk), strict=True):
        log_probs = vocabulary.log_softmax(F.linear(h, weight).float())
        losses.append(F.nll_loss(log_probs, vocabulary.own(part), ignore_index=IGNORE, reduction="sum"))
    return vocabulary.sum(torch.stack(losses).sum())


class Scores(NamedTuple):
    """What the model thinks of each label, in the shape of the labels; 0 and true where a label is ignored."""

    log_probs: Tensor
    """Natural logarithms of probabilities, fp32."""
    best: Tensor
    """Whether no other token was likelier: what greedy decoding would have written."""


@torch.no_grad()
def head_scores(hidden: Tensor, weight: Tensor, labels: Tensor, chunk: int = CHUNK_TOKENS) -> Scores:
    """:class:`Scores` of ``labels``, by the same chunks as :func:`head_loss`; its arguments are that function's."""
    hidden, weight, vocabulary = own_part(hidden, weight)
    log_probs, best = [], []
    for h, part in zip(hidden.flatten(0, -2).split(chunk), labels.flatten().split(chunk), strict=True):
        logits = F.linear(h, weight).float()
        losses = F.nll_loss(
            vocabulary.log_softmax(logits), vocabulary.own(part), ignore_index=IGNORE, reduction="none"
        )
        log_probs.append(-vocabulary.sum(losses))
        best.append((vocabulary.argmax(logits) == part) | (part == IGNORE))
    return Scores(torch.cat(log_probs).view(labels.shape), torch.cat(best).view(labels.shape))
