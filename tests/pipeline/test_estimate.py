"""What two runs of a pilot say of the whole: pages are multiplied, starts are not, parts and passes are counted."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import estimate
from pipeline.estimate import Cost, Measured
from pipeline.pilot import Pilot
from recipes import load

RECIPE = load("llama3")
PHASES = ("extract", "domains", "urls", "documents", "duplicates", "lines", "clean", "judge", "shards")


def _run(pages: int) -> Measured:
    """A run that needs two seconds and 1 kB for each phase, and 10 ms and 100 bytes more for each page."""
    costs = {phase: Cost(2 + 0.01 * pages, 1000 + 100 * pages) for phase in PHASES}
    return Measured(costs, pages, pages // 2, 100 * pages, 200 * pages, 1000 * pages, 5000 + 300 * pages)


def _of(times: int, units: int) -> estimate.Estimate:
    return estimate.extrapolated(RECIPE, Pilot(["pilot"], 400, 1000, 1000 * times), _run(100), _run(400), units)


def test_pages_are_multiplied_and_starts_are_not() -> None:
    found = _of(1000, 50)
    assert (found.pages, found.kept, found.tokens, found.parts) == (400_000, 200_000, 40_000_000, 50)
    part = estimate.PER_PART["urls"].times(50)
    assert found.phases["urls"].cpu == pytest.approx(4000 + part.cpu)
    assert found.phases["urls"].bytes == pytest.approx(40_000_000 + part.bytes)
    assert found.outputs == pytest.approx(300 * 400_000)
    assert found.start == pytest.approx(2 * len(PHASES), rel=0.05)


def test_twice_the_workers_take_half_the_time_but_for_the_start() -> None:
    found = _of(1000, 50)
    assert found.hours(2) - found.start / 3600 == pytest.approx((found.hours(1) - found.start / 3600) / 2)


def test_every_phase_has_a_price_for_a_part() -> None:
    from pipeline.phases import PHASES as ALL

    assert set(estimate.PER_PART) == {phase.name for phase in ALL}


def test_few_parts_are_opened_by_each_shard_and_many_are_merged() -> None:
    few = estimate.merging_of(100, 128, 3, 10, 10**9)
    assert few.opened == 9 * 100 * estimate.PER_PART["shards"].opened and few.written == 40
    many = estimate.merging_of(380_000, 128, 3, 66_000, 10**9)
    # A pass opens what the one before wrote: 380,000 parts, then 2,969 groups by 128 ranges.
    assert many.opened == pytest.approx(3 * (380_000 + 2_969 * 128) + 66_000 * 24 * 3 * (1 + 128 * 128 / 66_000))
    assert many.bytes == 3 * 10**9


@given(st.integers(2, 10**6), st.integers(2, 200), st.integers(1, 10**5))
def test_merging_never_costs_what_opening_all_from_all_would(parts: int, fan_in: int, files: int) -> None:
    found = estimate.merging_of(parts, fan_in, 3, files, 0)
    assert 0 <= found.opened <= 3 * parts * (files + 24) + 6 * fan_in * files


def test_a_part_holds_so_much_text_and_so_many_rows() -> None:
    assert estimate.parts_of(10, 1000, 10_000) == 10
    assert estimate.parts_of(10, 1_000_000, 1_000_000) == 50
    assert estimate.parts_of(1, 1000, 28_000_000) == 11


def test_an_estimate_of_the_sample_crawl_is_near_a_run_of_it(files: list[str], undisturbed: Path, recipe) -> None:
    said: list[str] = []
    found = estimate.estimate(recipe, files, 1.0, said.append)
    ledger = estimate.outputs.read_ledger(str(undisturbed))
    assert found.kept == pytest.approx(ledger["records"]["kept"], rel=0.05)
    assert found.tokens == pytest.approx(ledger["tokens"]["all"], rel=0.05)
    assert set(found.phases) == set(PHASES) and all(cost.bytes > 0 for cost in found.phases.values())
    assert len(said) == 1 and "100.00%" in said[0]
