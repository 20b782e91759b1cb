"""Who sees whom in a row of prompts with responses, written out pair by pair."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from trainer.posttraining.chat import Encoded, Kind
from trainer.posttraining.rows import Group, group_batch
from trainer.posttraining.tree_mask import prepare_tree

PAD = 0


def group(prompt: int, *responses: int) -> Group:
    """So many ids of a prompt and of each response."""
    texts = (Encoded(np.arange(1, n + 1, dtype=np.int32), np.full(n, Kind.CONTENT, np.uint8)) for n in responses)
    return Group(np.arange(101, 101 + prompt, dtype=np.int32), tuple(texts))


@pytest.mark.parametrize("shared", [True, False])
def test_a_token_sees_its_prompt_and_its_own_response_up_to_itself(shared: bool) -> None:
    groups, length = [group(3, 2, 4), group(1, 1, 1)], 24
    batch = group_batch(groups, [[0, 1], [1]], length, PAD, (2, 2), shared)
    mask = prepare_tree(batch, "sdpa")
    assert isinstance(mask, torch.Tensor) and mask.shape == (2, 1, length, length)
    for row, numbers in enumerate([[0, 1], [1]]):
        # Of each place: of whom it is a part. Prompts are parts of all their responses where they are shared.
        parts: list[tuple[int, int | None]] = []
        for number in numbers:
            prompt, responses = len(groups[number].prompt), groups[number].responses
            if shared:
                parts += [(number, None)] * (prompt - 1)
            for which, text in enumerate(responses):
                parts += [(number, which)] * ((1 if shared else prompt) + len(text.ids))
        parts += [(-1, 0)] * (length - len(parts))
        for query in range(length):
            for key in range(length):
                same = parts[key] == parts[query] or (parts[key][0] == parts[query][0] and parts[key][1] is None)
                assert mask[row, 0, query, key].item() is (same and key <= query), (row, query, key)
