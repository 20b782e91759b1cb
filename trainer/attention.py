"""Attention that never crosses from one document into another.

Rows are packed: several documents lie behind one another in a row, and each must be read as if it were alone
(the paper, §3.2: "an attention mask that prevents self-attention between different documents within the same
sequence"). The mask is the part that matters: without it the logits of packed documents are wrong, while resetting
positions changes nothing that RoPE, being relative, could see.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def document_mask(positions: Tensor) -> Tensor:
    """Who may look at whom: (batch, 1, query, key), true where the key is earlier or equal and of the same document.

    ``positions`` (batch, length) count from 0 in every document, so a 0 is where one begins. Built once a batch and
    shared by all layers.
    """
    documents = (positions == 0).cumsum(dim=1)
    same = documents[:, :, None] == documents[:, None, :]
    return same.tril()[:, None]


def attend(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    """Scaled dot-product attention under ``mask``, as :func:`document_mask` makes it.

    ``q`` (batch, heads, length, head_dim); ``k`` and ``v`` may have fewer heads, each serving a group of consecutive
    heads of ``q``. Returns the shape of ``q``.
    """
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask, enable_gqa=True)
