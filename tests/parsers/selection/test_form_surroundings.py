"""What stands around forms."""

from __future__ import annotations

import numpy as np
import pytest

from parsers.backends.gristmill_backend import parse
from parsers.selection.form_surroundings import drop_form_surroundings

PROSE = "<p>The mill stands by the river and grinds the grain of the valley, as it has done for two hundred years.</p>"
FORM = '<form action="/s"><input type="email" name="a"><button>Go</button></form>'


def left(html: str, headline: int = -1) -> str:
    parsed = parse(f"<html><body><div>{PROSE * 3}{html}{PROSE}</div></body></html>")
    kept = np.ones(len(parsed.page.blocks), bool)
    kept = drop_form_surroundings(parsed.page, parsed.markup, parsed.roles, kept, headline)
    return "\n".join(block.text for block, stays in zip(parsed.blocks, kept, strict=True) if stays)


@pytest.mark.parametrize(
    "html",
    [
        f"<div><h3>News of the valley</h3><p>Each morning at seven, five stories.</p>{FORM}<p>You can stop it.</p></div>",
        f"<div><div>News of the valley</div><div><p>Each morning at seven, five stories.</p>{FORM}</div></div>",
        '<div><div>News</div><p>Each Friday by post.</p><form><input type="text" name="mail"></form></div>',
        "<div><h3>Your answer</h3><form><ul><li>Please answer the question.</li></ul><textarea></textarea></form></div>",
        "<h3>Leave a reply</h3><form><p>Your address is not shown.</p><textarea></textarea></form>",
    ],
)
def test_what_says_what_a_form_is_for_goes(html: str) -> None:
    assert set(left(html).split("\n")) == {PROSE[3:-4]}


@pytest.mark.parametrize(
    "html",
    [
        '<div><h3>Search the mills</h3><p>By place or by year.</p><form><input type="search"></form></div>',
        "<div><h3>Ask for an offer</h3><form>"
        + "<input name='x' type='text'>" * 5
        + "<textarea></textarea></form></div>",
        "<div><h3>Where</h3><p>" + "Word " * 40 + f"</p>{FORM}</div>",
        f"<div><h1>News of the valley</h1>{FORM}</div>",
    ],
)
def test_other_surroundings_stay(html: str) -> None:
    assert any(word in left(html) for word in ("Search", "Ask", "Where", "News"))


def test_a_page_without_prose_is_its_form() -> None:
    parsed = parse(f"<html><body><div><h3>News</h3><p>Each morning at seven.</p>{FORM}</div></body></html>")
    kept = np.ones(len(parsed.page.blocks), bool)
    assert drop_form_surroundings(parsed.page, parsed.markup, parsed.roles, kept, -1).all()


@pytest.mark.parametrize("before", [0, 30])
def test_a_form_without_a_text_of_its_own_stands_where_its_fields_do(before: int) -> None:
    form = '<form><input type="email" name="a"><input type="submit" value="Go"></form>'
    box = f"<div><p>To get new letters from the valley, please become a friend of the mill.</p>{form}</div>"
    parsed = parse(f"<html><body>{'<p>menu</p>' * before}<div>{PROSE * 3}{box}{PROSE}</div></body></html>")
    kept = np.array([block.text != "menu" for block in parsed.blocks])
    found = drop_form_surroundings(parsed.page, parsed.markup, parsed.roles, kept, -1)
    assert [block.text for block, goes in zip(parsed.blocks, kept & ~found, strict=True) if goes] == [box[8:79]]


def test_replies_to_each_comment_stand_beside_the_comments() -> None:
    comment = '<div><p>The wheel of ours has stood since May.</p><form><textarea></textarea><input type="email"></form></div>'
    assert left(comment * 3).count("since May") == 3
