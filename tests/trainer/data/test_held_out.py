from __future__ import annotations

import itertools

import pytest
import torch

from tokens.index import ShardIndex
from trainer.data import held_out
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


def plain(documents: list[list[int]], length: int, most: int) -> tuple[list[list[int]], list[list[int]]]:
    """Rows and their labels, token by token."""
    tokens = [(token, place > 0) for document in documents for place, token in enumerate([62, *document, EOS])][:most]
    rows, labels = [], []
    for begin in range(0, len(tokens), length):
        row = tokens[begin : begin + length]
        after = [*tokens[begin + 1 : begin + length + 1], *[(EOS, False)] * length][:length]
        rows.append([token for token, _ in row] + [EOS] * (length - len(row)))
        labels.append([token if inside else IGNORE for token, inside in after])
    return rows, labels


def test_rows_are_those_of_a_plain_reading(tmp_path, write_shard):
    documents = [[n, n + 1, n + 2] for n in range(10)]
    write_shard(tmp_path / "a.parquet", documents[:6], split="held_out")
    write_shard(tmp_path / "b.parquet", documents[6:], split="held_out")
    found = indices(str(tmp_path))
    groups = [group.read() for index in found for group in index.split("held_out")]
    in_order = [g.values[begin + 1 : begin + 4].tolist() for g in groups for begin in g.offsets[:-1]]
    assert sorted(in_order) == documents
    for length, most in itertools.product((2, 5, 7, 50), (1, 9, 10, 14, 15, 28, 49, 50, 51, 1000)):
        batches = list(held_out_batches(found, length, rows=2, max_tokens=most))
        rows, labels = plain(in_order, length, most)
        assert [row for batch in batches for row in batch.tokens.tolist()] == rows
        assert [row for batch in batches for row in batch.labels.tolist()] == labels
        assert [len(batch.tokens) for batch in batches[:-1]] == [2] * (len(batches) - 1)


def test_no_more_is_read_than_is_looked_at(tmp_path, write_shard, monkeypatch):
    for name in "abc":
        write_shard(tmp_path / f"{name}.parquet", [[1, 2, 3]], split="held_out")
    read = []
    original = held_out.read_group
    monkeypatch.setattr(held_out, "read_group", lambda group, *rest: read.append(group) or original(group, *rest))
    for most, groups in ((5, 1), (6, 2), (10, 2), (11, 3)):
        read.clear()
        list(held_out_batches(indices(str(tmp_path)), 8, 2, most))
        assert len(read) == groups
