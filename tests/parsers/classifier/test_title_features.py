"""What a page states about itself, held against its blocks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.backends.gristmill_backend import parse
from parsers.classifier.feature_table import TITLE
from parsers.classifier.title_features import compute_title_features, headline_row
from parsers.parsed_page import ParsedPage
from tests.parsers.classifier.feature_pages import PAGES
from tests.parsers.classifier.plain_page import plain_page
from tests.parsers.classifier.plain_text_features import title_features

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


WORDS = [
    "mill",
    "river",
    "stone",
    "Wheel",
    "ÉTÉ",
    "1887",
    "磨坊",
    "of",
    "-",
    "|",
    "mill's",
    "x",
    "Z9",
    "мельница",
    "[edit]",
]
TEXTS = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)
TAGS = st.sampled_from(["p", "h1", "h2", "h6", "div", "title", "hgroup"])


@pytest.mark.parametrize("name", PAGES)
def test_each_feature_is_that_of_a_plain_reading(name: str) -> None:
    check(PAGES[name])


@settings(max_examples=50)
@given(TEXTS, TEXTS, st.lists(st.tuples(TAGS, TEXTS), max_size=5))
def test_any_titles_and_blocks(title: str, description: str, blocks: list[tuple[str, str]]) -> None:
    body = "".join(f"<{tag}>{text}</{tag}>" for tag, text in blocks)
    check(page(title, body, f'<meta name="description" content="{description}">'))


def check(html: str) -> None:
    parsed = parse(html)
    found = compute_title_features(parsed.page, parsed.about)
    rows = title_features(plain_page(parsed), parsed.about)
    expected = np.array([[float(row[name]) for name in TITLE.names] for row in rows]).reshape(found.shape)
    apart = ~np.isclose(found, expected, rtol=1e-5, atol=1e-6)
    assert not apart.any(), [TITLE.names[column] for column in np.flatnonzero(apart.any(0))]


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


def words(count: int) -> str:
    return " ".join(["so"] * count)


def chosen(title: str, body: str) -> list[str]:
    parsed = parse(page(title, body))
    return [parsed.inline_text.block_text(row) for row in headline(parsed)]


@pytest.mark.parametrize(
    ("between", "found"),
    [
        ("<p>so</p>" * 198, True), ("<p>so</p>" * 199, False),  # blocks that are searched
        (f"<p>{words(19)}</p>" * 3, True), (f"<p>{words(20)}</p>", False),  # prose that ends the search
        (f"<p><a href=x>{words(20)}</a></p>", True), (f"<p>{words(19)} <a href=x>{words(5)}</a></p>", True),
    ],
)  # fmt: skip
def test_how_far_behind_the_name_of_the_site_the_headline_may_stand(between: str, found: bool) -> None:
    name = "Notes from the small Annex"
    rows = chosen(f"Tea for two | {name}", f"<div>{name}</div>{between}<h2>Tea for two</h2>")
    assert rows == ["Tea for two" if found else name]


@pytest.mark.parametrize(
    ("behind", "found"),
    [
        ("<h1><a href=x>Tea for two</a></h1>", True), ("<h6><a href=x>Tea for two</a></h6>", True), ("<p>Tea for two</p>", True),
        ("<p><a href=x>Tea for two</a></p>", False), ("<hgroup><a href=x>Tea for two</a></hgroup>", False), ("<h1>Tea for three</h1>", False),
    ],
)  # fmt: skip
def test_what_stands_behind_the_name_of_the_site_is_a_heading_or_no_link(behind: str, found: bool) -> None:
    for name in ("h1", "h6", "div"):  # the name itself: last in the title, it may be a heading
        rows = chosen(
            "Tea for two | Notes from the small Annex", f"<{name}>Notes from the small Annex</{name}>{behind}"
        )
        assert (rows == ["Tea for two"]) is found, name


@pytest.mark.parametrize(("name", "gives_way"), [("h1", False), ("h6", False), ("div", True), ("hgroup", True)])
def test_a_heading_that_is_the_first_part_of_the_title_is_no_name_of_a_site(name: str, gives_way: bool) -> None:
    rows = chosen("The small Annex by the sea | Tea", f"<{name}>The small Annex by the sea</{name}><p>Tea</p>")
    assert rows == (["Tea"] if gives_way else ["The small Annex by the sea"])


@pytest.mark.parametrize(
    ("stated", "text", "is_title"),
    [
        ("Tea for two | A B C D E F", "Tea for two", True), ("Tea for two - A B C D E F", "Tea for two so so so", True),
        ("Tea for two | A B C D E F", "Tea for two so so so so", False), ("Cold tea | A B C D", "Cold tea", False),
        ("Tea for two | A B C D E F", "Tea two for", False), ("Tea for two — A B C D E F", "Tea for two", True), ("Tea for two: A B C", "Tea for two", False),
    ],
)  # fmt: skip
def test_a_part_of_the_title_outside_of_headings(stated: str, text: str, is_title: bool) -> None:
    assert chosen(stated, f"<div>{text}</div>{BODY}") == ([text] if is_title else [])


@pytest.mark.parametrize("other", ["磌坊", "磨坌", "墨坊", "磨埊"])
def test_ideographs_that_differ_in_one_byte_are_different_words(other: str) -> None:
    html = page("磨坊", f"<p>{other}</p><p>磨坊</p>")
    share = column(html, "title_share")
    assert share == [len({*other} & {*"磨坊"}) / 2, 1.0]


@pytest.mark.parametrize("sign", ["\u3040", "\u9fff", "の", "㐀", "一"])
def test_each_ideograph_is_a_word(sign: str) -> None:
    html = page(f"{sign}磨", f"<p>{sign}</p><p>x{sign}。磨y</p><p>、</p>")
    assert column(html, "title_cover") == [0.5, 1, 0] and column(html, "title_words") == [2] * 3


def test_a_headline_has_sixty_words_at_most() -> None:
    for count, after in ((60, [0, 1]), (61, [-300] * 2)):
        assert column(page(words(count) + " tea", f"<p>{words(count)}</p>{BODY}"), "after_headline") == after


def test_headings_of_each_level_may_be_the_headline() -> None:
    title = "Tea for two and cake"
    for level, tag in enumerate(("h1", "h2", "h3", "h4", "h5", "h6"), 1):
        html = page(title, f"<div>{title}</div><{tag}>{title}</{tag}>{BODY}")
        assert column(html, "after_headline") == [-1, 0, 1] and column(html, "headline_level") == [level] * 3
        assert column(html, "headline_score") == [1.4 if level == 1 else 1.25] * 3
    html = page(title, f"<div><a href=x>{title}</a></div><div>{title}</div>{BODY}")
    assert column(html, "after_headline") == [-1, 0, 1] and column(html, "headline_score") == [1.1] * 3


def test_words_of_a_title_fill_half_of_its_table() -> None:
    many = "".join(map(chr, range(0x4E00, 0x4E00 + 700)))
    html = page(many, f"<p>{many[511]}</p><p>{many[512]}</p>")
    assert column(html, "title_share") == [1, 0] and column(html, "title_words") == [512] * 2


SITE = '<div class="logo"><a href="/">{}</a></div><ul><li><a href="/a">{}</a></li></ul>'


@pytest.mark.parametrize(
    ("title", "before", "title_block", "found"),
    [
        # A short title in a link, behind the site's name; the same words in a menu are none.
        ("冬の朝｜みなと日記", SITE.format("みなと日記", "記事一覧"), '<div><a href="/e/1">冬の朝</a></div>', [2]),
        ("冬の朝｜みなと日記", SITE.format("みなと日記", "冬の朝"), "<div>x</div>", []),
        # The topic before a question, and the site behind it.
        (
            "bread - Why does it smell of paint? - Kitchen Answers",
            "<div>Ask</div>",
            '<div><a href="/q">Why does it smell of paint?</a></div>',
            [1],
        ),
        ("Lane and lake: My red bicycle", '<h1><a href="/">Lane and lake</a></h1>', "<h3>My red bicycle</h3>", [1]),
        ("Lane and lake: My red bicycle", "<h1>Lane and lake</h1>", "<h3>My red bicycle</h3>", [0]),
    ],
)
def test_parts_of_a_title_without_long_words(title: str, before: str, title_block: str, found: list[int]) -> None:
    assert headline(parse(page(title, before + title_block + BODY))) == found
