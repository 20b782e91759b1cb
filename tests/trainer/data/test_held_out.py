from __future__ import annotations

import itertools

import pytest
import torch

from tokens.index import ShardIndex
from trainer.data.held_out import held_out_batches
from trainer.data.sources import open_data
from trainer.labels import IGNORE

EOS = 63  # of the tokenizer in conftest.py


def indices(directory: str) -> list[ShardIndex]:
    return [source.shards for source in open_data([directory])]


@pytest.mark.parametrize("length", [4, 10, 25, 1000])
def test_held_out_documents_are_seen_once_in_order(tmp_path, write_shard, length):
    documents = [[n, n + 1, n + 2] for n in range(10)]
    write_shard(tmp_path / "a.parquet", documents, split="held_out")
    write_shard(tmp_path / "b.parquet", [[50] * 50])
    batches = list(held_out_batches(indices(str(tmp_path)), length, rows=2, max_tokens=1000))
    labels = torch.cat([batch.labels.flatten() for batch in batches])
    assert sorted(labels[labels != IGNORE].tolist()) == sorted([*itertools.chain(*documents), *[EOS] * 10])
    assert all(batch.tokens.shape[1] == length and len(batch.tokens) <= 2 for batch in batches)


def test_held_out_tokens_are_limited_and_may_be_none(shards, tmp_path, write_shard):
    counted = sum(b.num_labels() for b in held_out_batches(indices(shards), 8, rows=4, max_tokens=50))
    assert 40 <= counted < 50
    write_shard(tmp_path / "none" / "a.parquet", [[1]])
    assert list(held_out_batches(indices(str(tmp_path / "none")), 8, rows=4, max_tokens=50)) == []
