"""What digits must have to be a card's, an IBAN or somebody's address: the ends of each range, and the check digits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.pii_checks import TEST_CARDS, card, iban, ip


def with_luhn(digits: str) -> str:
    """``digits`` and the digit that makes every second one, doubled and its digits added, a multiple of ten with the rest."""
    for last in "0123456789":
        total = 0
        for place, digit in enumerate(reversed(digits + last)):
            doubled = int(digit) * (1 + place % 2)
            total += doubled if doubled < 10 else doubled - 9
        if total % 10 == 0:
            return digits + last
    raise AssertionError(digits)


def number(start: str, length: int) -> str:
    return with_luhn((start + "38174629503816")[: length - 1])


def with_check_digits(country: str, account: str) -> str:
    """An IBAN by ISO 13616: 98 less the rest of account, country and 00 by 97."""
    digits = "".join(str(int(sign, 36)) for sign in f"{account}{country}00")
    return f"{country}{98 - int(digits) % 97:02d}{account}"


@pytest.mark.parametrize(
    ("length", "starts"),
    [
        (15, {"3399": False, "3400": True, "3499": True, "3500": False, "3699": False, "3700": True, "3799": True,
              "3800": False, "4000": False, "5100": False}),
        (16, {"2220": False, "2221": True, "2720": True, "2721": False, "3527": False, "3528": True, "3589": True,
              "3590": False, "3999": False, "4000": True, "4999": True, "5000": True, "5999": True, "6000": True,
              "6699": True, "6700": False, "3400": False, "9999": False, "0400": False}),
    ],
)  # fmt: skip
def test_cards_are_of_known_ranges(length: int, starts: dict[str, bool]) -> None:
    assert {start: card(number(start, length)) == number(start, length) for start in starts} == starts


@pytest.mark.parametrize(("length", "known"), [(13, False), (14, False), (16, True), (17, False), (19, False)])
def test_other_lengths_are_no_cards(length: int, known: bool) -> None:
    assert (card(number("4539", length)) is not None) == known


@given(st.integers(0, 10**11 - 1), st.integers(0, 9))
def test_of_ten_last_digits_one_is_right(middle: int, last: int) -> None:
    digits = f"4539{middle:011d}"
    right = with_luhn(digits)
    shown = f"{digits[:4]} {digits[4:8]}-{digits[8:]}{last}"
    assert card(shown) == (right if right == digits + str(last) else None)


def test_numbers_of_few_digits_and_those_for_testing_are_nobodys() -> None:
    assert [card(published) for published in sorted(TEST_CARDS)] == [None] * len(TEST_CARDS)
    assert with_luhn("400000000000000") == "4000000000000002"
    assert card("4444444444444448") is None, "two digits"
    assert card(with_luhn("444444444444456")) == with_luhn("444444444444456"), "three"


LENGTHS = {"NO": 15, "BE": 16, "DK": 18, "MK": 19, "AT": 20, "CH": 21, "DE": 22, "GB": 22, "IL": 23, "ES": 24, "PT": 25,
           "IS": 26, "FR": 27, "PL": 28, "BR": 29, "JO": 30, "MT": 31, "LC": 32, "RU": 33}  # fmt: skip


@pytest.mark.parametrize("country", LENGTHS)
def test_ibans_have_the_length_of_their_country(country: str) -> None:
    account = "48X29A175036184920573618402957361840"
    for length in range(14, 36):
        whole = with_check_digits(country, account[: length - 4])
        found = iban(whole)
        if length == LENGTHS[country]:
            assert found == whole
        else:  # a longer one begins with one of the right length, whose check digits are right once in 97 times
            assert found is None or LENGTHS[country] == len(found) < length
    whole = with_check_digits(country, account[: LENGTHS[country] - 4])
    spaced = " ".join(whole[place : place + 4] for place in range(0, len(whole), 4))
    assert iban(spaced) == iban(f"{spaced} 27 May") == iban(whole + "Z9") == whole


@given(st.integers(0, 10**18 - 1), st.integers(0, 99))
def test_of_a_hundred_check_digits_one_pair_is_right(account: int, check: int) -> None:
    right = with_check_digits("DE", f"{account:018d}")
    given_digits = f"DE{check:02d}{account:018d}"
    # By 97 they are 97 pairs: 00 and 97, 01 and 98 check alike.
    assert (iban(given_digits) is not None) == ((int(right[2:4]) - check) % 97 == 0)


def test_what_is_no_country_has_no_iban() -> None:
    assert iban(with_check_digits("XX", "1" * 18)) is None and iban("") is None and iban("DE") is None


@pytest.mark.parametrize(
    ("stretch", "found"),
    [
        ("93.184.216.34", "93.184.216.34"), ("31.31.31.31", None), ("32.31.31.31", "32.31.31.31"),
        ("31.31.31.32", "31.31.31.32"), ("4.10.2.1", None), ("8.8.8.8", None), ("8.8.4.4", None), ("8.8.8.9", None),
        ("192.168.1.40", None), ("10.99.99.99", None), ("127.0.0.1", None), ("256.1.1.99", None), ("93.184.216", None),
        ("2a02:2e0:3fe:1001::7777", "2a02:2e0:3fe:1001::7777"), ("2A02:02E0:0:0:0:0:0:1", "2a02:2e0::1"),
        ("2606:4700:4700::1111", None), ("::1", None), ("fe80::1", None), ("12:30:45", None), ("", None),
    ],
)  # fmt: skip
def test_addresses_are_public_and_somebodys(stretch: str, found: str | None) -> None:
    assert ip(stretch) == found
