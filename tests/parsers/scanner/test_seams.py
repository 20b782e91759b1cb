"""Blanks between words that only a style sheet sets apart, and none within words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.markup.lexbor import normal_form
from parsers.scanner import page as p
from parsers.scanner.scan import scan_page


def text(html: str) -> str:
    page = scan_page(normal_form(html))
    return "|".join(bytes(page.text[row[p.START] : row[p.STOP]]).decode() for row in page.blocks)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p><span>(1)</span><span>A council</span></p>", "(1) A council"),
        ("<p><b>(a)</b>the size</p>", "(a) the size"),
        ("<p><b>Joined:</b>Sat</p>", "Joined: Sat"),
        ("<p><b>general</b><i>The ferryman</i></p>", "general The ferryman"),
        ("<p><b>1911</b><i>Subsec</i></p>", "1911 Subsec"),
        ("<p><b>паром</b><i>Река</i></p>", "паром Река"),
        ("<p><time>1y ago</time><a href=/u>hew</a></p>", "1y ago hew"),
        ("<p><x-ago>ago</x-ago>hew</p>", "ago hew"),
        ("<p>one<svg><text>x</text></svg>two</p>", "one two"),
        ("<p><a href=/u>stow</a><span>•</span><time>1y</time></p>", "stow • 1y"),
        ("<p><b>1.</b><i>The mill stood</i></p>", "1. The mill stood"),
        ("<p><b>marl</b><i>3 days ago</i></p>", "marl 3 days ago"),
        ("<p><b>oats</b><i>1.25 g</i></p>", "oats 1.25 g"),
        ("<p><span>miller7</span><span>2h ago</span><span>#1</span></p>", "miller7 2h ago #1"),
        ('<p><span>In this Act—</span><span>(a)</span><span>"weir" is</span></p>', 'In this Act— (a) "weir" is'),
        ("<p><span>the weir;</span><span>(b)</span><span>“mill” is</span></p>", "the weir; (b) “mill” is"),
        ("<p><span>It stopped.</span><span>The mill stood.</span></p>", "It stopped. The mill stood."),
        ("<p><b>miller</b><i>3h ago</i></p>", "miller 3h ago"),
        ("<p><b>Varne</b><i>1902–1931</i></p>", "Varne 1902–1931"),
        ("<p><b>Caravan</b><i></i><b>€17</b></p>", "Caravan €17"),
        ("<p><b>1.</b><i>Varne</i></p>", "1. Varne"),
        ("<p><b>HOLM —</b><i>Nobody came</i></p>", "HOLM — Nobody came"),
        ("<li><b>1,5 dl</b><i>oats</i></li>", "1,5 dl oats"),
        ("<li><b>2</b><b>tea spoons</b><i>salt</i></li>", "2 tea spoons salt"),
        ("<p><b>The mill stood.</b><i>Credit</i></p>", "The mill stood. Credit"),
        ("<p><b>2 dl</b><i>water</i></p>", "2 dl water"),
        ("<p><b>½ cup</b><i>olive oil</i></p>", "½ cup olive oil"),
        ("<p><b>3 EL</b><i>Öl</i></p>", "3 EL Öl"),
        ("<p><b>Kochen</b><i>30min</i></p>", "Kochen 30min"),
        ("<p><b>Pune</b><i>660</i></p>", "Pune 660"),
        ("<p><b>a.</b><i>the ferryman</i></p>", "a. the ferryman"),
        ("<p><b>iv.</b><i>the ferryman</i></p>", "iv. the ferryman"),
        ("<p><b>88-14.</b><i>Nets in the river</i></p>", "88-14. Nets in the river"),
        ("<p><x-day>It was time.</x-day><x-day>The mill stood</x-day></p>", "It was time. The mill stood"),
    ],
)
def test_words_that_a_style_sets_apart_are_apart(html: str, expected: str) -> None:
    assert text(html) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>a<b>b</b>c</p>", "abc"),
        ("<p><b>T</b>he mill</p>", "The mill"),
        ("<p>Auto<b>R</b>egressive</p>", "AutoRegressive"),
        ("<p>1<b>st</b> and 2<b>nd</b>, 3<i>x</i></p>", "1st and 2nd, 3x"),
        ("<p>12:<b>30</b> and std::<b>map</b></p>", "12:30 and std::map"),
        ("<p>pandas.<b>Series</b></p>", "pandas.Series"),
        ("<p>python<b>3 is</b></p>", "python3 is"),
        ("<p><b>mp</b><i>3</i></p>", "mp3"),
        ("<p>Of <b>2 bed</b><i>rooms</i> and <b>2 cup</b>board</p>", "Of 2 bedrooms and 2 cupboard"),
        ("<p><b>3.</b><i>14</i> and see<b>a.</b><i>the mill</i></p>", "3.14 and seea.the mill"),
        ("<p><b>US</b><i>$</i><b>17</b> and <b>In general.—</b><i>A mill</i></p>", "US$17 and In general.—A mill"),
        ("<p><b>12</b><i>50</i> and <b>7</b><i>25h ago</i></p>", "1250 and 7 25h ago"),
        ("<p><b>C</b><i>#</i> and f<b>(x)</b></p>", "C# and f(x)"),
        ("<p><b>f(x)</b><i>(y)</i> and a;<b>(ab)</b></p>", "f(x)(y) and a;(ab)"),
        ("<p>1.<b>X</b> and 3.<b>Beta</b></p>", "1.X and 3.Beta"),
        ("<p><code>get<b>Name</b></code></p>", "getName"),
        ("<p>Long<wbr>Name</p>", "LongName"),
        ("<li><b>2 cup</b><i>s</i> and <b>3 tea</b><i>spoons</i></li>", "2 cups and 3 teaspoons"),
        (
            "<p>The <b>over</b><i>all</i> height of 3 <b>mill</b><i>stones</i></p>",
            "The overall height of 3 millstones",
        ),
        (
            "<p><b>the mill.</b><b>.</b><i>Series</i> and <b>pandas.</b><i>Frame</i></p>",
            "the mill..Series and pandas.Frame",
        ),
        ("<p>long<!-- -->Name</p>", "longName"),
        ("<p>You<b>Tube</b></p><p>I saw it on YouTube.</p>", "YouTube|I saw it on YouTube."),
    ],
)
def test_words_stay_whole(html: str, expected: str) -> None:
    assert text(html) == expected


def test_words_of_two_blocks_are_not_one_word_elsewhere() -> None:
    assert text("<p>the end</p><p>Start</p><p>the <b>end</b><i>Start</i></p>") == "the end|Start|the end Start"


# The first and last letters of each range, and what lies beside them.
@pytest.mark.parametrize("small", "azß\u00f6\u00f8ÿаџάώ")
@pytest.mark.parametrize("capital", "AZÀÖØÞЀЯΆΫ")
def test_a_small_letter_and_a_word_with_a_capital_are_two_words(small: str, capital: str) -> None:
    assert text(f"<p><b>mil{small}</b><i>{capital}he</i></p>") == f"mil{small} {capital}he"


@pytest.mark.parametrize("sign", "{×÷¿@[\u0385\u03cf\u0460")
def test_what_is_no_small_letter_and_no_capital_parts_no_words(sign: str) -> None:
    assert text(f"<p><b>mil{sign}</b><i>The</i></p>") == f"mil{sign}The"
    assert text(f"<p><b>mill</b><i>{sign}he</i></p>") == f"mill{sign}he"


@pytest.mark.parametrize("end", ["st", "nd", "rd", "th", "er", "re"])
def test_the_ending_of_a_number_is_part_of_it(end: str) -> None:
    assert text(f"<p>1<b>{end}</b> and 2<b>{end.upper()}</b></p>") == f"1{end} and 2{end.upper()}"
    assert text(f"<p>1<b>{end}ate</b></p>") == f"1 {end}ate"
    assert text("<p>1<b>ab</b></p>") == "1 ab"


@pytest.mark.parametrize("stop", ".!?,;")
def test_a_sentence_begins_with_a_word_and_a_blank(stop: str) -> None:
    assert text(f"<p><i>stopped{stop}</i><b>The mill</b></p>") == f"stopped{stop} The mill"
    assert text(f"<p><i>STOPPED{stop}</i><b>The mill</b></p>") == f"STOPPED{stop}The mill"
    apart = "" if stop == "." else " "  # a name of two parts: pandas.Series
    assert text(f"<p><i>pandas{stop}</i><b>Series</b></p>") == f"pandas{stop}{apart}Series"
    assert text(f"<p><i>{stop}</i><b>The mill</b></p>") == f"{stop}The mill"


@given(st.lists(st.sampled_from(["ab", "Cd", "(1)", "12", ":", ".", " ", "é", "Ж", "中", "•"]), max_size=12))
def test_nothing_but_blanks_is_added(parts: list[str]) -> None:
    html = "<p>" + "".join(f"<span>{part}</span>" for part in parts) + "</p>"
    assert text(html).replace(" ", "") == "".join(parts).replace(" ", "")


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>断了，\n船上</p>", "断了，船上"),
        ("<p>在那\n  里</p>", "在那里"),
        ("<p>说，”\n摆渡</p>", "说，”摆渡"),
        ("<p>ここ\n<b>です</b></p>", "ここです"),
        ("<p>那 里</p>", "那 里"),
        ("<p>从 1988\n年</p>", "从 1988 年"),
        ("<p>한국\n어</p>", "한국 어"),
        ("<p>one\ntwo</p>", "one two"),
        ("<p>那<br>\n里</p>", "那\n里"),
    ],
)
def test_line_ends_of_the_source_between_ideographs_are_nothing(html: str, expected: str) -> None:
    assert text(html) == expected


# One character and more of each kind, at the ends of its ranges; what a character is to its neighbour.
KINDS = {
    "lower": "azßÿаџάώ", "upper": "AZÀÞЀЯΆΫ", "digit": "09", "closing": ")", "colon": ":", "stop": ".!?,;", "mark": "•|·",
    "letter": "Āאก\u1fff", "none": "/(@[`{×÷中\u2021",
}  # fmt: skip
KIND = {sign: kind for kind, signs in KINDS.items() for sign in signs}


def two_words(before: str, after: str, *, apart: bool) -> bool:
    """Of ``x`` and a sign, and a sign and ``yy``, in two elements that stand side by side."""
    one, other = KIND[before], KIND[after]
    word = other in ("lower", "upper", "letter")
    if "none" in (one, other):
        return False
    if "mark" in (one, other):
        return one != other and one not in ("colon", "stop")
    if apart and (word or other == "digit") and one in ("lower", "upper", "digit", "letter"):
        return True
    if apart and word and one == "stop":
        return True
    if one == "lower":
        return other == "upper"
    if one == "stop":
        return other == "upper"
    return (word and one in ("digit", "closing", "colon")) or (one, other) == ("colon", "digit")


@pytest.mark.parametrize("apart", [False, True])
def test_what_meets_at_a_tag(apart: bool) -> None:
    one, other = ("<time>", "</time>") if apart else ("<b>", "</b>")
    pairs = [(before, after) for before in KIND for after in KIND]
    page = scan_page(
        normal_form("".join(f"<p>{one}bar{before}{other}<i>{after}yy zz</i></p>" for before, after in pairs))
    )
    found = [bytes(page.text[row[p.START] : row[p.STOP]]).decode() for row in page.blocks]
    expected = [f"bar{before}{' ' * two_words(before, after, apart=apart)}{after}yy zz" for before, after in pairs]
    assert [each for each in zip(found, expected, strict=True) if each[0] != each[1]] == []


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        # A number that counts something: a blank and a letter behind it, in an element beside.
        ("marl", "3 days", "marl 3 days"), ("marl", "3 5", "marl3 5"), ("marl", "3days", "marl3days"), ("marl", "3", "marl 3"), ("mrl", "3", "mrl3"), ("marl", "1.25,3-4:5 €", "marl 1.25,3-4:5 €"),
        ("marl", "9 z", "marl 9 z"), ("marl", "0 A", "marl 0 A"), ("marl", "3 {", "marl3 {"), ("marl", "3 @", "marl3 @"), ("marl", "3/4 a", "marl3/4 a"),
        # A capital alone in its element; the endings of numbers; two colons; the number of an item.
        ("auto", "R", "autoR"), ("auto", "Re", "auto Re"), ("1", "stx", "1 stx"), ("1", "x", "1x"), ("1", "ab", "1 ab"), ("1", "é", "1 é"), ("1", "sé", "1 sé"),
        ("std::", "map", "std::map"), (":", "map", ":map"), ("a:", "map", "a: map"), ("1234.", "The mill", "1234. The mill"), ("12345.", "The mill", "12345. The mill"), ("123.", "The mill", "123. The mill"), ("123!", "The mill", "123!The mill"),
        ("x.", "Series", "x.Series"), ("x.", "Series of", "x. Series of"), ("x!", "Series", "x! Series"), ("X!", "Series of", "X!Series of"), (")", "a", ") a"),
    ],
)  # fmt: skip
def test_what_follows_decides_as_well(before: str, after: str, expected: str) -> None:
    assert text(f"<p><b>{before}</b><i>{after}</i></p>") == expected


def test_a_word_that_was_cut_is_looked_for_up_to_its_64th_byte_and_for_each_seam() -> None:
    for size, whole in ((63, True), (64, True), (65, False)):
        word = "y" * size
        joined = f"{word}Tube"
        assert text(f"<p>{word}<b>Tube</b></p><p>{joined}</p>") == f"{word}{'' if whole else ' '}Tube|{joined}"
    for count in (31, 32, 33, 40):
        cut = "".join(f"<p>w{'abcdefghij'[n // 10]}{'abcdefghij'[n % 10]}<b>Tube</b></p>" for n in range(count))
        assert text(cut + "<p>wabTube</p>").count(" ") == count - 1
        assert text(cut + "<p>xwabTube</p>").count(" ") == count


@pytest.mark.parametrize("sign", "az09mM:/@[`{.AZ")
def test_a_span_with_a_capital_behind_a_span(sign: str) -> None:
    apart = sign in "az09mM:AZ" and sign not in "MAZ:"
    assert text(f"<p><span>x:{sign}</span><span>The mill</span></p>") == f"x:{sign}{' ' * apart}The mill"
    assert text(f"<p><span>x:{sign}</span><span>[he mill</span></p>") == f"x:{sign}[he mill"
    assert text(f"<p><span>x:{sign}</span><span>@he mill</span></p>") == f"x:{sign}@he mill"
