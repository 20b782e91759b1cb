"""Attention that never crosses from one document into another.

Rows are packed: several documents lie behind one another in a row, and each must be read as if it were alone
(the paper, §3.2: "an attention mask that prevents self-attention between different documents within the same
sequence"). The mask is the part that matters: without it the logits of packed documents are wrong, while resetting
positions changes nothing that RoPE, being relative, could see.

Three backends compute the same thing; a run chooses one and :func:`prepare` makes what it needs, once a batch:

========  ==================================================================================================
sdpa      a boolean (B, 1, T, T); any device, and the reference. T² of memory and time
flex      FlexAttention with a block mask: blocks that the mask excludes are skipped. Backward needs a GPU
varlen    FlashAttention over documents laid end to end: 16 bits and a GPU only
========  ==================================================================================================
"""

from __future__ import annotations

import inspect
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.nn.attention.flex_attention import BlockMask, create_block_mask, flex_attention
from torch.nn.attention.varlen import varlen_attn

from trainer.model.compile import compiled


class Varlen(NamedTuple):
    """Where documents begin in the rows laid end to end: ``offsets`` (N + 1,) int32, padded with the total to the next
    power of two N, so that few lengths occur and little recompiles; ``longest`` is T, no document being longer."""

    offsets: Tensor
    longest: int


Mask = Tensor | BlockMask | Varlen
"""What :func:`attend` takes; which one decides the backend."""


def prepare(positions: Tensor, backend: str) -> Mask:
    """The mask of packed rows for ``backend``; ``positions`` (B, T) count from 0 in every document."""
    if backend == "flex":
        places = torch.arange(positions.shape[1], device=positions.device)
        return block_mask(places, places - positions, places)
    if backend == "varlen":
        return _offsets(positions)
    return document_mask(positions)


def document_mask(positions: Tensor) -> Tensor:
    """Who may look at whom: (batch, 1, query, key), true where the key is earlier or equal and of the same document.

    ``positions`` (batch, length) count from 0 in every document, so a 0 is where one begins. Built once a batch and
    shared by all layers.
    """
    documents = (positions == 0).cumsum(dim=1)
    same = documents[:, :, None] == documents[:, None, :]
    return same.tril()[:, None]


def block_mask(queries: Tensor, begins: Tensor, keys: Tensor) -> BlockMask:
    """FlexAttention's mask from tokens at the places ``queries`` (Q,) of a row, whose documents begin at ``begins``
    (B, Q), to those at the places ``keys`` (K,)."""

    def visible(row: Tensor, head: Tensor, query: Tensor, key: Tensor) -> Tensor:
        return (keys[key] <= queries[query]) & (keys[key] >= begins[row, query])

    # Uncompiled, this and the kernel below would build the whole T x T on a GPU.
    make = compiled(create_block_mask) if queries.is_cuda else create_block_mask
    return make(visible, len(begins), None, len(queries), len(keys), device=queries.device)


def _offsets(positions: Tensor) -> Varlen:
    flat = positions.flatten()
    total = flat.numel()
    places = torch.arange(total, device=flat.device)
    starts = flat == 0  # every row begins with one
    # The one place where the host waits for the device. The kernel launches blocks for each document that there might
    # be, and there may be no more than 65,535: room for one a token would be slow, and too much for long rows.
    room = 1 << (int(starts.sum()) - 1).bit_length()
    offsets = torch.full((room + 1,), total, dtype=torch.int32, device=flat.device)
    slots = torch.where(starts, starts.cumsum(0) - 1, room)
    offsets = offsets.scatter(0, slots, places.int().where(starts, total))
    torch._dynamo.maybe_mark_dynamic(offsets, 0)  # of compiled blocks there need not be one for each power of two
    return Varlen(offsets, positions.shape[1])


def attend(q: Tensor, k: Tensor, v: Tensor, mask: Mask | None) -> Tensor:
    """Scaled dot-product attention under ``mask``, as :func:`prepare` makes it; without one, everything is seen.

    ``q`` (batch, heads, length, head_dim); ``k`` and ``v`` may have fewer heads, each serving a group of consecutive
    heads of ``q``. Returns the shape of ``q``.
    """
    if isinstance(mask, BlockMask):
        # Within a block that is compiled as a whole, the kernel is compiled with it.
        kernel: Any = compiled(flex_attention) if q.is_cuda and not torch.compiler.is_compiling() else flex_attention
        return kernel(q, k, v, block_mask=mask, enable_gqa=True)
    if isinstance(mask, Varlen):
        if not _VARLEN_GROUPS:
            k, v = (_for_each_head(x, q) for x in (k, v))
        flat = (x.transpose(1, 2).flatten(0, 1) for x in (q, k, v))
        options: dict[str, Any] = {"enable_gqa": True} if _VARLEN_GROUPS else {}
        varlen: Any = varlen_attn  # its signature differs between versions of torch
        out = varlen(*flat, mask.offsets, mask.offsets, mask.longest, mask.longest, window_size=(-1, 0), **options)
        return out.unflatten(0, (q.shape[0], q.shape[2])).transpose(1, 2)
    if mask is not None and q.shape[2] == 1 and mask.shape[1:3] == (1, 1):
        # One token a row, as in sampling: the heads that share keys stand in as its queries. All keys are then read
        # once, where a GPU's kernel with a mask would need them repeated for each head.
        grouped = q.reshape(*k.shape[:2], -1, q.shape[3])
        return F.scaled_dot_product_attention(grouped, k, v, attn_mask=mask).reshape(q.shape)
    if q.is_cuda and mask is not None:
        # Of the GPU's kernels the one that takes masks knows no groups of heads; torch would fall back to one that
        # holds all T x T products.
        return F.scaled_dot_product_attention(q, _for_each_head(k, q), _for_each_head(v, q), attn_mask=mask)
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask, enable_gqa=True)


_VARLEN_GROUPS = "enable_gqa" in inspect.signature(varlen_attn).parameters  # not yet in torch 2.11


def _for_each_head(x: Tensor, q: Tensor) -> Tensor:
    """Keys or values repeated for the heads of ``q`` that share them."""
    return x.repeat_interleave(q.shape[1] // x.shape[1], dim=1)
