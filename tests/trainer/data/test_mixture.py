from __future__ import annotations

from collections import Counter

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.trainer.stages import STAGES, stage
from trainer.data.mixture import Mixture, planned_passes
from trainer.data.sources import open_data


def owners(batch) -> list[int]:
    """The source of each row, by the tokens that are no frames."""
    return [Counter(t for t in row if t < 60).most_common(1)[0][0] for row in batch.tokens.tolist()]


@given(st.lists(st.integers(1, 20), min_size=3, max_size=3), st.integers(1, 30))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_keep_to_the_shares_at_every_moment(three, weights, rows):
    shares = {name: weight / sum(weights) for name, weight in zip("abc", weights, strict=True)}
    mixture = Mixture(open_data(three), 0)
    seen = Counter()
    for _ in range(4):
        seen.update(owners(mixture.next_batch(stage(rows=rows, mixture=shares))))
        for number, name in enumerate("abc", 1):
            assert abs(seen[number] - shares[name] * seen.total()) <= 2


def test_a_share_of_zero_shows_nothing_and_no_mixture_shows_all(three):
    mixture = Mixture(open_data(three), 0)
    alone = mixture.next_batch(stage(rows=30, mixture={"a": 1.0, "b": 0.0}))
    assert set(owners(alone)) == {1}
    together = mixture.next_batch(stage("t", rows=130))
    assert {1, 2, 3} <= set(together.tokens.flatten().tolist())


def test_a_row_comes_from_the_pool_that_lags_most_and_the_first_by_name_of_several(three):
    mixture = Mixture(open_data(three), 0)
    batch = mixture.next_batch(stage(rows=6, mixture={"c": 0.5, "a": 0.25, "b": 0.25}))
    # Lags before each row: c .5; then a .5 = b .5; b .75; c 1; c .5 and so on from the beginning.
    assert owners(batch) == [3, 1, 2, 3, 3, 1]
    assert mixture.state["rows"] == {"c": 3, "a": 2, "b": 1} and mixture.state["stage"] == "s"


def test_rows_are_counted_anew_in_each_stage_and_pools_keep_their_places(three):
    mixture = Mixture(open_data(three), 0)
    mixture.next_batch(stage(rows=4, mixture={"a": 0.5, "c": 0.5}))
    before = mixture.state["cursors"]
    batch = mixture.next_batch(stage("other", rows=1, mixture={"a": 0.1, "c": 0.9}))
    assert owners(batch) == [3]
    assert mixture.state["rows"] == {"c": 1} and mixture.state["stage"] == "other"
    assert mixture.state["cursors"]["a"] == before["a"] and mixture.state["cursors"]["c"] != before["c"]
    assert set(before) == {"a", "c"} and all(type(n) is int for cursor in before.values() for n in cursor)


def test_passes_are_of_the_pools_that_a_stage_reads(three):
    mixture = Mixture(open_data(three), 0)
    mixed = stage(rows=4, mixture={"a": 0.5, "b": 0.0, "c": 0.5})
    assert mixture.passes(mixed) == {"a": 0.0, "c": 0.0}
    mixture.next_batch(mixed)
    # A directory is one group of 20 documents of 22 to 41 tokens.
    assert mixture.passes(mixed) == pytest.approx(dict.fromkeys("ac", 2 * 16 / 630))
    assert mixture.passes(stage("t")) == {"": 0.0}


@pytest.mark.parametrize("own", [slice(0, 1), slice(1, 3), slice(2, 4), slice(3, 3), slice(0, 4)])
def test_own_rows_are_those_of_the_whole_batch(three, own):
    sources = open_data(three)
    whole, part = Mixture(sources, 0), Mixture(sources, 0)
    for number in range(4):
        mixed = stage(rows=4, mixture={"a": 0.3, "b": 0.3, "c": 0.4}) if number % 2 else stage("plain", rows=4)
        expected, found = whole.next_batch(mixed), part.next_batch(mixed, own)
        assert all(torch.equal(tensor[own], rows) for tensor, rows in zip(expected, found, strict=True))
        assert part.state == whole.state


def test_documents_of_a_step_are_told_with_their_pools_in_the_order_of_places(three):
    sources = open_data(three)
    rows, told = Mixture(sources, 0), Mixture(sources, 0)
    for each in (*STAGES, *STAGES[:1]):
        batch, found = rows.next_batch(each), told.next_documents(each)
        assert rows.state == told.state
        places = [(part.row, part.column) for _, part in found]
        assert places == sorted(places) and {row for row, _ in places} == set(range(each.batch_rows))
        assert sum(part.tokens for _, part in found) == batch.tokens.numel()
        for name, part in found:
            tokens = set(batch.tokens[part.row, part.column : part.column + part.tokens].tolist()) - {62, 63}
            assert len(tokens) <= 1
            if each.mixture is None:
                assert name == ""
            else:
                assert tokens <= {" abc".index(name)}


def test_passes_are_planned_by_the_shares_of_all_stages(three):
    sources = open_data(three)  # 630 tokens each
    assert planned_passes([stage()], sources) == pytest.approx({"": 3 * 64 / 1890})
    mixed = [stage(mixture={"a": 0.75, "b": 0.25, "c": 0.0}), stage("t", rows=2, mixture={"a": 1.0})]
    assert planned_passes(mixed, sources) == pytest.approx({"a": (144 + 96) / 630, "b": 48 / 630})
