"""Of all check digits that a number may end with one is its own, by the rule that its state has published."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from filters.national_ids import national_ids

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# Values of characters at odd places of a codice fiscale, as the decree lists them.
ODD = dict(
    zip("0123456789" + LETTERS,
        map(int, "1 0 5 7 9 13 15 17 19 21 1 0 5 7 9 13 15 17 19 21 2 4 18 20 11 3 6 8 12 14 16 10 22 25 24 23".split()), strict=True)
)  # fmt: skip


def digits(length: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=length, max_size=length)


def valid(numbers: list[str], before: str = "", after: str = "") -> list[str]:
    """Those of some numbers that are found, each in a text of its own."""
    return [number for number in numbers if list(national_ids(f"{before}{number}{after}"))]


def remainder(weighted: int) -> int:
    """Of a CPF's sum: 11 less what is left of it, 0 for 10 and 11."""
    return 0 if weighted % 11 < 2 else 11 - weighted % 11


@settings(max_examples=40)
@given(digits(9))
@example("000000001")
@example("111111112")
def test_cpf(number: str) -> None:
    first = remainder(sum(int(digit) * weight for digit, weight in zip(number, range(10, 1, -1), strict=True)))
    second = remainder(
        sum(int(digit) * weight for digit, weight in zip(f"{number}{first}", range(11, 1, -1), strict=True))
    )
    parts = f"{number[:3]}.{number[3:6]}.{number[6:]}"
    own = f"{parts}-{first}{second}"
    others = [f"{parts}-{(first + 1) % 10}{digit}" for digit in range(10)] + [
        f"{parts}-{first}{digit}" for digit in range(10)
    ]
    assert valid(others) == ([own] if len(set(number)) > 1 or first != int(number[0]) or second != first else [])


def test_cpf_of_one_digit_is_nobodys() -> None:
    """They pass the check, and forms are filled with them."""
    assert valid([f"{digit * 3}.{digit * 3}.{digit * 3}-{digit * 2}" for digit in "0123456789"]) == []


@settings(max_examples=20)
@given(digits(8), st.sampled_from(["", "X", "Y", "Z"]), st.booleans())
def test_dni_and_nie(number: str, letter: str, has_hyphen: bool) -> None:
    number = letter + number[1:] if letter else number
    place = int(number.replace("X", "0").replace("Y", "1").replace("Z", "2")) % 23
    written = [number + "-" * has_hyphen + sign for sign in LETTERS]
    assert [sign[-1] for sign in valid(written)] == ["TRWAGMYFPDXBNJZSQVHLCKE"[place]]


@settings(max_examples=10)
@given(
    st.sampled_from("12"),
    digits(2),
    st.integers(1, 12),
    st.sampled_from(["08", "75", "2A", "2B", "19", "18"]),
    digits(6),
)
def test_nir(sex: str, year: str, month: int, department: str, number: str) -> None:
    begin = f"{sex}{year}{month:02}{department}{number}"
    key = 97 - int(begin.replace("2A", "19").replace("2B", "18")) % 97
    assert valid([f"{begin}{other:02}" for other in range(100)]) == [f"{begin}{key:02}"]


@settings(max_examples=20)
@given(st.text(LETTERS, min_size=6, max_size=6), digits(2), st.sampled_from("ABCDEHLMPRST"), digits(2),
       st.sampled_from(LETTERS), st.text("0123456789LMNPQRSTUV", min_size=3, max_size=3))  # fmt: skip
def test_codice_fiscale(names: str, year: str, month: str, day: str, place: str, number: str) -> None:
    begin = names + year + month + day + place + number
    even = [int(sign) if sign.isdigit() else LETTERS.index(sign) for sign in begin[1::2]]
    own = LETTERS[(sum(ODD[sign] for sign in begin[::2]) + sum(even)) % 26]
    assert valid([begin + letter for letter in LETTERS]) == [begin + own]


@settings(max_examples=40)
@given(digits(10))
def test_pesel(number: str) -> None:
    weighted = sum(int(digit) * weight for digit, weight in zip(number, [1, 3, 7, 9] * 2 + [1, 3], strict=True))
    others = [number + str(digit) for digit in range(10)]
    assert valid(others, "PESEL: ") == [number + str(-weighted % 10)]
    assert valid(others, "number ") == []
