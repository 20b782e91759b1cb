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
from tests.parsers.classifier.feature_pages import PAGES
from tests.parsers.classifier.plain_page import plain_page
from tests.parsers.classifier.plain_text_features import phrase_features


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
    listed = sorted(seen)  # all on one page: a page for each would take a minute without the compiler
    rows = said("".join(f"<p>{phrase}</p>" for _, phrase in listed))
    for (family, phrase), row in zip(listed, rows, strict=True):
        assert row.get(f"speaks_{family}") == 1, phrase


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=80), max_size=6))
def test_any_text_will_do(texts: list[str]):
    page = parse("<body>" + "".join(f"<p>{text}</p>" for text in texts)).page
    found = compute_phrase_features(page)
    assert found.shape == (len(page.blocks), len(PHRASES)) and np.isfinite(found).all()
    shares = found[:, : len(PHRASE_FAMILIES) + 1]
    assert (shares >= 0).all() and (shares <= 1).all()


def check(markup: str) -> None:
    """Each number of each block is that of a slow reading of the same rules."""
    parsed = parse(markup)
    found = compute_phrase_features(parsed.page)
    rows = phrase_features(plain_page(parsed))
    expected = np.array([[float(row[name]) for name in PHRASES.names] for row in rows]).reshape(found.shape)
    apart = ~np.isclose(found, expected, rtol=1e-5, atol=1e-6)
    assert not apart.any(), [(PHRASES.names[column], int(row)) for row, column in np.argwhere(apart)]


def fill(count: int) -> str:
    return " ".join(["mill"] * count)


# On either side of each bound: words that are looked at, words of a label, half of a label, blocks behind it.
BOUNDS = {
    "first words": "".join(f"<p>{fill(count)} read more {fill(9)}</p>" for count in range(20, 26)),
    "labels": "".join(f"<p>related articles {fill(count)}</p><p>one</p>" for count in (0, 1, 2, 3, 7, 8, 9)),
    "long labels": "".join(
        f"<p>{' '.join(['related articles'] * 4)} {fill(count)}</p><p>one</p>" for count in (0, 1, 2, 3, 4, 8)
    ),
    "headings": "".join(
        f"<{tag}>{phrase}</{tag}><p>one</p>"
        for tag in ("h1", "h2", "h6", "hgroup", "header", "h5")
        for phrase in ("related articles", "the mill", "table of contents")
    ),
    "far": "<p>one</p><h2>related articles</h2>" + "<p>one</p>" * 62 + "<p>comments</p><p>two</p>",
    "first": "<p>related articles</p>" + "<p>one</p>" * 61,
    "signs": "<p>相关新闻</p><p>相 关 新 闻</p><p>a相关新闻b</p><p>関連記事</p><p>关于我们𠮷相关</p><p>comments𠮷x</p><p>版权所有</p>"
    "<p>ぁ関連記事ヿ</p><p>㐀関連記事䶿</p><p>〃関連記事</p><p>댓글</p><p>댓글a</p>",
    "letters": "<p>COMMENTS’</p><p>ΣΧΕΤΙΚΆ ΆΡΘΡΑ</p><p>Dodaj Komentarz!</p><p>devamini oku</p><p>DEVAMINI OKU</p>"
    "<p>read—more</p><p>read1more</p><p>readmore</p><p>more read more read</p><p>مقالات ذات صلة</p>",
    "runs": "<p>read more read more comments read</p><p>all rights all rights reserved</p><p>add to add to cart</p>",
}


@pytest.mark.parametrize("name", BOUNDS)
def test_both_sides_of_each_bound(name: str) -> None:
    check(f"<body>{BOUNDS[name]}</body>")


@pytest.mark.parametrize("name", ["article", "spoken", "bare", "labelled"])
def test_each_feature_is_that_of_a_plain_reading(name: str) -> None:
    check(PAGES[name])
