"""The charset of a page: byte order mark, then header, then the page's own claim, then statistics."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.charset import decode
from tests.real_data import data_folder

GERMAN = "Der Müller über dem Fluß mahlt Körner für drei Dörfer, früh und spät."
RUSSIAN = "Мельник встал до рассвета, потому что ветер ночью переменился, и зерно ждало у двери."
KOREAN = "방앗간 주인은 새벽이 오기 전에 일어났다. 밤사이 바람이 바뀌었고 문 앞에는 곡식이 기다리고 있었다."


def page(text: str, charset: str, meta: str = "") -> bytes:
    return f"<html><head>{meta}</head><body><p>{text}</p></body></html>".encode(charset)


@pytest.mark.parametrize(
    ("mark", "charset"),
    [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")],
)
def test_a_byte_order_mark_beats_header_and_meta(mark: bytes, charset: str) -> None:
    html = page(RUSSIAN, charset, "<meta charset='iso-8859-2'>")
    text, found, undecodable = decode(mark + html, "text/html; charset=windows-1252")
    assert (text, found, undecodable) == (html.decode(charset), charset, 0.0)


def test_the_header_beats_the_meta_element() -> None:
    text, found, _ = decode(page(RUSSIAN, "koi8-r", "<meta charset=windows-1251>"), "text/html; charset=KOI8-R")
    assert found == "koi8-r" and RUSSIAN in text


@pytest.mark.parametrize("header", ["text/html", "", "text/html; charset=", "text/html; charset=no-such-thing"])
def test_the_meta_element_counts_where_the_header_names_no_known_charset(header: str) -> None:
    text, found, _ = decode(page(RUSSIAN, "cp866", "<meta charset=ibm866>"), header)
    assert found == "cp866" and RUSSIAN in text


@pytest.mark.parametrize(
    "meta",
    [
        '<meta charset="windows-1251">',
        "<META CHARSET = windows-1251 />",
        '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">',
        "<meta content='text/html;charset=cp1251' http-equiv=content-type>",
        "<!--[if IE]> <meta charset=koi8-r> <![endif]--><meta charset=windows-1251>",
        "<!--><meta charset=windows-1251><!-- -->",
        "<script>" + "x" * 3000 + "</script><meta charset=windows-1251>",
    ],
)
def test_forms_of_the_meta_element(meta: str) -> None:
    text, found, _ = decode(page(RUSSIAN, "cp1251", meta))
    assert found == "cp1251" and RUSSIAN in text


def test_an_xml_declaration_counts_like_a_meta_element() -> None:
    html = '<?xml version="1.0" encoding="ISO-8859-5"?>'.encode() + page(RUSSIAN, "iso-8859-5")
    assert decode(html)[1] == "iso8859-5"


def test_a_page_that_says_utf_16_in_ascii_is_utf_8() -> None:
    assert decode(page(GERMAN, "utf-8", "<meta charset=utf-16>"))[:2] == (
        page(GERMAN, "utf-8", "<meta charset=utf-16>").decode(),
        "utf-8",
    )


@pytest.mark.parametrize("header", ["text/html; charset=utf-16le", 'text/html;charset="UTF-16"'])
def test_a_header_may_say_utf_16(header: str) -> None:
    html = page(GERMAN, "utf-16-le")
    assert decode(html, header)[0] == html.decode("utf-16-le")


# Encoding standard, section 4.2: what labels mean on the web, where it isn't what their names say.
@pytest.mark.parametrize(
    ("label", "data", "text"),
    [
        ("iso-8859-1", b"\x80 \x93x\x94", "€ “x”"),
        ("us-ascii", b"\x80", "€"),
        ("latin5", b"\xfe\x80", "ş€"),
        ("gb2312", "囧镕".encode("gb18030"), "囧镕"),
        ("gbk", "𠀀".encode("gb18030"), "𠀀"),
        ("ks_c_5601-1987", "똠방각하".encode("cp949"), "똠방각하"),
        ("euc-kr", "펲".encode("cp949"), "펲"),
        ("shift_jis", "①髙".encode("cp932"), "①髙"),
        ("big5", "嘅".encode("big5hkscs"), "嘅"),
        ("tis-620", b"\x80 \x96", "€ –"),
        ("iso-8859-8-i", b"\xf9\xec", "של"),
        ("x-mac-cyrillic", "Мельник".encode("mac-cyrillic"), "Мельник"),
    ],
)
def test_labels_mean_what_browsers_take_them_for(label: str, data: bytes, text: str) -> None:
    assert decode(data * 20, f"text/html; charset={label}")[0] == text * 20


@pytest.mark.parametrize("label", ["utf-7", "rot13", "unicode_escape", "idna", "punycode", "hex", "undefined", "mbcs"])
def test_codecs_that_no_browser_knows_are_not_used(label: str) -> None:
    text, found, _ = decode(GERMAN.encode(), f"text/html; charset={label}")
    assert (text, found) == (GERMAN, "utf-8")


def test_a_claim_that_fails_on_more_than_one_character_in_a_hundred_is_not_believed() -> None:
    text, found, undecodable = decode(page(RUSSIAN, "cp1251"), "text/html; charset=utf-8")
    assert RUSSIAN in text and (found, undecodable) == ("cp1251", 0.0)


def test_a_few_broken_characters_leave_the_claim_standing_and_are_measured() -> None:
    html = GERMAN.encode() * 10 + b"\xff"
    text, found, undecodable = decode(html, "text/html; charset=utf-8")
    assert found == "utf-8" and undecodable == 1 / len(text)


@pytest.mark.parametrize(
    ("text", "charset"),
    [(GERMAN, "utf-8"), (GERMAN, "cp1252"), (RUSSIAN, "koi8-r"), (RUSSIAN, "mac-cyrillic"), (KOREAN, "euc-kr")],
)
def test_statistics_find_what_nobody_declares(text: str, charset: str) -> None:
    found = decode(page(f"{text} " * 5, charset))
    assert text in found[0] and found[2] == 0.0


@given(st.binary(max_size=300), st.text(max_size=30))
def test_any_bytes_decode_without_an_error(html: bytes, label: str) -> None:
    text, charset, undecodable = decode(html, f"text/html; charset={label}")
    assert 0.0 <= undecodable <= 1.0 and codecs.lookup(charset).name == charset
    assert undecodable == (text.count("\ufffd") / len(text) if text else 0.0)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_declared_utf_8_comes_back_as_it_was(text: str) -> None:
    assert decode(text.encode(), "text/html; charset=utf-8")[0] == text.removeprefix("\ufeff")


# Undeclared texts in the charsets that occur on the web; how many of a hundred must come out as their authors wrote
# them. What is measured is far above: these floors catch a charset that falls out altogether.
@pytest.mark.parametrize(
    "charset",
    ["utf_8", "gb2312", "big5", "euc_jp", "euc_kr", "cp949", "iso8859_2", "iso8859_5", "iso8859_7", "koi8_r", "ibm866",
     "windows_1250", "windows_1251", "windows_1255", "mac_cyrillic", "tis_620"],
)  # fmt: skip
def test_real_texts_without_any_declaration(charset: str) -> None:
    folder = data_folder("nasty/encoding/char-dataset") / charset
    right = total = 0
    for path in sorted(folder.iterdir()):
        data = path.read_bytes()
        truth = data.decode({"gb2312": "gb18030", "tis_620": "cp874"}.get(charset, charset), "replace")
        total += 1
        right += decode(data)[0].lstrip("\ufeff") == truth.lstrip("\ufeff")
    assert right >= 0.8 * total > 0
