"""Pages whose UTF-8 was encoded once more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.backends.gristmill_backend import extract
from parsers.encoding.double_utf8 import decoded_twice

TEXTS = [
    "Die Fähre fährt über den Fluß",
    "don’t say “no” – ever",
    "паром ходит до зимы",
    "渡船停运，缆绳断了",
    "phim Sát Thủ bí mật",
]


def twice(text: str) -> str:
    """UTF-8 read as windows-1252, its five gaps as C1 controls."""
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in text.encode())


@pytest.mark.parametrize("text", TEXTS)
def test_what_was_encoded_twice_is_decoded_twice(text: str) -> None:
    assert decoded_twice(twice(text)) == text
    assert decoded_twice(twice(text).encode()) == text
    page = f"<html><body><p>{twice(text)}</p></body></html>".encode()
    assert text in extract(page, content_type="text/html; charset=utf-8").text


@pytest.mark.parametrize(
    "text", [*TEXTS, "là\u00a0» et voilà\u00a0» à\u00a0» é", "Ã©: so sieht é aus, für über", "plain"]
)
def test_other_pages_stay_the_same_object(text: str) -> None:
    assert decoded_twice(text) is text
    source = text.encode()
    assert decoded_twice(source) is source


@given(st.text())
def test_any_text_is_taken(text: str) -> None:
    assert isinstance(decoded_twice(text), str)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ã¤ Ã¤", "Ã¤ Ã¤"), ("Ã¤ Ã¤ Ã¤", "ä ä ä"),  # three sequences at least
        ("Ã¤Ã¤Ã¤" + "éü" * 3, "äää" + "éü" * 3), ("Ã¤Ã¤Ã¤" + "éü" * 3 + "é", "Ã¤Ã¤Ã¤" + "éü" * 3 + "é"),  # half of what isn't ASCII
        ("Ã¤Ã¤Ã¤Â\xad", "äääÂ\xad"), ("Ã¤Ã¤Ã¤Â\x81", "äääÂ\x81"), ("Ã¤Ã¤Ã¤Â\xa0", "äää\xa0"),  # nothing that shows nowhere
        ("Ã¤Ã¤Ã¤à\xa0\xa0", "äää\u0820"), ("Ã¤Ã¤Ã¤à\x81\x81", "äääà\x81\x81"), ("Ã¤Ã¤Ã¤í¡¡", "äää\ud861".replace("\ud861", "í¡¡")),  # nor what isn't UTF-8
        ("Ã¤Ã¤Ã¤ðŸ˜€", "äää😀"), ("Ã¤Ã¤Ã¤ðŸ˜", "äääðŸ˜"),
    ],
)  # fmt: skip
def test_what_counts_as_a_sequence_and_how_many_there_are(text: str, expected: str) -> None:
    assert decoded_twice(text) == expected and decoded_twice(text.encode()) in (expected, expected.encode())


@pytest.mark.parametrize("text", TEXTS)
def test_latin_1_as_well(text: str) -> None:
    wrong = text.encode().decode("latin-1")
    assert decoded_twice(wrong) == decoded_twice(wrong.encode()) == text
