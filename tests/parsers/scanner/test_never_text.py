"""Short elements that are never text, and elements of the same names that are."""

from __future__ import annotations

import pytest

from parsers.markup.lexbor import normal_form
from parsers.scanner import page as p
from parsers.scanner.scan import scan_page


def texts(html: str) -> list[str]:
    page = scan_page(normal_form(html))
    return [bytes(page.text[row[p.START] : row[p.STOP]]).decode() for row in page.blocks]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<h2>Mill <span class='mw-editsection'>[<a href=/e>edit</a>]</span></h2>", "Mill"),
        ("<p>def f()<a href=/s><span class='viewcode-link'>[source]</span></a></p>", "def f()"),
        ("<h2>Mill<a class='headerlink' href='#m'>#</a></h2>", "Mill"),
        ("<h2><a class='header-anchor' href='#c'>C#</a></h2>", "C#"),
        ("<p>the <span>gate<span role='tooltip'>A board</span></span> falls</p>", "the gate falls"),
        ("<p>the gate <b class='tooltiptext'>A board</b>falls</p>", "the gate falls"),
        ("<p><i class='material-icons'>home</i> Oak Lane</p>", "Oak Lane"),
        ("<p>and so <span class='pagenum'>[12]</span>on</p>", "and so on"),
        ("<p><span class='pagenum'>Of the mills of the valley</span> more</p>", "Of the mills of the valley more"),
        ("<p><span class='a-offscreen'>$12.99</span><span aria-hidden=true>$12.99</span></p>", "$12.99"),
        (
            "<p>the gate <i class='tooltip' style='display:none'>A board that slides, and that a rack lifts</i>falls</p>",
            "the gate falls",
        ),
        ("<p><mat-icon>home_pin</mat-icon>Oak Lane</p>", "Oak Lane"),
        ("<blockquote>The mill <a class='tweet-this' href=/t>Tweet this</a></blockquote>", "The mill"),
        ("<p>the <span class='tooltip'>gate</span> falls</p>", "the gate falls"),
        ("<p>Mill<span class='sr-only'>: </span>wheel</p>", "Mill: wheel"),
        ("<p>See <span style='display: none'>0041</span>41 mills</p>", "See 41 mills"),
        ("<p>See <span hidden>0041</span>41 mills</p>", "See 41 mills"),
        ("<ruby>北<rp>(</rp><rt>ほく</rt><rp>)</rp></ruby>の<ruby>町<rt>まち</rt></ruby>", "北の町"),
        ("<ruby><rb>漢<rb>字<rt>かん<rt>じ<rtc><rt>kanji</rtc></ruby>", "漢字"),
    ],
)
def test_what_is_never_text_is_skipped(html: str, expected: str) -> None:
    assert texts(html) == [expected]


@pytest.mark.parametrize(
    "html",
    [
        "<h1><span class='visually-hidden'>The mill</span></h1>",
        "<h1><a href=/><img src=x><span class='sr-only'>The mill</span></a></h1>",
        "<p><i class='material-icons'>The mill</i></p>",
        "<div class='sr-only'>The mill</div>",
        "<div hidden>The mill</div>",
    ],
)
def test_what_is_all_that_a_block_says_stays(html: str) -> None:
    assert texts(html) == ["The mill"]


def test_the_hidden_half_of_a_paragraph_stays() -> None:
    rest = "and its wheel has turned for three hundred years without a pause"
    assert texts(f"<p>The mill <span style='display:none'>{rest}</span></p>") == [f"The mill {rest}"]


def test_an_element_that_nobody_closed_swallows_no_page() -> None:
    words = "word " * 600
    assert "".join(texts(f"<p>Mill <span class='tooltiptext'>{words}")).count("word") == 600


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (
            "<my-card><template shadowrootmode=open><style>p{}</style><p>One</p></template><p>Two</p></my-card>",
            ["One", "Two"],
        ),
        ("<template id=row><p>{{name}}</p></template><p>Two</p>", ["Two"]),
    ],
)
def test_shadow_roots_are_read_and_other_templates_are_not(html: str, expected: list[str]) -> None:
    assert texts(html) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>He said <q>no</q>, and left</p>", 'He said "no", and left'),
        ("<p><q>No</q></p>", '"No"'),
        ("<p><q>“No”</q> he said</p>", "“No” he said"),
        ("<p><q>«No»</q> he said</p>", "«No» he said"),
    ],
)
def test_quotation_marks_that_browsers_draw_are_written(html: str, expected: str) -> None:
    assert texts(html) == [expected]
