"""Head and cross-entropy in one, a chunk of tokens at a time.

With a vocabulary of 128,256 the logits of one row of 8,192 tokens are 4.2 GB in fp32, several times what the rest of
a 1B model's activations takes. Here at most :data:`CHUNK_TOKENS` tokens have logits at any moment: their gradients
are computed in the forward pass, where the logits are at hand, and scaled in the backward pass.

Under tensor parallelism a rank holds a part of the head's rows, and computes that part of each token's logits; the
ranks then agree on what softmax divides by (:class:`~trainer.model.vocab_parallel.Vocabulary`).
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from trainer.labels import IGNORE
from trainer.model.compile import compiled
from trainer.model.vocab_parallel import Vocabulary, own_part

CHUNK_TOKENS = 2048


class _HeadLoss(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx,
        hidden: Tensor,
        weight: Tensor,
        labels: Tensor,
        vocabulary: Vocabulary,
        chunk: int,
        each: Tensor | None,
    ) -> Tensor:
        compute = _loss_and_gradient
        if hidden.is_cuda and vocabulary.group is None:
            compute = compiled(_fused_loss_and_gradient)
        grad_hidden = torch.empty_like(hidden)
        grad_weight = torch.zeros_like(weight, dtype=torch.float32)
        total = torch.zeros((), dtype=torch.float32, device=hidden.device)
        for start in range(0, len(hidden), chunk):
            part = slice(start, start + chunk)
            logits = F.linear(hidden[part], weight)
            loss, grad = compute(logits, labels[part], vocabulary, None if each is None else each[part])
            total += loss
            grad_hidden[part] = grad @ weight
            add_product(grad_weight, grad.T, hidden[part])
        if each is not None:
            each.copy_(vocabulary.sum(each))
        ctx.save_for_backward(grad_hidden, grad_weight.to(weight.dtype))
        return vocabulary.sum(total)

    @staticmethod
    def backward(ctx, *grad_outputs: Tensor):
        (grad_output,) = grad_outputs
        grad_hidden, grad_weight = ctx.saved_tensors
        return grad_hidden * grad_output, grad_weight * grad_output, None, None, None, None


def _loss_and_gradient(
    logits: Tensor, labels: Tensor, vocabulary: Vocabulary, each: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """The summed loss of the labels that ``logits`` (tokens, rows) has columns for, and the gradient of the loss of
    all labels with regard to ``logits``: softmax - one-hot, in their type. ``each`` is filled with the label's own."""
    own = vocabulary.own(labels)
    log_probs = vocabulary.log_softmax(logits.float())
    loss = F.nll_loss(log_probs, own, ignore_index=IGNORE, reduction="sum")
    if each is not None:
        each.copy_(F.nll_loss(log_probs, own, ignore_index=IGNORE, reduction="none"))
    grad = log_probs.exp_()
    grad[torch.arange(len(own), device=own.device), own.clamp_min(0)] -= (own != IGNORE).float()
    return loss, grad.mul_((labels != IGNORE)[:, None]).to(logits.dtype)


def _fused_loss_and_gradient(
    logits: Tensor, labels: Tensor, vocabulary: Vocabulary, each: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """:func:`_loss_and_gradient` of a vocabulary that is not divided, in a form that compiles to two passes over the
    logits without a copy of them in fp32. Uncompiled it is the slower one."""
    log_probs = F.log_softmax(logits.float(), dim=-1)
    loss = F.nll_loss(log_probs, labels, ignore_index=IGNORE, reduction="sum")
    if each is not None:
        each.copy_(F.nll_loss(log_probs, labels, ignore_index=IGNORE, reduction="none"))
    chosen = torch.arange(logits.shape[1], device=labels.device) == labels[:, None]
    return loss, ((log_probs.exp() - chosen.float()) * (labels != IGNORE)[:, None]).to(logits.dtype)


def add_product(total: Tensor, a: Tensor, b: Tensor) -> None:
    """Adds ``a @ b`` to ``total``, which is in fp32."""
    if a.is_cuda and a.dtype != torch.float32:
        # In the product's own kernel, not rounded before it is added.
        torch.addmm(total, a, b, out_dtype=torch.float32, out=total)
    else:
        total += a @ b


def head_loss(
    hidden: Tensor, weight: Tensor, labels: Tensor, each: Tensor | None = None, chunk: int = CHUNK_TOKENS
) -> Tensor:
    """The SUM of cross-entropies of ``labels`` under softmax(hidden @ weight.T), in nats, a scalar in fp32.

    ``hidden`` (…, D), ``weight`` (vocabulary, D), ``labels`` (…) with :data:`~trainer.labels.IGNORE` where there is
    nothing to predict; with gradients, ``each``, fp32 in the shape of the labels, is filled with every label's own. A sum and not a mean: the caller divides by the labels of the whole step, of which it may see
    only a part.
    Under tensor parallelism ``hidden`` and ``weight`` are DTensors, ``labels`` whole, and every rank gets the sum.
    """
    hidden, weight, vocabulary = own_part(hidden, weight)
    hidden, labels = hidden.flatten(0, -2), labels.flatten()
    if torch.is_grad_enabled():
        return _HeadLoss.apply(hidden, weight, labels, vocabulary, chunk, None if each is None else each.view(-1))
    losses = []
    for h, part in zip(hidden.split(chunk), labels.split(chunk), strict=True):
        log_probs = vocabulary.log_softmax(F.linear(h, weight).float())
        losses.append(F.nll_loss(log_probs, vocabulary.own(part), ignore_index=IGNORE, reduction="sum"))
    return vocabulary.sum(torch.stack(losses).sum())


class Scores(NamedTuple):
    """How the model scores each label, in the shape of the labels; 0 and true where a label is ignored."""

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
