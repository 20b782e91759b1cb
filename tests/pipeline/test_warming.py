"""What is loaded for workers is what they would load: each function goes through its phase's code without an error."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from filters.verdict import AnyFilter
from pipeline import early_start, warming
from pipeline.calls import named
from recipes import Recipe, load
from text.document import Document


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    return load("llama3")


def test_every_function_that_is_named_is_there(recipe: Recipe) -> None:
    preparation = early_start._server(recipe)._preparation
    assert {named(function) for function in (*preparation.first, *preparation.later)} == {
        warming.extraction, warming.evidence, warming.judging,
    }  # fmt: skip


def test_documents_are_measured_looked_at_and_judged(recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    judged: dict[str, bool] = {}
    judge = warming.judge

    def watched(judging: AnyFilter, document: Document) -> tuple[Any, Any]:
        found = judge(judging, document)
        judged[judging.name] = found[1] is not None
        return found

    monkeypatch.setattr(warming, "judge", watched)
    warming.extraction(recipe)
    warming.evidence(recipe)
    warming.judging(recipe)
    assert "filters.presidio" in sys.modules
    assert judged == dict.fromkeys([*(recipe.heuristics or {}), "quality"], True)
