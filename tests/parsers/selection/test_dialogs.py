"""Consent dialogs and forms to sign in."""

from __future__ import annotations

import numpy as np
import pytest

from parsers.backends.gristmill_backend import extract, parse
from parsers.blocks.roles import block_roles
from parsers.selection.choice import Evidence, choose
from parsers.selection.dialogs import in_dialogs

PROSE = "<p>The bank intends to place the savings bank into a procedure of its own, and has told the court so.</p>"
CONSENT = "<h2>Cookies</h2><p>We use cookies to make the site work, and others to count its visitors. {}</p>"


def left(html: str, headline: int = -1) -> list[str]:
    parsed = parse(f"<html><body>{html}</body></html>")
    rows = ~in_dialogs(parsed.page, parsed.markup, headline)
    return [parsed.inline_text.block_text(row)[:12] for row in np.flatnonzero(rows).tolist()]


@pytest.mark.parametrize(
    "start",
    ['<div class="cookie-banner">', '<div role="dialog">', '<section id="onetrust-banner-sdk">', '<div aria-modal="true"><div>'],
)  # fmt: skip
def test_consent_dialogs_go_in_any_markup(start: str) -> None:
    assert left(start + CONSENT + "</div></div></section>" + PROSE) == ["The bank int"]


def test_forms_with_a_password_go() -> None:
    form = '<form><p>Members sign in here to read on</p><input type="password" name="p"><p>Forgotten?</p></form>'
    assert left(form + PROSE) == ["The bank int"]
    assert left(form.replace("password", "text") + PROSE) == ["Members sign", "Forgotten?", "The bank int"]


def test_a_dialog_stays_where_nothing_else_would_be_left() -> None:
    text = f'<div class="cookie-notice">{CONSENT.format("They hold a number, and no name. " * 20)}</div><p>Yes</p>'
    page = parse(f"<html><head><title>Cookies</title></head><body>{text}</body></html>")
    known = Evidence(block_roles(page.page), page.statements, np.full(3, 0.5, np.float32), page.markup, page.about)
    assert choose(page.page, known).kept.tolist() == [True] * 3


def test_what_is_about_cookies_stays() -> None:
    named = f'<div class="cookie-notice">{CONSENT}</div>'
    assert len(left(f'<div class="cookie-notice"><h1>Cookies</h1>{CONSENT}</div>{PROSE}')) == 4
    assert len(left(named + PROSE, headline=0)) == 3
    assert len(left(f'<div class="cookie-notice">{CONSENT.format("and so on " * 300)}</div>{PROSE}')) == 3
    assert len(left(f'<div id="cookies">{CONSENT}</div>{PROSE}')) == 3  # a section of a manual
    assert len(left(f'<div role="dialog"><p>Are you sure that you want to go?</p></div>{PROSE}')) == 2


def test_a_short_article_wins_against_its_dialog() -> None:
    dialog = f'<div class="cookie-banner" role="dialog">{CONSENT.format("You may disable these, but then it may not work. " * 3)}</div>'
    html = f"<html><head><title>On savings</title></head><body>{dialog}<main><h1>On savings</h1>{PROSE}<p>In the meantime it will stop making payments and taking deposits.</p></main></body></html>"
    text = extract(html.encode()).text
    assert "procedure of its own" in text and "cookies" not in text
