"""The logarithm of each label's probability, with gradients, a chunk of tokens at a time.

Two (pairs, T, 128,256) of logits in fp32 are what lets DPO run out of memory. Here the forward pass keeps one number a
label, and the backward pass computes the logits again, :data:`~trainer.model.cross_entropy.CHUNK_TOKENS` tokens at a
time. Unlike the loss of pre-training (:func:`trainer.model.cross_entropy.head_loss`), what is made of the numbers is
not known in the forward pass.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from trainer.labels import IGNORE
from trainer.model.cross_entropy import CHUNK_TOKENS, add_product
from trainer.model.vocab_parallel import Vocabulary, own_part


def token_log_probs(hidden: Tensor, weight: Tensor, labels: Tensor, chunk: int = CHUNK_TOKENS) -> Tensor:
    """log softmax(hidden @ weight.T) at each of ``labels`` (…), in fp32; 0 where a label is
    :data:`~trainer.labels.IGNORE`.

    ``hidden`` (…, D), ``weight`` (vocabulary, D). Under tensor parallelism both are DTensors, ``labels`` whole, and
    every rank gets all numbers.
    """
    hidden, weight, vocabulary = own_part(hidden, weight)
    flat = labels.flatten()
    chunk = min(chunk, len(flat))
    places = (flat != IGNORE).nonzero().squeeze(1)  # most tokens are of prompts: they need no logits
    # Whole chunks: products of another shape may be computed by another kernel, which rounds otherwise, and policy and
    # reference would differ before the first step.
    whole = F.pad(places, (0, -len(places) % chunk))
    wanted = F.pad(flat[places], (0, len(whole) - len(places)), value=IGNORE)
    picked = _LogProbs.apply(hidden.flatten(0, -2)[whole], weight, wanted, vocabulary, chunk)[: len(places)]
    return picked.new_zeros(len(flat)).index_copy(0, places, picked).view(labels.shape)


class _LogProbs(torch.autograd.Function):
    @staticmethod
    def forward(ctx, hidden: Tensor, weight: Tensor, labels: Tensor, vocabulary: Vocabulary, chunk: int) -> Tensor:
        ctx.save_for_backward(hidden, weight, labels)
        ctx.vocabulary, ctx.chunk = vocabulary, chunk
        found = torch.zeros(len(labels), dtype=torch.float32, device=hidden.device)
        for start in range(0, len(labels), chunk):
            part = slice(start, start + chunk)
            log_probs = vocabulary.log_softmax(F.linear(hidden[part], weight).float())
            found[part] = -F.nll_loss(log_probs, vocabulary.own(labels[part]), ignore_index=IGNORE, reduction="none")
        return vocabulary.sum(found)

    @staticmethod
    def backward(ctx, *grad_outputs: Tensor):
        (grad_output,) = grad_outputs
        hidden, weight, labels = ctx.saved_tensors
        vocabulary: Vocabulary = ctx.vocabulary
        grad_hidden = torch.empty_like(hidden)
        grad_weight = torch.zeros_like(weight, dtype=torch.float32)
        for start in range(0, len(labels), ctx.chunk):
            part = slice(start, start + ctx.chunk)
            # d log p(label) / d logits = one-hot - softmax
            grad = vocabulary.log_softmax(F.linear(hidden[part], weight).float()).exp_().neg_()
            own = vocabulary.own(labels[part])
            grad[torch.arange(len(own), device=own.device), own.clamp_min(0)] += (own != IGNORE).float()
            grad = grad.mul_((grad_output[part] * (labels[part] != IGNORE))[:, None]).to(hidden.dtype)
            grad_hidden[part] = grad @ weight
            add_product(grad_weight, grad.T, hidden[part])
        return grad_hidden, grad_weight.to(weight.dtype), None, None, None
