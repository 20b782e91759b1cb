"""Lists of links behind the last prose."""

from __future__ import annotations

import numpy as np
import pytest

from parsers.backends.gristmill_backend import parse
from parsers.blocks.roles import block_roles
from parsers.selection.links_behind import drop_headings_behind, drop_links_behind

PROSE = "<p>" + "The stone turns all day above its bed, and nobody has counted how often. " * 2 + "</p>"
LINK = "<p><a href=/a>The next story of the mill</a></p>"
MIXED = "<p><a href=/a>The next story</a> was told elsewhere by two other millers</p>"


@pytest.mark.parametrize(
    ("html", "probabilities", "expected"),
    [
        (PROSE + LINK + LINK, [0.9, 0.6, 0.8], "+-+"),
        (LINK + PROSE, [0.6, 0.9], "++"),
        (PROSE + MIXED, [0.9, 0.6], "++"),
        (LINK + LINK, [0.6, 0.6], "++"),  # a listing
        (PROSE + LINK + PROSE, [0.9, 0.6, 0.2], "+++"),
        (PROSE + "<p>Then</p>", [0.9, 0.3], "++"),
    ],
)
def test_links_behind_the_last_prose_go_unless_they_are_sure(html, probabilities, expected) -> None:
    page = parse(html).page
    kept = drop_links_behind(page, np.array(probabilities, np.float32), np.ones(len(page.blocks), bool))
    assert "".join("+" if each else "-" for each in kept) == expected


BOOK, LINKED = "Osei and Marl, a history of the loom, 1987", "<a href=/a>The reed</a>"
LONG = "<a href=/a>The reed and its maker in the town by the river</a>"


def items(*texts: str) -> str:
    return PROSE + "<ol>" + "".join(f"<li>{text}</li>" for text in texts) + "</ol>"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (items(BOOK, LINKED, BOOK), "++++"),
        (items(LINKED, BOOK), "+++"),
        (items(BOOK, LONG), "++-"),
        (items(BOOK, LINKED) + "<p><a href=/b>More about mills</a></p>", "+++-"),
        (PROSE + f"<p>[1] {BOOK}</p><p>[2] {LINKED}</p>", "+++"),
        (PROSE + f"<p>{BOOK}</p><p>{LINKED}</p>", "++-"),
        (PROSE + f"<p>{BOOK}<br><br>{LINKED}</p>", "+++"),
    ],
)
def test_a_list_of_which_two_thirds_stay_is_kept_whole(html: str, expected: str) -> None:
    page = parse(html).page
    likely = np.full(len(page.blocks), 0.5, np.float32)
    kept = drop_links_behind(page, likely, np.ones(len(page.blocks), bool))
    assert "".join("+" if each else "-" for each in kept) == expected


def test_only_what_is_kept_is_prose() -> None:
    page = parse(PROSE + LINK).page
    assert drop_links_behind(page, np.array([0.2, 0.5], np.float32), np.array([False, True])).tolist() == [False, True]


@pytest.mark.parametrize(
    ("html", "likely", "left"),
    [
        ("<p>The wheel turns</p><h2>Did this help?</h2>", 0.4, 1),
        ("<p>The wheel turns</p><h2>Did this help?</h2>", 0.6, 2),
        ("<p>The wheel turns</p><h2>How?</h2><h2>Why?</h2><h2>When?</h2>", 0.4, 4),
        ("<h2>Did this help?</h2>", 0.4, 1),
        ("<h2>Mills</h2><p>The wheel turns</p>", 0.4, 2),
        ("<p>The wheel turns</p><h2>Footnotes</h2>", 0.9, 1),
        ("<p>The wheel turns</p><h2>Related articles:</h2>", 0.9, 1),
        ("<p>The wheel turns</p><h2>More about the weir and the men who keep it</h2>", 0.9, 2),
        ("<p>The wheel turns</p><h2>Footnotes</h2><p>1. It stood in May</p>", 0.9, 3),
    ],
)
def test_headings_with_nothing_below_go(html: str, likely: float, left: int) -> None:
    page = parse(html).page
    likelihoods, keep = np.full(len(page.blocks), likely, np.float32), np.ones(len(page.blocks), bool)
    assert drop_headings_behind(page, block_roles(page), likelihoods, keep).sum() == left


def words(count: int) -> str:
    return " ".join(["so"] * count)


def linked(count: int) -> str:
    return f"<a href=/a>{words(count)}</a>"


def signs(html: str, likely: float | list[float] = 0.5, keep: str = "") -> str:
    page = parse(html).page
    likely = (
        np.full(len(page.blocks), likely, np.float32) if isinstance(likely, float) else np.array(likely, np.float32)
    )
    kept = np.array([sign == "+" for sign in keep or "+" * len(page.blocks)])
    return "".join("+" if each else "-" for each in drop_links_behind(page, likely, kept))


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        # Prose: twenty words outside of links.
        (f"<p>{words(20)}</p>{LINK}", "+-"), (f"<p>{words(19)}</p>{LINK}", "++"), (f"<p>{words(20)} {linked(9)}</p>{LINK}", "+-"), (f"<p>{words(19)} {linked(9)}</p>{LINK}", "++"),
        # Half of the words in links.
        (f"{PROSE}<p>{linked(2)} {words(2)}</p>", "+-"), (f"{PROSE}<p>{linked(2)} {words(3)}</p>", "++"), (f"{PROSE}<p>***</p>", "++"),
        # A list stays whole where twice as many words stay as would go.
        (items(words(3) + " ไทยก", linked(2)), "++-"), (items(words(4), linked(2)), "+++"), (items(words(3), linked(2)), "++-"), (items(linked(2), words(3), linked(1)), "+-+-"), (items(linked(2), words(4)), "+++"),
        (items(words(3)) + items(words(1), linked(1)).removeprefix(PROSE), "+++-"),
        # Numbered paragraphs side by side are one list.
        (f"{PROSE}<p>[1] {words(4)}</p><p>[9] {linked(1)}</p>", "+++"), (f"{PROSE}<p>[0] {words(4)}</p><p>[9] {linked(1)}</p>", "+++"), (f"{PROSE}<p>[a] {words(4)}</p><p>[b] {linked(1)}</p>", "++-"),
        (f"{PROSE}<p>(1) {words(4)}</p><p>(2) {linked(1)}</p>", "++-"), (f"{PROSE}<p>[/] {words(4)}</p><p>[:] {linked(1)}</p>", "++-"), (f"{PROSE}<p>[1</p><p>[2 {linked(1)}</p>", "++-"),
        (f"{PROSE}<div><p>[1] {words(4)}</p></div><div><p>[2] {linked(1)}</p></div>", "++-"),
    ],
)  # fmt: skip
def test_both_sides_of_each_bound(html: str, expected: str) -> None:
    assert signs(html) == expected


def test_what_the_classifier_is_sure_of_and_what_is_left_out() -> None:
    assert signs(PROSE + LINK, [0.9, 0.69]) == "+-" and signs(PROSE + LINK, [0.9, 0.71]) == "++"
    assert signs(items(BOOK, LINKED, BOOK), 0.5, "+-++") == "+-++" and signs(items(BOOK, LINKED), 0.5, "++-") == "++-"
    assert signs(items(linked(1), words(1), words(9)), 0.5, "+++-") == "+-+-"  # only what is kept counts
    assert signs(items(linked(2), linked(2), words(4)), [0.9, 0.5, 0.9, 0.9]) == "++++"
    assert signs(PROSE + LINK + PROSE, 0.5, "++-") == "+--"


@pytest.mark.parametrize(
    ("html", "likely", "expected"),
    [
        ("<p>a</p><h2>b</h2><h2>c</h2>", [0.1, 0.4, 0.5], "+-+"), ("<p>a</p><h2>b</h2><h2>c</h2>", [0.1, 0.5, 0.49], "++-"), ("<h2>b</h2><h2>c</h2>", [0.4, 0.6], "++"),
        ("<h2>b</h2><h2>c</h2><h2>d</h2>", [0.1] * 3, "+++"), ("<h2>b</h2><p>a</p>", [0.1, 0.1], "++"), ("<p>a</p>", [0.1], "+"), ("<p>a</p><h2>b</h2><p>c</p><h2>d</h2>", [0.1] * 4, "+++-"),
    ],
)  # fmt: skip
def test_headings_at_the_end(html: str, likely: list[float], expected: str) -> None:
    page = parse(html).page
    keep = np.ones(len(page.blocks), bool)
    found = drop_headings_behind(page, block_roles(page), np.array(likely, np.float32), keep)
    assert "".join("+" if each else "-" for each in found) == expected
