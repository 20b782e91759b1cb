"""Messages of mailing lists, and what archives put around them."""

from __future__ import annotations

import numpy as np

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
