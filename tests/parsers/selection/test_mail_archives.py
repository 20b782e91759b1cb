"""Messages of mailing lists, and what archives put around them."""

from __future__ import annotations

import numpy as np
import pytest

from parsers.backends.gristmill_backend import parse
from parsers.selection.mail_archives import drop_around_mails

MAIL = "<pre>From: Ro Ewing\nTo: the list\nSubject: names\nDate: Thu, 5 Mar 2020\n\nThis leaks the file.\n</pre>"
AROUND = '<pre>Reply instructions:\n* Save <a href="raw">the mbox</a>\n</pre>'


def kept(html: str) -> list[bool]:
    parsed = parse(f"<html><body>{html}</body></html>")
    return drop_around_mails(parsed.page, parsed.markup, np.ones(len(parsed.page.blocks), bool)).tolist()


def test_preformatted_links_beside_a_mail_go() -> None:
    assert kept(AROUND + MAIL + AROUND) == [False, True, False]


def test_code_and_other_mails_stay() -> None:
    assert kept(MAIL + "<pre>x = 1\n</pre>" + MAIL) == [True] * 3
    assert kept("<pre>Subject: a\nFrom: b\n</pre>" + AROUND) == [True] * 2  # no header of a mail


def test_pages_of_one_block_stay() -> None:
    assert kept(MAIL) == [True]


@pytest.mark.parametrize(
    ("lines", "goes"),
    [
        (["From: a", "To: b", "Subject: c"], True), (["From: a", "Subject: c"], False), (["From: a", "Subject: c", "x"], False), ([" From: a", "\tTo: b", "Subject: c"], True), (["From: a", "x To: b", "Subject: c"], False),
        (["From: a", "x" * 980, "To: b", "Subject: c"], False), (["From: a", "Date: b", "Subject: " + "c" * 970], True), (["From: a", "To:b", "Subject: c"], False),
    ],
)  # fmt: skip
def test_a_mail_begins_with_three_lines_of_a_header(lines: list[str], goes: bool) -> None:
    assert kept("<pre>" + "\n".join(lines) + "\n</pre>" + AROUND) == [True, not goes]


@pytest.mark.parametrize(("count", "goes"), [(1, True), (98, True), (99, True), (100, False)])
def test_a_hundred_blocks_are_looked_at(count: int, goes: bool) -> None:
    found = kept(MAIL + AROUND * count)
    assert found == [True] + [not goes] * count


def test_what_is_left_out_already_is_no_mail() -> None:
    parsed = parse(f"<body>{MAIL}{AROUND}{AROUND}<p><a href=x>so</a></p></body>")
    found = drop_around_mails(parsed.page, parsed.markup, np.array([False, True, True, True]))
    assert found.tolist() == [False, True, True, True]
    found = drop_around_mails(parsed.page, parsed.markup, np.array([True, True, False, True]))
    assert found.tolist() == [True, False, False, True]
