"""Code in the posts of a thread, and what stands beside posts about their authors."""

from __future__ import annotations

import numpy as np
import pytest

from parsers.backends.gristmill_backend import parse
from parsers.selection.posts import drop_posters, keep_code_in_posts

PROSE = (
    "The relay clicks once each time the board starts, and then the pump runs for half a second, which wets the floor."
)
CODE = "<pre>digitalWrite(RELAY, HIGH);\npinMode(RELAY, OUTPUT);</pre>"


def kept(html: str, *wanted: str) -> list[str]:
    """What stays where only blocks with one of the ``wanted`` texts are kept before."""
    parsed = parse(f"<html><body>{html}</body></html>")
    before = np.array([any(text in block.text for text in wanted) for block in parsed.blocks], bool)
    after = keep_code_in_posts(parsed.page, parsed.roles, before)
    return [block.text for block, stays in zip(parsed.blocks, after, strict=True) if stays]


def thread(name: str, *bodies: str) -> str:
    return "".join(f'<div class="item"><p>miller</p><div class="{name}">{body}</div></div>' for body in bodies)


@pytest.mark.parametrize("name", ["js-post-body", "s-prose js-post-body", "cooked", "bbWrapper", "post_body"])
def test_posts_with_code_stay_where_another_one_does(name: str) -> None:
    page = thread(name, f"<p>{PROSE}</p>", f"<p>Swap the lines:</p>{CODE}")
    assert kept(page, PROSE) == [PROSE, "Swap the lines:", CODE[5:-6]]


def test_posts_without_code_are_left_to_the_classifier() -> None:
    assert kept(thread("cooked", f"<p>{PROSE}</p>{CODE}", "<p>Thanks!</p>"), PROSE, "RELAY") == [PROSE, CODE[5:-6]]


def test_nothing_comes_where_no_post_stays_or_there_is_but_one() -> None:
    assert kept(thread("cooked", f"<p>{PROSE}</p>", CODE)) == []
    assert kept(thread("cooked", f"<p>{PROSE}</p>{CODE}"), PROSE) == [PROSE]
    assert kept(thread("text", f"<p>{PROSE}</p>", CODE), PROSE) == [PROSE]


def test_authors_titles_and_signatures_within_a_post_do_not_come() -> None:
    second = f'<h3><a href="#2">Re: relay</a></h3><p class="author">by Tansy</p><div>{CODE}</div><div class="signature">Grow!</div>'
    assert kept(thread("postbody", f"<p>{PROSE}</p>", second), PROSE) == [PROSE, CODE[5:-6]]


def left(html: str, headline: int = -1) -> list[str]:
    parsed = parse(f"<html><body>{html}</body></html>")
    after = drop_posters(parsed.page, np.ones(len(parsed.blocks), bool), headline)
    return [block.text for block, stays in zip(parsed.blocks, after, strict=True) if stays]


def test_ranks_of_posters_go() -> None:
    post = f'<div class="author_information">Teal<br>Deckhand</div><p>{PROSE}</p>'
    assert left(post + post) == [PROSE, PROSE]


def test_one_such_element_says_nothing_and_a_sentence_stays() -> None:
    assert left('<div class="user-title">Deckhand</div>') == ["Deckhand"]
    assert left(f'<div class="post_author"><p>{PROSE}</p></div>' * 2) == [PROSE, PROSE]


def test_the_headline_stays() -> None:
    assert left('<div class="usertitle"><h1>Deckhands</h1></div><div class="usertitle">Captain</div>', 0) == [
        "Deckhands"
    ]
