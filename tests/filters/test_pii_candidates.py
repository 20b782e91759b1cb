"""The cheap look is wider than presidio, but for what named rules leave out."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.pii_candidates import NOT_A_PHONE, NUMBERS, SHORT_NUMBERS, candidates, could_be_phone, fewest_digits

SEPARATORS = st.sampled_from([" ", "-", ".", "/", " / ", ") ", "\u00a0", "\u2013"])


def phones(text: str) -> list[str]:
    return [stretch for kind, stretch in candidates(text) if kind == "phone"]


@given(
    st.text("0123456789", min_size=9, max_size=11),
    st.dictionaries(st.integers(1, 8), SEPARATORS, max_size=4),
    st.data(),
)
def test_whatever_groups_a_number_has_it_is_seen(digits: str, cuts: dict[int, str], data: st.DataObject) -> None:
    number = digits
    for place, separator in sorted(cuts.items(), reverse=True):
        number = number[:place] + separator + number[place:]
    word = data.draw(st.sampled_from(["Tel. ", "call ", "mobile: ", "Telefon +", "(phone) +"]))
    (found,) = phones(f"{word}{number}, please")
    assert "".join(filter(str.isdigit, found)) == "".join(filter(str.isdigit, number))


def test_numbers_next_to_other_numbers_are_seen_whole() -> None:
    assert phones("room 123 58673\n042 078 6381-office\n12 34567 AB\n0049 30 901820") == [
        "042 078 6381",
        "0049 30 901820",
    ]


@pytest.mark.parametrize(
    ("rule", "before", "stretch", "after"),
    [
        ("unbroken", "see ", "9876543210", " for"),
        ("word", "VAT Reg ", "920 2565 50", ""),
        ("word", "Order no. ", "123-456-7890", ""),
        ("date", "on ", "2024-03-12 10", ":15"),
        ("date", "", "1999-2000-2001", ""),
        ("address", "", "84.17.52.131", ""),
        ("sum", "cost ", "1 234 567 890", " Euro"),
        ("sum", "", "612 345 678", " km"),
        ("isbn", "", "0-306-40615-2", ""),
        ("zip", "Boston, MA ", "02284-1003", ""),
        ("cnpj", "", "12.345.678/0001-95", ""),
        ("range", "from ", "10115-14199", ""),
    ],
)
def test_each_rule_has_its_numbers(rule: str, before: str, stretch: str, after: str) -> None:
    assert NOT_A_PHONE[rule](stretch, before, after)
    text = before + stretch + after
    assert not could_be_phone(text, len(before), len(before) + len(stretch))
    # A word that says "telephone" outweighs them all.
    assert could_be_phone("Tel. " + stretch, 5, 5 + len(stretch))


def test_the_fewest_digits_are_libphonenumbers() -> None:
    phonenumbers = pytest.importorskip("phonenumbers")
    found = {}
    for region in phonenumbers.SUPPORTED_REGIONS:
        mobile = phonenumbers.PhoneMetadata.metadata_for_region(region).mobile
        lengths = [length for length in (mobile.possible_length if mobile else ()) if length > 0]
        if lengths and min(lengths) < 9:
            found[region] = max(6, min(lengths))
    assert found == SHORT_NUMBERS
    assert fewest_digits(("US", "DE")) == 9
    assert fewest_digits(("US", "DK")) == 8


@given(st.text("0123456789 .-()+@ABCDEF:/", max_size=400))
def test_no_text_raises(text: str) -> None:
    for kind, stretch in candidates(text):
        assert kind in ("email", "phone", "card", "iban", "ssn", "ip")
        assert stretch in text


RUN = re.compile(r"\d[\dA-Z().\-\u2010-\u2015/+ \u00a0\u2009\u202f]{6,}")


def plainly_found(text: str, least_digits: int) -> list[tuple[str, str]]:
    """What each pattern finds in and around each run."""
    found: dict[tuple[str, str], None] = {}
    last = dict.fromkeys(dict(NUMBERS), 0)
    for run in RUN.finditer(text):
        for kind, pattern in NUMBERS:
            for match in pattern.finditer(text, max(last[kind], run.start() - 6), min(len(text), run.end() + 2)):
                if match.start() >= run.end():
                    break
                last[kind] = match.end()
                if kind != "phone" or could_be_phone(text, *match.span(), least_digits):
                    found[kind, match[0]] = None
    return list(found)


DIGITS = st.text("0123456789٣", min_size=1, max_size=6)
PARTS = DIGITS | st.sampled_from(
    [
        *" -./()+,:x",
        "\u00a0",
        "\u2013",
        "\u2009",
        "DE",
        "GB",
        "4929",
        "123-45-6789",
        "84.17.52.131",
        "Tel. ",
        "1999",
        "\n",
        "é",
    ]
)


@settings(max_examples=400)
@given(st.lists(PARTS, max_size=40).map("".join), st.sampled_from([6, 9]))
def test_runs_that_are_passed_over_hold_nothing(text: str, least_digits: int) -> None:
    assert list(candidates(text, least_digits, most=None)) == plainly_found(text, least_digits)


PLAIN_EMAIL = re.compile(r"(?<![^\s@<>()\[\],;:\"'|/])[^\s@<>()\[\],;:\"'|/]{1,64}@[^\s@<>()\[\],;:\"'|/?]{4,255}")
ADDRESSES = st.sampled_from(
    [
        *"a.@@@<,;:'|/? \n",
        "\u00a0",
        "é",
        "abcd",
        "a.bc",
        "a@b.co",
        "x" * 62,
        "x" * 63,
        "x" * 64,
        "x" * 65,
        "y" * 251,
        "y" * 254,
    ]
)


@settings(max_examples=150)
@given(st.lists(ADDRESSES, max_size=12).map("".join))
def test_looking_around_each_at_is_looking_everywhere(text: str) -> None:
    expected = dict.fromkeys(match[0] for match in PLAIN_EMAIL.finditer(text))
    assert [stretch for kind, stretch in candidates(text, most=None) if kind == "email"] == list(expected)


def test_of_each_kind_a_hundred_are_enough() -> None:
    addresses = [f"user{number}@miller.com" for number in range(103)]
    addresses += ["84.17.52.131"]
    text = ", ".join([*addresses, *addresses])
    assert list(candidates(text)) == [*(("email", address) for address in addresses[:100]), ("ip", "84.17.52.131")]
    assert list(candidates(text, most=2)) == [
        *(("email", address) for address in addresses[:2]),
        ("ip", "84.17.52.131"),
    ]
    assert len(list(candidates(text, most=None))) == 104


@pytest.mark.parametrize(
    ("number", "is_one"),
    [("12345 678", False), ("12345 6789", True), ("12345 12345 12345", True), ("12345 12345 123456", False)],
)
def test_a_telephone_number_has_nine_digits_to_fifteen(number: str, is_one: bool) -> None:
    assert could_be_phone(number, 0, len(number)) is is_one
    assert could_be_phone("Tel. " + number, 5, 5 + len(number)) is is_one


def test_ranges_are_of_equally_long_numbers_that_begin_alike_and_ascend() -> None:
    rule = NOT_A_PHONE["range"]
    assert rule("10115-14199", "", "") and rule("1000-1001", "", "")
    for other in ("14199-10115", "10115-10115", "10115-24199", "1015-141990", "10115-14199-1"):
        assert not rule(other, "", ""), other


def test_an_unbroken_run_is_none_unless_it_begins_as_calls_abroad_do() -> None:
    rule = NOT_A_PHONE["unbroken"]
    assert rule("9876543210", "", "") and rule("0876543210", "", "")
    assert not rule("0049301234567", "", "") and not rule("98765 43210", "", "")


PLAIN_IPV6 = re.compile(r"(?<![\w:])[23][0-9A-Fa-f]{3}:(?:[0-9A-Fa-f]{0,4}:){1,7}[0-9A-Fa-f]{0,4}(?![\w:])")


@settings(max_examples=150)
@given(
    st.lists(st.sampled_from([*"2:af0 gx.", "::", "2001", "3fff", "2a00:", "1:2:3:4:5:6:7", "\n"]), max_size=12).map(
        "".join
    )
)
def test_addresses_of_version_6_are_seen_where_they_could_be_whole(text: str) -> None:
    could_be = "::" in text or text.count(":") >= 7
    expected = dict.fromkeys(PLAIN_IPV6.findall(text) if could_be else ())
    assert [found for kind, found in candidates(text, most=None) if kind == "ip"] == list(expected)


def test_each_address_of_version_6_is_seen_once() -> None:
    text = "2001:db8::1, 2001:db8::2, 2001:db8::1"
    assert list(candidates(text)) == [("ip", "2001:db8::1"), ("ip", "2001:db8::2")]
    assert list(candidates(text, most=1)) == [("ip", "2001:db8::1")]
    whole = "2001:1:2:3:4:5:6:7"
    assert list(candidates(whole)) == [("ip", whole)] and list(candidates(whole.removesuffix(":7"))) == []
