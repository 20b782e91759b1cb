"""What a sentence loses on its page and gets back: letters and emoji that are images, references, lines of verse."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.backends.gristmill_backend import parse
from parsers.blocks.escapes import is_escaped_twice, resolved
from parsers.blocks.image_text import image_character, image_letter
from parsers.blocks.render import render_blocks


def text(body: str) -> str:
    return render_blocks(parse(f"<html><body><article>{body}</article></body></html>").blocks)[0]


@pytest.mark.parametrize(
    ("alt", "before", "after", "expected"),
    [
        ("👍", "", "", "👍"), ("❤️", " ", " ", "❤️"), ("1️⃣", "", "", "1️⃣"), ("👨‍👩‍👧", "", ".", "👨‍👩‍👧"),
        (":cry:", " ", " ", ""), ("logo", "", "", ""), ("T", "", "he", "T"), ("T", " ", "HE", "T"), ("T", "a", "he", ""),
        ("X", "", "Ba", ""), ("x", "", "ab", ""), ("中", "", "", ""), ("", "", "", ""),
    ],
)  # fmt: skip
def test_images_of_one_character_say_it(alt: str, before: str, after: str, expected: str) -> None:
    assert image_character(f'<img src="x" alt="{alt}">', before, after) == expected


def test_emoji_stand_in_their_sentence() -> None:
    assert text('<p>Kale <img alt="👍" src=x> is sweet <img alt="😋" src=y>.</p>') == "Kale 👍 is sweet 😋."


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("don&#39;t", True), ("Ask &quot;the blue one&quot; for", True), ("you&nbsp;and", True), ("f&uuml;r", True),
        ("boats & oars", False), ("AT&T; x", False), ("boats &amp; oars", False), ("don't", False),
        ("write &lt; and not don&#39;t", False), ("the entity don&#39;t", False), ("?a=1&amp;b=2", False),
    ],
)  # fmt: skip
def test_pages_that_were_escaped_twice(page: str, expected: bool) -> None:
    assert is_escaped_twice(page) is expected


def test_references_are_resolved_but_not_in_code() -> None:
    body = "<p>Tom &amp;amp; Ina&amp;#39;s boats &amp;ndash; dry</p><pre>a &amp;amp; b</pre>"
    assert text(body) == "Tom & Ina's boats – dry\n\na &amp; b"
    assert text("<p>Write &amp;amp; for an ampersand.</p>") == "Write &amp; for an ampersand."


@given(st.text("a&;#39mplt"))
def test_resolving_never_raises_and_leaves_text_without_references(source: str) -> None:
    assert "&" in source or resolved(source) == source


LINES = ["The stair has nine steps", "I know it by foot", "And still in the dark", "I reach for a step"]


def test_lines_of_verse_stand_together() -> None:
    divs = [f"<div>{line}</div>" for line in LINES]
    assert text("".join([*divs[:2], "<div><br></div>", *divs[2:]])) == "\n".join(LINES[:2]) + "\n\n" + "\n".join(
        LINES[2:]
    )


def test_stanzas_may_be_elements() -> None:
    divs = [f"<p>{line}</p>" for line in LINES]
    body = f"<div>{''.join(divs[:2])}</div><div>{''.join(divs[2:])}</div>"
    assert text(body) == "\n".join(LINES[:2]) + "\n\n" + "\n".join(LINES[2:])
    assert ".\n\n".join(LINES[:2]) in text(body.replace("</p>", ".</p>"))


def test_words_may_be_spelled_in_images() -> None:
    letters = "".join(f"<img src={letter}.png alt={letter}>" for letter in "One")
    assert text(f"<p>{letters} day the mill stood</p>") == "One day the mill stood"
    assert text("<p>the <img src=x alt=a> mill</p>") == "the mill"


@pytest.mark.parametrize("edit", ["[edit]", " [ Bearbeiten | Quelltext bearbeiten ]", "[编辑]"])
def test_links_for_editing_leave_headings(edit: str) -> None:
    assert text(f"<h2>Mill<a href=/e>{edit}</a></h2>") == "Mill"
    assert text("<h2># Mill [1990]</h2>") == "# Mill [1990]"


@pytest.mark.parametrize("between", ["", "<div><br></div><p>And here some words in between</p>"])
def test_other_divs_stay_apart(between: str) -> None:
    divs = [f"<div>{line}</div>" for line in LINES]
    assert "\n\n".join(LINES[:2]) in text("".join([*divs[:2], between, *divs[2:]]))


def test_paragraphs_with_empty_lines_between_stay_apart() -> None:
    long = "The mill stands by the river, and its wheel has turned for three hundred years without a pause at night. "
    assert "\n\n" in text("".join(f"<div>{long}{n}</div><div><br></div>" for n in range(5)))


@pytest.mark.parametrize(
    ("alt", "letter"), [("T", "T"), (" é ", "é"), ("中", "中"), ("The", ""), ("7", ""), ("*", ""), ("", "")]
)
def test_an_image_is_a_letter_if_its_alternative_text_is_one(alt: str, letter: str) -> None:
    assert image_letter(f'<img src="x" alt="{alt}">') == letter
