"""What the parser makes of a dozen pages is what it made of them before: any change of a number shows here.

A change that is meant is taken over by ``python -m tests.parsers.golden_pages``.
"""

from __future__ import annotations

import pytest

from tests.parsers.golden_pages import KINDS, answer, page, stored


@pytest.mark.parametrize("kind", KINDS)
def test_probabilities_and_text_are_as_they_were(kind: str) -> None:
    found, expected = answer(page(kind)), stored(kind)
    assert found["probabilities"] == pytest.approx(expected["probabilities"], abs=1e-6)
    for part in ("kept", "text", "spans"):
        assert found[part] == expected[part]
