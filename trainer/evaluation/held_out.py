"""What a model is worth: held-out loss, needles in haystacks, multiple choice. None of it needs a network.

All ranks must call these together; each takes its share of the rows, and all get the same answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch

from trainer.data.batch import Batch
from trainer.data.held_out import held_out_batches
from trainer.data.sources import Source
from trainer.distributed.ranks import Ranks
from trainer.model.llama import Llama


class Loss(NamedTuple):
    """A sum of cross-entropies in nats, over so many labels."""

    total: float
    labels: int

    @property
    def per_label(self) -> float:
        """Nats a token."""
        return self.total / self.labels


def mean(losses: Sequence[Loss]) -> float | None:
    """Nats a token over all of ``losses``; ``None`` where there is no label."""
    labels = sum(loss.labels for loss in losses)
    return sum(loss.total for loss in losses) / labels if labels else None


@torch.no_grad()
def loss_of(model: Llama, batches: Iterator[Batch], ranks: Ranks) -> Loss:
    """The loss over ``batches``, which are the same on every rank."""
    total, labels = torch.zeros((), dtype=torch.float64, device=ranks.device), 0
    for batch in batches:
        labels += batch.num_labels()
        own = ranks.part(batch.share(ranks.data_rank, ranks.data_size)).to(ranks.device)
        total += model(own.tokens, own.positions, own.labels).double()
    return Loss(ranks.sum(total).item(), labels)


def held_out_losses(
    model: Llama, sources: Sequence[Source], length: int, rows: int, max_tokens: int, ranks: Ranks
) -> dict[str, Loss]:
    """The loss on the held-out documents of each source that has any: ``max_tokens`` of each, in ``rows`` rows of
    ``length`` tokens at once."""
    found = {
        name: loss_of(model, held_out_batches([index], length, rows, max_tokens), ranks) for name, index in sources
    }
    return {name: loss for name, loss in found.items() if loss.labels}
