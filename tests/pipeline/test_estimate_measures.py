"""How a pilot is measured, with a mill in place of a run that takes so much for each page and so much besides."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline import estimate
from pipeline.commit import Attempt
from pipeline.estimate import Cost, Measured
from pipeline.listing import write_listing
from pipeline.pilot import Pilot
from pipeline.progress import PhaseProgress
from recipes import Recipe, load

RECIPE = load("llama3")
PAGES = 40


def _hand_in(folder: str, job: str, size: int, **counts: int) -> None:
    attempt = Attempt(folder, job, "unit-000000", 0)
    attempt.write_bytes("text", bytes(size), 1, "bin")
    write_listing(folder, job, [attempt.finish(counts)])


@pytest.fixture
def mill(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], int | None, str]]:
    """Each page costs extraction half a second and 150 bytes (50 in a job of its own), judging a quarter and 20; each run
    two seconds a phase, and the first nine more, for what is loaded once. Of what comes in half is kept."""
    runs: list[tuple[list[str], int | None, str]] = []
    clock = [5.0]

    def run(
        recipe: Recipe, paths: list[str], folder: str, limit: int | None, progress: Callable[[PhaseProgress], None]
    ) -> dict[str, Any]:
        runs.append((paths, limit, folder))
        pages = PAGES if limit is None else -(-limit // len(paths)) * len(paths)  # as many of each file
        (Path(folder) / "tokens").mkdir(parents=True)
        (Path(folder) / "tokens" / "shard").write_bytes(bytes(10 + 7 * pages))
        _hand_in(folder, "extract", 1000 + 100 * pages)
        _hand_in(folder, "extract-again", 50 * pages)
        _hand_in(folder, "extract-corrected", 77_777)  # says once more what others have written
        _hand_in(folder, "extracting", 88_888)  # of another name
        clock[0] += 2 + 0.5 * pages + (9 if len(runs) == 1 else 0)
        progress(PhaseProgress("extract", 1, 2, 0, 1))
        clock[0] += 1
        progress(PhaseProgress("extract", 1, 2, 1, 1))
        _hand_in(folder, "judge", 20 * pages, kept_bytes=300 * pages)
        clock[0] += 2 + 0.25 * pages
        progress(PhaseProgress("judge", 2, 2, 1, 1))
        progress(PhaseProgress("shards", 3, 3, 1, 1))
        return {
            "records": {"read": pages + 3, "kept": pages // 2}, "tokens": {"all": 60 * pages}, "words": {"in": 50 * pages},
            "rejected": {"read": {"no_page": 2, "type": 1}, "extract": {"too_short": 4}},
        }  # fmt: skip

    monkeypatch.setattr(estimate, "run", run)
    monkeypatch.setattr(estimate.stopwatch, "cpu_seconds", lambda: clock[0])
    return runs


@pytest.fixture
def crawl(tmp_path: Path) -> list[str]:
    """Four files of ten pages each."""
    paths = [tmp_path / f"{number}.jsonl" for number in range(4)]
    for path in paths:
        row = {"url": f"https://mill.example/{path.stem}", "text": "some words", "date": "2024-05-01"}
        path.write_text(f"{json.dumps(row)}\n" * 10)
    return list(map(str, paths))


def test_a_quarter_is_run_twice_and_then_the_whole_of_the_pilot(
    crawl: list[str], mill: list[tuple[list[str], int | None, str]]
) -> None:
    said: list[str] = []
    found = estimate.estimate(RECIPE, crawl, 0.9, said.append)
    assert [limit for _, limit, _ in mill] == [10, 10, None]
    assert {tuple(paths) for paths, _, _ in mill} == {tuple(found.pilot.paths)}
    size = sum(Path(path).stat().st_size for path in crawl)
    assert said == [f"a pilot of 40 pages, 100.00% of {size:,} bytes in 4 files, is run three times"]
    assert not any(Path(folder).exists() for _, _, folder in mill)
    assert len({folder for _, _, folder in mill}) == 3
    # What is loaded once isn't multiplied: the first run is not what the second is compared with.
    assert found.phases["extract"].cpu == pytest.approx(0.5 * 40 + estimate.PER_PART["extract"].cpu * found.parts)
    assert (found.pages, found.kept, found.tokens, found.kept_bytes) == (40, 20, 2400, 12_000)
    assert (found.parts, found.shards) == (1, 1)  # so small files are read together
    # What was done before, what the first run loaded, and what the second took but for its pages.
    assert found.start == pytest.approx(5 + 9 + 14 - found.total().cpu * 0.3)
    assert found.only_capture == 1.0  # the pilot is the crawl


def test_a_run_of_a_pilot_is_measured_phase_by_phase(mill: list[Any], tmp_path: Path) -> None:
    estimate._measure(RECIPE, Pilot(["p"], 40, 1, 1), tmp_path / "loads", None)
    found = estimate._measure(RECIPE, Pilot(["p"], 40, 1, 1), tmp_path / "run", 8)
    phases = {"extract": Cost(2 + 4 + 1, 1000 + 150 * 8), "judge": Cost(2 + 2, 160), "shards": Cost(0, 0)}
    assert found == Measured(phases, 8, 0, 4, 480, 400, 2400, 66)
    assert not (tmp_path / "run").exists()


def test_what_two_runs_say_is_multiplied_by_what_lies_between_them() -> None:
    """A tenth of the crawl was drawn; of its 9,000 bytes of pages 5,000, and of its 88 words 66, lie between the runs."""
    fewer = Measured({"extract": Cost(5, 2000), "urls": Cost(3, 500)}, 100, 4000, 10, 0, 22, 0, 700)
    more = Measured(
        {"extract": Cost(11, 8000), "urls": Cost(2, 400), "shards": Cost(6, 90)}, 400, 9000, 33, 77, 88, 990, 1000
    )
    found = estimate.extrapolated(RECIPE, Pilot(["pilot"], 400, 50, 500), fewer, more, 3)
    times, of_pages, price = 10 * 88 / 66, 10 * 9 / 5, estimate.PER_PART
    assert found.phases["extract"] == pytest.approx(
        Cost(6 * of_pages, 6000 * of_pages).plus(price["extract"].times(3))
    )
    # Noise isn't multiplied, and what was not there in the smaller run is all multiplied.
    assert found.phases["urls"] == pytest.approx(price["urls"].times(3))
    merging = estimate.merging_of(3, RECIPE.shards.fan_in, 3, 1, 4000)
    of_shards = Cost(6 * times, 90 * times).plus(price["shards"].times(3)).plus(merging)
    assert found.phases["shards"] == pytest.approx(of_shards)
    assert (found.pages, found.kept, found.kept_bytes, found.tokens) == (4000, 330, 9900, 770)
    assert (found.outputs, found.parts, found.shards) == (4000, 3, 1)
    assert found.start == pytest.approx(max(0.0, 8 - found.total().cpu * 4 / 90))
    assert found.hours(4) == pytest.approx((found.total().cpu / 4 + found.start) / 3600)


def test_of_what_a_pilot_keeps_first_captures_of_the_crawl_stay() -> None:
    """Phases behind the addresses have so much less to do; the others and the start have not."""
    fewer = Measured({"extract": Cost(5, 2000), "clean": Cost(3, 500)}, 100, 4000, 10, 0, 22, 0, 700)
    more = Measured({"extract": Cost(11, 8000), "clean": Cost(9, 900)}, 400, 9000, 33, 77, 88, 990, 1000)
    more.phases["shards"] = fewer.phases["shards"] = Cost(1, 1)
    pilot = Pilot(["pilot"], 400, 50, 500)
    found = estimate.extrapolated(RECIPE, pilot, fewer, more, 3, 7.0, 0.5)
    times, of_pages, price = 10 * 88 / 66, 10 * 9 / 5, estimate.PER_PART
    assert found.phases["extract"].cpu == pytest.approx(6 * of_pages + 3 * price["extract"].cpu)
    assert found.phases["clean"] == pytest.approx(Cost(3 * times, 200 * times).plus(price["clean"].times(3)))
    assert (found.pages, found.kept, found.kept_bytes, found.tokens) == (4000, 165, 4950, 385)
    assert (found.outputs, found.only_capture) == (2000, 0.5)
    assert found.start == pytest.approx(7 + 9 - found.total().cpu * 4 / 90)


def test_addresses_of_a_large_crawl_are_not_read(
    crawl: list[str], mill: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estimate, "READ_FOR_ADDRESSES", 100)
    assert estimate.estimate(RECIPE, crawl, 0.5).only_capture is None


def test_documents_of_several_shards_are_written_to_several() -> None:
    shard, text = RECIPE.shards.shard_bytes, 3 * RECIPE.shards.shard_bytes
    for more_bytes, shards in ((text, 3), (text + 1, 4), (shard - 1, 1), (0, 1)):
        more = Measured({"shards": Cost(1, 1)}, 400, 1, 1, 1, 1, more_bytes, 1)
        found = estimate.extrapolated(RECIPE, Pilot(["p"], 400, 5, 5), more._replace(pages=100), more, 1)
        assert found.shards == shards


def test_a_pilot_of_no_more_pages_than_its_quarter_is_told_too() -> None:
    one = Measured({"shards": Cost(1, 1)}, 1, 1, 1, 1, 1, 1, 1)
    assert estimate.extrapolated(RECIPE, Pilot(["p"], 1, 5, 50), one, one, 1).pages == 10


@pytest.mark.parametrize(
    ("parts", "files", "opened", "written"),
    [
        # Each part is opened by each shard, but for once, which is counted with the part.
        (128, 3, 2 * 128 * 7, 4 * 3),
        # One pass: two groups by three ranges of three tables; then each shard opens both groups of a range and a bit.
        (129, 3, 3 * 129 + 3 * 2 * 3 * 2, 4 * 3 + 2 * 3 * 3),
        (129, 200, 3 * 129 + 200 * 2 * 3 * (1 + 128 / 200), 4 * 200 + 2 * 128 * 3),
        (129, 1, 3 * 129 + 2 * 3 * 2, 4 + 2 * 3),
    ],
)
def test_files_that_merging_opens_and_writes(parts: int, files: int, opened: float, written: int) -> None:
    found = estimate.merging_of(parts, 128, 3, files, 10**9)
    assert (found.opened, found.written) == (pytest.approx(opened), written)
    passes = 0 if parts <= 128 else 1
    assert found.cpu == pytest.approx(passes * 55)
    # As files of rows, to which parts are written first, and which each pass writes anew.
    assert found.bytes == pytest.approx((passes + 1) * 1.2e9 if passes else 0)
