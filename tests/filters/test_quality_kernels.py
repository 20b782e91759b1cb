"""Words and marks of a text against a plain reading."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from filters.quality_kernels import tokens
from text.characters import characters
from text.view import TextView

TEXTS = st.text("ab_0١7 \t\n.|é中\u0301½\x1f", max_size=30) | st.text(max_size=10)


@given(TEXTS)
def test_words_marks_and_lines_stand_apart_and_numbers_are_0(text: str) -> None:
    lines = (re.findall(r"\w+|[^\w\s]", line) for line in text.split("\n"))
    expected = " | ".join(" ".join(re.sub(r"\d+", "0", token) for token in line) for line in lines)
    found = tokens(TextView(text).codes, characters().facts)
    assert found.tobytes().decode("utf-32-le", "surrogatepass") == expected
