"""Buttons and links at the end of a paragraph that are no part of it."""

from __future__ import annotations

import pytest

from parsers.backends.gristmill_backend import parse

PROSE = "Waits between two attempts of a request that may fail for a while."


def texts(html: str) -> list[str]:
    return [block.text for block in parse(f"<html><body>{html}</body></html>").blocks]


@pytest.mark.parametrize(
    "end",
    [
        "<button>Copy</button>",
        "<button type='button'><span>Share</span></button> ",
        '<a href="#details">More...</a>',
        '<a href="retry_8h.html#a1">More...</a>',
    ],
)
def test_they_go(end: str) -> None:
    assert texts(f"<p>{PROSE} {end}</p>") == [PROSE]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (f'<p>{PROSE} <a href="/next">More...</a></p>', f"{PROSE} More..."),
        (f"<p>{PROSE} Then press <button>Start the engine</button></p>", f"{PROSE} Then press Start the engine"),
        (f"<p>Press <button>Copy</button> now. {PROSE}</p>", f"Press Copy now. {PROSE}"),
        ("<p><button>Copy</button></p>", "Copy"),
    ],
)
def test_what_says_something_else_or_stands_elsewhere_stays(html: str, text: str) -> None:
    assert texts(html) == [text]


def test_a_signature_s_link_to_its_source_goes() -> None:
    """As Haddock writes it; in a sentence "Source" is a word."""
    link, place = '<a href="src/T.html#h" class="link">Source</a>', '<a href="#v:h" class="selflink">#</a>'
    assert texts(f'<p class="src"><a id="v:h" class="def">height</a> :: Station -&gt; Metres {link} {place}</p>') == [
        "height :: Station -> Metres"
    ]
    assert texts(f"<p>{PROSE} {link}</p>") == [f"{PROSE} Source"]
