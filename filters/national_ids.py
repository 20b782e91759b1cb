"""Numbers by which states know persons, where a check digit tells them from other numbers.

Brazil's CPF, Spain's DNI and NIE, France's NIR, Italy's codice fiscale, and Poland's PESEL where the word stands before it (every
tenth run of eleven digits has its check digit). A US social security number has none; presidio knows the ranges that are
never given out (:mod:`filters.presidio`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_CPF = re.compile(r"(?<![\d.-])\d{3}\.\d{3}\.\d{3}-\d{2}(?![\d-])")
_DNI = re.compile(r"(?<![\w.-])(?:\d{8}|[XYZ]-?\d{7})-?[A-HJ-NP-TV-Z](?!\w)")
_NIR = re.compile(r"(?<![\w.-])[12] ?\d{2} ?(?:0[1-9]|1[0-2]) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}(?!\w)")
_CODICE = re.compile(r"(?<!\w)[A-Z]{6}[0-9LMNP-V]{2}[A-EHLMPRST][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z](?!\w)")
_PESEL = re.compile(r"(?<=PESEL)\W{0,4}(\d{11})(?!\d)", re.IGNORECASE)
_NOT_CAPITAL_OR_DIGIT = re.compile(r"[^0-9A-Z]")

# Weights of characters at odd places of a codice fiscale, 0 to 9 and A to Z (decree of 23 December 1976).
_ODD = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21]
_ODD_LETTERS = [*_ODD, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23]


def national_ids(text: str) -> Iterator[str]:
    """The stretches of ``text`` that are such numbers, in any order; linear in the text."""
    for pattern, is_valid in _KINDS:
        for match in pattern.finditer(text):
            stretch = match[match.lastindex or 0]
            if is_valid(_NOT_CAPITAL_OR_DIGIT.sub("", stretch)):
                yield stretch


def _cpf(digits: str) -> bool:
    if len(set(digits)) == 1:
        return False
    for length in (9, 10):
        total = sum(int(digit) * (length + 1 - place) for place, digit in enumerate(digits[:length]))
        if total * 10 % 11 % 10 != int(digits[length]):
            return False
    return True


def _dni(value: str) -> bool:
    number = value[:-1].translate(str.maketrans("XYZ", "012"))
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23] == value[-1]


def _nir(value: str) -> bool:
    # Corsica's departments stand for 19 and 18 (INSEE).
    number = value[:13].replace("2A", "19").replace("2B", "18")
    return number.isdigit() and 97 - int(number) % 97 == int(value[13:])


def _codice(value: str) -> bool:
    odd = sum(_odd(sign) for sign in value[0:15:2])
    even = sum(int(sign) if sign.isdigit() else ord(sign) - 65 for sign in value[1:15:2])
    return chr(65 + (odd + even) % 26) == value[15]


def _odd(sign: str) -> int:
    return _ODD[int(sign)] if sign.isdigit() else _ODD_LETTERS[ord(sign) - 65]


def _pesel(digits: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(digits, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1), strict=True))
    return total % 10 == 0


_KINDS: tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...] = (
    (_CPF, _cpf), (_DNI, _dni), (_NIR, _nir), (_CODICE, _codice), (_PESEL, _pesel),
)  # fmt: skip
