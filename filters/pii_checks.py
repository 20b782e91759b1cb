"""Values that rules alone can check: card numbers by Luhn's digit, IBANs by theirs, IP addresses by their range."""

from __future__ import annotations

import ipaddress
import re

TEST_CARDS = frozenset(
    [
        "4111111111111111",
        "4242424242424242",
        "4012888888881881",
        "5555555555554444",
        "5105105105105100",
        "378282246310005",
        "371449635398431",
        "6011111111111117",
        "6011000990139424",
        "30569309025904",
        "3530111333300000",
        "4000056655665556",
        "2223003122003222",
        "2223000048410010",
        "5200828282828210",
        "4917484589897107",
        "4000000000000002",
    ]
)
"""Card numbers that banks and payment services publish for testing."""

# Characters of an IBAN by country (SWIFT's registry of IBANs, release 99).
_IBAN_LENGTHS = {
    code: length
    for length, codes in {
        15: "NO", 16: "BE", 18: "DK FI FK FO GL NL SD", 19: "MK SI", 20: "AT BA EE KZ LT LU MN XK", 21: "CH HR LI LV",
        22: "BG BH CR DE GB GE IE ME RS VA", 23: "AE GI IL IQ OM SO TL", 24: "AD CZ ES MD PK RO SA SE SK TN VG",
        25: "LY PT ST", 26: "IS TR", 27: "BI DJ FR GR IT MC MR SM", 28: "AL AZ BY CY DO GT HU LB NI PL SV",
        29: "BR EG PS QA UA", 30: "JO KW MU YE", 31: "MT SC", 32: "LC", 33: "RU",
    }.items()
    for code in codes.split()
}  # fmt: skip
_NAME_SERVERS = frozenset(
    [
        "8.8.8.8",
        "8.8.4.4",
        "1.1.1.1",
        "1.0.0.1",
        "9.9.9.9",
        "208.67.222.222",
        "208.67.220.220",
        "2001:4860:4860::8888",
        "2001:4860:4860::8844",
        "2606:4700:4700::1111",
        "2606:4700:4700::1001",
        "2620:fe::fe",
    ]
)
_NOT_CAPITAL_OR_DIGIT = re.compile(r"[^0-9A-Z]")


def card(stretch: str) -> str | None:
    """The digits of a payment card's number (ISO/IEC 7812) of 15 or 16 digits with a known range and Luhn's check digit,
    or ``None``. Mastercard's ranges are 51 to 55 and, since 2017, 2221 to 2720. Shorter numbers are mostly barcodes, of which
    every tenth passes the check digit too; those of :data:`TEST_CARDS` and of three digits at most belong to nobody."""
    digits = _NOT_CAPITAL_OR_DIGIT.sub("", stretch)
    if len(digits) not in (15, 16) or digits in TEST_CARDS or len(set(digits)) < 3:
        return None
    first = int(digits[:4])
    in_range = (
        3400 <= first < 3500 or 3700 <= first < 3800
        if len(digits) == 15
        else 2221 <= first <= 2720
        or 3528 <= first < 3590
        or first // 1000 == 4
        or 5000 <= first < 6000
        or 6000 <= first < 6700
    )
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2]) + sum(map(int, digits[::-2]))
    return digits if in_range and doubled % 10 == 0 else None


def iban(stretch: str) -> str | None:
    """The IBAN (ISO 13616) that ``stretch`` begins with, by its country's length and its check digits, or ``None``."""
    value = _NOT_CAPITAL_OR_DIGIT.sub("", stretch)[: _IBAN_LENGTHS.get(stretch[:2], 0)]
    if len(value) < 15 or len(value) != _IBAN_LENGTHS[stretch[:2]]:
        return None
    moved = value[4:] + value[:4]
    return value if int("".join(str(int(sign, 36)) for sign in moved)) % 97 == 1 else None


def ip(stretch: str) -> str | None:
    """The public IP address that ``stretch`` is, in its shortest form, or ``None``. Public name servers are nobody's, and four
    numbers below 32 are a version of some software: 4.10.2.1."""
    try:
        address = ipaddress.ip_address(stretch)
    except ValueError:
        return None
    small = address.version == 4 and all(part < 32 for part in address.packed)
    return None if small or not address.is_global or str(address) in _NAME_SERVERS else str(address)
