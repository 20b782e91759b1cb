from __future__ import annotations

import dataclasses
import hashlib
import itertools
import math
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tokens.index import ShardIndex
from tokens.shards import ShardError
from tokens.tokenizer import TokenizerInfo
from trainer.data import stream as stream_module
from trainer.data.batch import group_number
from trainer.data.sources import open_data
from trainer.data.stream import Cursor, TrainingStream, read_group
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


WORD = 1 << 64


def plain_mix(key: int, seed: int, epoch: int) -> int:
    """SplitMix64's finalizer (Steele et al., 2014, "Fast splittable pseudorandom number generators")."""
    salt = int.from_bytes(hashlib.blake2b(f"{seed} {epoch}".encode(), digest_size=8).digest())
    x = (key + salt) % WORD
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 % WORD
    x = (x ^ x >> 27) * 0x94D049BB133111EB % WORD
    return x ^ x >> 31


def plain_key(id: str) -> int:
    return int.from_bytes(hashlib.blake2b(id.encode(), digest_size=8, person=b"train").digest())


def plain_copies(id: str, weight: float, epoch: int) -> int:
    fraction = (plain_key(id) >> 11) / 2**53
    return math.floor(weight * (epoch + 1) + fraction) - math.floor(weight * epoch + fraction)


def plain_epoch(groups: list[list[tuple[str, int]]], weight: float, seed: int, epoch: int) -> list[int]:
    """The first tokens of an epoch's documents, one at a time: ``groups`` have (id, first token)."""
    found = []
    for place in sorted(range(len(groups)), key=lambda place: plain_mix(place, seed, epoch)):
        shown = [
            (plain_mix((plain_key(id) + copy) % WORD, seed, epoch), token)
            for id, token in groups[place]
            for copy in range(plain_copies(id, weight, epoch))
        ]
        found += [token for _, token in sorted(shown)]
    return found


@pytest.mark.parametrize("weight", [1.0, 2.5, 0.4])
@pytest.mark.parametrize("seed", [0, 3])
def test_the_order_is_the_one_that_was_written_down(numbered, weight, seed):
    """A run that goes on with another version of the trainer must see the rows that it would have seen."""
    data = indices(numbered(4, weight=weight))
    groups = []
    for group in data[0].split("train"):
        documents = group.read()
        firsts = documents.values[documents.offsets[:-1] + 1]
        groups.append([(id, int(token)) for id, token in zip(documents.ids, firsts, strict=True)])
    assert len(groups) == 5
    stream = TrainingStream(data, seed)
    for epoch in range(4):
        expected = plain_epoch(groups, weight, seed, epoch)
        assert [document[0] for document in documents_of(stream, 5 * len(expected))] == expected


def test_passes_are_counted_by_groups_and_within_one_by_tokens(numbered):
    data = indices(numbered(4))  # five groups of 20 tokens
    stream = TrainingStream(data, seed=0)
    passes = [stream.passes]
    for _ in range(12):
        stream.next_batch(1, 10)
        passes.append(stream.passes)
    assert passes == pytest.approx([n / 10 for n in range(13)])
    assert TrainingStream(data, 0, Cursor(2, 5, 0)).passes == 3.0
    assert TrainingStream(data, 0, Cursor(2, 4, 5)).passes == pytest.approx(2 + 4.25 / 5)


def rare(weight: float, epoch: int) -> list[int]:
    """A document whose first copy at this weight comes in ``epoch``."""
    for first in range(60):
        for second in range(60):
            id = hashlib.md5(bytes([first, second]) + bytes([0])).hexdigest()
            if [plain_copies(id, weight, e) for e in range(epoch + 1)] == [0] * epoch + [1]:
                return [first, second]
    raise AssertionError


def test_two_epochs_without_a_document_are_waited_for_and_no_more(tmp_path, write_shard):
    write_shard(tmp_path / "two" / "a.parquet", [rare(0.4, 2)], weight=0.4)
    stream = TrainingStream(indices(str(tmp_path / "two")), seed=0)
    assert stream.next_batch(1, 2).tokens[0].tolist() == [BOS, rare(0.4, 2)[0]]
    write_shard(tmp_path / "three" / "a.parquet", [rare(0.3, 3)], weight=0.3)
    with pytest.raises(TrainerError, match="A whole epoch shows no document"):
        TrainingStream(indices(str(tmp_path / "three")), seed=0).next_batch(1, 2)


def test_the_largest_id_of_a_vocabulary_is_in_it_and_none_is_below_zero(tmp_path, write_shard):
    write_shard(tmp_path / "a" / "a.parquet", [[0, 61]])
    assert TrainingStream(indices(str(tmp_path / "a")), seed=0).next_batch(1, 3).tokens.tolist() == [[BOS, 0, 61]]
    values = np.array([0, 63], np.int32)
    group = SimpleNamespace(read=lambda: SimpleNamespace(values=values), number=2, path="p")
    assert read_group(group, OTHER_TOKENIZER).values is values
    with pytest.raises(ShardError, match="Row group 2 of p holds ids from 0 to 63, but its tokenizer other has 63"):
        read_group(group, dataclasses.replace(OTHER_TOKENIZER, vocab_size=63))
    values = np.array([-1, 3], np.int32)
    with pytest.raises(ShardError, match="Row group 2 of p holds ids from -1 to 3"):
        read_group(group, OTHER_TOKENIZER)
    values = values[:0]
    assert read_group(group, OTHER_TOKENIZER).values.size == 0


@pytest.mark.parametrize("weight", [1.0, 1.5])
@pytest.mark.parametrize("length", [3, 7, 20, 33])
def test_the_documents_of_a_batch_are_where_they_are_said_to_be(numbered, length, weight):
    data = indices(numbered(4, weight=weight))
    whole, told, some = (TrainingStream(data, 5) for _ in range(3))
    written = {}
    for group in data[0].split("train"):
        documents = group.read()
        for number, id in enumerate(documents.ids):
            written[id] = documents.values[documents.offsets[number] : documents.offsets[number + 1]].tolist()
    only = {(group.path, group.number) for group in data[0].split("train")[:2]}
    for rows in (1, 4, 2):
        batch = whole.next_batch(rows, length)
        parts = told.next_documents(rows, length)
        seen = [[-1] * length for _ in range(rows)]
        for part in parts:
            assert part.tokens > 0 and part.column >= 0 and part.column + part.tokens <= length
            row = slice(part.column, part.column + part.tokens)
            seen[part.row][row] = written[part.id][part.first : part.first + part.tokens]
            assert part.first + part.tokens <= len(written[part.id])
        assert seen == batch.tokens.tolist()
        assert [(p.row, p.column) for p in parts] == sorted((p.row, p.column) for p in parts)
        chosen = [part for part in parts if (part.group.path, part.group.number) in only]
        assert some.next_documents(rows, length, only) == chosen
        assert told.cursor == whole.cursor == some.cursor


def test_sources_are_reported_under_their_numbers(numbered, tmp_path, write_shard):
    write_shard(tmp_path / "more" / "a.parquet", [[30] * 3] * 4)
    data = indices(numbered(4), str(tmp_path / "more"))
    for numbers, expected in ((None, (0, 1)), ([5, 2], (5, 2))):
        batch = TrainingStream(data, 0, sources=numbers).next_batch(1, 120)
        per_class = group_number(1, 0)
        for token, group in zip(batch.tokens[0].tolist(), batch.groups[0].tolist(), strict=True):
            if token < 60:
                assert group // per_class == expected[token == 30]
