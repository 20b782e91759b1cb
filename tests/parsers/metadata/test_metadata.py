"""What a page's head states: title, language, date, types, description, site."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.metadata.metadata import Metadata, read_metadata


def linked(**values: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(values)}</script>'


def test_a_head_that_states_everything() -> None:
    head = (
        "<head><title>The Miller &amp; his Mill - Mill News</title>"
        '<meta property="og:title" content="The Miller &amp; his Mill">'
        '<meta property="og:site_name" content="Mill News"><meta content="A tale." name="Description">'
        '<meta property="og:type" content="article"><link rel="stylesheet" href="a.css">'
        '<meta property="article:published_time" content="2021-03-14T08:00:00Z"></head>'
    )
    assert read_metadata(head, html_lang="en-GB") == Metadata(
        "The Miller & his Mill", "en-gb", "2021-03-14", frozenset({"article"}), "A tale.", "Mill News"
    )


def test_a_head_that_states_nothing() -> None:
    assert read_metadata("<head></head>") == Metadata()


def test_a_quote_in_an_attribute_name_hides_nothing() -> None:
    # content="A "tall" tale", as a parser by the HTML standard reads it
    head = '<meta name="description" content="A " tall"="" tale"=""><meta name="date" content="2021-03-14">'
    found = read_metadata(head + "<title>The Mill</title>")
    assert (found.title, found.date, found.description) == ("The Mill", "2021-03-14", "A")
    head = '<meta content="A " tale"="" name="description">'
    assert read_metadata(head).description == "A"


@pytest.mark.parametrize("separator", ["|", "-", "\u2013", "\u2014", "\u00b7", "\u00bb"])
def test_the_site_name_is_cut_off_at_either_end(separator: str) -> None:
    site = '<meta property="og:site_name" content="Mill News">'
    assert read_metadata(f"<title>The Mill {separator} mill news</title>{site}").title == "The Mill"
    assert read_metadata(f"<title>Mill News {separator} The Mill</title>{site}").title == "The Mill"


def test_a_title_is_cut_only_where_that_is_certain() -> None:
    assert read_metadata("<title>Flour - a history</title>").title == "Flour - a history"
    head = "<title>  Flour\n -  a history </title>" + linked(**{"@type": "Article", "headline": "Flour"})
    assert read_metadata(head).title == "Flour"
    assert (
        read_metadata('<title>Mill-wheels</title><meta property="og:site_name" content="wheels">').title
        == "Mill-wheels"
    )


@pytest.mark.parametrize(
    ("stated", "language"),
    [("en", "en"), ("EN-us", "en-us"), ("pt_BR", "pt-br"), ("zh-Hant-TW", "zh-hant-tw"), ("de_DE.UTF-8", "de-de"),
     ("english", ""), ("{{lang}}", ""), ("", ""), ("e", ""), ("es-419", "es-419")],
)  # fmt: skip
def test_languages(stated: str, language: str) -> None:
    assert read_metadata("", html_lang=stated).language == language
    assert read_metadata(f'<meta http-equiv="Content-Language" content="{stated}">').language == language


def test_the_html_element_states_the_language_first() -> None:
    head = '<meta property="og:locale" content="fr_FR">'
    assert read_metadata(head, "de").language == "de" and read_metadata(head, "%lang%").language == "fr-fr"


@pytest.mark.parametrize(
    "markup",
    [
        '<meta itemprop="datePublished" content="2021-03-14">',
        '<meta name="DC.date" content="2021-03-14">',
        '<meta name="parsely-pub-date" content="2021-03-14T00:00:00Z">',
        '<meta name="sailthru.date" content="Sun, 14 Mar 2021 10:00:00 +0000">',
        '<meta name="citation_publication_date" content="2021/03/14">',
        '<time datetime="2021-03-14" pubdate="">a Sunday</time>',
        (
            '<time datetime="2019-01-01">before</time>'
            '<meta name="date" content="soon"><meta name="pubdate" content="20210314">'
        ),
        linked(**{"@graph": [{"@type": "WebSite"}, {"@type": ["NewsArticle"], "datePublished": "2021-03-14"}]}),
    ],
)
def test_where_dates_stand(markup: str) -> None:
    assert read_metadata(markup, url="https://a.example/2001/01/01/x").date == "2021-03-14"


def test_a_url_gives_the_date_where_nothing_else_does() -> None:
    assert read_metadata("<time datetime='2020-01-01'>", url="https://a.example/2021/03/14/x").date == "2021-03-14"


def test_types_come_from_every_vocabulary() -> None:
    head = linked(**{"@type": "http://schema.org/QAPage", "mainEntity": {"@type": ["Question", "Thing"]}})
    head += '<meta property="og:type" content="og:Product"><div itemscope="" itemtype="https://schema.org/Recipe">'
    assert read_metadata(head).types == {"qapage", "question", "thing", "product", "recipe"}


def test_json_beyond_the_bound_is_left_alone() -> None:
    long = linked(**{"@type": "Article", "headline": "Flour", "articleBody": "x" * 250_000})
    assert read_metadata(long + linked(**{"@type": "Recipe", "headline": "Bread"})).title == "Bread"


@pytest.mark.parametrize("piece", ['<meta "', '<meta name="date" content="', "<script ", "<title>", ' itemtype="'])
def test_broken_markup_costs_linear_time(piece: str) -> None:
    started = time.process_time()
    read_metadata(piece * (500_000 // len(piece)))
    assert time.process_time() - started < 1


@given(st.text(max_size=200), st.text(max_size=20), st.text(max_size=40))
def test_any_text_is_read_without_an_error(text: str, lang: str, url: str) -> None:
    head = f'{text}<title>{text}</title><meta name="date" content="{text}">{linked(name=text)}'
    found = read_metadata(head, lang, url)
    assert "\n" not in found.title and "  " not in found.title


KEYS = st.sampled_from(["@type", "headline", "datePublished", "@graph"])


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=9),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    )
)
def test_any_json_is_read_without_an_error(value: object) -> None:
    found = read_metadata(f'<script type="application/ld+json">{json.dumps({"@type": value})}</script>')
    assert isinstance(found.title, str) and all(isinstance(name, str) for name in found.types)


def test_scripts_are_read_up_to_a_bound_for_all_of_them_together() -> None:
    article = linked(**{"@type": "Article", "headline": "Flour"})
    length = len(article) - len(linked()) + len("{}")

    def filler(size: int) -> str:
        thing = '{"@type": "Thing"}'.ljust(size)
        return f'<script type="application/ld+json">{thing}</script>'

    assert read_metadata(filler(200_000 - length) + article).title == "Flour"
    assert read_metadata(filler(200_001 - length) + article).title == ""
    assert read_metadata(filler(200_001) + article).title == "Flour"
