"""What forum programs write above and below every post."""

from __future__ import annotations

import numpy as np

from parsers.backends.gristmill_backend import parse
from parsers.selection.post_lines import drop_post_lines

TITLE = "Which oil for the bearing of a mill wheel?"
POSTS = ("Mine squeals whenever the water is low.", "I use linseed oil, and little of it.", "Tallow does as well.")


def left(html: str, headline: str = "") -> list[str]:
    parsed = parse(f"<html><body>{html}</body></html>")
    texts = [block.text for block in parsed.blocks]
    kept = np.ones(len(texts), bool)
    row = texts.index(headline) if headline else -1
    kept = drop_post_lines(parsed.page, parsed.roles, kept, row)
    return [text for text, stays in zip(texts, kept, strict=True) if stays]


def thread(*lines: str) -> str:
    posts = "".join(f"<div><h3>{line}</h3><p>{post}</p></div>" for line, post in zip(lines, POSTS, strict=True))
    return f"<h1>{TITLE}</h1>{posts}"


def test_the_title_above_each_reply_goes() -> None:
    for begin in ("Re: ", "RE : ", "AW: ", "Re: Re: ", "Re[2]: ", "Post subject: ", "Post subject: Re: "):
        assert left(thread(*[begin + TITLE] * 3)) == [TITLE, *POSTS], begin


def test_a_title_that_the_page_says_once_stays() -> None:
    own = ("Re: oil", "Re: another way", "Reading: what I use")
    assert left(thread(*own)) == [TITLE, *(text for pair in zip(own, POSTS, strict=True) for text in pair)]


def test_the_headline_stays() -> None:
    mail = f"<title>{TITLE}</title><h1>Re: {TITLE}</h1><p>{POSTS[0]}</p><p>{TITLE}</p>"
    assert left(mail, headline=f"Re: {TITLE}")[0] == f"Re: {TITLE}"


def test_an_index_of_mails_stays_whole() -> None:
    lines = [f"Re: {TITLE}"] * 4
    assert left("".join(f"<p>{line}</p>" for line in lines)) == lines
    assert left("<ul>" + "".join(f"<li>{line}</li>" for line in lines) + "</ul>") == lines


def test_headers_and_footers_of_boards_go() -> None:
    board = (
        f"<h1>{TITLE}</h1><p>发信人: miller (磨坊), 信区: Mills<br>标 题: {TITLE}<br>发信站: BBS 未名 (Mon Jan 4 2016)</p>"
        f"<p>{POSTS[0]}</p><p>--<br>※ 来源:·BBS 未名 mills.example·[FROM: 10.]</p>"
    )
    assert left(board) == [TITLE, POSTS[0]]


def test_text_that_begins_alike_stays() -> None:
    lines = [
        "Repeat this twice.",
        "Popular mills",
        "Between the stones",
        "-- a quotation --",
        "发信人很多。",
        "※ 请注意开放时间",
    ]
    assert left("".join(f"<p>{line}</p>" for line in lines)) == lines


def test_a_page_without_such_lines_is_handed_back() -> None:
    parsed = parse(f"<p>{POSTS[0]}</p>")
    kept = np.ones(1, bool)
    assert drop_post_lines(parsed.page, parsed.roles, kept, -1) is kept
