"""What a body is, by its declared type and its first bytes; and how a text is decoded and tidied."""

from __future__ import annotations

import gzip
import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources.body import read_body, read_text, tidy_text

PAGE = b"<!DOCTYPE html><html><head><title>The mill</title></head><body><p>Two sacks of grain.</p></body></html>"
TEXT = b"The miller opens the sluice an hour before sunrise, when the pond is full.\n" * 30
NOISE = random.Random(3).randbytes(4000)


def kind(data: bytes, content_type: str, converted: bool = False) -> str:
    found = read_body(data, content_type, converted)
    return "-" if found is None else "page" if found.text is None else "text"


@pytest.mark.parametrize(
    "content_type",
    ["text/html", "Text/HTML; Charset=UTF-8", "application/xhtml+xml", "application/vnd.wap.xhtml+xml",
     # What can't be parsed or says nothing is sniffed; lists have their last valid type.
     "", " ", "html", "text/html charset=utf-8", "text/html, text/html; charset=utf-8", '"text/html; charset=utf-8"', "*/*",
     "unknown/unknown", "application/unknown", "text/html;charset=utf-8;charset=UTF-8", "text/html;;charset=UTF-8",
     "text/htm", "text/x-html; charset=utf-8", "application/html", "content/unknown", "html/text",
     "image/png, text/html", "text/html, */*", "text/html,", ", text/html", "text/", "/", ";charset=utf-8", "text html",
     # Markup by its own word, whatever it was sent as.
     "text/plain", "text/plain; charset=utf-8", "text/xml", "application/xml", "application/rdf+xml"],
)  # fmt: skip
@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"\r\n \t", b"<!-- mill -->\n", b"<?xml version='1.0'?>\n"])
def test_pages(content_type: str, before: bytes) -> None:
    assert kind(before + PAGE, content_type) == "page"


@pytest.mark.parametrize("content_type", ["image/png", "application/pdf", "application/octet-stream", "application/json",
    "text/css", "text/html, image/png", "application/vnd.ms-excel", "audio/mpeg; charset=utf-8"])  # fmt: skip
def test_what_was_sent_as_something_else_is_neither(content_type: str) -> None:
    assert kind(PAGE, content_type) == kind(TEXT, content_type) == "-"


@pytest.mark.parametrize("content_type", ["", "*/*", "text/plain", "text/plain; charset=utf-8", "text"])
def test_texts(content_type: str) -> None:
    assert kind(TEXT, content_type) == "text"
    assert kind(b"a < b and <p> is a tag", content_type) == "text"


MAGIC = [b"\xff\xd8\xff\xe0\x00\x10JFIF", b"GIF89a\x01", b"\x89PNG\r\n\x1a\n", b"RIFF\x10\x00\x00\x00WEBPVP8 ", b"%PDF-1.4\n",
    b"PK\x03\x04", gzip.compress(b"x", mtime=0), b"wOFF\x00", b"wOF2\x00", b"\x00\x00\x00\x18ftypmp42", b"\x1aE\xdf\xa3", b"OggS\x00",
    b"ID3\x03\x00", b"\xff\xfb\x90d", b"Rar!\x1a\x07\x00", b"7z\xbc\xaf\x27\x1c", b"\x00\x00\x01\x00", b"II*\x00",
    b"BM\x36\x00\x0c\x00\x00\x00\x00\x00", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"MZ\x90\x00", b"\x7fELF", b"CWS\x09",
    b"%!PS-Adobe-3.0", b"BZh91AY&SY", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd", b"8BPS\x00"]  # fmt: skip


@pytest.mark.parametrize("start", MAGIC)
@pytest.mark.parametrize("content_type", ["text/html", "text/html; charset=ISO-8859-1", "text/plain", "", "*/*"])
@pytest.mark.parametrize("rest", [NOISE, TEXT, PAGE], ids=["noise", "text", "page"])
def test_first_bytes_of_other_formats_beat_the_declared_type(start: bytes, content_type: str, rest: bytes) -> None:
    assert kind(start + rest, content_type) == kind(start + rest, content_type, converted=True) == "-"


@pytest.mark.parametrize(
    "start", [b"BMW builds cars", b"GIF images", b"RIFF raff", b"PKW", b"ID3 tags", b"MZ and so on", b"Rare"]
)
def test_words_that_begin_like_them_do_not(start: bytes) -> None:
    assert kind(start + b" " + TEXT, "text/html") == "page" and kind(start + b" " + TEXT, "text/plain") == "text"


@pytest.mark.parametrize("content_type", ["text/html", "text/html; charset=windows-1251", "text/plain", ""])
@given(seed=st.integers(0, 10**6))
def test_noise_is_neither(content_type: str, seed: int) -> None:
    assert kind(random.Random(seed).randbytes(1500), content_type) == "-"


@pytest.mark.parametrize(
    "charset", ["utf-16-le", "utf-16-be", "utf-32-le", "iso2022_kr", "iso2022_jp", "shift_jis", "cp1251", "big5"]
)
def test_pages_in_other_charsets_are_no_noise(charset: str) -> None:
    words = {"cp1251": "Мельник открывает шлюз за час до рассвета. "}.get(
        charset, "mill 水 " if "2022_kr" not in charset else "방앗간 주인 "
    )
    data = f"<html><head><meta charset={charset}></head><body><p>{words * 40}</p></body></html>".encode(
        charset, "replace"
    )
    assert kind(data, f"text/html; charset={charset}") == "page"
    if "utf" in charset:
        assert kind(data, "text/html") == "page"


@pytest.mark.parametrize("start", [b"<rss version='2.0'><channel>", b"<?xml version='1.0'?>\n<!-- x -->\n<feed xmlns='a'>",
    b"\xef\xbb\xbf<?xml version='1.0'?><rdf:RDF xmlns='http://purl.org/rss/1.0/'>",
    b'<?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "rss.dtd" [ <!ENTITY nbsp "&#160;"> ]>\n<rss>'])  # fmt: skip
def test_a_feed_is_no_page(start: bytes) -> None:
    for content_type in ("text/html", "application/xml", ""):
        assert kind(start + b"<title>News of the mill</title>" + TEXT, content_type) == "-"


@pytest.mark.parametrize("content_type", ["text/html", "text/plain", "text/xml", ""])
@pytest.mark.parametrize("unit", [b"<!---->", b"<!-- a --> ", b"<?a?>", b"<!a>", b"<!a[]>", b"<!--", b" "])
def test_many_comments_before_a_page_are_read_at_once(unit: bytes, content_type: str) -> None:
    """Where each could be read in two ways, forty took hours."""
    data = 150 * unit + b"<p>Flour <rss"
    began = time.process_time()
    assert kind(data, content_type) in ("page", "text", "-")
    assert time.process_time() - began < 1


def test_white_space_of_a_text_is_tidied_in_linear_time() -> None:
    began = time.process_time()
    assert tidy_text("a" + 1_000_000 * " " + "b  \n\tc \t") == "a" + 1_000_000 * " " + "b\n\tc"
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("charset", "label", "words"),
    [
        ("iso-8859-1", "ISO-8859-1", "Le café de la gare était fermé depuis l'été, forêt, garçon. "),
        ("utf-16", "utf-16", "The miller opens the sluice. "),
        ("utf-16-le", "UTF-16LE", "The miller opens the sluice. "),
        ("cp1251", "windows-1251", "Мельник открывает шлюз за час до рассвета, когда пруд полон. "),
        ("shift_jis", "Shift_JIS", "粉屋は日の出の一時間前に水門を開ける。"),
        ("utf-8-sig", "utf-8", "Grüße aus der Mühle. "),
        ("utf-8", "iso-8859-1", "Grüße aus der Mühle, schöne alte Räder. "),
    ],
)
def test_texts_are_decoded_by_their_label(charset: str, label: str, words: str) -> None:
    found = read_body((words * 9).encode(charset), f'text/plain; charset="{label}"')
    assert found is not None and found.text == words * 9 and found.undecodable == 0


def test_of_a_list_the_last_charset_counts() -> None:
    words = "Grüße aus der Mühle, schöne Räder drehen sich. " * 5
    found = read_body(words.encode("cp1252"), "text/plain; charset=utf-7, text/plain; charset=iso-8859-1, text/plain")
    assert found is not None and found.text == words


def test_what_could_not_be_decoded_is_counted() -> None:
    found = read_body(TEXT.decode().encode("utf-16") + b"x", "text/plain; charset=utf-16")
    assert found is not None and found.undecodable > 0
    clean = read_body(TEXT, "text/plain")
    assert clean is not None and clean.undecodable == 0


def test_a_converter_means_text_where_it_says_text() -> None:
    for start in (b"<p> opens a paragraph, </p> ends it. ", b"<!-- is how a comment begins --> "):
        assert kind(start + TEXT, "text/plain", converted=True) == "text"
        assert read_text((start + TEXT).decode()).text is not None
    assert kind(PAGE, "text/plain", converted=True) == "page" and read_text(PAGE.decode()).text is None


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        ("\n\n \nOne.\n\n\n\nTwo. \t\n \n \nThree.\u3000\n\n", "One.\n\nTwo.\n\nThree."),
        ("a\r\nb\rc", "a\nb\nc"),
        ("if x:\n    y()\n\tz", "if x:\n    y()\n\tz"),
        ("soft\u00adhyphen, e\u0301", "softhyphen, é"),
        (" \n\t", ""),
    ],
)
def test_texts_are_tidied(text: str, tidied: str) -> None:
    assert tidy_text(text) == tidied


@given(st.text(st.sampled_from("ab \n\t\r\u00a0\u2003\u200b"), max_size=40))
def test_a_tidy_text_stays_and_keeps_its_words(text: str) -> None:
    tidied = tidy_text(text)
    assert tidy_text(tidied) == tidied == tidied.strip() and "\n\n\n" not in tidied
    assert tidied.split() == text.replace("\u200b", "").split()


@given(st.binary(max_size=200), st.text(max_size=40), st.booleans())
def test_any_body_is_something(data: bytes, content_type: str, converted: bool) -> None:
    assert kind(data, content_type, converted) in ("page", "text", "-")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_plain_text_whose_letters_take_several_bytes_is_text_without_a_mark_or_a_charset(encoding: str) -> None:
    data = TEXT.decode().encode(encoding)
    found = read_body(data, "text/plain", False)
    assert found is not None and found.text == TEXT.decode()
    # Nobody says that it is a text.
    assert kind(data, "") == "-"


@pytest.mark.parametrize(("zeros", "expected"), [(0, "text"), (1, "-"), (300, "-"), (301, "text")])
def test_some_zeros_are_no_text_in_such_letters(zeros: int, expected: str) -> None:
    letters = (TEXT * 4)[: 1000 - zeros]
    head = b"".join(letters[n : n + 1] + (b"\0" if n < zeros else b"") for n in range(len(letters)))
    assert kind(head, "text/plain") == expected


def test_markup_that_was_converted_to_plain_text_is_text_and_else_a_page() -> None:
    markup = b"<p>Two sacks of grain.</p>"
    as_it_came, converted = read_body(markup, "text/plain"), read_body(markup, "text/plain", True)
    assert as_it_came is not None and as_it_came.text is None
    assert converted is not None and converted.text == markup.decode()
