"""As many shards as the kept text fills, each for one range of ids."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from pipeline.commit import Receipt
from pipeline.listing import write_listing
from pipeline.phases.shards import Shard, units
from pipeline.run_state import RunState
from pipeline.transforms.work_units import range_units
from recipes import load


@pytest.mark.parametrize(
    ("kept", "count"), [((), 1), ((0,), 1), ((1,), 1), ((60, 40), 1), ((60, 41), 2), ((999,), 10)]
)
def test_a_shard_holds_so_many_bytes_of_text(kept: tuple[int, ...], count: int, tmp_path: Path) -> None:
    recipe = load("llama3")
    recipe = dataclasses.replace(recipe, shards=dataclasses.replace(recipe.shards, shard_bytes=100))
    receipts = [Receipt(f"part-{n:06d}", n, [], {"kept_bytes": size}) for n, size in enumerate(kept)]
    judged = write_listing(str(tmp_path), "judge", receipts)
    assert units(RunState(str(tmp_path), recipe, {"judge": judged})) == count
    found = list(range_units(Shard, count).block(0))
    assert found == [Shard(number, count) for number in range(count)]
    assert found[-1].high() == "g" and found[0].low() == "00000000"
    assert found[0].unit == f"shard-00000-of-{count:05d}"
