"""Ranks that share rows: together they have every token once, and each sees what attention over whole rows lets it see."""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import pytest
import torch

from trainer.data.batch import Batch
from trainer.distributed.context_parallel import Context
from trainer.model.attention import document_mask

POSITIONS = torch.tensor([[0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 5, 6], [0, 0, 1, 0, 1, 2, 3, 4, 5, 6, 7, 8]])


class Group(NamedTuple):
    """As much of a process group as a rank's part in rows is made of."""

    number: int
    count: int

    def rank(self) -> int:
        return self.number

    def size(self) -> int:
        return self.count


def contexts(count: int) -> list[Context]:
    return [Context(cast("Any", Group(number, count))) for number in range(count)]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_every_token_is_with_one_rank_and_each_has_early_and_late_ones(count: int) -> None:
    tokens = torch.arange(24).reshape(2, 12)
    batch = Batch.ungrouped(tokens, tokens + 1, POSITIONS)
    parts = [context.split(batch) for context in contexts(count)]
    assert torch.equal(torch.cat([part.tokens for part in parts], 1).sort(1).values, tokens)
    for part in parts:
        assert torch.equal(part.labels, part.tokens + 1) and part.tokens.shape == (2, 12 // count)
        first = part.tokens[0].tolist()
        assert first == sorted(first) and sum(first) == sum(range(12)) // count


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_rank_s_queries_see_the_same_keys_as_in_whole_rows(count: int) -> None:
    whole = document_mask(POSITIONS)
    places = torch.arange(12)[None].expand(2, -1)
    batch = Batch.ungrouped(places, places, POSITIONS)
    parts = [context.split(batch) for context in contexts(count)]
    order = torch.cat([part.tokens[0] for part in parts])  # of the keys that all ranks have gathered
    for context, part in zip(contexts(count), parts, strict=True):
        found = context.mask(part.positions, "sdpa")
        assert isinstance(found, torch.Tensor)
        assert torch.equal(found, whole[:, :, part.tokens[0]][:, :, :, order])
