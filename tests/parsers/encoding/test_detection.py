"""The charset of a page: byte order mark, then header, then the page's own claim, then statistics."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.encoding.detection import decode, sound_utf8
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
    html = b'<?xml version="1.0" encoding="ISO-8859-5"?>' + page(RUSSIAN, "iso-8859-5")
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


@given(st.lists(st.binary(max_size=6) | st.text(max_size=12).map(lambda text: text.encode("utf-8", "surrogatepass"))))
def test_what_passes_for_utf_8_unread_decodes_as_such(pieces: list[bytes]) -> None:
    html = b"".join(pieces)
    decoded, sound = decode(html), sound_utf8(html)
    if sound is not None:
        assert decoded == (sound.decode(), "utf-8", 0.0)
    if decoded[1:] == ("utf-8", 0.0) and len(html) - len(decoded[0]) >= 4 and b"\0" not in html:
        assert sound == html.removeprefix(codecs.BOM_UTF8)


@pytest.mark.parametrize(
    "data",
    [b"\xc0\xaf", b"\xe0\x80\xaf", b"\xed\xa0\x80", b"\xf0\x80\x80\xaf", b"\xf4\x90\x80\x80", b"\xe2\x82", b"\x80",
     "\ufffd".encode()],
)  # fmt: skip
def test_what_is_no_utf_8_or_lost_already_is_not_passed_on_unread(data: bytes) -> None:
    assert sound_utf8("Müller, Dörfer".encode() + data) is None
    assert sound_utf8("Müller, Dörfer".encode() + data + b" and much more") is None


POLISH = "Młynarz wstał przed świtem, bo w nocy zmienił się wiatr, a zboże czekało już pod drzwiami młyna."
TURKISH = "Değirmenci şafaktan önce kalktı, çünkü gece rüzgâr yön değiştirmişti ve tahıl kapıda bekliyordu."
GREEK = "Ο μυλωνάς σηκώθηκε πριν ξημερώσει, γιατί ο άνεμος είχε αλλάξει τη νύχτα και τα σιτηρά περίμεναν."
KAZAKH = "Диірменші таң атпай тұрды, өйткені түнде жел өзгеріп, астық есік алдында күтіп тұрған еді. Үйінде ән айтқан."
HEBREW = "הטוחן קם לפני עלות השחר, כי הרוח התחלפה בלילה והתבואה חיכתה ליד הדלת."
JAPANESE = "粉屋は夜明け前に起きた。夜のうちに風が変わり、穀物が戸口で待っていたからである。"
CHINESE = "磨坊主在天亮之前就起床了，因为夜里风向变了，粮食已经在门口等着。"


@pytest.mark.parametrize(
    ("text", "charset"),
    [(POLISH, "cp1250"), (POLISH, "iso8859-2"), (POLISH, "cp852"), (TURKISH, "cp1254"),
     (TURKISH, "cp857"), (GREEK, "cp1253"), (GREEK, "cp737"), (GREEK, "cp869"), (RUSSIAN, "cp855"), (RUSSIAN, "cp866"),
     (KAZAKH, "kz1048"), (KAZAKH, "ptcp154"), (HEBREW, "cp1255"), (HEBREW, "cp862"), (HEBREW, "cp424"),
     (GERMAN, "cp037"), (GERMAN, "mac-roman"), (JAPANESE, "euc_jp"), (JAPANESE, "cp932"), (JAPANESE, "iso2022_jp"),
     (KOREAN, "johab"), (KOREAN, "iso2022_kr"), (CHINESE, "hz"), (CHINESE, "gb18030"), (CHINESE, "utf-16-le"),
     (RUSSIAN, "utf-16-be"), (GERMAN, "utf-16-le"), (CHINESE, "utf-32-be"), (GERMAN, "utf-32-le")],
)  # fmt: skip
def test_statistics_know_charsets_that_browsers_don_t(text: str, charset: str) -> None:
    assert decode(page(f"{text} " * 5, charset))[::2] == (page(f"{text} " * 5, charset).decode(charset), 0.0)


@pytest.mark.parametrize("claim", ["iso-8859-1", "windows-1251", "gbk", "shift_jis"])
def test_a_page_that_is_valid_utf_8_throughout_is_utf_8_whatever_it_claims(claim: str) -> None:
    html = page(RUSSIAN, "utf-8", f"<meta charset={claim}>")
    assert decode(html, f"text/html; charset={claim}") == (html.decode(), "utf-8", 0.0)


def test_two_bytes_that_happen_to_be_utf_8_don_t_overrule_a_claim() -> None:
    assert decode("Ð°".encode("cp1252"), "text/html; charset=windows-1252")[0] == "Ð°"


def test_a_claim_of_utf_8_falls_where_everything_beyond_ascii_is_broken_however_long_the_page() -> None:
    html = page(f"{'plain words ' * 50} {GERMAN} " * 10, "cp1252", "<meta charset=utf-8>")
    assert decode(html) == (html.decode("cp1252"), "cp1252", 0.0)


def test_utf_7_is_refused_as_browsers_refuse_it() -> None:
    assert decode(b"+ADw-script+AD4-", "text/html; charset=utf-7")[:2] == ("+ADw-script+AD4-", "utf-8")


@pytest.mark.parametrize("mark", [codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE])
def test_the_mark_of_utf_32_is_not_that_of_utf_16(mark: bytes) -> None:
    charset = "utf-32-le" if mark == codecs.BOM_UTF32_LE else "utf-32-be"
    assert decode(mark + RUSSIAN.encode(charset)) == (RUSSIAN, charset, 0.0)


def test_one_stray_byte_does_not_make_a_page_foreign() -> None:
    html = page("He said: wait\u2026 and went.", "cp1252")
    assert decode(html)[0] == html.decode("cp1252")


# Where a folder's name says less than what browsers and its own files mean by it.
SUPERSETS = {"gb2312": "gb18030", "tis_620": "cp874", "shift_jis": "cp932", "iso8859_1": "cp1252",
             "iso8859_9": "cp1254",
             "big5": "big5hkscs", "euc_kr": "cp949", "iso8859_6": "iso8859_6", "windows_1252": "cp1252"}  # fmt: skip


# Files in 47 charsets, by whose folder's name the truth is known; many are without a declaration. All come out as
# their authors wrote them.
@pytest.mark.parametrize(
    "charset",
    ["ascii", "big5", "cp037", "cp424", "cp775", "cp852", "cp869", "cp932", "cp949", "euc_jp", "euc_kr", "gb18030",
     "gb2312", "ibm855", "ibm857", "ibm866", "iso2022_jp", "iso2022_kr", "iso8859_1", "iso8859_2", "iso8859_4",
     "iso8859_5", "iso8859_6", "iso8859_7", "iso8859_9", "johab", "koi8_r", "kz1048", "mac_cyrillic", "ptcp154",
     "shift_jis", "tis_620", "utf_16", "utf_16_be", "utf_16_le", "utf_32", "utf_32_be", "utf_32_le", "utf_8",
     "windows_1250", "windows_1251", "windows_1252", "windows_1254", "windows_1255", "windows_1256", "windows_1257",
     "windows_1258"],
)  # fmt: skip
def test_real_texts_in_47_charsets(charset: str) -> None:
    paths = sorted((data_folder("nasty/encoding/char-dataset") / charset).iterdir())
    wrong = []
    for path in paths:
        data = path.read_bytes()
        truth = data.decode(SUPERSETS.get(charset, charset), "replace")
        if decode(data)[0].lstrip("\ufeff") != truth.lstrip("\ufeff"):
            wrong.append(path.name)
    assert paths and not wrong


def test_real_texts_in_charsets_of_many_languages() -> None:
    """uchardet's own test files, which are short; all but a few ambiguous ones and those Python has no codec for."""
    right = total = 0
    for path in sorted(data_folder("nasty/encoding/uchardet").glob("test__*__*.txt")):
        name = path.stem.split("__")[2]
        name = {"maccentraleurope": "mac-latin2", "maccyrillic": "mac-cyrillic"}.get(name, name)
        name = {"iso-8859-11": "cp874", "tis-620": "cp874", "shift_jis": "cp932"}.get(name, name)
        if name not in ("euc-tw", "viscii"):
            data = path.read_bytes()
            total += 1
            right += decode(data)[0].lstrip("\ufeff") == data.decode(name, "replace").lstrip("\ufeff")
    assert right >= 0.98 * total > 100


def test_the_sniffer_s_own_pages() -> None:
    for path in sorted(data_folder("nasty/encoding/html-encoding-sniffer").iterdir()):
        expected = path.stem.rpartition("_")[2].lower()
        expected = "utf-8" if expected.startswith("charset-utf-16") else expected
        data = path.read_bytes()
        truth = data.decode({"windows-874": "cp874"}.get(expected, expected), "replace")
        assert decode(data)[0] == truth.removeprefix("\ufeff"), path.name


def test_a_meta_element_counts_in_the_first_16384_bytes() -> None:
    meta = b"<meta charset=cp1251"
    for before, counts in ((16_384 - len(meta), True), (16_385 - len(meta), False)):
        assert (decode(b" " * before + meta + b">caf\xe9 au lait")[1] == "cp1251") is counts


@pytest.mark.parametrize(("letters", "charset"), [(3, "cp1252"), (4, "utf-8"), (5, "utf-8")])
def test_four_bytes_within_sequences_of_utf_8_are_convincing(letters: int, charset: str) -> None:
    html = ("é" * letters).encode()
    assert decode(html, "text/html; charset=windows-1252") == (html.decode(charset), charset, 0.0)
    assert (sound_utf8(html) is not None) is (charset == "utf-8")


@pytest.mark.parametrize(("size", "charset"), [(99, "utf-8"), (98, "cp1252")])
def test_one_broken_character_in_a_hundred_is_borne(size: int, charset: str) -> None:
    html = b"a mill " * 14 + b"x" * (size - 98) + b"\xe9"
    assert decode(html, "text/html; charset=utf-8") == (
        html.decode(charset, "replace"),
        charset,
        0.01 if size == 99 else 0.0,
    )


@pytest.mark.parametrize(
    ("broken", "sound", "stands"),
    [(4, 0, True), (5, 0, False), (5, 4, False), (5, 5, True), (6, 5, False), (6, 6, True)],
)
def test_broken_characters_among_others_of_a_long_page(broken: int, sound: int, stands: bool) -> None:
    html = b"plain words " * 99 + b"caf\xe9 " * broken + "thé ".encode() * sound
    assert (decode(html, "text/html; charset=utf-8")[1] == "utf-8") is stands


@pytest.mark.parametrize(
    ("html", "charset"),
    [
        (b"\x1b$B!!\x1b(B", "iso2022_jp_2"), (b"\x1b(J~\x1b(B", "iso2022_jp_2"), (b"\x1b$)C\x0e!!\x0f", "iso2022_kr"), (b"\x1b[0m", "utf-8"),
        (b"~{VP9z~}", "hz"), (b"~{VP~}", "utf-8"), (b"~{V~}", "utf-8"), (b"~{VP", "utf-8"), (b"~}VP~{", "utf-8"), (b"~ ~} {VP9z", "utf-8"),
        (b" " * 131_060 + b"~{VP9z~}", "hz"), (b" " * 131_070 + b"~{VP9z~}", "utf-8"),
    ],
)  # fmt: skip
def test_shifts_of_seven_bit_charsets(html: bytes, charset: str) -> None:
    assert decode(html)[1] == charset
    assert (sound_utf8(html) is not None) is (charset == "utf-8")


@pytest.mark.parametrize("order", ["le", "be"])
def test_utf_16_and_utf_32_by_their_null_bytes(order: str) -> None:
    for width in ("utf-16", "utf-32"):
        for text in ("<p>The mill</p>", "磨坊主在天亮之前 the mill stood by a river", "Мельник <p>"):
            assert decode(text.encode(f"{width}-{order}")) == (text, f"{width}-{order}", 0.0)
    text = "磨" * 80 + "a" * 20  # a null in a byte of ten
    assert decode(text.encode(f"utf-16-{order}"))[:2] == (text, f"utf-16-{order}")
    few = b"<p>A mill with one null \0 in all of its text</p>"
    assert decode(few)[0] == few.decode() and sound_utf8(few) is None
    assert decode(b"ab\0" * 40)[0] == "ab\0" * 40  # as many in even places as in odd ones


def test_a_header_says_more_than_null_bytes() -> None:
    html = "<p>The mill</p>".encode("utf-16-le")
    assert (
        decode(html, "text/html; charset=windows-1252")[1] == "utf-8" and decode(html, "text/html")[1] == "utf-16-le"
    )


def test_words_from_all_over_a_page_decide() -> None:
    """Long stretches of ASCII, and words that are longer than any, hide nothing of what is beyond it."""
    for before in (0, 59, 60, 61, 5_000, 120_000):
        html = b"x" * before + " мельник встал до рассвета и зерно ждало ".encode("koi8-r") + b" y" * 99
        assert decode(html)[1] == "koi8-r", before
    many = "Мельник встал до рассвета, потому что ветер переменился. " * 200
    assert decode(many.encode("cp1251"))[:2] == (many, "cp1251")


@pytest.mark.parametrize("order", ["le", "be"])
@pytest.mark.parametrize("stray", [1, 2, 3])
def test_utf_32_is_known_though_its_last_character_is_cut(order: str, stray: int) -> None:
    text, found, _ = decode("<p>The mill</p>".encode(f"utf-32-{order}") + b"\0" * stray)
    assert text.startswith("<p>The mill</p>") and found == f"utf-32-{order}"
