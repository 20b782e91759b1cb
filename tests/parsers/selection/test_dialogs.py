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


SAYS = "<p>We use cookies</p>"


def stays(start: str, inside: str = SAYS, headline: int = -1) -> bool:
    name = start[1:].split(" ", maxsplit=1)[0].rstrip(">")
    return len(left(f"{start}{inside}</{name}>{PROSE}", headline)) > 1


@pytest.mark.parametrize(
    ("start", "named"),
    [
        ("<div class=cookie-banner>", True), ("<div class=cookies_bar>", True), ("<div id=CookieNotice>", True), ("<div class='a gdpr-x'>", True), ("<dialog>", True), ("<div role=alertdialog>", True), ("<div role=alert>", False),
        ("<div aria-modal=true>", True), ("<div aria-modal=false>", False), ("<div class=cookies>", False), ("<div class=consent>", True), ("<div>", False), ("<main class=consent>", False), ("<article class=consent>", False),
        ("<section class=consent>", True),
    ],
)  # fmt: skip
def test_which_elements_are_named_for_consent(start: str, named: bool) -> None:
    assert stays(start) is not named


@pytest.mark.parametrize("word", ["cookie", "GDPR", "rgpd", "DSGVO"])
def test_what_dialogs_speak_of(word: str) -> None:
    assert not stays("<div class=consent>", f"<p>We use {word} here</p>") and stays(
        "<div class=consent>", "<p>We use none</p>"
    )
    assert not stays("<div class=consent>", f"<p>so</p><p>{word} {word}</p><p>so</p>")


@pytest.mark.parametrize(("levels", "named"), [(0, True), (10, True), (11, False)])
def test_how_far_above_a_block_the_dialog_may_stand(levels: int, named: bool) -> None:
    inside = "<div>" * levels + SAYS + "</div>" * levels
    assert stays("<div class=consent>", inside) is not named
    assert stays("<div class=consent>", f"<div class=consent>{inside}</div><p>so</p>") is (levels > 9)  # the outermost


@pytest.mark.parametrize(("more", "goes"), [(497, True), (498, False)])
def test_an_element_of_five_hundred_words_is_wrapped_around_the_page(more: int, goes: bool) -> None:
    assert stays("<div class=consent>", f"{SAYS}<p>{'so ' * more}</p>") is not goes


def test_a_headline_in_a_dialog_and_one_beside_it() -> None:
    assert [stays("<div class=consent>", SAYS * 2, row) for row in (-1, 0, 1, 2)] == [False, True, True, False]
    assert len(left(f"<h2>so</h2><div class=consent>{SAYS}</div>{PROSE}", 0)) == 2
    assert stays("<div class=consent>", SAYS + "<h1>so</h1>") and not stays(
        "<div class=consent>", SAYS + "<h2>so</h2>"
    )


@pytest.mark.parametrize(("count", "left_over"), [(20, 0), (21, 1), (23, 3)])
def test_twenty_dialogs_of_each_kind_are_looked_at(count: int, left_over: int) -> None:
    assert len(left(f"<div class=consent>{SAYS}</div>" * count)) == left_over
    assert len(left("<form><p>so</p><input type=password></form>" * count)) == left_over


@pytest.mark.parametrize(("fields", "goes"), [(999, True), (1_000, False)])
def test_a_thousand_fields_are_looked_at(fields: int, goes: bool) -> None:
    form = "<form><p>Sign in</p><input type=password></form>"
    assert (len(left("<input>" * fields + form + PROSE)) == 1) is goes


def test_a_field_for_a_password_without_a_form() -> None:
    assert len(left(f"<div><p>so</p><input type=password></div>{PROSE}")) == 2
    assert len(left(f"<form><div><div><p>so</p><input type=password></div></div></form>{PROSE}")) == 1


def test_a_short_notice_with_buttons_goes_however_little_else_there_is() -> None:
    notice = f'<div class="cookie-banner">{CONSENT.format("")}{{}}</div><h1>Page not found</h1><p>This page can not be found.</p>'
    html = f"<html><body>{notice.format('<button>Accept</button>')}</body></html>"
    assert "cookies" not in extract(html.encode()).text
