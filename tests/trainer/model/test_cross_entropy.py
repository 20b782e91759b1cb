from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch.testing import assert_close

from trainer.labels import IGNORE
from trainer.model.cross_entropy import head_loss


def tensors(seed: int = 0, tokens: int = 37, dim: int = 8, vocab: int = 19):
    generator = torch.Generator().manual_seed(seed)
    hidden = torch.randn(tokens, dim, generator=generator, requires_grad=True)
    weight = torch.randn(vocab, dim, generator=generator, requires_grad=True)
    labels = torch.randint(vocab, (tokens,), generator=generator)
    labels[::5] = IGNORE
    return hidden, weight, labels


@pytest.mark.parametrize("chunk", [1, 7, 37, 1000])
def test_loss_and_gradients_are_those_of_plain_cross_entropy(chunk):
    hidden, weight, labels = tensors()
    expected = F.cross_entropy(hidden @ weight.T, labels, ignore_index=IGNORE, reduction="sum")
    grads = torch.autograd.grad(expected / 3, (hidden, weight))
    loss = head_loss(hidden, weight, labels, chunk=chunk)
    assert_close(loss, expected)
    assert_close(torch.autograd.grad(loss / 3, (hidden, weight)), grads)
    with torch.no_grad():
        assert_close(head_loss(hidden, weight, labels, chunk=chunk), expected)


def test_rows_of_tokens_are_flattened():
    hidden, weight, labels = tensors(tokens=24)
    assert_close(head_loss(hidden.view(4, 6, 8), weight, labels.view(4, 6)), head_loss(hidden, weight, labels))


def test_no_labels_no_loss_and_no_gradient():
    hidden, weight, labels = tensors()
    loss = head_loss(hidden, weight, torch.full_like(labels, IGNORE))
    assert loss.item() == 0
    assert not any(grad.any() for grad in torch.autograd.grad(loss, (hidden, weight)))


def test_bf16_is_summed_in_fp32():
    hidden, weight, labels = tensors(tokens=4000)
    exact = head_loss(hidden.bfloat16().float(), weight.bfloat16().float(), labels)
    loss = head_loss(hidden.bfloat16(), weight.bfloat16(), labels)
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(exact.item(), rel=2e-3)
