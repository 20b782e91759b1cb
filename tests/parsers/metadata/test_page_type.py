"""The marks of a page's kind: each rule fires where it should, and the nearest page that it should not fire on."""

from __future__ import annotations

import pytest

from parsers.backends.gristmill_backend import extract

SENTENCE = "The mill stands by the river, and its wheel has turned for three hundred years without a pause. "
ARTICLE = f"<article><h1>The mill</h1>{'<p>' + SENTENCE * 3 + '</p>'}{'<p>' + SENTENCE * 4 + '</p>'}</article>"
PRODUCT = '<script type="application/ld+json">{"@type": "Product", "name": "Quern"%s}</script>'
STATED = '<script type="application/ld+json">{"@type": "%s"}</script>'
OFFER = ', "offers": {"@type": "Offer", "price": 3}'
LINKS = "".join(f"<li><a href='/mill/{n}'>The mill number {n}</a> stands by the river {n}</li>" for n in range(40))


def kinds(body: str, head: str = "", url: str = "") -> tuple[str, ...]:
    return extract(f"<html><head>{head}</head><body>{body}</body></html>".encode(), url).kinds


def test_an_article_has_no_marks():
    assert kinds(ARTICLE, url="https://example.org/2020/the-mill") == ()


@pytest.mark.parametrize(
    ("body", "head", "url"),
    [
        (ARTICLE, '<meta property="og:type" content="forum">', ""),
        (f'<div itemscope itemtype="https://schema.org/DiscussionForumPosting">{ARTICLE}</div>', "", ""),
        (ARTICLE, "", "https://forum.example.org/t/5"),
        (ARTICLE, "", "https://example.org/viewtopic.php?t=5"),
        (f"<h1>Mill</h1>{2 * ('<div class=comment><p>' + SENTENCE * 3 + '</p></div>')}", "", ""),
    ],
    ids=["og:type", "itemtype", "host", "path", "comments alone"],
)
def test_forum(body, head, url):
    assert "forum" in kinds(body, head, url)


def test_types_in_text_and_scripts_are_not_stated():
    typed = 'itemtype="https://schema.org/DiscussionForumPosting"'
    assert "forum" not in kinds(f"{ARTICLE}<p>Write {typed} there.</p><script>var a = '<i {typed}>'</script>")


def test_comments_below_an_article_make_no_forum():
    comments = f"<section id='comments'><h2>Comments</h2><p>{SENTENCE}</p><p>{SENTENCE}</p></section>"
    assert kinds(ARTICLE + comments) in ((), ("comments",))  # whether they are kept is the classifier's to say
    assert kinds(f"<h1>Mill</h1><div class='comment'><p>{SENTENCE * 9}</p></div>") == ("comments", "forum")


def test_product():
    assert "product" in kinds(ARTICLE, PRODUCT % OFFER)
    assert "product" not in kinds(ARTICLE, PRODUCT % "")
    assert "product" not in kinds(ARTICLE, PRODUCT % OFFER + STATED % "ItemList")


@pytest.mark.parametrize(
    ("head", "url"),
    [
        ("", "https://docs.example.org/mill"), ("", "https://example.org/docs/mill"),
        ("", "https://mill.readthedocs.io/x"), ('<meta name="generator" content="Docusaurus v3.9">', ""), ('<meta content="rustdoc" name="generator">', ""),
    ],
)  # fmt: skip
def test_documentation_by_address_and_generator(head, url):
    assert "documentation" in kinds(ARTICLE, head, url)


def test_documentation_by_its_code():
    listing = f"<p>{SENTENCE}</p><pre>grind(corn)\nsift(flour)</pre>"
    assert (
        kinds(f"<article>{listing * 12}</article>")
        == kinds(f"<article>{listing * 9}</article>")
        == ("code", "documentation")
    )
    assert kinds(f"<article>{listing * 8}</article>") == ("code",)
    stated = '<meta property="og:type" content="article">'
    assert kinds(f"<article>{listing * 12}</article>", stated) == ("code",)


def test_listing():
    page = f"<main><h1>Mills</h1><ul>{LINKS}</ul></main>"
    assert "listing" in kinds(page)
    assert "listing" not in kinds(page, url="https://forum.example.org/mills")
    assert "listing" not in kinds(page, STATED % "NewsArticle")
