"""A step says its number and what that was held against, and whether it was beyond."""

from __future__ import annotations

import pytest

from pipeline.reports.steps import Limit, Step, Trail

MOST, LEAST = Limit(">", 0.5, "lines.max"), Limit("<", 50, "extract.min_words")


@pytest.mark.parametrize(
    ("value", "limit", "said"),
    [
        (0.6, MOST, "x, beyond the limit > 0.5 (lines.max)"),
        (0.5, MOST, "x, limit > 0.5 (lines.max)"),
        (49, LEAST, "x, beyond the limit < 50 (extract.min_words)"),
        (50, LEAST, "x, limit < 50 (extract.min_words)"),
        (0.0, LEAST, "x, beyond the limit < 50 (extract.min_words)"),
        (None, LEAST, "x, limit < 50 (extract.min_words)"),
        (3, None, "x"),
    ],
)
def test_a_step_in_words(value: float | None, limit: Limit | None, said: str) -> None:
    assert str(Step("words", "x", value, limit)) == said


def test_a_trail_for_programs_names_the_parts_of_limits() -> None:
    steps = [Step("read", "a page"), Step("words", "40 words", 40, LEAST)]
    told = Trail("0" * 32, "https://mill.example/", "", "kept", {}, steps, Step("end", "KEPT", 0.4, MOST)).as_json()
    assert [step["limit"] for step in told["steps"]] == [
        None, {"side": "<", "number": 50, "setting": "extract.min_words"},
    ]  # fmt: skip
    assert told["end"] == {
        "label": "end", "said": "KEPT", "value": 0.4, "limit": {"side": ">", "number": 0.5, "setting": "lines.max"},
    }  # fmt: skip
    assert (told["missing"], told["terms"]) == ([], [])
