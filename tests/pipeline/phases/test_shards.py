"""As many shards as the kept text fills, each for one range of ids."""

from __future__ import annotations

import dataclasses

import pytest

from pipeline.commit import Manifest, Receipt
from pipeline.phases.shards import Shard, shards
from pipeline.run_state import RunState
from recipes import load


@pytest.mark.parametrize(
    ("kept", "count"), [((), 1), ((0,), 1), ((1,), 1), ((60, 40), 1), ((60, 41), 2), ((999,), 10)]
)
def test_a_shard_holds_so_many_bytes_of_text(kept: tuple[int, ...], count: int) -> None:
    recipe = load("llama3")
    recipe = dataclasses.replace(recipe, shards=dataclasses.replace(recipe.shards, shard_bytes=100))
    receipts = tuple(Receipt(f"part-{number:06d}", [], {"kept_bytes": size}) for number, size in enumerate(kept))
    found = shards(RunState("/nowhere", recipe, (), {"judge": Manifest("judge", receipts)}))
    assert found == [Shard(number, count) for number in range(count)]
    assert found[-1].high() == "g" and found[0].low() == "00000000"
    assert found[0].unit == f"shard-00000-of-{count:05d}"
