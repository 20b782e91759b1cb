"""Transformers score a run's documents in batches, and the run is the same whatever the batches were."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from pipeline.driver import run
from pipeline.preflight import NotReady
from recipes import Recipe, load
from tests.filters.classifiers import BAD, GOOD, torch_classifier
from tests.pipeline.runs import rows

TEXTS = {number: " ".join((GOOD * 4)[: 60 - 6 * number] + (BAD * 4)[: 6 * number]) for number in range(10)}


def recipe_with(folder: Path, **settings: object) -> Recipe:
    recipe = load("llama3", ["heuristics=null", "documents=null", "lines=null", "domains=null", "mix=null"])
    mine = {"path": str(folder), "label": "flour", "max_tokens": 64} | settings
    return dataclasses.replace(recipe, quality={"min_content": None, "models": {"mine": mine}})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return torch_classifier(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("crawl") / "crawl.jsonl"
    texts = ({"url": f"https://mill.example/{number}", "text": text} for number, text in TEXTS.items())
    path.write_text("\n".join(map(json.dumps, texts)))
    return path


def test_documents_go_by_their_scores_whatever_the_batches(folder: Path, crawl: Path, tmp_path: Path) -> None:
    found = {}
    for size in (1, 3):
        out = tmp_path / str(size)
        ledger = run(recipe_with(folder, batch_size=size, reject_below=0.5), [str(crawl)], str(out))
        rejected = {row["url"][-1]: (row["reason"], row["score"]) for row in rows(out, "rejected")}
        assert ledger["records"]["kept"] == 10 - len(rejected) and 0 < len(rejected) < 10
        shards = [path.read_bytes() for path in sorted((out / "documents").glob("*.parquet"))]
        found[size] = rejected, shards
    assert found[1] == found[3]
    rejected, _ = found[1]
    assert "9" in rejected and "0" not in rejected and {reason for reason, _ in rejected.values()} == {"low_mine"}
    plan = json.loads((tmp_path / "1" / "work" / "plan.json").read_text())
    assert any(name.startswith("quality.models.mine.path") and "safetensors" in name for name in plan["models"])


def test_a_quantile_of_a_transformers_score_is_found_from_what_it_said(
    folder: Path, crawl: Path, tmp_path: Path
) -> None:
    ledger = run(recipe_with(folder, reject_below={"quantile": 0.3}), [str(crawl)], str(tmp_path / "run"))
    assert ledger["records"]["kept"] >= 7


def test_a_label_that_it_has_not_is_refused_before_the_run(folder: Path, crawl: Path, tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="quality: models.mine: .* has no label 'rye'"):
        run(recipe_with(folder, label="rye"), [str(crawl)], str(tmp_path / "run"))
