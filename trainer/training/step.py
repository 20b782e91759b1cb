"""The gradients of one step, summed micro-batch by micro-batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from trainer.training.objective import Tensors


def accumulate(
    loss: Callable[[Tensors], Mapping[str, Tensor]],
    batches: Sequence[Tensors],
    divisor: float,
    device: torch.device,
    ranks: int = 1,
    before_each: Callable[[bool], None] = lambda last: None,
) -> dict[str, Tensor]:
    """Adds the gradients of the mean loss over ``divisor`` to those of the model behind ``loss``, which returns a
    micro-batch's sums (:meth:`trainer.training.objective.Objective.loss`). Returns the sums over ``batches``.

    ``divisor`` counts over all micro-batches of all ranks together. The mean of their means would weigh a token in a
    micro-batch with few labels more than one in a micro-batch with many. FSDP takes the mean over ``ranks``, and so
    each loss is multiplied by their number. ``before_each`` is told of each micro-batch whether it is the last.
    """
    totals: dict[str, Tensor] = {}
    for number, batch in enumerate(batches, 1):
        before_each(number == len(batches))
        sums = loss({name: tensor.to(device, non_blocking=True) for name, tensor in batch.items()})
        (sums["loss"] * (ranks / max(1, divisor))).backward()
        for name, value in sums.items():
            totals[name] = totals[name] + value.detach() if name in totals else value.detach()
    return totals


def micro_batches(batch: Tensors, rows: int | None) -> list[dict[str, Tensor]]:
    """``batch`` in pieces of ``rows`` rows (all at once without a number)."""
    parts = [tensor.split(rows or max(1, len(tensor))) for tensor in batch.values()]
    return [dict(zip(batch, pieces, strict=True)) for pieces in zip(*parts, strict=True)]
