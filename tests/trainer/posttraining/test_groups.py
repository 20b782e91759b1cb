"""Rows of prompts with their responses: which groups lie where, how long responses are, and lengths beside scores."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from trainer.distributed.ranks import Ranks
from trainer.errors import TrainerError
from trainer.posttraining.chat import Encoded, Kind
from trainer.posttraining.groups import (
    Correlation,
    GroupRows,
    PreferenceTask,
    groups_of,
    response_lengths,
    shares_prompts,
)
from trainer.posttraining.rows import Group

ALONE = Ranks(0, 1, torch.device("cpu"), None)


def group(prompt: int, *responses: int) -> Group:
    """A prompt and responses of so many tokens, terminators included."""
    written = []
    for count in responses:
        kinds = np.full(count, Kind.CONTENT, dtype=np.uint8)
        kinds[-1] = Kind.FORMAT
        written.append(Encoded(np.arange(1, count + 1, dtype=np.int32), kinds))
    return Group(np.arange(prompt, dtype=np.int32), tuple(written))


# With shared prompts 4 - 1 + 5 + 2 = 10, 8, 3 - 1 + 9 + 3 = 14 and 3 tokens.
GROUPS = [group(4, 3, 2), group(3, 2, 2), group(3, 2, 3, 4), group(2, 1)]


def rows(shared: bool = True, length: int = 16) -> GroupRows:
    return GroupRows(GROUPS, length, 0, shared, pad=9)


def test_groups_share_rows_by_their_lengths() -> None:
    found = rows()
    assert found.lengths == [10, 8, 14, 3] and rows(shared=False, length=24).lengths == [13, 10, 18, 3]
    assert found.plan == [[2], [0, 3], [1]] and len(found) == 3
    assert found.slots == (2, 3) and found.fill == pytest.approx(35 / 48)
    assert found.numbers([1, -1, 0]) == [0, 3, 2]
    batch = found.batch([1, -1])
    assert batch.tokens.shape == (2, 16) and batch.terminators.shape == (2, 2, 3)
    assert batch.taken.tolist() == [[[True, True, False], [True, False, False]], [[False] * 3] * 2]
    assert (batch.tokens[1] == 9).all()
    none = GroupRows([], 16, 0, True, 9)
    assert (none.plan, none.slots, none.fill) == ([], (1, 1), 0.0)
    assert [shares_prompts(name) for name in ("sdpa", "flex", "varlen")] == [True, True, False]


@pytest.mark.parametrize("shared", [True, False])
def test_a_response_is_as_long_as_what_was_written_with_its_terminator(shared: bool) -> None:
    found = rows(shared, 24)
    for row, numbers in enumerate(found.plan):
        (lengths,) = response_lengths(found.batch([row])).tolist()
        for g, number in enumerate(numbers):
            expected = [len(response.ids) for response in GROUPS[number].responses]
            assert lengths[g] == expected + [0] * (found.slots[1] - len(expected))


def test_the_part_of_a_batch_that_says_where_groups_are() -> None:
    batch = rows().batch([0])
    assert groups_of({**batch._asdict(), "more": torch.zeros(1)}) == batch


def test_a_digest_tells_rows_apart() -> None:
    assert rows().digest == rows().digest != rows(length=24).digest


def test_lengths_and_scores_are_compared_within_prompts() -> None:
    generator = torch.Generator().manual_seed(0)
    taken = torch.rand(3, 4, 3, generator=generator) > 0.3
    taken[0, 0] = False
    lengths = torch.randint(1, 50, taken.shape, generator=generator)
    scores = torch.randn(taken.shape, generator=generator) + lengths / 20
    x, y = [], []
    for one, length, score in zip(taken.view(-1, 3), lengths.view(-1, 3), scores.view(-1, 3), strict=True):
        if one.any():
            x += (length[one] - length[one].double().mean()).tolist()
            y += (score[one].double() - score[one].double().mean()).tolist()
    found = Correlation(torch.device("cpu"))
    for row in range(3):
        found.add(lengths[row : row + 1], scores[row : row + 1], taken[row : row + 1])
    assert found.value(ALONE) == pytest.approx(np.dot(x, y) / np.sqrt(np.dot(x, x) * np.dot(y, y)), rel=1e-9)


@pytest.mark.parametrize(("lengths", "scores"), [([3, 3], [1.0, 2.0]), ([3, 4], [1.0, 1.0])])
def test_what_does_not_differ_has_no_correlation(lengths: list[int], scores: list[float]) -> None:
    found = Correlation(torch.device("cpu"))
    assert found.value(ALONE) is None
    found.add(torch.tensor([[lengths]]), torch.tensor([[scores]]), torch.ones(1, 1, 2, dtype=torch.bool))
    assert found.value(ALONE) is None


def test_rows_that_ranks_share_are_refused() -> None:
    class Plain(PreferenceTask):
        name = "dpo"

    config: Any = SimpleNamespace()
    with pytest.raises(
        TrainerError, match="run.context_parallel is 2; dpo needs whole rows on each rank. Set it to 1"
    ):
        Plain(config, config, config, Ranks(0, 2, torch.device("cpu"), None, context_size=2))
