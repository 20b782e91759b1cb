"""Files of rows: each row with its place, and a sentence for what cannot be read."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from trainer.errors import TrainerError
from trainer.posttraining.row_files import Row, read_rows

LINES = '{"a": 1}\n\n{"a": null, "b": "é"}\n'


def test_rows_come_with_their_places_in_the_order_of_the_files(tmp_path: Path) -> None:
    plain, packed, table = (tmp_path / name for name in ("x.jsonl", "y.jsonl.gz", "z.parquet"))
    plain.write_text(LINES, "utf-8")
    packed.write_bytes(gzip.compress(LINES.encode()))
    pq.write_table(pa.table({"a": list(range(1500)), "b": [None, *["text"] * 1499]}), table)
    found = [*read_rows([plain, str(packed)])]
    assert found == [
        Row(f"{path}:{number}", content)
        for path in (plain, packed)
        for number, content in ((1, {"a": 1}), (3, {"a": None, "b": "é"}))
    ]
    rows = [*read_rows([table, plain])]
    assert rows[0] == (f"{table}:1", {"a": 0}) and rows[1499] == (f"{table}:1500", {"a": 1499, "b": "text"})
    assert rows[1500:] == found[:2]


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("none.jsonl", None, "There is no file .*none.jsonl"),
        ("empty.jsonl", b"", "empty.jsonl has no rows"),
        ("blank.jsonl", b"\n  \n", "blank.jsonl has no rows"),
        ("bad.jsonl", b'{"a": 1}\n{"a": \n', r"bad\.jsonl:2 is no JSON \(.*\)\. Mend or remove the line\.$"),
        ("list.jsonl", b"[\n1]", r"list\.jsonl:1 is no JSON .* A list over several lines is no JSON Lines"),
        ("number.jsonl", b"3\n", r"number\.jsonl:1 is no JSON object but '3'"),
        ("long.jsonl", b'"' + b"x" * 99 + b'"', r"is no JSON object but '\"x{59}'"),
        ("latin.jsonl", b'{"a": 1}\n{"a": "\xe9"}\n', r"latin\.jsonl cannot be read behind line "),
        ("cut.jsonl.gz", gzip.compress(LINES.encode())[:-9], r"cut\.jsonl\.gz cannot be read behind line"),
        ("bad.parquet", b"PAR1", r"bad\.parquet cannot be read as Parquet"),
    ],
)
def test_what_cannot_be_read_gets_a_sentence(tmp_path: Path, name: str, data: bytes | None, sentence: str) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(TrainerError, match=sentence):
        list(read_rows([tmp_path / name]))


def test_an_empty_table_has_no_rows(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": pa.array([], pa.int64())}), tmp_path / "x.parquet")
    with pytest.raises(TrainerError, match="has no rows"):
        list(read_rows([tmp_path / "x.parquet"]))
