"""A head that ranks share, against the whole of it: threads stand for ranks, and what they agree on goes through lists."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.tensor import DTensor, Replicate, Shard

from tests.trainer.distributed.pretended import as_rank
from trainer.labels import IGNORE
from trainer.model import cross_entropy
from trainer.model.vocab_parallel import Vocabulary, own_part

RANKS, ROWS = 3, 4
LOGITS = torch.randn(6, RANKS * ROWS, generator=torch.Generator().manual_seed(4)) * 30
# The likeliest id of the last tokens is one of several: on one rank, and on two.
LOGITS[4, [5, 6]] = 200.0
LOGITS[5, [3, 9]] = 200.0
LABELS = torch.tensor([0, 3, 4, 11, 8, IGNORE])


class Together:
    """All reductions of threads, each of which has called for one at the same place."""

    def __init__(self) -> None:
        self._barrier = threading.Barrier(RANKS, timeout=20)
        self._values: list[torch.Tensor] = []

    def reduce(self, values: torch.Tensor, operation: Any) -> None:
        if self._barrier.wait() == 0:
            self._values.clear()
        self._barrier.wait()
        self._values.append(values.clone())
        self._barrier.wait()
        all_of = torch.stack(self._values)
        self._barrier.wait()
        if operation == dist.ReduceOp.SUM:
            values.copy_(all_of.sum(0))
        else:
            values.copy_(all_of.amax(0) if operation == dist.ReduceOp.MAX else all_of.amin(0))


@pytest.fixture
def on_each(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Vocabulary, slice], Any]], list[Any]]:
    """``on_each(work)``: what ``work(vocabulary, its columns)`` returns on each rank."""
    together: Any = Together()
    monkeypatch.setattr(dist, "all_reduce", lambda values, operation, group: group.reduce(values, operation))

    def run(work: Callable[[Vocabulary, slice], Any]) -> list[Any]:
        found: list[Any] = [None] * RANKS

        def rank(number: int) -> None:
            first = number * ROWS
            found[number] = work(Vocabulary(together, first, ROWS), slice(first, first + ROWS))

        threads = [threading.Thread(target=rank, args=(number,), daemon=True) for number in range(RANKS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        return found

    return run


def test_a_rank_has_labels_of_its_own_rows(on_each) -> None:
    found = on_each(lambda vocabulary, columns: vocabulary.own(LABELS).tolist())
    nobody = IGNORE
    assert found == [
        [0, 3, nobody, nobody, nobody, nobody],
        [nobody, nobody, 0, nobody, nobody, nobody],
        [nobody, nobody, nobody, 3, 0, nobody],
    ]
    assert torch.equal(Vocabulary().own(LABELS), LABELS)


def test_probabilities_are_of_all_rows(on_each) -> None:
    parts = on_each(lambda vocabulary, columns: vocabulary.log_softmax(LOGITS[:, columns]))
    whole = LOGITS.log_softmax(-1)
    torch.testing.assert_close(torch.cat(parts, 1), whole)
    torch.testing.assert_close(Vocabulary().log_softmax(LOGITS), whole)


def test_the_likeliest_is_found_and_the_lowest_of_several(on_each) -> None:
    before = LOGITS.clone()
    found = on_each(lambda vocabulary, columns: vocabulary.argmax(LOGITS[:, columns]).tolist())
    assert found == [LOGITS.argmax(-1).tolist()] * RANKS and found[0][4:] == [5, 3]
    assert Vocabulary().argmax(LOGITS).tolist() == found[0]
    assert torch.equal(before, LOGITS)  # what a rank has stays as it is


def test_sums_are_over_ranks(on_each) -> None:
    values = torch.tensor([1.0, 2.0])
    assert [part.tolist() for part in on_each(lambda vocabulary, columns: vocabulary.sum(values))] == [[3, 6]] * RANKS
    assert values.tolist() == [1, 2] and Vocabulary().sum(values) is values


def test_loss_gradients_and_scores_are_those_of_the_whole_head(on_each, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = torch.Generator().manual_seed(1)
    hidden, weight = torch.randn(6, 5, generator=generator), torch.randn(RANKS * ROWS, 5, generator=generator)
    one, two = hidden.clone().requires_grad_(), weight.clone().requires_grad_()
    each = F.cross_entropy(one @ two.T, LABELS, ignore_index=IGNORE, reduction="none")
    each.sum().backward()
    scores = cross_entropy.head_scores(hidden, weight, LABELS)
    local = threading.local()
    monkeypatch.setattr(cross_entropy, "own_part", lambda hidden, weight: (hidden, weight, local.vocabulary))

    def work(vocabulary: Vocabulary, columns: slice) -> Any:
        local.vocabulary = vocabulary
        own_hidden, own_weight = hidden.clone().requires_grad_(), weight[columns].clone().requires_grad_()
        losses = torch.full((6,), 7.0)
        loss = cross_entropy.head_loss(own_hidden, own_weight, LABELS, losses, chunk=4)
        loss.backward()
        with torch.no_grad():
            without = cross_entropy.head_loss(own_hidden, own_weight, LABELS, chunk=4)
        found = cross_entropy.head_scores(own_hidden, own_weight, LABELS, chunk=4)
        return loss.detach(), losses, own_hidden.grad, own_weight.grad, without, found

    parts = on_each(work)
    for loss, losses, _, _, without, found in parts:
        torch.testing.assert_close([loss, without, losses], [each.detach().sum()] * 2 + [each.detach()])
        torch.testing.assert_close(found.log_probs, scores.log_probs)
        assert torch.equal(found.best, scores.best)
    torch.testing.assert_close(sum(part[2] for part in parts), one.grad)
    torch.testing.assert_close(torch.cat([part[3] for part in parts]), two.grad)


@pytest.mark.parametrize("rank", [0, 1])
def test_a_rank_s_rows_begin_behind_those_of_the_ranks_before(rank: int) -> None:
    with as_rank(rank, 2):
        mesh = init_device_mesh("cpu", (2,))
        rows = torch.arange(20.0).view(4, 5)
        weight = DTensor.from_local(rows, mesh, [Shard(0)])
        hidden = DTensor.from_local(torch.ones(2, 3, 5), mesh, [Replicate()])
        tokens, own, vocabulary = own_part(hidden, weight)
        assert vocabulary.group is mesh.get_group()
        assert (vocabulary.first, vocabulary.rows) == (4 * rank, 4)
        assert torch.equal(own, rows) and tokens.shape == (2, 3, 5) and not isinstance(tokens, DTensor)
        # One of the two alone doesn't make a divided head.
        for pair in ((hidden, rows), (torch.ones(2, 5), weight), (torch.ones(2, 5), rows)):
            found = own_part(*pair)
            assert found[0] is pair[0] and found[1] is pair[1] and found[2] == Vocabulary()
    assert Vocabulary() == (None, 0, 0)
