"""Which parts of a page state something about it."""

from __future__ import annotations

import pytest

from parsers.backends.gristmill_backend import parse

LINKED = '<script type="application/ld+json">{"@type": "Article", "datePublished": "2021-03-14"}</script>'
META = '<meta property="article:published_time" content="2021-03-14">'
MICRODATA = '<div itemscope itemtype="https://schema.org/QAPage"><p>Why does it turn?</p></div>'


@pytest.mark.parametrize(
    ("head", "body", "date"),
    [
        (META, "", "2021-03-14"),
        ("", META, ""),
        (LINKED, "", "2021-03-14"),
        ("", LINKED, "2021-03-14"),
        (f"<!-- {META} -->", "", ""),
        ("", f"<textarea>{META}{LINKED}</textarea>", ""),
        ("", LINKED.replace("ld+json", "json"), ""),
    ],
)
def test_the_head_states_and_linked_data_anywhere(head: str, body: str, date: str) -> None:
    assert parse(f"<html><head>{head}</head><body>{body}<p>Words.</p></body></html>").about.date == date


def test_the_html_element_states_the_language_and_microdata_the_types() -> None:
    about = parse(f"<html lang=pt-BR><body lang=de>{MICRODATA}</body></html>").about
    assert about.language == "pt-br" and "qapage" in about.types


def test_the_address_gives_a_date_where_nothing_else_does() -> None:
    assert parse("<p>Words.</p>", "https://mill.example/2021/03/14/wheel").about.date == "2021-03-14"


@pytest.mark.parametrize(
    ("meta", "title", "types"),
    [
        ('<meta property="OG:Title" content="The mill">', "The mill", set()),
        ('<meta content="The mill" name=og:title>', "The mill", set()),
        ('<meta name="viewport" content="The mill">', "", set()),
        ('<meta itemprop="about" itemtype="https://schema.org/Recipe" itemscope>', "", {"recipe"}),
    ],
)
def test_meta_elements_are_found_by_their_names_in_either_case(meta: str, title: str, types: set[str]) -> None:
    about = parse(f"<html><head>{meta}</head><body><p>Words.</p></body></html>").about
    assert about.title == title and about.types == types
