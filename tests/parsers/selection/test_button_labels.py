"""Labels of buttons among kept lines."""

from __future__ import annotations

import numpy as np
import pytest

from parsers.backends.gristmill_backend import parse
from parsers.selection.button_labels import drop_button_labels

PROSE = "<p>The mill stands by the river and grinds the grain of the valley, as it has done for two hundred years.</p>"


def stays(html: str, around: str = PROSE) -> bool:
    parsed = parse(f"<html><body>{around}{html}{around}</body></html>")
    kept = np.ones(len(parsed.page.blocks), bool)
    return bool(drop_button_labels(parsed.page, parsed.markup, parsed.roles, kept).all())


@pytest.mark.parametrize(
    "html",
    [
        "<div><button>Add all to cart</button></div>",
        "<div><button>Copy</button> <button>Share</button></div>",
        '<p><a href="#">show all</a></p>',
        '<p><a href="javascript:void(0)">Listen</a> | <a href="#">Print</a></p>',
        '<div><button role="tab" aria-controls="a">All</button><button role="tab" aria-controls="b">Old</button></div>',
    ],
)
def test_labels_beside_a_paragraph_go(html: str) -> None:
    assert not stays(html)


@pytest.mark.parametrize(
    "html",
    [
        "<div><button>What is a weir?</button></div>",
        '<div><button aria-expanded="false">Opening hours</button></div>',
        "<div><button>Everything that you have to know of the mill</button></div>",
        "<div>The miller's <button>word</button></div>",
        '<p><a href="/mills">Mills</a></p>',
        "<h2><button>Mills</button></h2>",
    ],
)
def test_what_heads_or_says_something_stays(html: str) -> None:
    assert stays(html)


def test_away_from_paragraphs_only_a_switch_goes() -> None:
    line = "<div>six words of a short line</div>" * 3
    assert stays("<div><button>Buy now</button></div>", around=line)
    assert not stays("<div><button>All</button><button>Static</button><button>Public</button></div>", around=line)
