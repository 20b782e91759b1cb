"""What forum programs write beside posts."""

from __future__ import annotations

import numpy as np
import pytest

from parsers.backends.gristmill_backend import parse
from parsers.selection.forum_details import drop_forum_details

POST = "<p>My mill wheel squeals whenever the water is low. Which oil do you use on the bearing of yours? My first post here.</p>"


def left(html: str, *, answers: bool = False) -> list[str]:
    parsed = parse(f"<html><body>{html}</body></html>")
    kept = np.ones(len(parsed.page.blocks), bool)
    kept = drop_forum_details(parsed.page, parsed.roles, kept, answers=answers)
    return [block.text for block, stays in zip(parsed.blocks, kept, strict=True) if stays]


def posts(*details: str) -> str:
    return "".join(
        f'<div class="post"><div class="who"><b>miller</b>{each}</div><div>{POST}</div></div>' for each in details
    )


def test_details_of_posters_go_with_their_container() -> None:
    details = "<div>Newcomer</div><div>Joined: May 2006</div><div>Posts: 12</div>"
    assert left(posts(details, details)) == [POST[3:-4]] * 2


def test_terms_and_values_are_details_as_well() -> None:
    details = "<dl><dt>Joined</dt><dd>May 2006</dd></dl><dl><dt>Reaction score</dt><dd>12</dd></dl>"
    assert left(posts(details, details)) == [POST[3:-4]] * 2


def test_details_may_be_lines_of_one_block() -> None:
    details = "<div>Mitglied<br>Registriert: 2009<br>Beiträge: 77</div>"
    assert left(posts(details, details)) == ["miller", POST[3:-4]] * 2


def test_one_detail_or_one_poster_says_nothing() -> None:
    one = "<div>Location: the valley</div>"
    assert "Location: the valley" in left(posts(one, one))
    assert "Posts: 12" in left(posts("<div>Joined: 2006</div><div>Posts: 12</div>", ""))


@pytest.mark.parametrize(
    "line",
    [
        "You cannot post new topics in this forum",
        "You may not post attachments",
        "Users browsing this forum: No registered users and 2 guests",
        "You must log in or register to reply here.",
        "All times are GMT +1. The time now is 10:12 PM.",
        "answered Mar 3, 2019 at 12:40 Ines 8,812 2 gold badges 31 silver badges",
        "miller · 3 days ago · 12 points",
        "5 Likes",
    ],
)
def test_notices_and_points_go(line: str) -> None:
    assert left(f"<div>{POST}</div><div>{line}</div>") == [POST[3:-4]]


@pytest.mark.parametrize(
    "line",
    [
        "The Nikkei closed up 199.10 points in 2013.",
        "You can post letters in the mill.",
        "Like any mill, it needs water",
        "12 posts of oak hold the roof",
    ],
)
def test_sentences_stay(line: str) -> None:
    assert line in left(f"<div>{POST}</div><div>{line}</div>")


def test_votes_go_where_the_page_is_a_question() -> None:
    html = "".join(f'<div class="votes">{votes}</div><div>{POST}</div>' for votes in (14, 21, 5))
    assert left(html, answers=True) == [POST[3:-4]] * 3
    assert len(left(html)) == 6
    steps = "".join(f'<div class="step">{step}</div><div>{POST}</div>' for step in (1, 2, 3))
    assert len(left(steps, answers=True)) == 6


@pytest.mark.parametrize(
    "line",
    [
        "edit flag offensive delete link more",
        "<a>edit</a><a>retag</a><a>close</a>",
        "Logged",
        "add a comment",
        "permalink | embed | save",
    ],
)
def test_what_may_be_done_with_a_post_goes(line: str) -> None:
    assert left(f"<div>{POST}</div><div>{line}</div>") == [POST[3:-4]]


@pytest.mark.parametrize("line", ["Link", "More", "Logged in, I saw it", "Edit the file and close it"])
def test_a_word_alone_and_sentences_with_such_words_stay(line: str) -> None:
    assert line in left(f"<div>{POST}</div><div>{line}</div>")


@pytest.mark.parametrize("line", ["14 Citations", "1,204 Accesses", "3 Altmetric", "up vote7 down votefavorite"])
def test_counts_of_articles_and_old_votes_go(line: str) -> None:
    assert left(f"<div>{POST}</div><div>{line}</div>") == [POST[3:-4]]


def test_an_invitation_to_register_goes_beside_a_notice_alone() -> None:
    lone = f"<div>{POST}</div><h3>Create an account</h3>"
    assert "Create an account" in left(lone)
    assert "Create an account" not in left(f"{lone}<p>You need to be a member in order to leave a comment</p>")
