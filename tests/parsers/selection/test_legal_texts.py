"""Legal texts that name themselves, invitations to read on, and gates before a page."""

from __future__ import annotations

import numpy as np
import pytest

from parsers.backends.gristmill_backend import parse
from parsers.parsed_page import ParsedPage
from parsers.selection.legal_texts import keep_sentences

LONG = "<p>" + "The keeper of the mill holds what is needed for the work and nothing beyond that. " * 6 + "</p>"
SENTENCE = "<p>By using the mill you accept this privacy policy as it stands.</p>"
FOOT = "<div><p>This site uses cookies to count those who look at its pages.</p></div>"


def kept(title: str, body: str, dropped: list[int]) -> list[bool]:
    parsed: ParsedPage = parse(f"<html><body><nav><p>Home</p></nav><main>{body}</main>{FOOT}</body></html>")
    choice = np.ones(len(parsed.page.blocks), bool)
    choice[[0, -1, *dropped]] = False
    return keep_sentences(parsed.page, parsed.roles, title, choice).tolist()[1:-1]


@pytest.mark.parametrize("title", ["Privacy Policy | Mill", "Terms of Service", "Datenschutzerklärung", "隐私政策"])
def test_no_sentence_is_missing_between_others(title: str) -> None:
    assert kept(title, LONG + SENTENCE + LONG, [2]) == [True, True, True]


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("How the mill works", LONG + SENTENCE + LONG),
        ("Privacy Policy", "<p>Short.</p>" + SENTENCE + "<p>Also short.</p>"),
        ("Privacy Policy", LONG + "<p>Privacy policy</p>" + LONG),
        (
            "Privacy Policy",
            LONG + '<p><a href="/">By using the mill you accept this privacy policy as it stands.</a></p>' + LONG,
        ),
        (
            "Privacy Policy",
            LONG + "<p>By using the mill you accept this privacy policy. <button>Yes</button></p>" + LONG,
        ),
    ],
)
def test_other_blocks_stay_out(title: str, body: str) -> None:
    assert not all(kept(title, body, [2]))


def test_what_follows_the_text_stays_out() -> None:
    assert kept("Privacy Policy", LONG + LONG + SENTENCE, [3]) == [True, True, False]
