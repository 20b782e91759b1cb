"""Personal data is counted by value; what belongs to nobody is not."""

from __future__ import annotations

import pickle
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from filters.pii import KINDS, PiiCounter

COUNTER = PiiCounter()


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("email", "write to ada.byron@gmail.com today"),
        ("email", "mailto:grete.müller@büro.de"),
        ("phone", "call (212) 664-7665 or"),
        ("phone", "Tel.: +49 30 901820"),
        ("phone", "call +442079460000 now"),
        ("phone", "01 42 68 53 00"),
        ("card", "Visa 4539 1488 0343 6467, exp. 12/27"),
        ("iban", "IBAN DE89 3704 0044 0532 0130 00"),
        ("phone", "call +49 15123456789 or"),
        ("phone", "call +91-9876543210 or"),
        ("phone", "call 98765 43210 or"),
        ("phone", "call 0033 612345678 or"),
        ("phone", "call (030) 123456789 or"),
        ("phone", "call +31(0)612345678 or"),
        ("phone", "Tel. 02079460000"),
        ("phone", "Mobil: 015123456789"),
        ("phone", "01.42.68.53.00"),
        ("phone", "+34 612 345 678"),
        ("card", "Mastercard 2223 0000 4840 0011"),
        ("card", "American Express 3782 822463 10013"),
        ("iban", "CH56 0483 5012 3456 7800 9"),
        ("iban", "IBAN: LV97 HABA 0012 3456 7891 0 PLEASE PAY"),
        ("iban", "MT31MALT01100000000000000000123"),
        ("iban", "to NO83 3000 1234 567 by"),
        ("ssn", "her SSN is 536-22-8791."),
        ("ip", "from 2001:41d0:2:a141::1 at noon"),
        ("ip", "[2a00:1450:4001:82f:0:0:0:200e]"),
        ("ip", "posted from 84.17.52.131"),
    ],
)
def test_each_kind_is_found(kind: str, text: str) -> None:
    assert kind in KINDS
    assert COUNTER.count(text) == {kind: 1}


@pytest.mark.parametrize(
    "text",
    [
        "info@miller.com, support@miller.com, sales+eu@miller.com",
        "jane@example.com, x@mail.example, root@localhost, a@b",
        "4111 1111 1111 1111 and 4242-4242-4242-4242 for testing; 4539 1488 0343 6468 fails its check",
        "192.168.1.17, 10.0.0.5, 203.0.113.9, 8.8.8.8, version 4.10.2.1",
        "on 2024-03-12 10:15, 12/04/2014 09:30:11, 2013.11.05 12 and 1,234,567 or 3.14159265",
        "order 4006381333931, ISBN 978-3-16-148410-0",
        "IBAN DE89 3704 0044 0532 0130 01, SSN 000-12-3456",
        "::1, fe80::1, 2001:db8::1, 2001:4860:4860::8888, std::vector, a::b, 10:15:30",
        "the sum of 1 234 567 890 Euro, 1.234.567.890 people, 612 345 678 km",
        "VAT Reg 920 2565 50, Company No. 26484-4912, invoice no. 4711-0815-22, USt-IdNr. DE 123 456 789",
        "P.O. Box 841003, Boston, MA 02284-1003; New York 10001-1234",
        "ISBN 0-306-40615-2, 978-0-306-40615-7, EAN 40 06381 333931",
        "CNPJ 12.345.678/0001-95, CPF 123.456.789-09",
        "postcodes 10115-14199, the years 1998-1999-2000, 2001/2002/2003",
        "order 0123456789 and article 02079460000",
        "",
    ],
)
def test_what_belongs_to_nobody_is_not_counted(text: str) -> None:
    assert COUNTER.count(text) == {}


@pytest.mark.parametrize(
    "number",
    [
        "4012888888881881",
        "5105105105105100",
        "378282246310005",
        "371449635398431",
        "6011111111111117",
        "6011000990139424",
        "3530111333300000",
        "4000056655665556",
    ],
)
def test_cards_that_processors_publish_for_testing_are_nobodys(number: str) -> None:
    grouped = " ".join(number[place : place + 4] for place in range(0, len(number), 4))
    assert "card" not in COUNTER.count(f"pay with {number}, or with {grouped} .")


def test_values_are_counted_once() -> None:
    text = "Ada.Byron@gmail.com ada.byron@gmail.com bob@gmail.com; 212-664-7665, (212) 664 7665"
    assert COUNTER.count(text) == {"email": 2, "phone": 1}


def test_only_the_first_characters_are_looked_at() -> None:
    text = "x" * 200 + " ada.byron@gmail.com"
    assert PiiCounter(sample_chars=100).count(text) == {}
    assert PiiCounter(sample_chars=300).count(text) == {"email": 1}


def test_hostile_texts_are_linear_and_counts_bounded() -> None:
    addresses = " ".join(f"user{number}@gmail.com" for number in range(500))
    assert COUNTER.count(addresses) == {"email": 100}
    for text in ("@" * 50_000, "1-" * 25_000, "a." * 20_000 + "@", "9" * 50_000, "DE11 " * 10_000):
        assert COUNTER.count(text) == {}


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert PiiCounter().count("ada.byron@gmail.co.uk") == {"email": 1}


def test_presidio_waits_for_the_first_candidate() -> None:
    code = (
        "import sys; from filters.pii import PiiCounter; counter = PiiCounter();"
        "counter.count('Nothing to see in 1984.'); assert 'phonenumbers' not in sys.modules;"
        "counter.count('ada.byron@gmail.com'); assert 'phonenumbers' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


def test_presidio_comes_without_torch() -> None:
    code = (
        "import sys; from filters.pii import PiiCounter; PiiCounter().count('ada.byron@gmail.com');"
        "assert 'torch' not in sys.modules and 'transformers' not in sys.modules; import torch"
    )
    pytest.importorskip("torch")
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


def test_presidio_comes_without_spacy_and_is_whole_for_others() -> None:
    code = (
        "import sys; from filters.pii import PiiCounter; PiiCounter().count('ada.byron@gmail.com');"
        "assert 'spacy' not in sys.modules;"
        "from presidio_analyzer.nlp_engine import SpacyNlpEngine; assert SpacyNlpEngine.engine_name == 'spacy';"
        "from presidio_analyzer.predefined_recognizers import UrlRecognizer;"
        "assert UrlRecognizer().analyze('see https://www.gmail.com', ['URL'], None) is not None"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


def test_numbers_of_countries_with_eight_digits() -> None:
    text = "Ring til os på 32 12 34 56 i dag"
    assert COUNTER.count(text) == {}
    assert PiiCounter(regions=("DK",)).count(text) == {"phone": 1}


def test_a_pickle_carries_no_recognizers() -> None:
    COUNTER.count("ada.byron@gmail.com")
    carried = pickle.dumps(COUNTER)
    assert len(carried) < 1000
    assert pickle.loads(carried).count("ada.byron@gmail.com") == {"email": 1}


def test_mistakes_are_sentences() -> None:
    with pytest.raises(ValueError, match="sample_chars is 0"):
        PiiCounter(sample_chars=0)
    for regions in ((), "US", ("usa",)):
        with pytest.raises(ValueError, match="must list country codes"):
            PiiCounter(regions=regions)
    with pytest.raises(ValueError, match="regions names UK, which no country"):
        PiiCounter(regions=("US", "DK", "UK"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # Digits of a telephone number: nine to fifteen.
        ("call 212 664 766", {}),
        ("+33 1 42 68 53 00", {"phone": 1}),
        ("+33 1 42 68 53 00 12 34 56 78", {}),
        # Numbers whose costs the called party bears.
        ("(800) 664-7665, 1-888-664-7665, +1 855 664 7665, 0800 1234567", {}),
        ("(810) 664-7665", {"phone": 1}),
        # Public addresses; versions of software have four small numbers.
        ("31.31.31.31, 1.1.1.1, 8.8.4.4, 9.9.9.9, 127.0.0.1, 172.16.3.4, 169.254.1.1, 224.0.0.1.9", {}),
        ("31.31.31.32", {"ip": 1}),
        # Role accounts and examples.
        ("INFO@miller.com, ada@test.example.com, ada@sub.example.org, user@domain.com", {}),
        ("information.desk@miller.com, ada@myexample.com", {"email": 2}),
        # A card of fourteen digits is more often a barcode.
        ("card 3056 930902 5904", {}),
        ("card 3782 822463 10013", {"card": 1}),
        ("card 3782 822463 10014", {}),
        # Separators and neighbours.
        ("x212-664-7665", {}),
        ("a,212-664-7665", {}),
        ("fax:212-664-7665;", {"phone": 1}),
    ],
)
def test_bounds_of_what_is_personal(text: str, found: dict[str, int]) -> None:
    assert COUNTER.count(text) == found


def test_a_card_or_a_social_security_number_is_no_telephone_number_too() -> None:
    assert COUNTER.count("SSN 536-22-8791 and Visa 4539 1488 0343 6467") == {"ssn": 1, "card": 1}


def test_the_first_20000_characters_are_looked_at_and_at_least_100() -> None:
    for start, expected in ((19_980, {"email": 1}), (19_990, {})):
        assert COUNTER.count("x " * (start // 2) + "ada.byron@gmail.com") == expected
    PiiCounter(sample_chars=100)
    with pytest.raises(ValueError, match="sample_chars is 99"):
        PiiCounter(sample_chars=99)


def test_of_each_kind_the_first_hundred_candidates_count() -> None:
    numbers = " , ".join(f"(212) 664-{number:04d}" for number in range(7000, 7150))
    assert COUNTER.count(numbers + " ada.byron@gmail.com") == {"phone": 100, "email": 1}
