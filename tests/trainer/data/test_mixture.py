from __future__ import annotations

from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.trainer.stages import stage
from trainer.data.mixture import Mixture
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
