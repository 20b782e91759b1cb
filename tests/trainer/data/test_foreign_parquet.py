from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tokens.shards import ShardError
from tokens.tokenizer import TokenizerInfo
from trainer.checkpoint.convert import load_model
from trainer.data.foreign_parquet import UNNAMED
from trainer.data.sources import open_data
from trainer.data.stream import TrainingStream
from trainer.training.pretraining import pretrain


@pytest.fixture
def plain(tmp_path) -> Path:
    """Two files of ten documents ``n n n``, in row groups of four."""
    folder = tmp_path / "plain"
    folder.mkdir()
    for first in (0, 10):
        documents = pa.array([[n] * 3 for n in range(first, first + 10)], pa.list_(pa.int32()))
        pq.write_table(
            pa.table({"x": range(10), "tokens": documents}), folder / f"{first:02}.parquet", row_group_size=4
        )
    return folder


def test_any_parquet_with_tokens_can_be_trained_on(plain, make_config, tmp_path):
    (index,) = [source.shards for source in open_data([str(plain)], vocab_size=64)]
    assert (index.documents, index.tokens, len(index.groups)) == (20, 60, 6)
    assert index.tokenizer == TokenizerInfo("an unnamed tokenizer", UNNAMED, 64, 0, 0)
    assert index.groups[4].read().ids == ["10.parquet 1 0", "10.parquet 1 1", "10.parquet 1 2", "10.parquet 1 3"]
    stream = TrainingStream([index], seed=0)
    epochs = [stream.next_batch(1, 60) for _ in range(2)]
    for batch in epochs:
        rows = [tuple(row.tolist()) for row in batch.tokens[0].split(3)]
        assert sorted(rows) == [(n, n, n) for n in range(20)]
        assert batch.positions[0].tolist() == [0, 1, 2] * 20
        assert (batch.labels[0] == -100).sum() == 20  # nothing is predicted across documents
    assert epochs[0].tokens.tolist() != epochs[1].tokens.tolist()
    summary = pretrain(make_config(model={"vocab_size": 64}), [str(plain)], tmp_path / "run")
    assert summary.finished and summary.held_out_loss_end is None
    assert load_model(tmp_path / "run").tokenizer is None


def test_what_is_missing_is_said(plain, make_config, tmp_path, shards):
    with pytest.raises(ShardError, match="names no tokenizer.* Set model.vocab_size"):
        pretrain(make_config(), [str(plain)], tmp_path / "run")
    with pytest.raises(ShardError, match="holds ids from .*, but its tokenizer .* has 12"):
        pretrain(make_config(model={"vocab_size": 12}), [str(plain)], tmp_path / "run")
    with pytest.raises(ShardError, match="Their ids mean different things"):
        open_data([shards, str(plain)], vocab_size=64)
    pq.write_table(pa.table({"tokens": pa.array([[1]], pa.list_(pa.int64()))}), plain / "99.parquet")
    with pytest.raises(ShardError, match="99.parquet has no column tokens of list<int32>"):
        open_data([str(plain)], vocab_size=64)
    (plain / "99.parquet").write_bytes(b"PAR1 half")
    with pytest.raises(ShardError, match="99.parquet cannot be read as Parquet"):
        open_data([str(plain)], vocab_size=64)


def test_ids_are_the_files_own_where_they_have_some(tmp_path):
    documents = pa.array([[1, 2], [3]], pa.list_(pa.int32()))
    pq.write_table(pa.table({"tokens": documents, "id": [7, 8]}), tmp_path / "a.parquet")
    (index,) = [source.shards for source in open_data([str(tmp_path)], vocab_size=64)]
    assert index.groups[0].read().ids == ["7", "8"]
