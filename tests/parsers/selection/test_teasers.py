"""Articles that pages state, of which they show the beginning."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers import explain
from parsers.backends.gristmill_backend import extract
from parsers.selection.teasers import whole_article

FIRST = "The ferry across the river has been out of service since Tuesday, when its cable parted with eleven people on board."
REST = (
    "Nobody was hurt. The boat drifted for a quarter of an hour and came to rest on the bank below the mill.",
    "The council says that a new cable has been ordered, but that it will take until the end of the month to arrive.",
    "Until then a bus goes round by the old bridge, every hour from six to eight, and on Sundays from nine.",
)
OFFER = '<div><h2>Read on</h2><p>Four weeks for one crown. You can cancel at any time.</p><a href="/buy">Buy</a></div>'


def teaser(body: str, shown: str) -> bytes:
    stated = json.dumps({"@type": "NewsArticle", "headline": "Ferry out of service", "articleBody": body})
    return (
        "<html><head><title>Ferry out of service</title>"
        f'<script type="application/ld+json">{stated}</script></head><body><nav><a href="/">News</a></nav>'
        f"<article><h1>Ferry out of service</h1>{shown}</article></body></html>"
    ).encode()


def test_the_whole_article_takes_the_teasers_place() -> None:
    found = extract(teaser("\n\n".join((FIRST, *REST)), f"<p>{FIRST}</p>{OFFER}"))
    assert found.text.split("\n\n") == ["Ferry out of service", FIRST, *REST]
    assert [(span.kind, span.start) for span in found.spans] == [("heading", 0)]


def test_teasers_may_be_cut_and_bodies_have_markup() -> None:
    body = "".join(f"<p>{line}</p>" for line in (FIRST.replace("river", "<b>river</b>"), *REST))
    found = extract(teaser(body, f"<p>{FIRST[:90]} …</p>{OFFER}"))
    assert found.text.split("\n\n")[1:] == [FIRST, *REST]


def test_the_page_is_right_where_it_has_as_much_or_another_text() -> None:
    full = "".join(f"<p>{line}</p>" for line in (FIRST, *REST))
    assert (
        "told the court"
        in extract(
            teaser(
                " ".join((FIRST, *REST)),
                full
                + "<p>The ferryman has told the court that the cable was nine years old, and that nobody had listened.</p>",
            )
        ).text
    )
    assert REST[0] not in extract(teaser(" ".join(REST) * 2, f"<p>{FIRST}</p>")).text
    assert "parted" in extract(teaser(FIRST[:60], f"<p>{FIRST}</p>")).text


def test_the_choice_can_be_explained() -> None:
    html = teaser("\n".join((FIRST, *REST)), f"<p>{FIRST}</p>{OFFER}")
    blocks = explain(html)
    assert "\n\n".join(block.text for block in blocks if block.kept) == extract(html).text
    assert {block.cause for block in blocks if block.kept} == {"scripts"}


@given(st.binary(max_size=60), st.lists(st.text(max_size=80), max_size=3), st.text(max_size=80))
def test_nothing_raises(script: bytes, shown: list[str], everything: str) -> None:
    markup = b'<script type="application/ld+json">{"articleBody": ' + script + b"}</script>"
    assert whole_article(markup, shown, everything) in (None, "")


@pytest.mark.parametrize(("values", "is_read"), [(5_000, True), (5_001, False)])
def test_so_many_values_of_json_ld_are_read(values: int, is_read: bool) -> None:
    page = teaser("\n\n".join((FIRST, *REST)), f"<p>{FIRST}</p>{OFFER}").decode()
    # The list itself, its empty lists from the last on, and then the article.
    page = page.replace('json">{', 'json">[{', 1).replace("}</script>", "}" + ",[]" * (values - 2) + "]</script>", 1)
    assert (REST[-1] in extract(page.encode()).text) is is_read
