"""A vocabulary whose head is shared by ranks: what softmax needs to know of the logits that other ranks hold."""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import Tensor
from torch.distributed.tensor import DTensor, Partial, Replicate

from trainer.labels import IGNORE


class Vocabulary(NamedTuple):
    """The rows of the head that this rank holds: consecutive ones, as many as every other rank.

    Each token's logits are then (tokens, rows), and what is said of them holds for the logits of all ranks together.
    Without a ``group`` the rows are all there are.
    """

    group: dist.ProcessGroup | None = None
    first: int = 0
    """The id of the first row."""
    rows: int = 0

    def own(self, labels: Tensor) -> Tensor:
        """``labels`` counted from :attr:`first`; those of other ranks' rows are ignored."""
        if self.group is None:
            return labels
        places = labels - self.first
        return places.where((places >= 0) & (places < self.rows), IGNORE)

    def log_softmax(self, logits: Tensor) -> Tensor:
        """Logarithms of the probabilities of the rank's own ids. Not for autograd."""
        if self.group is None:
            return F.log_softmax(logits, dim=-1)
        highest = self._reduce(logits.amax(-1, keepdim=True), dist.ReduceOp.MAX)
        shifted = logits - highest
        return shifted - self.sum(shifted.exp().sum(-1, keepdim=True)).log()

    def argmax(self, logits: Tensor) -> Tensor:
        """The likeliest id of each token, the lowest where several are."""
        places = logits.argmax(-1)
        if self.group is None:
            return places
        values = logits.amax(-1)
        beaten = values < self._reduce(values, dist.ReduceOp.MAX)
        candidates = (places + self.first).masked_fill(beaten, torch.iinfo(places.dtype).max)
        return self._reduce(candidates, dist.ReduceOp.MIN)

    def sum(self, values: Tensor) -> Tensor:
        """``values`` summed over the ranks."""
        return values if self.group is None else self._reduce(values, dist.ReduceOp.SUM)

    def _reduce(self, values: Tensor, operation: dist.ReduceOp.RedOpType) -> Tensor:
        values = values.clone()
        dist.all_reduce(values, operation, self.group)
        return values


def own_part(hidden: Tensor, weight: Tensor) -> tuple[Tensor, Tensor, Vocabulary]:
    """``hidden`` of all tokens, the rank's own rows of the head's ``weight``, and which rows these are.

    Where both are DTensors, tokens and rows are gathered and taken as plain tensors; the gradients go back the same
    way, that of ``hidden`` summed over what each rank's rows contribute to it.
    """
    if not (isinstance(weight, DTensor) and isinstance(hidden, DTensor)):
        return hidden, weight, Vocabulary()
    mesh, rows = weight.device_mesh, weight.to_local()
    tokens = hidden.redistribute(placements=[Replicate()]).to_local(grad_placements=[Partial()])
    return tokens, rows, Vocabulary(mesh.get_group(), mesh.get_local_rank() * len(rows), len(rows))
