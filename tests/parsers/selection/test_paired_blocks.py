"""Where the other half of a pair is kept and where not: definitions, feet of quotations, questions; one side and the other."""

from __future__ import annotations

import numpy as np
import pytest

from parsers.backends.gristmill_backend import parse
from parsers.blocks.roles import block_roles
from parsers.selection.paired_blocks import keep_pairs

LONG = f"<p>{'word ' * 60}</p>"  # more than half of the page, so that a blockquote is a quote


def kept(html: str, keep: str, likely: float = 0.0) -> str:
    """One sign a block, ``+`` for one that stays; ``keep`` likewise."""
    page = parse(f"<html><body>{html}</body></html>").page
    assert len(keep) == len(page.blocks)
    signs = np.array([sign == "+" for sign in keep])
    found = keep_pairs(page, block_roles(page), signs, np.full(len(keep), likely, np.float32))
    return "".join("+" if sign else "-" for sign in found)


def words(count: int) -> str:
    return "word " * count


def link(count: int) -> str:
    return f"<a href=/>{words(count)}</a>"


@pytest.mark.parametrize(
    ("html", "keep", "likely", "expected"),
    [
        # Half of the words, and each block counts for a tenth of a word at least.
        (f"<dl><dt>{words(2)}<dd>{words(2)}</dl>", "+-", 0, "++"), (f"<dl><dt>{words(2)}<dd>{words(3)}</dl>", "+-", 0, "+-"), (f"<dl><dt>{words(2)}<dd>{words(3)}</dl>", "-+", 0, "++"),
        ("<dl><dt>★<dd>★</dl>", "+-", 0, "++"), ("<dl><dt>★<dd>★<dd>★</dl>", "+--", 0, "+--"),
        # Below a kept block of its container it takes a fifth of likelihood.
        (f"<div><p>x</p><dl><dt>{words(2)}<dd>{words(3)}</dl></div>", "+--", 0.21, "+++"), (f"<div><p>x</p><dl><dt>{words(2)}<dd>{words(3)}</dl></div>", "+--", 0.19, "+--"),
        (f"<div><p>x</p><dl><dt>{words(2)}<dd>{words(3)}</dl></div>", "---", 0.9, "---"), (f"<dl><dt>{words(2)}<dd>{words(3)}</dl>", "--", 0.9, "--"),
        (f"<section><div><div><p>x</p></div></div></section><dl><dt>a<dd>{words(3)}</dl>", "+--", 0.9, "+--"), (f"<div><p>x</p></div><dl><dt>a<dd>{words(3)}</dl>", "+--", 0.9, "+++"),
        (f"<div><table><tr><th>x<th>y<tr><td>x<td>y</table><dl><dt>{words(2)}<dd>{words(3)}</dl></div>", "++++--", 0.9, "++++--"),
        # A list of links, and one of a single term with more than two values, is none.
        (f"<div><p>x</p><dl><dt>{words(2)}<dd>{link(2)}</dl></div>", "+--", 0.9, "+++"), (f"<div><p>x</p><dl><dt>{words(2)}<dd>{link(3)}</dl></div>", "+--", 0.9, "+--"),
        ("<dl><dt>a b<dd>c<dd>d</dl>", "+--", 0, "+++"), ("<dl><dt>a b c<dd>d<dd>e<dd>f</dl>", "+---", 0, "+---"), ("<dl><dt>a b<dt>c<dd>d<dd>e</dl>", "+-+-", 0, "++++"),
        # Else a term stays where one of its definitions does.
        (f"<dl><dt>a<dd>b<dt>c<dd>{words(9)}</dl>", "-+--", 0, "++--"), (f"<dl><dt>a<dd>b<dd>c<dt>d<dd>{words(9)}</dl>", "--+--", 0, "+-+--"), (f"<dl><dt>a<dt>b<dd>c<dt>d<dd>{words(9)}</dl>", "--+--", 0, "+++--"),
        (f"<dl><dt>a<dd>{words(9)}<dt>c<dd>d</dl>", "---+", 0, "--++"), (f"<dl><dt>a<dd>{words(9)}<dt>c<dd>d</dl>", "--+-", 0, "--+-"), (f"<dl><dd>a<dt>b<dd>{words(9)}</dl>", "+--", 0, "+--"),
        # A list without terms is left to others.
        ("<ul><li>a<li>b</ul>", "+-", 0.9, "+-"), ("<dl><dd>a<dd>b</dl>", "+-", 0.9, "+-"),
        (f"<dl><dt>a b<dd>c</dl><dl><dt>d<dd>{words(3)}</dl>", "+---", 0, "++--"),
    ],
)  # fmt: skip
def test_definitions(html: str, keep: str, likely: float, expected: str) -> None:
    assert kept(html, keep, likely) == expected


@pytest.mark.parametrize(
    ("quote", "keep", "expected"),
    [
        (f"<p>a</p><footer>{words(20)}</footer>", "++-", "+++"), (f"<p>a</p><footer>{words(21)}</footer>", "++-", "++-"), (f"<p>a</p><footer>{words(4)}{link(4)}</footer>", "++-", "+++"),
        (f"<p>a</p><footer>{words(4)}{link(5)}</footer>", "++-", "++-"), ("<p>a</p><footer>b</footer>", "+--", "+--"), ("<p>a</p><p>b</p><p>c</p>", "++--", "+++-"), ("<div><div><div><div><p>a</p></div></div></div></div><p>b</p>", "++-", "+++"),
        ("<div>" * 5 + "<p>a</p>" + "</div>" * 5 + "<p>b</p>", "++-", "++-"),
    ],
)  # fmt: skip
def test_feet_of_quotations(quote: str, keep: str, expected: str) -> None:
    assert kept(f"{LONG}<blockquote>{quote}</blockquote>", keep) == expected


def test_another_quotation_is_no_foot() -> None:
    assert kept(f"{LONG}<blockquote>a</blockquote><blockquote>b</blockquote>", "++-") == "++-"
    assert kept(f"{LONG}<figure><blockquote>a</blockquote><figcaption>b</figcaption></figure>", "++-") == "+++"
    assert kept(f"{LONG}<blockquote>a</blockquote><figure><figcaption>b</figcaption></figure>", "++-") == "++-"
    assert kept(f"{LONG}<figure><p>a</p><figcaption>b</figcaption></figure>", "++-") == "++-"


@pytest.mark.parametrize(
    ("html", "keep", "expected"),
    [
        (f"<p>{words(29)}so?</p><p>a</p>", "-+", "++"), (f"<p>{words(30)}so?</p><p>a</p>", "-+", "-+"), ("<p>so?</p><p>a</p>", "--", "--"), ("<p>so?</p><p>why?</p>", "-+", "-+"), ("<p>so?</p><h2>a</h2>", "-+", "-+"),
        ("<p>★?</p><p>a</p>", "-+", "-+"), (f"<p>{link(2)}{words(1)}so?</p><p>a</p>", "-+", "++"), (f"<p>{link(3)}{words(1)}so?</p><p>a</p>", "-+", "-+"), ("<p>so？</p><p>a</p>", "-+", "++"), ("<p>so؟</p><p>a</p>", "-+", "++"),
        ("<p>so！</p><p>a</p>", "-+", "-+"), ("<p>so؞</p><p>a</p>", "-+", "-+"), ("<p>so㼟</p><p>a</p>", "-+", "-+"), ("<p>so&gt;</p><p>a</p>", "-+", "-+"), ("<p>so@</p><p>a</p>", "-+", "-+"),
        ("<p>so?</p><p>why？</p>", "-+", "-+"), ("<p>why?</p><p>so?</p><p>a</p>", "--+", "-++"), ("<section><div><p>so?</p></div></section><p>a</p>", "-+", "-+"), ("<div><p>so?</p></div><p>a</p>", "-+", "++"),
        ("<table><tr><th>so?<td>a<tr><th>b<td>c</table>", "-+--", "-+--"), ("<div><p>so?</p></div><div><p>a</p></div>", "-+", "++"),
    ],
)  # fmt: skip
def test_questions_before_their_answers(html: str, keep: str, expected: str) -> None:
    assert kept(f"<main>{html}</main>", keep) == expected


TERM_TABLE = "<dl><dt>Parameters<dd><table><tr><td>n<td>how often at most</table></dl>"


@pytest.mark.parametrize(
    ("keep", "likely", "expected"), [("++--", 0.3, "++++"), ("++--", 0.1, "++--"), ("+---", 0.1, "+---")]
)
def test_a_kept_terms_table_stays_unless_it_is_unlikely(keep: str, likely: float, expected: str) -> None:
    assert kept(f"<div><p>{words(9)}</p>{TERM_TABLE}</div>", keep, likely) == expected
