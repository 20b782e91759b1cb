"""What stands before a page instead of it."""

from __future__ import annotations

import numpy as np
import pytest

from parsers.backends.gristmill_backend import parse
from parsers.selection.thin_pages import drop_gates

COOKIES = "<h1>Before you go on</h1><p>We use cookies to keep the mill running and to see who comes to it.</p>"
CHECK = "<h1>mill.example</h1><p>Verify you are human by completing the action below.</p><p>Ray ID: 7f3a</p>"


def kept(body: str) -> bool:
    page = parse(f"<html><body>{body}</body></html>").page
    return bool(drop_gates(page, np.ones(len(page.blocks), bool)).any())


def test_a_demand_for_consent_goes() -> None:
    assert not kept(COOKIES + "<button>Accept all</button>")
    assert kept(COOKIES)  # nobody asks
    assert kept(COOKIES + "<p>The mill is closed on Monday while the wheel is mended.</p><button>Share</button>")
    bullets = "".join(
        f"<p>{each}</p>" for each in ("Sacks to your door", "Flour on Fridays", "Stones dressed", "Oats hulled")
    )
    assert kept(COOKIES + bullets * 2 + "<button>Join</button>")


def test_a_check_of_the_reader_goes() -> None:
    assert not kept(CHECK)
    assert kept("<p>Verify you are human by completing the action below.</p>")


@pytest.mark.parametrize("gate", [COOKIES + "<button>Accept</button>", CHECK])
def test_a_page_with_a_text_of_its_own_stays(gate: str) -> None:
    assert kept(gate + "<p>" + "The mill turns and the water runs below it. " * 20 + "</p>")
