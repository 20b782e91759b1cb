from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tokens.build_builtin import build
from tokens.info import TokenizerError
from tokens.tokenizer import BUILT_IN, DEFAULT, load
from tokens.train import sample_documents, train_tokenizer

WORDS = ["mill", "grain", "river"] * 9
TEXTS = [f"the {word} and the {word}s of {word}land, number {n}\n" for n, word in enumerate(WORDS)]


def test_built_in_file_is_what_its_script_builds():
    assert build() == BUILT_IN[DEFAULT].read_bytes()


def test_trained_tokenizer_loads_and_merges_what_is_frequent(tmp_path):
    path = tmp_path / "tokenizer.json"
    path.write_bytes(train_tokenizer(TEXTS, 300))
    tokenizer = load(str(path))
    assert tokenizer.vocab_size == 300
    assert len(tokenizer.encode(" the")) == 1
    assert tokenizer.decode(tokenizer.encode("naïve 川 the\n\n")) == "naïve 川 the\n\n"


def test_training_does_not_depend_on_the_order_of_texts():
    assert train_tokenizer(TEXTS, 300) == train_tokenizer(TEXTS[::-1], 300)


def test_vocabularies_that_cannot_be_are_refused():
    with pytest.raises(TokenizerError, match="100 is too small"):
        train_tokenizer(TEXTS, 100)
    with pytest.raises(TokenizerError, match="Give more text"):
        train_tokenizer(["aa"], 400)


def _write(path, documents):
    path.parent.mkdir(parents=True, exist_ok=True)
    ids, texts = zip(*documents, strict=True)
    pq.write_table(pa.table({"id": ids, "text": texts}), path, row_group_size=3)


DOCUMENTS = [(f"{n:032x}", f"text {n} " + "é" * (n % 7)) for n in range(40)]


@pytest.mark.parametrize("max_bytes", [0, 50, 300, 10_000])
def test_sample_does_not_depend_on_files(tmp_path, max_bytes):
    _write(tmp_path / "one" / "documents" / "a.parquet", DOCUMENTS)
    for part in range(3):
        _write(tmp_path / "three" / "documents" / f"{part}.parquet", DOCUMENTS[part::3][::-1])
    sample = list(sample_documents(str(tmp_path / "one"), max_bytes))
    assert sample == list(sample_documents(str(tmp_path / "three"), max_bytes))
    assert sum(len(text.encode()) for text in sample) <= max_bytes
    assert (len(sample) == len(DOCUMENTS)) == (max_bytes == 10_000)
    assert bool(sample) == (max_bytes > 0)


def test_smaller_sample_is_the_beginning_of_a_larger(tmp_path):
    _write(tmp_path / "documents" / "a.parquet", DOCUMENTS)
    small, large = (list(sample_documents(str(tmp_path), size)) for size in (150, 300))
    assert small == large[: len(small)]
    assert len(small) < len(large)


def test_files_that_the_manifest_does_not_name_do_not_exist(tmp_path):
    _write(tmp_path / "documents" / "a.parquet", DOCUMENTS[:3])
    _write(tmp_path / "documents" / "zombie.parquet", DOCUMENTS[3:])
    (tmp_path / "documents" / "_manifest.json").write_text(json.dumps({"files": [{"path": "a.parquet"}]}))
    assert sorted(sample_documents(str(tmp_path), 10_000)) == sorted(text for _, text in DOCUMENTS[:3])


def test_missing_documents_are_said(tmp_path):
    with pytest.raises(FileNotFoundError, match="There is no directory"):
        list(sample_documents(str(tmp_path), 100))
