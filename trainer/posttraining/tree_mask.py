"""Attention in rows where several responses share a prompt: each sees the prompt and itself, and no other response."""

from __future__ import annotations

from torch import Tensor
from torch.nn.attention.flex_attention import create_block_mask

from trainer.model.attention import Mask, prepare
from trainer.model.compile import compiled
from trainer.posttraining.rows import GroupBatch


def prepare_tree(batch: GroupBatch, backend: str) -> Mask:
    """The mask of ``batch`` for ``backend`` (:mod:`trainer.model.attention`). For varlen, rows must not share prompts
    (``shared=False`` of :func:`trainer.posttraining.rows.group_batch`): it knows documents alone."""
    if backend == "varlen":
        return prepare(batch.positions, backend)
    begins, first, last = batch.begins, batch.prompt_begins, batch.prompt_ends

    def visible(row: Tensor, head: Tensor, query: Tensor, key: Tensor) -> Tensor:
        own = key >= begins[row, query]
        prompt = (key >= first[row, query]) & (key < last[row, query])
        return (key <= query) & (own | prompt)

    rows, length = begins.shape
    if backend == "flex":
        make = compiled(create_block_mask) if begins.is_cuda else create_block_mask
        return make(visible, rows, None, length, length, device=begins.device)
    places = begins.new_tensor(range(length))
    return visible(begins.new_tensor(range(rows))[:, None, None], places, places[:, None], places)[:, None]
