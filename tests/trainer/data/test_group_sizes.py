"""The size of a row group is known from its footer where each of its documents comes once."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tokens.shards import TRAIN
from trainer.data.group_sizes import GroupSizes
from trainer.data.sources import open_data


def sizes(folder: Path) -> list[int | None]:
    ((_, index),) = open_data([f"a={folder}"])
    groups = index.split(TRAIN)
    found = GroupSizes(groups)
    return [found.known(number) for number in range(len(groups))]


def test_documents_that_come_once_are_counted_without_being_read(tmp_path: Path, write_shard) -> None:
    write_shard(tmp_path / "a" / "x.parquet", [[1, 2, 3], [4]])
    write_shard(tmp_path / "a" / "y.parquet", [[1]])
    assert sizes(tmp_path / "a") == [5 + 3, 3]


@pytest.mark.parametrize("weight", [0.5, 2.0])
def test_of_other_weights_nothing_is_known(tmp_path: Path, write_shard, weight: float) -> None:
    write_shard(tmp_path / "a" / "x.parquet", [[1, 2, 3], [4]], weight=weight)
    write_shard(tmp_path / "a" / "y.parquet", [[1]])
    assert sizes(tmp_path / "a") == [None, 3]


def test_one_document_of_another_weight_is_enough(tmp_path: Path, write_shard) -> None:
    write_shard(tmp_path / "a" / "x.parquet", [[1, 2, 3], [4], [5]])
    path = tmp_path / "a" / "x.parquet"
    for weights in ([1.0, 1.0, 2.0], [0.5, 1.0, 1.0]):
        table = pq.read_table(path)
        place = table.schema.get_field_index("weight")
        changed = table.set_column(place, table.schema.field(place), pa.array(weights, table.schema.field(place).type))
        pq.write_table(changed, path)
        assert sizes(tmp_path / "a") == [None]


def test_a_footer_is_read_once_and_one_that_is_gone_says_nothing(tmp_path: Path, write_shard) -> None:
    write_shard(tmp_path / "a" / "x.parquet", [[1, 2, 3]])
    ((_, index),) = open_data([f"a={tmp_path / 'a'}"])
    known, unknown = GroupSizes(index.split(TRAIN)), GroupSizes(index.split(TRAIN))
    assert known.known(0) == 5
    (tmp_path / "a" / "x.parquet").unlink()
    assert known.known(0) == 5 and unknown.known(0) is None
