from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tokens.index import ShardIndex
from tokens.shards import ShardError
from tokens.tokenizer import TokenizerInfo
from trainer.data import stream as stream_module
from trainer.data.sources import open_data
from trainer.data.stream import Cursor, TrainingStream
from trainer.errors import TrainerError

BOS, EOS = 62, 63  # of the tokenizer in conftest.py
OTHER_TOKENIZER = TokenizerInfo("other", "cd" * 32, 64, BOS, EOS)


def indices(*directories: str) -> list[ShardIndex]:
    return [source.shards for source in open_data(directories)]


def documents_of(stream: TrainingStream, tokens: int) -> list[tuple[int, ...]]:
    """The whole documents among the next ``tokens`` tokens, without their frames."""
    batch = stream.next_batch(1, tokens)
    text = " ".join(map(str, batch.tokens[0].tolist()))
    whole = [part.split(f" {EOS}")[0] for part in text.split(f"{BOS} ")[1:] if f" {EOS}" in part]
    return [tuple(map(int, part.split())) for part in whole]


@pytest.fixture
def numbered(tmp_path, write_shard):
    """Twenty documents ``n n n`` of five tokens with their frames, in files of ``per_file`` each."""

    def write(per_file: int, **values: object) -> str:
        directory = tmp_path / f"numbered-{per_file}"
        for first in range(0, 20, per_file):
            write_shard(directory / f"{first:02}.parquet", [[n] * 3 for n in range(first, first + per_file)], **values)
        return str(directory)

    return write


@pytest.mark.parametrize("per_file", [20, 3 + 1, 1])
def test_an_epoch_shows_every_document_once_in_an_order_of_its_own(numbered, per_file):
    stream = TrainingStream(indices(numbered(per_file)), seed=0)
    epochs = [documents_of(stream, 100) for _ in range(3)]
    for epoch in epochs:
        assert sorted(epoch) == [(n, n, n) for n in range(20)]
    assert epochs[0] != epochs[1] != epochs[2]


def test_order_follows_the_seed_alone(numbered):
    data = indices(numbered(4))
    orders = [documents_of(TrainingStream(data, seed), 100) for seed in (0, 0, 1)]
    assert orders[0] == orders[1] != orders[2]


@given(st.lists(st.integers(1, 5), min_size=1, max_size=8), st.integers(2, 40))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_and_resumption_do_not_depend_on_the_batches(shards, rows, length):
    data = indices(shards)
    whole = TrainingStream(data, 5).next_batch(sum(rows), length)
    cursor, parts = Cursor(), []
    for count in rows:
        stream = TrainingStream(data, 5, cursor)  # begun anew from three integers
        parts.append(stream.next_batch(count, length))
        cursor = Cursor(*map(int, stream.cursor))
    for tensor, pieces in zip(whole, zip(*parts, strict=True), strict=True):
        assert torch.equal(tensor, torch.cat(pieces))


@pytest.mark.parametrize(("weight", "counts"), [(2.0, {10}), (0.25, {1, 2}), (1.5, {7, 8}), (0.0, set())])
def test_weight_is_copies_an_epoch(tmp_path, write_shard, weight, counts):
    write_shard(tmp_path / "a.parquet", [[n] * 3 for n in range(40)], weight=weight)
    write_shard(tmp_path / "b.parquet", [[50] * 3])
    stream = TrainingStream(indices(str(tmp_path)), seed=0)
    seen = Counter()
    while stream.cursor.epoch < 5:
        seen.update(stream.next_batch(1, 1).tokens.flatten().tolist())
    assert {seen[n] // 3 for n in range(40)} - {0} == counts
    assert seen[50] // 3 in (5, 6)
    assert sum(seen[n] for n in range(40)) / 3 == pytest.approx(40 * 5 * weight, rel=0.1)


def test_copies_of_a_document_do_not_lie_side_by_side(tmp_path, write_shard):
    write_shard(tmp_path / "a.parquet", [[n] * 3 for n in range(20)], weight=4.0)
    order = documents_of(TrainingStream(indices(str(tmp_path)), seed=0), 400)
    assert sum(a == b for a, b in itertools.pairwise(order)) < 15


def test_several_directories_are_one(numbered, tmp_path, write_shard):
    write_shard(tmp_path / "more" / "a.parquet", [[30, 31], [32, 33]])
    stream = TrainingStream(indices(numbered(4), str(tmp_path / "more")), seed=0)
    assert sorted(documents_of(stream, 108)) == [*((n, n, n) for n in range(20)), (30, 31), (32, 33)]


def test_unusable_data_gets_a_sentence(tmp_path, write_shard):
    write_shard(tmp_path / "held" / "a.parquet", [[1, 2]], split="held_out")
    with pytest.raises(TrainerError, match="holds no training documents"):
        TrainingStream(indices(str(tmp_path / "held")), seed=0)
    write_shard(tmp_path / "zero" / "a.parquet", [[1, 2]], weight=0.0)
    with pytest.raises(TrainerError, match="A whole epoch shows no document"):
        TrainingStream(indices(str(tmp_path / "zero")), seed=0).next_batch(1, 4)
    write_shard(tmp_path / "other" / "a.parquet", [[1]], OTHER_TOKENIZER)
    with pytest.raises(ShardError, match="held was written with the tokenizer tiny, .*other with other"):
        indices(str(tmp_path / "held"), str(tmp_path / "other"))


def test_ids_outside_the_vocabulary_get_a_sentence(tmp_path, write_shard):
    write_shard(tmp_path / "a.parquet", [[1, 61]])
    path = tmp_path / "a.parquet"
    # What a foreign writer might claim of the same ids.
    path.write_bytes(path.read_bytes().replace(b'"vocab_size": 64', b'"vocab_size": 60'))
    with pytest.raises(ShardError, match="holds ids from 1 to 63, but its tokenizer tiny has 60"):
        TrainingStream(indices(str(tmp_path)), seed=0).next_batch(1, 2)


@given(st.data(), st.integers(2, 9))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_own_rows_are_those_of_the_whole_batch(numbered, write_shard, draw, length):
    weighted = numbered(4).replace("numbered-4", "weighted")
    write_shard(Path(weighted) / "a.parquet", [[40 + n] * 3 for n in range(5)], weight=1.5)
    data = indices(numbered(4), weighted)
    whole, part = TrainingStream(data, 3), TrainingStream(data, 3)
    for _ in range(4):
        rows = draw.draw(st.integers(1, 6))
        first = draw.draw(st.integers(0, rows))
        last = draw.draw(st.integers(first, rows))
        expected = whole.next_batch(rows, length)
        found = part.next_batch(rows, length, slice(first, last))
        assert all(torch.equal(tensor[first:last], own) for tensor, own in zip(expected, found, strict=True))
        assert part.cursor == whole.cursor and part.passes == whole.passes


@pytest.mark.parametrize(("weight", "most"), [(1.0, 3), (1.5, 10)])
def test_a_rank_reads_the_groups_that_its_rows_lie_in(numbered, monkeypatch, weight, most):
    read = []
    original = stream_module.read_group
    monkeypatch.setattr(stream_module, "read_group", lambda group, *rest: read.append(group) or original(group, *rest))
    stream = TrainingStream(indices(numbered(2, weight=weight)), seed=0)  # ten groups of ten tokens at weight 1
    stream.next_batch(10, 10, slice(4, 6))
    assert 2 <= len(read) <= most


def test_a_footer_that_counts_wrongly_is_refused(tmp_path, write_shard):
    write_shard(tmp_path / "a.parquet", [[1, 2, 3]] * 5)
    path = tmp_path / "a.parquet"
    path.write_bytes(path.read_bytes().replace(b'"split": "train", "tokens": 25', b'"split": "train", "tokens": 24'))
    with pytest.raises(ShardError, match="holds 25 tokens, and its footer says 24. Write or copy"):
        TrainingStream(indices(str(tmp_path)), seed=0).next_batch(1, 2)
