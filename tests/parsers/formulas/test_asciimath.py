"""AsciiMath to TeX."""

from __future__ import annotations

import pytest

from parsers.formulas.asciimath import from_asciimath


@pytest.mark.parametrize(
    ("source", "tex"),
    [
        ("sum_(i=1)^n i^3=((n(n+1))/2)^2", r"\sum_{i = 1}^{n}i^{3} = \left(\frac{n\left(n + 1\right)}{2}\right)^{2}"),
        ("sqrt 2 <= alpha", r"\sqrt{2} \leq \alpha"),
    ],
)
def test_asciimath(source: str, tex: str) -> None:
    assert from_asciimath(source) == tex


def test_deep_and_long_asciimath_is_bounded() -> None:
    assert isinstance(from_asciimath("sqrt" * 400), str)
    assert isinstance(from_asciimath("(" * 1_500), str)
    assert from_asciimath("x" * 10_000) == ""
