"""What people said while they looked: counted by rule, the last line of a page counts, and shares have Wilson's interval."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocklists.decisions import CONFIRM, DROP, KEEP, UNDO, UNSURE, Decision, Decisions
from review.looked_at import LOT, NEAR, Tally, of_pages, tallies, wilson


def line(page: str, verdict: str, outcome: str = "quality/low", drawn: str | None = LOT, **more: str) -> Decision:
    stage, _, reason = outcome.partition("/")
    seen = {"run_sha256": "mark", "id": page, "stage": stage, "reason": reason or None}
    written = {"scope": "url", "value": f"https://a.example/{page}", "why": "", **more}
    return Decision("2026-11-28", "ada", verdict=verdict, seen=seen | ({"drawn": drawn} if drawn else {}), **written)


def counted(*lines: Decision) -> dict[str, Tally]:
    return tallies(of_pages(Decisions(lines).lines, "mark").values())


def test_a_rule_is_wrong_where_people_keep_what_it_took() -> None:
    found = counted(
        line("a", KEEP), line("b", CONFIRM), line("c", DROP), line("d", KEEP, drawn=NEAR), line("e", CONFIRM, drawn=None),
        line("f", UNSURE),
    )  # fmt: skip
    assert found == {"quality/low": Tally(3, 1, 2, 1, 1)}


def test_keeping_is_wrong_where_people_drop_but_for_what_no_rule_can_know() -> None:
    found = counted(
        line("a", DROP, "kept"), line("b", CONFIRM, "kept"), line("c", DROP, "kept", why="erasure"), line("d", KEEP, "kept")
    )  # fmt: skip
    assert found == {"kept": Tally(3, 1)}


def test_the_last_line_about_a_page_counts_and_undone_ones_do_not() -> None:
    assert counted(line("a", CONFIRM, scope="id", value="a"), line("a", KEEP)) == {"quality/low": Tally(1, 1)}
    undone = [line("a", CONFIRM, scope="id", value="a"), line("a", KEEP), line("a", UNDO, drawn=None)]
    assert counted(*undone) == {"quality/low": Tally(1, 0)}
    assert counted(line("a", KEEP), line("a", UNDO)) == {}


def test_lines_about_other_runs_or_from_the_terminal_are_not_counted() -> None:
    of_another = line("a", KEEP)
    by_hand = Decision("2026-11-28", "ada", "url", "https://a.example/", DROP, seen={"run": "out", "stage": "quality"})
    assert tallies(of_pages([of_another, by_hand], "another mark").values()) == {}


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    # R: prop.test(count, of, correct = FALSE)$conf.int
    [(1, 12, 0.01486, 0.35388), (0, 10, 0.0, 0.27753), (10, 10, 0.72247, 1.0), (25, 100, 0.17545, 0.34305)],
)
def test_the_interval_is_wilsons(count: int, of: int, low: float, high: float) -> None:
    assert wilson(count, of) == pytest.approx((low, high), abs=1e-4)


@given(st.integers(1, 500).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_the_interval_holds_what_was_seen_and_is_a_share(drawn: tuple[int, int]) -> None:
    count, of = drawn
    low, high = wilson(count, of)
    assert 0 <= low <= count / of + 1e-12 and count / of - 1e-12 <= high <= 1
    other_low, other_high = wilson(of - count, of)
    assert (low, high) == pytest.approx((1 - other_high, 1 - other_low))
