"""Megatron-LM's pair of files, read by hand as its documentation describes them."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from tokens.export import megatron
from tokens.export.megatron import MegatronWriter
from tokens.index import Documents
from tokens.info import TokenizerInfo


def group(*documents: list[int]) -> Documents:
    count = len(documents)
    offsets = np.cumsum([0, *map(len, documents)], dtype=np.int64)
    values = np.asarray([token for document in documents for token in document], np.int32)
    return Documents(["x"] * count, values, offsets, np.ones(count, np.float32), np.zeros(count, np.int8))


def read(folder: Path, split: str) -> tuple[int, list[list[int]]]:
    """The code of the ids' type and the sequences, by the index alone."""
    data = (folder / f"{split}.idx").read_bytes()
    assert data[:9] == b"MMIDIDX\0\0"
    version, code, count, indices = struct.unpack_from("<QBQQ", data, 9)
    assert (version, indices) == (1, count + 1)
    lengths = np.frombuffer(data, "<i4", count, 34)
    places = np.frombuffer(data, "<i8", count, 34 + 4 * count)
    begins = np.frombuffer(data, "<i8", count + 1, 34 + 12 * count)
    assert len(data) == 34 + 12 * count + 8 * (count + 1) and begins.tolist() == list(range(count + 1))
    kind = {8: "<u2", 4: "<i4"}[code]
    ids = (folder / f"{split}.bin").read_bytes()
    assert len(ids) == int(lengths.sum()) * int(kind[-1])
    return code, [
        np.frombuffer(ids, kind, length, place).tolist() for length, place in zip(lengths, places, strict=True)
    ]


@pytest.mark.parametrize(("vocabulary", "code"), [(65_499, 8), (65_500, 4), (128_256, 4)])
@pytest.mark.parametrize("at_once", [1, 2, 3, 1 << 20])
def test_every_document_is_where_the_index_says(
    tmp_path: Path, vocabulary: int, code: int, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(megatron, "_AT_ONCE", at_once)
    train = [[1, 2, 3], [vocabulary - 1], [4, 5], [6], [7, 8, 9, 10]]
    writer = MegatronWriter(tmp_path, TokenizerInfo("tiny", "ab" * 32, vocabulary, 0, 1))
    writer.begin("train")
    writer.add(group(*train[:2]))
    writer.add(group(*train[2:]))
    writer.begin("held_out")
    writer.add(group([3, 2]))
    writer.close()
    writer.close()
    assert read(tmp_path, "train") == (code, train)
    assert read(tmp_path, "held_out") == (code, [[3, 2]])
    assert {path.name for path in tmp_path.iterdir()} == {"train.bin", "train.idx", "held_out.bin", "held_out.idx"}


def test_a_split_without_documents_has_an_index_too(tmp_path: Path) -> None:
    writer = MegatronWriter(tmp_path, TokenizerInfo("tiny", "ab" * 32, 64, 0, 1))
    writer.close()
    assert not list(tmp_path.iterdir())
    writer.begin("train")
    writer.close()
    assert read(tmp_path, "train") == (8, [])
