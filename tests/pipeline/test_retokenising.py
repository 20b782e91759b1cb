"""Other tokens of documents that a run has kept: a shard for each of their files, its weights and its books."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline import retokenising, storage, tables
from pipeline.preflight import LAYOUT, NotReady
from pipeline.retokenising import retokenise
from recipes import as_dict, load
from tests.pipeline.parts import document_id
from tests.pipeline.runs import manifest, rows
from tokens import tokenizer as tokenizers
from tokens.shards import HELD_OUT, TRAIN

RECIPE = load(
    "llama3", ["tokenise.held_out_per_10000=5000", "mix={targets: {general: 0.5, code: 0.5}, max_weight: 4.0}"]
)
TEXTS = [["The mill.", "And the wind and the river, and all of the stones."], [], ["x = 1", "The end."]]


def document(number: int, text: str) -> dict[str, Any]:
    return {
        "id": document_id(str(number)), "url": f"https://mill.example/{number}", "domain": "mill.example",
        "language": "en", "class": "code" if "=" in text else "general", "text": text, "spans": [],
        "words": len(text.split()), "removed_words": 0,
    }  # fmt: skip


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """What a finished run leaves: its documents in three files, its ledger and what it was."""
    folder = tmp_path / "base"
    (folder / "documents").mkdir(parents=True)
    files, number = [], 0
    for place, texts in enumerate(TEXTS):
        found = []
        for text in texts:
            found.append(document(number, text))
            number += 1
        pq.write_table(tables.table(tables.DOCUMENTS, found), folder / "documents" / f"{place}.parquet")
        files.append({"path": f"{place}.parquet", "rows": len(found)})
    (folder / "documents" / "_manifest.json").write_text(json.dumps({"files": files}))
    about = {
        "layout": LAYOUT,
        "recipe": as_dict(RECIPE),
        "models": {"tokenizer": "0", "quality": "1"},
        "inputs": ["x"],
    }
    (folder / "run.json").write_text(json.dumps(about))
    (folder / "ledger.json").write_text(json.dumps({"records": {"kept": number}, "tokens": {"all": 5, "held_out": 5}}))
    return folder


@pytest.fixture
def tokenizer(tmp_path: Path) -> str:
    tokens = [bytes([i]) for i in range(256)] + [b"th", b"the", b" th", b" the", b"an", b"and", b" a", b" an", b" and"]
    path = tmp_path / "tokenizer.model"
    path.write_bytes(b"".join(base64.b64encode(token) + b" %d\n" % rank for rank, token in enumerate(tokens)))
    return str(path)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_shard_for_each_file_of_documents(base: Path, tokenizer: str, tmp_path: Path, monkeypatch: Any) -> None:
    before, made = contents(base), []
    real = retokenising.pipeline_maker
    monkeypatch.setattr(retokenising, "pipeline_maker", lambda *given: made.append(given) or real(*given))
    new = tmp_path / "new"
    ledger = retokenise(str(base), tokenizer, str(new))
    assert made == [([], 1)] and contents(base) == before

    encoder = tokenizers.load(tokenizer)
    assert [file["rows"] for file in manifest(new, "tokens")] == [2, 0, 2]
    for file, texts in zip(manifest(new, "tokens"), TEXTS, strict=True):
        shard = pq.read_table(new / "tokens" / file["path"])
        assert shard["tokens"].to_pylist() == [encoder.encode_document(text).tolist() for text in texts]
    found = rows(new, "tokens")
    assert [row["id"] for row in found] == [document_id(str(number)) for number in range(4)]
    assert [row["class"] for row in found] == ["general", "general", "code", "general"]
    lengths = [len(row["tokens"]) for row in found]
    # As much code as all else: by its tokens, up to four times as often.
    shares = json.loads((new / "mix.json").read_text())
    assert shares["tokens"] == {"code": lengths[2], "general": sum(lengths) - lengths[2]}
    assert {row["class"]: row["weight"] for row in found} == pytest.approx(shares["weights"], rel=1e-5)
    assert shares["weights"]["code"] > 1 > shares["weights"]["general"]

    assert {row["split"] for row in found} == {TRAIN, HELD_OUT}
    held_out = sum(length for row, length in zip(found, lengths, strict=True) if row["split"] == HELD_OUT)
    assert ledger == {"records": {"kept": 4}, "tokens": {"all": sum(lengths), "held_out": held_out}}
    assert json.loads((new / "ledger.json").read_text()) == ledger
    about = json.loads((new / "run.json").read_text())
    plan = json.loads((new / "work" / "plan.json").read_text())
    assert list(about)[: len(plan)] == list(plan) == ["layout", "recipe", "models", "inputs", "base"]
    assert about["models"] == {"tokenizer": encoder.sha256, "quality": "1"} and "versions" in about
    assert about["recipe"]["tokenise"]["tokenizer"] == tokenizer
    assert about["base"] == {"path": str(base), "sha256": storage.sha256((base / "run.json").read_bytes())}
    assert not list(new.rglob("*.ids.parquet"))


def test_what_is_finished_is_not_done_again_and_nothing_else_goes_into_its_folder(
    base: Path, tokenizer: str, tmp_path: Path, monkeypatch: Any
) -> None:
    new = tmp_path / "new"
    ledger = retokenise(str(base), tokenizer, str(new))
    before = contents(new)
    monkeypatch.setattr(retokenising, "pipeline_maker", None)
    assert retokenise(str(base), tokenizer, str(new)) == ledger and contents(new) == before
    with pytest.raises(NotReady, match="another recipe"):
        retokenise(str(base), tokenizers.DEFAULT, str(new))
    with pytest.raises(FileNotFoundError, match="no finished run"):
        retokenise(str(tmp_path / "nowhere"), tokenizer, str(tmp_path / "other"))


def test_files_are_counted_on_over_blocks(base: Path, tokenizer: str, tmp_path: Path, monkeypatch: Any) -> None:
    for module in ("retokenising", "listing", "transforms.work_units", "transforms.committing"):
        monkeypatch.setattr(f"pipeline.{module}.BLOCK_UNITS", 2)
    retokenise(str(base), tokenizer, str(tmp_path / "new"))
    assert [row["id"] for row in rows(tmp_path / "new", "tokens")] == [document_id(str(n)) for n in range(4)]
