"""The steps that choose a page's blocks, together."""

from __future__ import annotations

import numpy as np
import pytest

from parsers.backends.gristmill_backend import parse
from parsers.blocks.roles import block_roles
from parsers.selection.choice import CAUSES, IMAGE, Choice, Evidence, choose, whole

PROSE = "<p>" + "The mill stands by the river, and its wheel has turned for three hundred years. " * 3 + "</p>"
FORMULA = '<script type="math/tex">x</script>'


def chosen(html: str, unlikely: tuple[int, ...] = (), *, images: bool = False) -> tuple[Choice, list[str]]:
    """The choice and the texts of a page's blocks, of which these rows are ``unlikely`` to be content."""
    parsed = parse(html)
    probabilities = parsed.probabilities.copy()
    probabilities[list(unlikely)] = 0
    known = Evidence(parsed.roles, parsed.statements, probabilities, parsed.markup, parsed.about)
    texts = [parsed.inline_text.block_text(row) for row in range(len(parsed.page.blocks))]
    return choose(parsed.page, known, images=images), texts


@pytest.mark.parametrize(
    ("block", "says"),
    [("<p>a</p>", True), ("<p>✓</p>", False), ("<p>* * *</p>", False), (f"<p>{FORMULA}</p>", True), ("<p><img src=x alt=y></p>", True),
     ("<p><img src=x></p>", False)],
)  # fmt: skip
def test_a_block_of_signs_alone_says_nothing(block: str, says: bool) -> None:
    page = parse(f"<body><p>one</p>{block}<p>two</p></body>").page
    found = whole(page, block_roles(page))
    assert found.kept.tolist() == (
        [True] * len(page.blocks) if says else [True, *[False] * (len(page.blocks) - 2), True]
    )
    assert found.headline == -1
    assert [CAUSES[cause] for cause, kept in zip(found.causes, found.kept, strict=True) if not kept] == [
        "no words"
    ] * (len(page.blocks) - 2 if not says else 0)


def test_the_headline_is_named_where_it_is_content() -> None:
    found, texts = chosen(f"<title>The mill</title><nav><a href=/>Home</a></nav><h1>The mill</h1>{PROSE * 3}")
    assert texts[found.headline] == "The mill" and found.kept[found.headline]
    for without in (f"<title>Wheels</title><h1>The mill</h1>{PROSE * 3}", PROSE, ""):
        assert chosen(without)[0].headline == -1


def test_signs_between_paragraphs_go_and_images_stay_where_they_are_asked_for() -> None:
    html = f"<article>{PROSE}<p>* * *</p>{PROSE}<p><img src=x.png alt=wheel></p>{PROSE}</article>"
    found, texts = chosen(html, (3,))
    assert texts[1] == "* * *" and found.kept.tolist() == [True, False, True, False, True]
    with_images = chosen(html, (3,), images=True)[0]
    assert with_images.kept.tolist() == [True, False, True, True, True] and with_images.causes[3] == IMAGE


@pytest.mark.parametrize(
    ("field", "kept"), [("type=password name=p", False), ("type=text name=password", True), ("type=text name=p", True)]
)
def test_a_few_words_beside_a_field_for_a_password_must_be_surer(field: str, kept: bool) -> None:
    parsed = parse(f"<body><p>The mill stands by the river.</p><div><input {field}></div></body>")
    half = np.full_like(parsed.probabilities, 0.5)
    known = Evidence(parsed.roles, parsed.statements, half, parsed.markup, parsed.about)
    assert choose(parsed.page, known).kept.any() == kept
