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


@pytest.mark.parametrize(
    ("form", "longest"),
    [
        ("<p>So <span class=mw-editsection>{}</span> it is</p>", 1_999), ("<p>So <span class=sr-only>{}</span> it is</p>", 400),
        ("<p>So <span hidden>{}</span> it is</p>", 40), ("<p>So <span style='display:none'>{}</span> it is</p>", 40), ("<p>So <span class=pagenum>{}</span> it is</p>", 16),
    ],
)  # fmt: skip
def test_what_is_longer_is_text(form: str, longest: int) -> None:
    assert texts(form.format("x" * longest)) == ["So it is"]
    assert texts(form.format("x" * (longest + 1))) == [f"So {'x' * (longest + 1)} it is"]
    assert texts(form.format("y" + "x" * longest)) == texts(form.format("x" + "x" * longest).replace("x", "y", 1))


def test_white_space_and_tags_are_no_length_but_for_what_is_unseen() -> None:
    inside = "<b>" + "x " * 20 + "</b>"
    assert texts(f"<p>So <span hidden>{inside}{'y ' * 20}</span> it is</p>") == ["So it is"]
    assert texts(f"<p>So <span class=sr-only>{'x' * 395}<b></b></span> it is</p>") == [f"So {'x' * 395} it is"]


@pytest.mark.parametrize(
    ("inside", "skipped"),
    [("#" * 12, True), ("#" * 13, False), ("¶", True), ("🔗", True), ("# #", True), ("#a", False), ("#Z", False), ("#é", False), ("#я", False), ("#1", True), ("→", True), ("#漢", False), ("<b>#</b>", True)],
)  # fmt: skip
def test_a_sign_has_no_letter(inside: str, skipped: bool) -> None:
    assert (texts(f"<h2>Mill<a class=headerlink href=x>{inside}</a></h2>")[0] == "Mill") is skipped


@pytest.mark.parametrize(
    ("inside", "skipped"), [(":", False), ("::", False), (":::", True), ("—", True), ("a", True), ("ab", True), ("1:", False), ("é", True), ("·", True), ("", False)]
)  # fmt: skip
def test_a_colon_between_a_label_and_its_value_stays(inside: str, skipped: bool) -> None:
    assert texts(f"<p>Mill<span class=sr-only>{inside}</span> wheel</p>") == [f"Mill{'' if skipped else inside} wheel"]


@pytest.mark.parametrize(
    ("behind", "skipped"),
    [
        ("wheel", True), (" wheel", True), ("<b>wheel</b>", True), ("</b>wheel", True), ("<br>wheel", False), ("<div>wheel</div>", False), ("", False), ("&nbsp;", False), ("&amp;", True), (" " * 380 + "x", True),
        ("<i title='" + "x" * 420 + "'></i>wheel", False), ("<i></i>" * 40 + "wheel", True), ("<i></i>" * 60 + "wheel", False), ("<!-- x -->wheel", True),
    ],
)  # fmt: skip
def test_for_screen_readers_alone_is_what_stands_before_the_text_of_its_block(behind: str, skipped: bool) -> None:
    found = " ".join(texts(f"<div><p><b><span class=sr-only>Price</span>{behind}</b></p></div>"))
    assert ("Price" not in found) is skipped


def test_formulas_for_screen_readers_stay() -> None:
    assert texts("<p>So <span class=sr-only><math><mi>x</mi></math></span> is</p>") == ["So \x01 is"]
    assert texts("<p>So <span class=sr-only>the path</span> is</p>") == ["So is"]


@pytest.mark.parametrize(
    "inside",
    ["a<span>b</span>c", "<span></span>", "a<spanner>b</spanner>c", "a<b>b</b>", "<span><span>a</span></span>b", "a</spanner>b", "<span/>x</span>", "a < b"],
)  # fmt: skip
def test_the_element_ends_with_its_own_end_tag(inside: str) -> None:
    assert texts(f"<p>So <span class=mw-editsection>{inside}</span> it is</p>") == ["So it is"]


def test_an_element_without_an_end_is_text() -> None:
    page = scan_page(b'<p>So <span class="mw-editsection">it is</p>')
    assert b"it is" in bytes(page.text)
