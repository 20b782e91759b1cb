from __future__ import annotations

from itertools import pairwise

import pytest
import torch
import torch.nn.functional as F
from torch.testing import assert_close

from trainer.model import attention
from trainer.model.attention import Varlen, attend, prepare

ROWS = [(7, 1, 11, 13), (32,), (1,) * 32, (20, 12)]
POSITIONS = torch.stack([torch.cat([torch.arange(n) for n in row]) for row in ROWS])


def tensors(heads: int, kv_heads: int) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(len(ROWS), n, 32, 16, generator=generator) for n in (heads, kv_heads, kv_heads)]


def documents_alone(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    out, group = torch.empty_like(q), q.shape[1] // k.shape[1]
    for row, lengths in enumerate(ROWS):
        begin = 0
        for length in lengths:
            part = slice(begin, begin + length)
            for head in range(q.shape[1]):
                scores = q[row, head, part] @ k[row, head // group, part].T / 4
                future = torch.ones(length, length).triu(1).bool()
                weights = scores.masked_fill(future, -torch.inf).softmax(-1)
                out[row, head, part] = weights @ v[row, head // group, part]
            begin += length
    return out


@pytest.mark.parametrize("heads", [(4, 2), (3, 3), (4, 1)])
@pytest.mark.parametrize("backend", ["sdpa", "flex"])
def test_backends_equal_documents_attended_to_alone(backend, heads):
    q, k, v = tensors(*heads)
    assert_close(attend(q, k, v, prepare(POSITIONS, backend)), documents_alone(q, k, v), atol=2e-6, rtol=0)


def test_offsets_of_varlen_are_where_documents_begin():
    mask = prepare(POSITIONS, "varlen")
    assert isinstance(mask, Varlen) and mask.longest == 32
    begins, total = [], 0
    for row in ROWS:
        for length in row:
            begins.append(total)
            total += length
    # Room for a power of two of documents; the last ones have no tokens.
    room = next(2**n for n in range(20) if 2**n >= len(begins))
    assert mask.offsets.tolist() == begins + [total] * (room + 1 - len(begins))
    assert mask.offsets.dtype == torch.int32


@pytest.mark.parametrize("lengths", [(9,), (1, 2, 3, 4), (2, 1, 1, 1, 4)])
def test_there_is_room_for_all_documents_and_no_more_than_twice_as_many(lengths):
    offsets = prepare(torch.cat([torch.arange(length) for length in lengths])[None], "varlen").offsets
    assert [end - begin for begin, end in pairwise(offsets.tolist()) if end > begin] == list(lengths)
    assert offsets[-1] == sum(lengths) and len(offsets) - 1 < 2 * len(lengths)


@pytest.mark.parametrize("groups", [False, True])
def test_varlen_attends_to_documents_alone(groups, monkeypatch):
    """What is given to the kernel, which runs on GPUs only, and which in torch 2.11 takes no groups of heads."""

    def kernel(q, k, v, begins, begins_again, longest, longest_again, window_size, enable_gqa=False):
        assert begins is begins_again and longest == longest_again == 32 and window_size == (-1, 0)
        assert enable_gqa == groups and (k.shape[1] == q.shape[1]) != groups
        parts = [x.transpose(0, 1).split(begins.diff().tolist(), dim=1) for x in (q, k, v)]
        done = [
            F.scaled_dot_product_attention(*part, is_causal=True, enable_gqa=True) for part in zip(*parts, strict=True)
        ]
        return torch.cat(done, dim=1).transpose(0, 1)

    monkeypatch.setattr(attention, "varlen_attn", kernel)
    monkeypatch.setattr(attention, "_VARLEN_GROUPS", groups)
    q, k, v = tensors(4, 2)
    assert_close(attend(q, k, v, prepare(POSITIONS, "varlen")), documents_alone(q, k, v), atol=2e-6, rtol=0)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="FlexAttention's backward pass and varlen need a GPU")
@pytest.mark.parametrize("backend", ["flex", "varlen"])
def test_backends_equal_each_other_on_a_gpu(backend):
    results = []
    for name in ("sdpa", backend):
        q, k, v = (t.cuda().bfloat16().requires_grad_() for t in tensors(4, 2))
        out = attend(q, k, v, prepare(POSITIONS.cuda(), name))
        out.float().square().sum().backward()
        results.append((out, q.grad, k.grad, v.grad))
    for a, b in zip(*results, strict=True):
        assert_close(a, b, atol=3e-2, rtol=3e-2)
