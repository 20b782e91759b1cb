"""What two runs of a pilot say of the whole: pages are multiplied, starts are not, parts and passes are counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import estimate
from pipeline.estimate import Cost, Measured
from pipeline.pilot import Pilot
from recipes import Recipe, load
from recipes.schema import Read

RECIPE = load("llama3")
PHASES = (
    "extract",
    "domains",
    "urls",
    "documents",
    "duplicates",
    "lines",
    "clean",
    "judge",
    "rejected_texts",
    "shards",
)


def _run(pages: int) -> Measured:
    """A run that needs two seconds and 1 kB for each phase, and 10 ms and 100 bytes more for each page."""
    costs = {phase: Cost(2 + 0.01 * pages, 1000 + 100 * pages) for phase in PHASES}
    return Measured(costs, pages, 10 * pages, pages // 2, 100 * pages, 200 * pages, 1000 * pages, 5000 + 300 * pages)


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


def test_what_a_clock_s_noise_or_chance_makes_cheaper_costs_nothing_and_leaves_nothing() -> None:
    pilot = Pilot(["pilot"], 400, 1000, 1_000_000)
    more = _run(100)._replace(pages=400, outputs=1)
    found = estimate.extrapolated(RECIPE, pilot, _run(100), more._replace(phases=_run(50).phases), 50)
    part = estimate.PER_PART["urls"].times(50)
    assert (found.phases["urls"].cpu, found.phases["urls"].bytes) == (pytest.approx(part.cpu), part.bytes)
    assert found.outputs == 0


def test_a_pilot_is_run_three_times_of_which_twice_on_a_quarter(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[tuple[str, int | None]] = []
    said: list[str] = []

    def draw(paths: list[str], sizes: list[int], read: Read, folder: Path, share: float | None) -> Pilot:
        assert folder.is_dir() and (paths, sizes, share) == (["a", "b"], [600, 400], 0.25)
        return Pilot(["pilot"], 403, 250, 1000)

    def measure(recipe: Recipe, pilot: Pilot, folder: Path, pages: int | None) -> Measured:
        runs.append((folder.name, pages))
        return _run(pages or pilot.pages)

    monkeypatch.setattr(estimate, "find_inputs", lambda patterns, *rest: patterns)
    monkeypatch.setattr(estimate.preflight, "sizes_of", lambda paths: [600, 400])
    monkeypatch.setattr(estimate, "draw", draw)
    monkeypatch.setattr(estimate, "_measure", measure)
    monkeypatch.setattr(estimate, "first_captures", lambda paths, recipe: 0.9 if paths == ["a", "b"] else 1.0)
    found = estimate.estimate(RECIPE, ["a", "b"], 0.25, said.append)
    assert runs == [("first", 100), ("fewer", 100), ("more", None)]
    assert said == ["a pilot of 403 pages, 25.00% of 1,000 bytes in 2 files, is run three times"]
    assert (found.pages, found.parts) == (4 * 403, 1)


def test_of_two_equal_runs_the_cheaper_counts_in_each_phase() -> None:
    second = _run(100)
    first = second._replace(phases={**second.phases, "urls": Cost(0.5, 0), "lines": Cost(9, 0)})
    found = estimate._cheaper(first, second)
    assert found.phases == {**second.phases, "urls": Cost(0.5, second.phases["urls"].bytes)}


def test_twice_the_workers_take_half_the_time_but_for_the_start() -> None:
    found = _of(1000, 50)
    assert found.hours(2) - found.start / 3600 == pytest.approx((found.hours(1) - found.start / 3600) / 2)


def test_every_phase_has_a_price_for_a_part() -> None:
    from pipeline.phases import PHASES as ALL

    assert set(estimate.PER_PART) == {phase.name for phase in ALL}


def test_a_part_more_costs_what_was_measured() -> None:
    """In all phases together, as docs/scale.md has it phase by phase."""
    whole = Cost(*map(sum, zip(*estimate.PER_PART.values(), strict=True)))
    assert whole == pytest.approx(Cost(0.076, 57_140, 42.45, 27))


@pytest.mark.parametrize(("units", "words"), [(1, 80_000_000), (20, 80_000_000), (1, 800_000)])
def test_parts_of_the_crawl_follow_from_its_units_pages_and_words(units: int, words: int) -> None:
    more, pilot = _run(400)._replace(words=words // 1000), Pilot(["pilot"], 400, 1000, 1_000_000)
    found = estimate.extrapolated(RECIPE, pilot, _run(100), more, units)
    assert found.parts == estimate.parts_of(units, 400_000, words) >= units


def test_few_parts_are_opened_by_each_shard_and_many_are_merged() -> None:
    few = estimate.merging_of(100, 128, 3, 10, 10**9)
    assert few.opened == 9 * 100 * estimate.PER_PART["shards"].opened and few.written == 40
    many = estimate.merging_of(380_000, 128, 3, 66_000, 10**9)
    # A pass opens what the one before wrote: 380,000 parts, then 2,969 groups by 128 ranges.
    assert many.opened == pytest.approx(3 * (380_000 + 2_969 * 128) + 66_000 * 24 * 3 * (1 + 128 * 128 / 66_000))
    # Arrow's files are a fifth larger than the Parquet that the rows end as.
    assert many.bytes == pytest.approx(3 * 1.2 * 10**9)


@pytest.mark.parametrize("parts", [200, 10**3, 10**4, 10**5, 10**6, 10**7])
def test_what_merging_opens_grows_with_the_parts_and_not_with_their_square(parts: int) -> None:
    found = estimate.merging_of(parts, 128, 3, parts // 6, 0)
    # Three tables in up to four passes, and of the last level at most 128 groups, twice where ranges meet.
    assert 3 * parts < found.opened < parts * (3 * 4 + 2 * 3 * 128 / 6)


def test_a_part_holds_so_much_text_and_so_many_rows() -> None:
    assert estimate.parts_of(10, 1000, 10_000) == 10
    assert estimate.parts_of(10, 1_000_000, 1_000_000) == 50
    assert estimate.parts_of(1, 1000, 28_000_000) == 11
