"""Context parallelism: ranks share the tokens of a row, as the 128K stages need (the paper, §3.3.2).

A row of T tokens is cut into 2 C chunks, of which rank i of C takes the chunks i and 2 C - 1 - i, so that every rank
has early and late tokens and about as much to attend to. Keys and values are gathered from all ranks before each
attention, which masks of documents and GQA's few heads make the simple choice: no ring, no passes of softmax to merge.
"""

from __future__ import annotations

import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed import _functional_collectives as collectives
from torch.nn.attention.flex_attention import BlockMask

from trainer.data.batch import Batch
from trainer.model.attention import block_mask

# Renamed in torch 2.15; the one from before still works there but warns.
_gather = getattr(collectives, "all_gather_single_autograd", None) or collectives.all_gather_tensor_autograd


class Context:
    """A rank's part in the rows of its group of ranks; a :class:`trainer.model.kv_cache.DividedRows`."""

    def __init__(self, group: dist.ProcessGroup) -> None:
        self._group, self._rank, self._size = group, group.rank(), group.size()

    def split(self, batch: Batch) -> Batch:
        """The rank's tokens of each row of ``batch``; T must be a multiple of twice the ranks."""
        own = self._places(batch.tokens.shape[1])[self._rank]
        return Batch(*(tensor[:, own] for tensor in batch))

    def mask(self, positions: Tensor, backend: str) -> Tensor | BlockMask:
        """As :func:`trainer.model.attention.prepare`, from the rank's queries (``positions`` (B, T / C)) to all keys,
        in the order in which :meth:`extend` returns them. The backend varlen knows no such order."""
        places = self._places(positions.shape[1] * self._size).to(positions.device)
        queries, keys = places[self._rank], places.flatten()
        begins = queries - positions  # (B, T / C): where the query's document begins in the row
        if backend == "flex":
            return block_mask(queries, begins, keys)
        return ((keys <= queries[:, None]) & (keys >= begins[:, :, None]))[:, None]

    def extend(self, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """``k`` and ``v`` (B, kv heads, T / C, E) of all ranks, (B, kv heads, T, E); gradients go back to theirs."""
        both = _gather(torch.stack((k, v)).contiguous(), 3, self._group)
        return both[0], both[1]

    def _places(self, length: int) -> Tensor:
        """(C, length / C): the places in the row of each rank's tokens."""
        chunks = torch.arange(length).chunk(2 * self._size)
        return torch.stack([torch.cat((chunks[i], chunks[-1 - i])) for i in range(self._size)])
