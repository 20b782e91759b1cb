"""The recipe says how documents are cut into shingles, signed and named, and when that must be done again."""

from __future__ import annotations

import dataclasses

import pytest

from dedup.minhash import signature
from dedup.shingles import Shingling, shingle_hashes
from pipeline.transforms.measures import shingling, signatures, unmeasured, url_key
from recipes import load
from text.document import Document


def test_a_recipe_s_shingling() -> None:
    settings = load("llama3").documents
    assert settings is not None and shingling(settings) == Shingling(5, 64, 12, False, 46)
    other = dataclasses.replace(
        settings, shingle_words=3, short_words=10, shingle_characters=7, fold_numbers=True, min_similarity=0.5
    )
    assert shingling(other) == Shingling(3, 10, 7, True, int(0.5 * 8) + 2)


TEXT = " ".join(f"word{number} turns beside the mill" for number in range(40))


@pytest.mark.parametrize(("bands", "rows"), [(3, 5), (7, 2)])
def test_a_signature_has_a_place_for_each_row_of_each_band(bands: int, rows: int) -> None:
    recipe = load("llama3", [f"documents.bands={bands}", f"documents.rows={rows}", "documents.short_words=10"])
    document = Document(TEXT, "en")
    found = signatures(document, recipe)
    assert recipe.documents is not None
    hashes = shingle_hashes(document.view, "en", shingling(recipe.documents))
    assert found == {f"signature_of_{kind}": signature(all_, bands * rows).tobytes() for kind, all_ in hashes.items()}
    assert found
    assert signatures(document, load("llama3", ["documents=null"])) == {}


def test_captures_of_one_page_have_one_key() -> None:
    recipe = load("llama3")
    assert url_key("https://www.mill.example/a?utm_source=x", recipe) == url_key("http://mill.example/a", recipe)
    assert url_key("http://mill.example/a", recipe) != url_key("http://mill.example/b", recipe)


@pytest.mark.parametrize(
    ("before", "now", "wanted"),
    [
        ([], [], []),
        ([], ["urls.rules=[scheme]"], ["urls.rules"]),
        (["urls.rules=[scheme]"], ["urls.rules=[scheme]"], []),
        ([], ["documents.shingle_words=3"], ["documents"]),
        ([], ["documents.bands=5"], ["documents"]),
        # The same places, divided otherwise.
        (["documents.bands=10", "documents.rows=2"], ["documents.bands=2", "documents.rows=10"], []),
        ([], ["documents=null"], []),
        (["documents=null"], [], ["documents"]),
        (["documents=null"], ["documents=null"], []),
        ([], ["domains.listed=[/lists/one.txt]"], ["domains.listed"]),
        (["domains.listed=[/lists/one.txt]"], ["domains.listed=[/lists/one.txt]"], []),
        (["domains.listed=[/lists/one.txt]"], ["domains=null"], []),
        (["domains=null"], ["domains.listed=[]"], []),
        (["domains=null"], ["domains.listed=[/lists/one.txt]"], ["domains.listed"]),
    ],
)
def test_what_a_run_that_goes_on_must_measure_again(before: list[str], now: list[str], wanted: list[str]) -> None:
    assert unmeasured(load("llama3", before), load("llama3", now)) == wanted
