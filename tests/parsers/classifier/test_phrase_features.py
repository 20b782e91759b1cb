"""What blocks say of themselves: phrases of many languages, and the labels that speak for what follows them."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.backends.gristmill_backend import parse
from parsers.classifier.feature_table import PHRASE_FAMILIES, PHRASES
from parsers.classifier.phrase_features import compute_phrase_features


def said(markup: str) -> list[dict[str, float]]:
    """Of each block of a page, what is not 0."""
    page = parse(f"<body>{markup}</body>").page
    return [
        {name: float(value) for name, value in zip(PHRASES.names, row, strict=True) if value}
        for row in compute_phrase_features(page)
    ]


def families(text: str) -> set[str]:
    (row,) = said(f"<p>{text}</p>")
    return {family for family in PHRASE_FAMILIES if f"speaks_{family}" in row}


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("All rights reserved", "legal"), ("Datenschutzerklärung", "legal"), ("Все права защищены", "legal"),
        ("版权所有", "legal"), ("Σχετικά άρθρα", "related"), ("Читайте также", "related"), ("相关新闻", "related"),
        ("関連記事", "related"), ("مقالات ذات صلة", "related"), ("Dodaj komentarz", "comments"), ("댓글", "comments"),
        ("Add to cart", "commerce"), ("Table of contents", "contents"), ("התחברות", "account"), ("Devamını oku", "action"),
    ],
)  # fmt: skip
def test_phrases_of_many_languages(text: str, family: str):
    assert family in families(text)


def test_case_accents_digits_and_signs_make_no_difference():
    assert families("ΣΧΕΤΙΚΑ ΑΡΘΡΑ") == families("σχετικά άρθρα") != set()
    assert families("» 12 COMMENTS (3)") == families("comments") == {"comments"}


def test_only_whole_words_count():
    assert families("Commentary on terminals, legality and cartography") == set()


def test_a_share_of_the_words_is_told():
    (row,) = said("<p>Read more about our mill</p>")
    assert row["speaks_action"] == pytest.approx(2 / 5)


def test_a_long_block_is_judged_by_its_first_words():
    assert families("word " * 200 + "all rights reserved") == set()


def test_labels_speak_for_what_follows_and_for_the_page():
    before, label, after, later = said("<p>One</p><h3>Related articles</h3><p>Two</p><p>Three</p>")
    assert "headed_related" not in before and before["after_related"] > 50
    assert "after_related" not in label  # it is the label itself: 0
    assert (after["headed_related"], after["after_related"], later["after_related"]) == (1, 1, 2)
    assert before["labels_related"] == later["labels_related"] > 0
    assert before["label_share"] == pytest.approx(1 / 4)
    assert before["speaks_any+1"] == after["speaks_any-1"] == 1


def test_the_list_is_tidy():
    """Each phrase is lower case, stands once in its family, and is found by its own words."""
    seen: set[tuple[str, str]] = set()
    family = ""
    for line in files("parsers").joinpath("data", "phrases.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            family = line[1:-1]
            assert family in PHRASE_FAMILIES
        elif line and not line.startswith("#"):
            for phrase in line.split(" / "):
                assert phrase == " ".join(phrase.lower().split()) and (family, phrase) not in seen, phrase
                seen.add((family, phrase))
    assert {family for family, _ in seen} == set(PHRASE_FAMILIES)
    for family in PHRASE_FAMILIES:
        for phrase in (phrase for named, phrase in seen if named == family):
            assert family in families(phrase), phrase


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(max_size=80), max_size=6))
def test_any_text_will_do(texts: list[str]):
    page = parse("<body>" + "".join(f"<p>{text}</p>" for text in texts)).page
    found = compute_phrase_features(page)
    assert found.shape == (len(page.blocks), len(PHRASES)) and np.isfinite(found).all()
    shares = found[:, : len(PHRASE_FAMILIES) + 1]
    assert (shares >= 0).all() and (shares <= 1).all()
