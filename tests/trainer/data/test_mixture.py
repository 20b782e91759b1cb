from __future__ import annotations

import json
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tokens.shards import ShardError
from tokens.tokenizer import TokenizerInfo
from trainer.errors import TrainerError
from trainer.data.mixture import Feed, Mixture, check_mixtures, open_data
from trainer.config.schema import LearningRate, StageConfig

CONSTANT = LearningRate(shape="constant")


def stage(name: str = "s", rows: int = 4, steps: int = 3, **settings: object) -> StageConfig:
    return StageConfig(
        name=name,
        tokens=steps * rows * 16,
        sequence_length=16,
        batch_tokens=rows * 16,
        learning_rate=CONSTANT,
        **settings,
    )


@pytest.fixture
def three(tmp_path, write_shard) -> list[str]:
    """Directories a, b and c, whose documents consist of the tokens 1, 2 and 3."""
    for token, name in enumerate("abc", 1):
        write_shard(tmp_path / name / "x.parquet", [[token] * n for n in range(20, 40)])
    return [f"{name}={tmp_path / name}" for name in "abc"]


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


def steps_of(feed: Feed, count: int) -> list:
    try:
        return [feed.next() for _ in range(count)]
    finally:
        feed.close()


STAGES = [
    stage("one", rows=4, steps=3),
    stage("two", rows=4, steps=3, mixture={"a": 0.5, "c": 0.5}),
    stage("three", rows=8, steps=2, mixture={"b": 0.3, "c": 0.7}),
    stage("four", rows=4, steps=2),
]


@pytest.mark.parametrize("stop", range(1, 10))
@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_any_number_of_ranks_goes_on_where_one_stopped(three, stop, ranks):
    sources = open_data(three)
    whole = steps_of(Feed(STAGES, sources, 7, 0, None), 10)
    state = json.loads(json.dumps(whole[stop - 1].state))  # as a checkpoint keeps it
    tokens = sum(len(step.batch.tokens) * 16 for step in whole[:stop])
    parts = [steps_of(Feed(STAGES, sources, 7, tokens, state, rank, ranks), 10 - stop) for rank in range(ranks)]
    for expected, *shares in zip(whole[stop:], *parts, strict=True):
        for tensor, *pieces in zip(expected.batch, *(share.batch for share in shares), strict=True):
            assert torch.equal(tensor, torch.cat(pieces))
        assert {share.num_labels for share in shares} == {expected.num_labels}
        assert all(share.state == expected.state for share in shares)


def test_waiting_for_data_is_measured_and_errors_arrive(three, monkeypatch):
    original = Mixture.next_batch
    calls = []

    def slow(self, stage):
        calls.append(threading.current_thread().name)
        if len(calls) == 3:
            raise TrainerError("the disk is gone")
        time.sleep(0.2)
        return original(self, stage)

    monkeypatch.setattr(Mixture, "next_batch", slow)
    feed = Feed(STAGES, open_data(three), 0, 0, None)
    feed.next()
    assert 0.1 < feed.stalled < 5
    time.sleep(0.5)  # the next one is made meanwhile
    before = feed.stalled
    feed.next()
    assert feed.stalled - before < 0.1
    with pytest.raises(TrainerError, match="the disk is gone"):
        feed.next()
    feed.close()
    assert set(calls) == {"data"}


def test_closing_ends_the_thread(three):
    feed = Feed(STAGES, open_data(three), 0, 0, None)
    feed.next()
    feed.close()
    assert "data" not in {thread.name for thread in threading.enumerate()}


def test_what_cannot_be_mixed_is_refused(three, tmp_path, write_shard):
    sources = open_data(three)
    check_mixtures(STAGES, sources)
    with pytest.raises(TrainerError, match="The stage s mixes d, but the data is called a, b, c"):
        check_mixtures([stage(mixture={"a": 0.5, "d": 0.5})], sources)
    write_shard(tmp_path / "tiny" / "x.parquet", [[1]])
    with pytest.raises(TrainerError, match="3 training tokens, which do not fill one row of 16"):
        check_mixtures([stage(mixture={"a": 0.5, "t": 0.5})], open_data([*three, f"t={tmp_path / 'tiny'}"]))
    with pytest.raises(TrainerError, match="Two directories are called a"):
        open_data([three[0], three[0]])
    write_shard(tmp_path / "other" / "x.parquet", [[1]], TokenizerInfo("other", "cd" * 32, 64, 62, 63))
    with pytest.raises(ShardError, match="Their ids mean different things"):
        open_data([*three, str(tmp_path / "other")])


def test_directories_without_a_name_are_called_as_they_are_written(shards):
    assert [source.name for source in open_data([shards])] == [shards]
    assert Path(shards).is_dir()
