from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch.testing import assert_close

from trainer.labels import IGNORE
from trainer.model import cross_entropy
from trainer.model.cross_entropy import CHUNK_TOKENS, add_product, head_loss


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


@pytest.mark.parametrize("form", ["_loss_and_gradient", "_fused_loss_and_gradient"])
@pytest.mark.parametrize("chunk", [1, 7, 1000])
def test_each_label_has_its_own_loss_in_both_forms(form: str, chunk: int, monkeypatch) -> None:
    """The fused form is the one that GPUs compile."""
    hidden, weight, labels = tensors()
    expected = F.cross_entropy(hidden @ weight.T, labels, ignore_index=IGNORE, reduction="none")
    grads = torch.autograd.grad(expected.sum(), (hidden, weight))
    monkeypatch.setattr(cross_entropy, "_loss_and_gradient", getattr(cross_entropy, form))
    each = torch.full((37,), 9.0)
    loss = head_loss(hidden, weight, labels, each, chunk)
    assert_close(each, expected.detach())
    assert_close(loss, expected.sum())
    assert_close(torch.autograd.grad(loss, (hidden, weight)), grads)


def test_a_chunk_of_tokens_has_logits_at_a_time(monkeypatch) -> None:
    seen: list[int] = []
    linear = F.linear
    monkeypatch.setattr(F, "linear", lambda h, w: seen.append(len(h)) or linear(h, w))
    hidden, weight, labels = tensors(tokens=CHUNK_TOKENS + 5, dim=2, vocab=3)
    head_loss(hidden, weight, labels)
    with torch.no_grad():
        head_loss(hidden, weight, labels)
        cross_entropy.head_scores(hidden, weight, labels)
    assert seen == [2048, 5] * 3


def test_products_are_added_to_a_total() -> None:
    a, b = torch.arange(6.0).view(2, 3), torch.arange(12.0).view(3, 4)
    total = torch.ones(2, 4)
    add_product(total, a, b)
    assert_close(total, 1 + a @ b)
    whole = torch.zeros(2, 4)
    add_product(whole, a.bfloat16(), b.bfloat16())
    assert_close(whole, a @ b, rtol=1e-2, atol=0)


class OnGpu:
    """As much of a tensor on a GPU as a product asks for."""

    is_cuda = True

    def __init__(self, dtype: torch.dtype) -> None:
        self.dtype = dtype

    def __matmul__(self, other: object) -> torch.Tensor:
        return torch.full((2, 4), 7.0)


def test_on_a_gpu_products_of_16_bits_are_added_before_they_are_rounded(monkeypatch) -> None:
    called = []
    monkeypatch.setattr(torch, "addmm", lambda *rest, **more: called.append((rest, more)))
    total = torch.ones(2, 4)
    a, b = OnGpu(torch.bfloat16), OnGpu(torch.bfloat16)
    add_product(total, a, b)
    assert called == [((total, a, b), {"out_dtype": torch.float32, "out": total})] and total.eq(1).all()
    add_product(total, OnGpu(torch.float32), b)
    assert len(called) == 1 and total.eq(8).all()
