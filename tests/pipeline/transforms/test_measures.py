"""The recipe says how documents are cut into shingles."""

from __future__ import annotations

import dataclasses

from dedup.shingles import Shingling
from pipeline.transforms.measures import shingling
from recipes import load


def test_a_recipe_s_shingling() -> None:
    settings = load("llama3").documents
    assert settings is not None and shingling(settings) == Shingling(5, 64, 12, False, 46)
    other = dataclasses.replace(
        settings, shingle_words=3, short_words=10, shingle_characters=7, fold_numbers=True, min_similarity=0.5
    )
    assert shingling(other) == Shingling(3, 10, 7, True, int(0.5 * 8) + 2)
