"""Alternative texts of images: which of them say something, and where they stand in the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers import extract, load
from parsers.parsed_page import parse
from parsers.scanner.alt_text import description

PROSE = "First you measure the warp, then you wind it on the back beam with sticks of beech between the layers."
OTHER = "This takes two people an afternoon, and when it is done you weave a few rows of waste yarn at first."
PHOTO = '<img src="loom.jpg" alt="A loom with four shafts">'


def page(*parts: str) -> bytes:
    body = "".join(parts)
    return f"<html><head><title>Looms</title></head><body><article>{body}</article></body></html>".encode()


@pytest.mark.parametrize(
    ("image", "text"),
    [
        ("A loom with four shafts", "A loom with four shafts"),
        ("  Two\n weavers ", "Two weavers"),
        ("Un métier à tisser", "Un métier à tisser"),
        ("Weaving <b>twill</b>", "Weaving twill"),
        ("织布机", "织布机"),
        ("🙂", "🙂"),
        ("", ""),
        ("loom.jpg", ""),
        ("My first loom.JPEG", ""),
        ("DSC_0042", ""),
        ("IMG 2013-04-05", ""),
        ("loom_final_2", ""),
        ("https://loom.example/a", ""),
        ("image", ""),
        ("The photo", ""),
        ("Featured image", ""),
        ("Image 1 of 5", ""),
        ("Facebook icon", ""),
        ("Logo of the guild of weavers", ""),
        ("placeholder", ""),
        (":smile:", ""),
        ("***", ""),
        ("8e40b6da 3769 4587 a4dd", ""),
        ("weave " * 300, ""),
    ],
)
def test_what_says_something(image: str, text: str) -> None:
    assert description({"alt": image}) == text


@pytest.mark.parametrize("name", ["role=presentation", "aria-hidden=true", "width=1", "height=0"])
def test_images_for_decoration(name: str) -> None:
    attribute, _, value = name.partition("=")
    assert description({"alt": "A loom with four shafts", attribute: value}) == ""


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ((f"<p>{PROSE} {PHOTO} {OTHER}</p>",), f"{PROSE} A loom with four shafts {OTHER}"),
        ((f"<p>{PROSE}</p><p>{PHOTO}</p><p>{OTHER}</p>",), f"{PROSE}\n\nA loom with four shafts\n\n{OTHER}"),
        ((f"<p>{PROSE}</p>{PHOTO}{PHOTO}<p>{OTHER}</p>",), f"{PROSE}\n\nA loom with four shafts\n\n{OTHER}"),
        ((f"<p>{PROSE}</p><p><img class='latex' alt='x^2'></p><p>{OTHER}</p>",), f"{PROSE}\n\n$x^2$\n\n{OTHER}"),
    ],
)
def test_all_texts_stand_in_their_places(parts: tuple[str, ...], text: str) -> None:
    assert extract(page(*parts), alt_text="all").text == text


def test_what_the_text_beside_it_says_is_not_said_twice() -> None:
    caption = "<figcaption>A loom with four shafts, seen from behind</figcaption>"
    html = page(f"<p>{PROSE}</p><figure>{PHOTO}{caption}</figure><p>{OTHER}</p>")
    assert extract(html, alt_text="all").text == extract(html).text
    linked = page(f"<p>{PROSE} <a href='/'><img alt='Warp weights'> Warp weights</a> {OTHER}</p>")
    assert extract(linked, alt_text="all").text == extract(linked).text


def test_by_default_only_formulas_are_text() -> None:
    html = page(f"<p>{PROSE} {PHOTO} <img class='latex' alt='x^2'> {OTHER}</p>")
    assert extract(html).text == extract(html, alt_text="formulas").text == f"{PROSE} $x^2$ {OTHER}"


def test_blocks_show_them_as_well() -> None:
    html = page(f"<p>{PROSE}</p><p>{PHOTO}</p><p>{OTHER}</p>")
    assert [block.text for block in parse(html, alt_text="all").content] == [PROSE, "A loom with four shafts", OTHER]


def test_other_parsers_refuse() -> None:
    for name in ("trafilatura", "resiliparse"):
        assert load(name, "formulas")
        with pytest.raises(ValueError, match=f"the parser '{name}' can't give alternative texts"):
            load(name, "all")
    for refused in (load, parse):
        with pytest.raises(ValueError, match="alt_text is one of formulas, all, and not 'none'"):
            refused("gristmill", alt_text="none")


IMAGES = st.builds('<img alt="{}" width="{}">'.format, st.text(max_size=20), st.sampled_from(["", "1", "500"]))
PARTS = st.one_of(IMAGES, st.sampled_from(["<p>", "</p>", "<a href='/'>", "</a>", f"<p>{PROSE}</p>", "<td>", "<pre>"]))


@given(st.lists(PARTS, max_size=12))
def test_any_markup_is_read(parts: list[str]) -> None:
    html = page(*parts)
    assert isinstance(extract(html, alt_text="all").text, str)
