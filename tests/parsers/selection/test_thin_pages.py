"""Pages that have nothing but a form or a notice."""

from __future__ import annotations

import numpy as np
import pytest

from parsers.backends.gristmill_backend import parse
from parsers.selection.thin_pages import drop_unlikely

FORM = "<p>Log in with your name</p><p>Password forgotten?</p>"
MENU = "<p>Home</p>"


@pytest.mark.parametrize(
    ("html", "probabilities", "kept"),
    [
        (FORM, [0.2, 0.1], False),
        (FORM, [0.5, 0.1], True),  # five words of seven
        (FORM, [0.1, 0.5], False),
        ("<p>" + "word " * 150, [0.1], True),
    ],
)
def test_a_few_words_that_are_unlikely_are_not_kept(html: str, probabilities: list[float], kept: bool) -> None:
    page = parse(MENU + html).page
    keep = np.array([False, *(True for _ in probabilities)])
    assert drop_unlikely(page, np.array([0, *probabilities], np.float32), keep).any() == kept


def test_words_beside_a_form_to_sign_in_have_to_be_likely() -> None:
    page = parse(MENU + FORM).page
    keep = np.array([False, True, True])
    for likely, kept in ((0.5, False), (0.7, True)):
        probabilities = np.full(3, likely, np.float32)
        assert drop_unlikely(page, probabilities, keep).any()
        assert drop_unlikely(page, probabilities, keep, beside_form=True).any() == kept


@pytest.mark.parametrize("html", ["<p>Test</p>", ""])
def test_all_of_a_page_stays(html: str) -> None:
    page = parse(html).page
    keep = np.ones(len(page.blocks), bool)
    assert drop_unlikely(page, np.full(len(keep), 0.1, np.float32), keep).tolist() == keep.tolist()
