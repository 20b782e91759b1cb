"""Buttons in headings, and those that multiply a recipe."""

from __future__ import annotations

import pytest

from parsers.markup.lexbor import normal_form
from parsers.scanner.buttons import buttons_apart
from parsers.scanner.edits import Edit, edited
from parsers.scanner.scan import scan_page


def left(html: str) -> str:
    markup = normal_form(html.encode())
    page = scan_page(edited(markup, buttons_apart(markup, scan_page(markup))))
    return page.text.tobytes().decode().strip()


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<h1>Crate <b>hydra</b><button>Copy item path</button></h1>", "Crate hydra"),
        ("<h3>Ingredients<div><button>1x</button><button>2x</button></div></h3>", "Ingredients"),
        ("<h2><button>How high is it?</button></h2>", "How high is it?"),
        ("<h2><svg></svg> <button>How high is it?</button> +</h2>", "How high is it? +"),
        ('<h2>Summary <small><a href="#">collapse</a></small></h2>', "Summary"),
        ('<h2>Coats <a href="/edit/7">[edit]</a></h2>', "Coats"),
        ('<h2>Coats <a href="/w?action=edit">bearbeiten</a></h2>', "Coats"),
        ('<h2>Coats <a href="#">Part Two</a></h2>', "Coats Part Two"),
        ('<h2>How to <a href="/edit-images">edit images</a></h2>', "How to edit images"),
        ('<h2><a href="#">collapse</a></h2>', "collapse"),
        ("<p>Press <button>Start</button> now</p>", "Press Start now"),
    ],
)
def test_a_button_is_no_part_of_a_heading_that_has_other_text(html: str, text: str) -> None:
    assert left(html) == text


@pytest.mark.parametrize(
    "html",
    [
        '<h3>Ingredients <a href="#">1x</a><a href="#">2x</a><a href="#">3x</a></h3>',
        "<p>Ingredients</p><div><button>½x</button> <button>1x</button> <button>2x</button></div>",
        "<p>Ingredients</p><ul><li>1x</li><li>2x</li></ul>",
        "<p>Ingredients</p><p><label><input type=radio>1x</label> <label>2x</label> <label>4x</label></p>",
    ],
)
def test_multiples_go(html: str) -> None:
    assert left(html) == "Ingredients"


@pytest.mark.parametrize(
    "html",
    [
        "<p>A lens of <b>2x</b> and one of <b>3x</b></p>",
        "<table><tr><td>1x</td><td>2x</td></tr></table>",
        "<p><span>1x</span> flour, <span>2x</span> water</p>",
        "<p><span>2x</span> <span>4x</span></p>",
    ],
)
def test_other_factors_stay(html: str) -> None:
    markup = normal_form(html.encode())
    assert not buttons_apart(markup, scan_page(markup))


def test_of_edits_that_overlap_the_first_counts() -> None:
    assert edited(b"abcdef", [Edit(4, 5, b"-"), Edit(1, 3, b""), Edit(2, 4, b"x")]) == b"ad-f"
    assert edited(markup := b"abc", []) is markup


def test_names_of_icons_that_lead_to_a_heading_go() -> None:
    assert left('<h2>Create a project<a href="#create">hashtag</a></h2>') == "Create a project"
    assert left('<h2>The first <a href="/tags">hashtag</a></h2>') == "The first hashtag"
