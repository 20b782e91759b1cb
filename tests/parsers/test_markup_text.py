"""What a page's markup shows as text, without a tree."""

from __future__ import annotations

import pytest

from parsers.markup_text import stated_language, visible_text


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        ("<p>Das <b>Rad</b>\n\n dreht\tsich.</p><p>Immer.", "Das Rad dreht sich. Immer."),
        ("<script>var a = '<p>no</p>';</script>yes<STYLE type=x>p > a {}</STYLE > too", "yes too"),
        ("a<!-- no > no -->b<!---->c<!doctype html>d<?php no ?>e", "a b c d e"),
        ("<styled>kept</styled> <summary>too", "kept too"),
        ("1 < 2 and 3 <4> 5", "1 < 2 and 3 <4> 5"),
        ("ends in a tag <a href=", "ends in a tag"),
        ("ends in a script <script>no</scrip", "ends in a script"),
        ("ends in a comment <!-- no", "ends in a comment"),
        ("&lt;p&gt; M&uuml;hle &#xe4;&nbsp;z ", "<p> Mühle ä\xa0z"),
        ("<", ""),
        ("</", ""),
        ("x<s", "x"),
        ("x<script", "x"),
        ("x<!--", "x"),
        ("", ""),
        ("   ", ""),
    ],
)
def test_text_stands_outside_of_tags_scripts_styles_and_comments(page: str, shown: str) -> None:
    assert visible_text(page.encode()) == shown


@pytest.mark.parametrize("charset", ["utf-8", "shift_jis", "euc-jp", "utf-16"])
def test_pages_in_other_charsets_show_the_same(charset: str) -> None:
    page = "<html><body><p>" + "水車小屋の朝は早い。" * 20 + "</p></body></html>"
    assert visible_text(page.encode(charset), f"text/html; charset={charset}") == "水車小屋の朝は早い。" * 20


def test_text_that_was_encoded_twice_is_decoded_twice() -> None:
    twice = "Die Mühle dreht für die Bäcker. ".encode().decode("cp1252").encode()
    assert visible_text(b"<p>" + twice * 3) == ("Die Mühle dreht für die Bäcker. " * 3).strip()


def test_a_page_of_which_something_is_lost_shows_nothing_to_judge_by() -> None:
    assert visible_text("<p>Mühle</p>".encode() * 50 + b"\xff", "text/html; charset=utf-8") is None


@pytest.mark.parametrize(
    ("page", "language"),
    [
        ("<!doctype html><HTML class=a LANG='EN-us'>", "en"),
        ("<html lang=de>", "de"),
        ('<html\n\tlang = "fil">', "fil"),
        ("<html hreflang=en>", ""),
        ("<html lang=english>", ""),
        ("<html><p lang=en>", ""),
        (" " * 4096 + "<html lang=en>", ""),
        ("", ""),
    ],
)
def test_the_first_element_may_state_the_language(page: str, language: str) -> None:
    assert stated_language(page.encode()) == language
