from __future__ import annotations

import json
import threading
import time

import pytest
import torch

from tests.trainer.stages import STAGES
from trainer.data.mixture import Mixture
from trainer.data.prefetch import Feed
from trainer.data.sources import open_data
from trainer.errors import TrainerError


def test_steps_are_made_ahead_and_errors_arrive(three, monkeypatch):
    original = Mixture.next_batch
    calls = []

    def slow(self, stage, own):
        calls.append(threading.current_thread().name)
        if len(calls) == 3:
            raise TrainerError("the disk is gone")
        time.sleep(0.2)
        return original(self, stage, own)

    monkeypatch.setattr(Mixture, "next_batch", slow)
    feed = Feed(STAGES, open_data(three), 0, 0, None)
    feed.next()
    time.sleep(0.5)  # the next one is made meanwhile
    begin = time.perf_counter()
    feed.next()
    assert time.perf_counter() - begin < 0.1
    with pytest.raises(TrainerError, match="the disk is gone"):
        feed.next()
    feed.close()
    assert set(calls) == {"data"}


def test_closing_ends_the_thread(three):
    feed = Feed(STAGES, open_data(three), 0, 0, None)
    feed.next()
    feed.close()
    assert "data" not in {thread.name for thread in threading.enumerate()}


def steps_of(feed: Feed, count: int) -> list:
    try:
        return [feed.next() for _ in range(count)]
    finally:
        feed.close()


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
        assert sum(share.num_labels for share in shares) == expected.num_labels
        assert sum(share.sum_positions for share in shares) == expected.sum_positions
        assert all(share.state == expected.state for share in shares)
