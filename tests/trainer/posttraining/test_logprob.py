from __future__ import annotations

import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.labels import IGNORE
from trainer.posttraining import logprob
from trainer.posttraining.logprob import token_log_probs


def make(rows: int = 2, length: int = 7, vocab: int = 11, dim: int = 4) -> tuple[torch.Tensor, ...]:
    draw = torch.Generator().manual_seed(0)
    hidden = torch.randn(rows, length, dim, generator=draw, requires_grad=True)
    weight = torch.randn(vocab, dim, generator=draw, requires_grad=True)
    labels = torch.randint(0, vocab, (rows, length), generator=draw)
    return hidden, weight, labels


@given(st.lists(st.booleans(), min_size=14, max_size=14), st.sampled_from([1, 3, 5, 100]))
@settings(deadline=None, max_examples=25)
def test_it_is_plain_autograd(ignored: list[bool], chunk: int) -> None:
    hidden, weight, labels = make()
    labels = labels.masked_fill(torch.tensor(ignored).view(2, 7), IGNORE)
    upstream = torch.linspace(-1, 2, 14).view(2, 7)
    found = token_log_probs(hidden, weight, labels, chunk)
    grads = torch.autograd.grad((found * upstream).sum(), (hidden, weight))
    plain = -F.cross_entropy(
        F.linear(hidden, weight).flatten(0, 1), labels.flatten(), ignore_index=IGNORE, reduction="none"
    ).view(2, 7)
    expected = torch.autograd.grad((plain * upstream).sum(), (hidden, weight))
    torch.testing.assert_close(found, plain, atol=1e-6, rtol=0)
    for one, other in zip(grads, expected, strict=True):
        torch.testing.assert_close(one, other, atol=2e-6, rtol=0)


def test_it_never_holds_the_logits_of_all_tokens(monkeypatch) -> None:
    """Neither pass makes a matrix of more than a chunk's logits, nor keeps one for the backward pass."""
    hidden, weight, labels = make(rows=4, length=64, vocab=500)
    seen: list[int] = []
    linear = F.linear

    def watched(*arguments):
        out = linear(*arguments)
        seen.append(out.numel())
        return out

    monkeypatch.setattr(logprob.F, "linear", watched)
    kept: list[int] = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: kept.append(t.numel()) or t, lambda t: t):
        found = token_log_probs(hidden, weight, labels, chunk=16)
    found.sum().backward()
    assert max(seen) == 16 * 500 and len(seen) == 2 * 16
    assert max(kept) < 16 * 500


def test_the_shapes_of_products_do_not_depend_on_the_labels(monkeypatch) -> None:
    """Policy and reference meet their rows in other company, and must round alike."""
    shapes = []
    linear = F.linear
    monkeypatch.setattr(logprob.F, "linear", lambda h, w: shapes.append(h.shape) or linear(h, w))
    hidden, weight, labels = make(length=32)
    for kept in (64, 40, 3):
        token_log_probs(hidden, weight, labels.flatten().masked_fill(torch.arange(64) >= kept, IGNORE).view(2, 32), 16)
    assert set(shapes) == {torch.Size((16, 4))}
