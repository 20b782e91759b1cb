"""What a page states about itself, held against its blocks."""

from __future__ import annotations

import pytest

from parsers.backends.gristmill_backend import parse
from parsers.classifier.feature_table import TITLE
from parsers.classifier.title_features import compute_title_features, headline_row
from parsers.parsed_page import ParsedPage

BODY = "<p>The river rose over night, and the bridge at the mill had to be closed to all but walkers.</p>"


def column(html: str, name: str) -> list[float]:
    parsed = parse(html)
    return [round(float(value), 3) for value in parsed.statements[:, TITLE.names.index(name)]]


def headline(parsed: ParsedPage) -> list[int]:
    return headline_row(parsed.statements, parsed.page, parsed.about).tolist()


def page(title: str, body: str, head: str = "") -> str:
    return f"<html><head><title>{title}</title>{head}</head><body>{body}</body></html>"


@pytest.mark.parametrize(
    ("title", "heading"),
    [
        ("Flood closes the bridge | The Miller's Post", "Flood closes the bridge"),
        ("洪水冲垮磨坊大桥_新闻中心", "洪水冲垮磨坊大桥"),
        ("Наводнение закрыло мост у мельницы - Новости", "Наводнение закрыло мост у мельницы"),
    ],
)
def test_the_headline_is_the_block_that_repeats_the_title(title: str, heading: str) -> None:
    html = page(title, f"<h2>Other news of the day</h2><h1>The Post</h1><div><h2>{heading}</h2>{BODY}</div>")
    parsed = parse(html)
    (row,) = headline(parsed)
    assert parsed.inline_text.block_text(row) == heading
    assert column(html, "after_headline") == [-2, -1, 0, 1]


def test_without_a_stated_title_the_first_h1_is_only_a_hint() -> None:
    parsed = parse(f"<body><p>Menu</p><h1>The Post</h1>{BODY}</body>")
    assert column(f"<body><p>Menu</p><h1>The Post</h1>{BODY}</body>", "after_headline") == [-1, 0, 1]
    assert len(headline(parsed)) == 0


def test_a_headline_stays_with_kept_text() -> None:
    html = page("A question about bridges", f"<h1>A question about bridges</h1><article>{BODY * 4}</article>")
    assert parse(html).content[0].text == "A question about bridges"


def test_kinds_and_programs_that_are_stated() -> None:
    head = '<meta property="og:type" content="article"><meta name="generator" content="phpBB 3.3">'
    html = page("A", BODY, head)
    assert (
        column(html, "says_article") == [1] and column(html, "by_forum") == [1] and column(html, "says_product") == [0]
    )
    inside = page("A", f'<div itemscope itemtype="https://schema.org/Product">{BODY}</div>')
    assert column(inside, "says_product") == [1]


def test_words_of_the_description_are_found_again() -> None:
    head = '<meta name="description" content="The river rose over night, and the bridge was closed">'
    shares = column(page("x", BODY + "<p>Nothing of the kind stands here.</p>", head), "description_share")
    assert shares[0] > 0.5 and shares[1] == 0


def test_a_page_without_blocks_states_nothing_of_them() -> None:
    parsed = parse("")
    assert compute_title_features(parsed.page, parsed.about).shape == (0, len(TITLE))
    assert headline(parsed) == []


def test_words_of_any_length_count_when_the_headline_is_chosen() -> None:
    title = "Soup for a wet day – Notes from the Annex"
    html = page(title, f'<p><a href="/">Notes from the Annex</a></p><h1>Soup for a wet day</h1>{BODY}')
    (row,) = headline(parse(html))
    assert parse(html).inline_text.block_text(row) == "Soup for a wet day"


def test_a_headline_may_be_no_heading() -> None:
    html = page("Soup for a wet day", f"<div>Soup for a wet day</div>{BODY * 4}")
    assert parse(html).content[0].text == "Soup for a wet day"
    other = page("Soup for a wet day", f"<p>Notes on soup for a friend of mine</p>{BODY * 4}")
    assert len(headline(parse(other))) == 0


def test_a_headline_outside_of_headings_may_say_where_it_links_to() -> None:
    html = page(
        "Files are a fine queue | Hopper News",
        f"<div><a href=x>Files are a fine queue</a> (example.org)</div>{BODY * 4}",
    )
    assert parse(html).content[0].text == "Files are a fine queue (example.org)"
    longer = page(
        "Files are a fine queue | Hopper News", f"<div>Files are a fine queue but not for me today</div>{BODY * 4}"
    )
    assert headline(parse(longer)) == []


@pytest.mark.parametrize(
    ("title", "head", "expected"),
    [
        ("Tea for two – Notes from the Annex", "<h1>Notes from the Annex</h1><h2>Tea for two</h2>", "Tea for two"),
        ("The Daily Miller - A fox", "<div>The Daily Miller</div><div>A fox</div>", "A fox"),
        ("Tea for two | Annex", "<h1>Tea for two</h1><h2>Annex</h2>", "Tea for two"),
        ("Tea | Notes from the Annex", f"<h1>Notes from the Annex</h1>{BODY.replace('night', 'night and day')}<h2>Tea</h2>",
         "Notes from the Annex"),
    ],
)  # fmt: skip
def test_the_name_of_the_site_gives_way_to_the_headline(title: str, head: str, expected: str) -> None:
    parsed = parse(page(title, head + BODY * 4))
    (row,) = headline(parsed)
    assert parsed.inline_text.block_text(row) == expected
