from __future__ import annotations

import io
import json
import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tokens.shards
from tokens.index import read_index
from tokens.info import TokenizerInfo
from tokens.shards import SCHEMA, ShardError, encode_shard, held_out
from tokens.tokenizer import load

INFO = TokenizerInfo("tiny", "00" * 32, vocab_size=100, bos_id=98, eos_id=99)


def row(id: str, tokens: list[int], **values: object) -> dict:
    defaults = {"url": "https://a.example/", "language": "en", "class": "general", "source": "web", "split": "train"}
    return defaults | {"weight": 1.0, "id": id, "tokens": tokens} | values


def table(rows: list[dict]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=SCHEMA)


ROWS = [row(f"{n:04x}", [98, *range(n % 9), 99], split="held_out" if n % 5 == 0 else "train") for n in range(30)]


def test_rows_come_sorted_with_training_first(tmp_path):
    (tmp_path / "a.parquet").write_bytes(encode_shard(table(ROWS[::-1]), INFO))
    stored = pq.read_table(tmp_path / "a.parquet")
    assert stored.schema.equals(SCHEMA)
    assert stored.to_pylist() == sorted(ROWS, key=lambda r: (r["split"] != "train", r["id"]))


@given(st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None)
def test_bytes_do_not_depend_on_the_order_of_rows(shuffle: random.Random):
    rows = list(ROWS)
    shuffle.shuffle(rows)
    assert encode_shard(table(rows), INFO) == encode_shard(table(ROWS), INFO)


def test_row_groups_hold_one_split_and_few_tokens(tmp_path, monkeypatch):
    monkeypatch.setattr(tokens.shards, "ROW_GROUP_TOKENS", 20)
    (tmp_path / "a.parquet").write_bytes(encode_shard(table([*ROWS, row("long", [5] * 50)]), INFO))
    index = read_index(str(tmp_path))
    assert (index.documents, index.tokens) == (31, sum(len(r["tokens"]) for r in ROWS) + 50)
    seen = {}
    for group in index.groups:
        documents = group.read()
        assert (len(documents.ids), documents.values.size) == (group.documents, group.tokens)
        assert group.tokens <= 20 or group.documents == 1
        for i, id in enumerate(documents.ids):
            seen[id] = (group.split, documents.values[documents.offsets[i] : documents.offsets[i + 1]].tolist())
    assert seen == {r["id"]: (r["split"], r["tokens"]) for r in [*ROWS, row("long", [5] * 50)]}
    splits = [group.split for group in index.groups]
    assert splits == sorted(splits, reverse=True)


def test_footer_is_plain_json_in_the_metadata(tmp_path):
    data = encode_shard(table(ROWS), load())
    footer = json.loads(pq.read_metadata(io.BytesIO(data)).metadata[b"gristmill"])
    assert footer["version"] == 1
    assert TokenizerInfo(**footer["tokenizer"]) == load().info
    assert [group["documents"] for group in footer["row_groups"]] == [24, 6]
    assert footer["documents"] == 30


def test_empty_table_is_a_shard(tmp_path):
    (tmp_path / "a.parquet").write_bytes(encode_shard(table([]), INFO))
    assert read_index(str(tmp_path)).groups == ()


def test_files_are_read_in_the_order_of_their_names(tmp_path):
    for name, n in (("b", 1), ("a", 2), ("c", 3)):
        (tmp_path / f"{name}.parquet").write_bytes(encode_shard(table(ROWS[:n]), INFO))
    groups = read_index(f"file://{tmp_path}").groups
    assert [group.path.rsplit("/", 1)[-1] for group in groups] == [
        "a.parquet", "a.parquet", "b.parquet", "c.parquet", "c.parquet",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([ROWS[1], ROWS[1]], "occurs twice"),
        ([row("a", [1], split="test")], "split of a document is 'test'"),
        ([row("a", [1]) | {"class": "poetry"}], "class of a document is 'poetry'"),
        ([row("a", [1], weight=-1.0)], "weight of a document"),
        ([row("a", [1], weight=float("nan"))], "weight of a document"),
        ([row("a", [1, 100])], "run from 1 to 100, but tiny has 100"),
    ],
)
def test_impossible_rows_are_refused(rows, message):
    with pytest.raises(ShardError, match=message):
        encode_shard(table(rows), INFO)


def test_missing_column_is_named():
    with pytest.raises(ShardError, match="weight is missing"):
        encode_shard(table(ROWS).drop_columns(["weight"]), INFO)


@pytest.mark.parametrize("name", ["_manifest.json", "manifest.json"])  # today's, and what older runs wrote
def test_only_files_of_the_manifest_exist(tmp_path, name):
    (tmp_path / "a.parquet").write_bytes(encode_shard(table(ROWS[:9]), INFO))
    (tmp_path / "half-written.parquet").write_bytes(b"PAR1")
    (tmp_path / name).write_text(json.dumps({"files": [{"path": "a.parquet", "rows": 9}]}))
    assert read_index(str(tmp_path)).documents == 9
    (tmp_path / name).write_text(json.dumps({"files": [{"path": "gone.parquet"}]}))
    with pytest.raises(ShardError, match="names .*gone.parquet, which is not there"):
        read_index(str(tmp_path))


def test_bad_directories_get_a_sentence(tmp_path):
    with pytest.raises(ShardError, match="There is no directory"):
        read_index(str(tmp_path / "none"))
    with pytest.raises(ShardError, match="There is no Parquet file"):
        read_index(str(tmp_path))
    good = encode_shard(table(ROWS), INFO)
    (tmp_path / "a.parquet").write_bytes(good[: len(good) // 2])
    with pytest.raises(ShardError, match="a.parquet cannot be read as Parquet .*half-written"):
        read_index(str(tmp_path))
    pq.write_table(table(ROWS), tmp_path / "a.parquet")
    with pytest.raises(ShardError, match="no token shard"):
        read_index(str(tmp_path))


def test_damage_behind_a_good_footer_is_found_on_reading(tmp_path):
    data = bytearray(encode_shard(table([row(str(n), list(range(100)) * 5) for n in range(50)]), INFO))
    data[100] ^= 1
    (tmp_path / "a.parquet").write_bytes(data)
    index = read_index(str(tmp_path))
    with pytest.raises(ShardError, match="cannot be read as Parquet"):
        index.groups[0].read()


def test_rewritten_shard_is_refused(tmp_path):
    data = pq.read_table(io.BytesIO(encode_shard(table(ROWS), INFO)))
    pq.write_table(data, tmp_path / "a.parquet")  # Arrow carries the metadata over, but not the row groups
    with pytest.raises(ShardError, match="has been rewritten"):
        read_index(str(tmp_path))


def test_shards_of_two_tokenizers_do_not_mix(tmp_path):
    (tmp_path / "a.parquet").write_bytes(encode_shard(table(ROWS), INFO))
    (tmp_path / "b.parquet").write_bytes(encode_shard(table(ROWS), load()))
    with pytest.raises(ShardError, match="a.parquet was written with .* tiny .*b.parquet with gristmill-8k"):
        read_index(str(tmp_path))


def test_held_out_share_is_stable_and_nested():
    ids = [f"{n:032x}" for n in range(20_000)]
    one, five = ({id for id in ids if held_out(id, share)} for share in (100, 500))
    assert one < five
    assert 150 < len(one) < 250 and 850 < len(five) < 1150
    assert not any(held_out(id, 0) for id in ids) and all(held_out(id, 10_000) for id in ids)
