from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trainer.posttraining.conftest import MODEL
from trainer.labels import IGNORE
from trainer.posttraining.chat import Encoded, Kind
from trainer.posttraining.losses import response_sums
from trainer.posttraining.models import Policy, RewardModel
from trainer.posttraining.rows import Group, GroupBatch, dialog_batch, digest, group_batch
from trainer.posttraining.tree_mask import prepare_tree

PAD, EOT = 260, 265


def response(*ids: int) -> Encoded:
    kinds = np.full(len(ids) + 1, Kind.CONTENT, dtype=np.uint8)
    kinds[-1] = Kind.FORMAT
    return Encoded(np.array([*ids, EOT], dtype=np.int32), kinds)


def group(prompt: list[int], *responses: list[int]) -> Group:
    return Group(np.array(prompt, dtype=np.int32), tuple(response(*ids) for ids in responses))


IDS = st.lists(st.integers(0, 250), min_size=1, max_size=5)
GROUPS = st.builds(lambda prompt, responses: group(prompt, *responses), IDS, st.lists(IDS, min_size=2, max_size=3))
DIALOGS = st.builds(
    lambda prompt, answer: Encoded(
        np.concatenate((np.array(prompt, dtype=np.int32), answer.ids)),
        np.concatenate((np.zeros(len(prompt), dtype=np.uint8), answer.kinds)),
    ),
    IDS,
    st.builds(lambda ids: response(*ids), IDS),
)


@given(st.lists(DIALOGS, max_size=4))
def test_a_packed_row_has_its_dialogs_and_their_targets(dialogs: list[Encoded]) -> None:
    batch = dialog_batch(dialogs, [list(range(len(dialogs))), []], 60, PAD)
    flat = [int(i) for dialog in dialogs for i in dialog.ids]
    assert batch.tokens[0].tolist() == flat + [PAD] * (60 - len(flat))
    places = [place for dialog in dialogs for place in range(len(dialog.ids))]
    assert batch.positions[0].tolist() == places + list(range(60 - len(flat)))
    trained = [int(i) for dialog in dialogs for i in dialog.ids[dialog.kinds != Kind.NONE]]
    assert batch.labels[0][batch.labels[0] != IGNORE].tolist() == trained
    # Each label is the token behind its place, of the same dialog.
    for place in (batch.labels[0] != IGNORE).nonzero().flatten().tolist():
        assert batch.labels[0, place] == batch.tokens[0, place + 1] and batch.positions[0, place + 1] > 0
    assert (batch.labels[1] == IGNORE).all() and (batch.tokens[1] == PAD).all()


@given(st.lists(GROUPS, min_size=1, max_size=3), st.booleans())
def test_a_row_of_groups_says_what_belongs_to_whom(groups: list[Group], shared: bool) -> None:
    length = sum(g.length(shared) for g in groups) + 2
    batch = group_batch(groups, [list(range(len(groups)))], length, PAD, (len(groups), 3), shared)
    assert int((batch.tokens == PAD).sum()) == 2
    for g, found in enumerate(groups):
        for w, (ids, kinds) in enumerate(found.responses):
            mine = batch.slots[0] == 3 * g + w
            assert batch.labels[0][mine].tolist() == ids.tolist() and batch.kinds[0][mine].tolist() == kinds.tolist()
            end = batch.terminators[0, g, w]
            assert batch.tokens[0, end] == EOT
            written = batch.positions[0, end - len(ids) + 1 : end + 1].tolist()
            assert written == list(range(len(found.prompt), len(found.prompt) + len(ids)))
        assert (batch.terminators[0, g, len(found.responses) :] == -1).all()
    assert (batch.labels[batch.slots < 0] == IGNORE).all()
    assert (batch.slots < 0).sum() == length - sum(len(r.ids) for g in groups for r in g.responses)


def scores_and_sums(model: RewardModel, policy: Policy, batch: GroupBatch, backend: str) -> tuple[torch.Tensor, ...]:
    mask = prepare_tree(batch, backend)
    scores = model(batch.tokens, batch.positions, batch.terminators.flatten(1), mask).view(batch.terminators.shape)
    log_probs = policy(batch.tokens, batch.positions, batch.labels, mask)
    return scores, response_sums(log_probs, batch.slots, batch.kinds != Kind.NONE, batch.terminators.shape)


@pytest.fixture(scope="module")
def models() -> tuple[RewardModel, Policy]:
    torch.manual_seed(0)
    reward, policy = RewardModel(MODEL), Policy(dataclasses.replace(MODEL, tied_embeddings=True))
    for model in (reward, policy):
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.normal_(0, 0.3)
    return reward, policy


@given(st.lists(GROUPS, min_size=1, max_size=3), st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None)
@torch.no_grad()
def test_one_row_is_separate_rows_and_order_is_of_no_account(models, groups: list[Group], random) -> None:
    shape = (len(groups), 3)
    numbers = list(range(len(groups)))
    length = sum(g.length(True) for g in groups) + 3
    together = scores_and_sums(*models, group_batch(groups, [numbers], length, PAD, shape), "sdpa")
    orders = [random.sample(range(len(g.responses)), len(g.responses)) for g in groups]
    shuffled = scores_and_sums(*models, group_batch(groups, [numbers], length, PAD, shape, orders=orders), "sdpa")
    # Each response with its own copy of the prompt, as a document of a packed row; and each in a row of its own.
    longer = sum(g.length(False) for g in groups) + 3
    apart = scores_and_sums(*models, group_batch(groups, [numbers], longer, PAD, shape, shared=False), "sdpa")
    for one, other in ((together, shuffled), (together, apart)):
        for a, b in zip(one, other, strict=True):
            torch.testing.assert_close(a, b, atol=2e-5, rtol=1e-5)
    for g, found in enumerate(groups):
        for w, answer in enumerate(found.responses):
            alone = group_batch([Group(found.prompt, (answer,))], [[0]], 20, PAD, (1, 1))
            for a, b in zip(together, scores_and_sums(*models, alone, "sdpa"), strict=True):
                torch.testing.assert_close(a[0, g, w], b[0, 0, 0], atol=2e-5, rtol=1e-5)


def test_flex_sees_what_sdpa_sees() -> None:
    groups = [group([1, 2, 3], [4, 5], [6], [7, 8, 9]), group([1], [2], [3, 4])]
    batch = group_batch(groups, [[0, 1], [1]], 128, PAD, (2, 3))
    dense, blocks = prepare_tree(batch, "sdpa"), prepare_tree(batch, "flex")
    rows, queries, keys = torch.meshgrid(torch.arange(2), torch.arange(128), torch.arange(128), indexing="ij")
    seen = blocks.mask_mod(rows, torch.zeros_like(rows), queries, keys)
    assert torch.equal(seen, dense[:, 0])
    # By hand: the prompt without its last token is 2 long; the second response's part begins at 6.
    assert dense[0, 0, 7].nonzero().flatten().tolist() == [0, 1, 6, 7]


def test_digests_tell_rows_apart() -> None:
    a, b = group([1, 2], [3], [4]), group([1], [2, 3], [4])
    assert digest([a], [[0]]) != digest([b], [[0]]) and digest([a, a], [[0], [1]]) != digest([a, a], [[0, 1]])
