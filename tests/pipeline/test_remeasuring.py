"""A run that goes on from another one measures its documents by its own recipe, and writes nothing into the other."""

from __future__ import annotations

from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.runners.portability.fn_api_runner.fn_runner import FnApiRunner

from pipeline.listing import Manifest
from pipeline.remeasuring import list_remeasured_parts
from pipeline.run_state import PARTS, RunState
from pipeline.taking_over import Base
from pipeline.transforms.measures import signatures, url_key
from recipes import load, with_changes
from tests.pipeline.parts import document_id, extracted
from text.document import Document

RECIPE = load("llama3")
SIGNED = ("signature_of_words", "signature_of_characters")


def row(number: int) -> dict:
    text = " ".join(f"word{number * n % 31}" for n in range(40 + 10 * number))
    url = f"https://mill.example/{number}?utm_source=mail"
    return {
        "id": document_id(str(number)), "url": url, "text": text, "language": "en", "words": 40 + 10 * number,
        "url_key": url_key(url, RECIPE), **signatures(Document(text, "en"), RECIPE),
    }  # fmt: skip


def never() -> beam.Pipeline:
    raise AssertionError("a job was made for what is done")


@pytest.mark.parametrize("changes", [["urls.rules=[scheme]", "documents.shingle_words=3"], ["documents=null"]])
def test_keys_and_signatures_are_the_recipes_and_all_else_stays(tmp_path: Path, changes: list[str]) -> None:
    old = extracted(tmp_path / "base", [row(1), row(2)], [row(3)], recipe=RECIPE)
    before = {path: path.read_bytes() for path in (tmp_path / "base").rglob("*.*")}
    recipe = with_changes(RECIPE, changes)
    base, run = Base(old.dir, {"models": {}}, RECIPE), RunState(str(tmp_path / "new"), recipe)
    list_remeasured_parts(base, run, lambda: beam.Pipeline(runner=FnApiRunner()))
    run = run.having(Manifest(run.dir, PARTS))
    texts, differ = 0, False
    for part, before_it in zip(run.parts(), old.parts(), strict=True):
        assert part.tables["extract", "text"] == before_it.tables["extract", "text"]
        assert set(part.tables) == set(before_it.tables) and part.rows == before_it.rows
        features, formerly = part.read("extract", "features"), before_it.read("extract", "features")
        assert features.schema == formerly.schema
        assert features.drop_columns(["url_key", *SIGNED]) == formerly.drop_columns(["url_key", *SIGNED])
        differ |= features != formerly
        stored = part.read("extract", "text", ["language", "text"]).to_pylist()
        for found, text in zip(features.to_pylist(), stored, strict=True):
            signed = signatures(Document(text["text"], text["language"]), recipe)
            assert {name: found[name] for name in SIGNED} == {**dict.fromkeys(SIGNED), **signed}
            assert found["url_key"] == url_key(found["url"], recipe)
            texts += 1
    assert texts == 3 and differ
    list_remeasured_parts(base, run, never)
    assert {path: path.read_bytes() for path in (tmp_path / "base").rglob("*.*")} == before
