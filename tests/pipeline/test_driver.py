"""The driver's own work, with phases that take no time: which of them run, when one is done, and what a start finds done."""

from __future__ import annotations

import contextlib
import itertools
import json
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import driver, lock, outputs, run_status
from pipeline.commit import Receipt, write_receipts
from pipeline.input_units import InputListing
from pipeline.listing import Manifest, read_manifest, write_block, write_listing, write_summary
from pipeline.phase import Phase
from pipeline.progress import PhaseProgress
from pipeline.run_state import RunState
from recipes import load

Mill = Callable[..., tuple[list[str], list[tuple[str, int, int]], dict[str, Any]]]
UNITS = 3


def hand_in(run_dir: str, phase: str, units: int) -> None:
    """What a job leaves: the receipts of so many units, and their summary."""
    receipts = [Receipt(f"unit-{number}", number) for number in range(units)]
    write_summary(run_dir, phase, [write_block(run_dir, phase, 0, receipts, 4096)] if receipts else [])


class Work:
    """Phases that hand in empty receipts, and note that they were built."""

    def __init__(self) -> None:
        self.built: list[str] = []
        self.known: list[set[str]] = []

    def phase(self, name: str, handed_in: int = UNITS, settings: object = "settings") -> Phase[Any]:
        def build(pipeline: object, run: RunState, found: object) -> None:
            assert found == settings
            self.built.append(name)
            self.known.append(set(run.manifests))
            hand_in(run.dir, name, handed_in)

        return Phase(name, lambda run: UNITS, build, lambda recipe: settings)


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def mill(tmp_path: Path, work: Work, monkeypatch: pytest.MonkeyPatch) -> Mill:
    """Mills with the phases given; what was built, what progress was told, and the ledger."""
    monkeypatch.setattr(outputs, "publish", lambda state, plan: plan["published"].append(sorted(state.manifests)))
    monkeypatch.setattr(outputs, "read_ledger", lambda folder: {"ledger of": folder})
    monkeypatch.setattr(outputs, "is_finished", lambda state: False)
    monkeypatch.setattr(run_status, "status", lambda folder: [])

    def run(*phases: Phase[Any]) -> tuple[list[str], list[tuple[str, int, int]], dict[str, Any]]:
        monkeypatch.setattr(driver, "PHASES", phases)
        work.built.clear()
        told: list[tuple[str, int, int]] = []
        plan: dict[str, Any] = {"published": []}
        state = RunState(str(tmp_path), load("llama3"))

        def tell(how_far: PhaseProgress) -> None:
            told.append((how_far.phase, how_far.done, how_far.units))

        ledger = driver.mill(state, plan, contextlib.nullcontext, tell, lambda: UNITS)  # type: ignore[arg-type]
        return list(work.built), told, ledger | plan

    return run


def test_phases_run_in_their_order_and_know_those_before(mill: Mill, work: Work, tmp_path: Path) -> None:
    built, told, found = mill(work.phase("lines"), work.phase("left_out", settings=None), work.phase("clean"))
    assert built == ["lines", "clean"] and work.known == [set(), {"lines"}]
    assert found == {"ledger of": str(tmp_path), "published": [["clean", "lines"]]}
    assert told[-1] == ("clean", UNITS, UNITS) and ("lines", UNITS, UNITS) in told
    assert all(read_manifest(str(tmp_path), name) is not None for name in built)


def test_a_second_start_builds_what_is_not_done_and_nothing_else(mill: Mill, work: Work) -> None:
    mill(work.phase("lines"))
    built, told, found = mill(work.phase("lines"), work.phase("clean"))
    assert built == ["clean"] and found["published"] == [["clean", "lines"]]
    assert {name for name, _, _ in told} == {"clean"}


def test_a_driver_that_died_before_its_manifest_leaves_it_to_the_next(mill: Mill, work: Work, tmp_path: Path) -> None:
    hand_in(str(tmp_path), "lines", UNITS)
    built, told, _ = mill(work.phase("lines"))
    assert built == [] and told == [("lines", UNITS, UNITS)]


@pytest.mark.parametrize("handed_in", range(UNITS))
def test_a_phase_that_has_not_handed_in_all_units_is_not_done(
    mill: Mill, work: Work, tmp_path: Path, handed_in: int
) -> None:
    with pytest.raises(RuntimeError, match=f"phase lines ended, but not all of its {UNITS} units .* run the same"):
        mill(work.phase("lines", handed_in), work.phase("clean"))
    assert work.built == ["lines"] and read_manifest(str(tmp_path), "lines") is None
    assert mill(work.phase("lines"), work.phase("clean"))[0] == ["lines", "clean"]


def test_a_second_driver_does_nothing_at_all(mill: Mill, work: Work, tmp_path: Path) -> None:
    with lock.held(str(tmp_path)), pytest.raises(RuntimeError, match="another gristmill is writing to"):
        mill(work.phase("lines"))
    assert work.built == []
    assert mill(work.phase("lines"))[0] == ["lines"]


def test_a_finished_run_gives_its_books_and_starts_nothing(
    mill: Mill, work: Work, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outputs, "is_finished", lambda state: True)
    assert mill(work.phase("lines")) == ([], [], {"ledger of": str(tmp_path), "published": []})


@pytest.mark.parametrize(("took", "waits"), [(0.05, 1.0), (0.1, 1.0), (0.3, 3.0)])
def test_looking_how_far_a_phase_is_takes_a_tenth_of_the_time_at_the_most(
    mill: Mill, work: Work, monkeypatch: pytest.MonkeyPatch, took: float, waits: float
) -> None:
    waited: list[float] = []

    class Stop(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            assert timeout is not None
            waited.append(timeout)
            return super().wait()

    moments = itertools.count(100, took)
    monkeypatch.setattr(driver, "threading", SimpleNamespace(Event=Stop, Thread=threading.Thread))
    monkeypatch.setattr(driver, "time", SimpleNamespace(monotonic=lambda: next(moments)))
    mill(work.phase("lines"))
    assert waited == [pytest.approx(waits)]


names = st.text("ab.", min_size=1, max_size=3).filter(lambda name: name not in (".", ".."))
trees = st.lists(st.lists(names, min_size=1, max_size=3).map("/".join), min_size=1, max_size=5, unique=True)


@given(trees, st.sampled_from(["/crawl", "/data/crawl/2024", "s3://bucket", "/"]))
def test_where_a_crawl_lies_changes_no_file_s_name(tree: list[str], folder: str) -> None:
    paths = [f"{folder.rstrip('/')}/{path}" for path in tree]
    start = driver.common_folder(paths)
    found = [path[start:] for path in paths]
    elsewhere = [f"/elsewhere/{path}" for path in tree]
    assert found == [path[driver.common_folder(elsewhere) :] for path in elsewhere]
    assert len(set(found)) == len(tree) and all(
        path.endswith("/" + name) for path, name in zip(paths, found, strict=True)
    )


def test_inputs_have_their_sizes_numbers_and_limits(tmp_path: Path) -> None:
    paths = []
    for number, name in enumerate(("a.warc", "b/c.warc")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(bytes(number + 5))
        paths.append(str(tmp_path / name))
    found = driver.input_files(paths, driver.common_folder(paths), first=7, limit=3)
    assert [(file.index, file.name, file.limit, file.bytes) for file in found] == [
        (7, "a.warc", 3, 5), (8, "b/c.warc", 3, 6)
    ]  # fmt: skip


def test_what_is_begun_is_said_before_any_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "crawl").mkdir()
    for name in "ab":
        (tmp_path / "crawl" / f"{name}.jsonl").write_text('{"url": "https://a.example/", "text": "x"}\n')
    said: list[str] = []
    begun: list[tuple[bool, int]] = []

    def mill(
        state: RunState,
        plan: dict,
        pipeline: object,
        progress: object,
        prepare: Callable,
        tell: Callable,
        continued: bool,
    ) -> dict:
        begun.append((continued, prepare()))
        tell("and so on")
        return {"ledger of": state.dir}

    monkeypatch.setattr(driver, "mill", mill)
    for _ in range(2):
        found = driver.run(load("llama3"), [str(tmp_path / "crawl")], str(tmp_path / "run"), said=said.append)
        assert found == {"ledger of": str(tmp_path / "run")}
    assert said == [f"2 files, 86 bytes, by recipe llama3, to {tmp_path / 'run'}", "and so on"] * 2
    assert begun == [(False, 1), (True, 1)]


@pytest.mark.parametrize(("limit", "of_each"), [(None, None), (1, 1), (2, 1), (3, 2), (4, 2)])
def test_a_limit_is_dealt_to_all_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int | None, of_each: int | None
) -> None:
    (tmp_path / "crawl").mkdir()
    for name in "ab":
        (tmp_path / "crawl" / f"{name}.jsonl").write_text('{"url": "https://a.example/", "text": "x"}\n')
    monkeypatch.setattr(driver, "mill", lambda state, plan, make, progress, prepare, *more: {"units": prepare()})
    assert driver.run(load("llama3"), [str(tmp_path / "crawl")], str(tmp_path / "run"), limit=limit) == {"units": 1}
    (unit,) = InputListing(str(tmp_path / "run")).block(0)
    assert [(one.name, one.limit) for one in unit.stretches] == [("a.jsonl", of_each), ("b.jsonl", of_each)]
    # Of a run that has extracted, nothing is cut anew.
    write_listing(str(tmp_path / "run"), "extract", [Receipt(f"unit-{number:06d}", number) for number in range(7)])
    assert driver.run(load("llama3"), [str(tmp_path / "crawl")], str(tmp_path / "run"), limit=limit) == {"units": 7}


def test_what_is_told_has_the_phase_s_place_among_those_of_the_recipe(
    work: Work, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mill: Mill
) -> None:
    told: set[tuple[str, int, int]] = set()
    phases = work.phase("lines"), work.phase("left_out", settings=None), work.phase("clean"), work.phase("judge")
    monkeypatch.setattr(driver, "PHASES", phases)
    driver.mill(
        RunState(str(tmp_path), load("llama3")), {"published": []}, contextlib.nullcontext,  # type: ignore[arg-type]
        lambda how_far: told.add((how_far.phase, how_far.number, how_far.of)), lambda: UNITS,
    )  # fmt: skip
    assert told == {("lines", 1, 3), ("clean", 2, 3), ("judge", 3, 3)}


@pytest.mark.parametrize(("continued", "done"), [(True, True), (True, False), (False, True)])
def test_where_an_earlier_start_has_come_to_is_said(
    work: Work, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mill: Mill, continued: bool, done: bool
) -> None:
    said: list[str] = []
    phases = [run_status.PhaseStatus("extract", 2 if done else 0, 3)]
    monkeypatch.setattr(run_status, "status", lambda folder: phases)
    monkeypatch.setattr(driver, "PHASES", ())
    for finished in (False, True):
        monkeypatch.setattr(outputs, "is_finished", lambda state, finished=finished: finished)
        state = RunState(str(tmp_path), load("llama3"))
        make: Any = contextlib.nullcontext
        driver.mill(state, {"published": []}, make, lambda how_far: None, lambda: UNITS, said.append, continued)
    expected = ["an earlier start is continued: extract 2/3 done"] if continued and done else []
    assert said == [*expected, "the run is finished, nothing is left to do"]


def test_progress_that_cannot_be_read_is_told_and_costs_nothing(
    mill: Mill, work: Work, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(paths: object) -> int:
        raise OSError("the store is away")

    monkeypatch.setattr(driver, "handed_in", fail)
    built, told, _ = mill(work.phase("lines"))
    assert built == ["lines"] and told[0] == ("lines", 0, UNITS) and told[-1] == ("lines", UNITS, UNITS)
    assert "how far phase lines is can't be told just now, and is asked again: the store is away" in caplog.text


def test_receipts_that_came_twice_are_no_more_than_all(mill: Mill, work: Work, tmp_path: Path) -> None:
    write_receipts(str(tmp_path), "lines", [Receipt(f"unit-{number}", number) for number in (0, 1, 0, 1, 0)])
    _, told, _ = mill(work.phase("lines"))
    assert told and all(done <= UNITS for _, done, _ in told)


def test_phases_beside_others_are_waited_for_and_known_to_the_books(
    mill: Mill, work: Work, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is the work of another process; a run that breaks doesn't leave it at work."""
    asked: list[tuple[str, str, set[str]]] = []
    events: list[str] = []

    class Elsewhere:
        def __init__(self, name: str) -> None:
            self.name = name

        def result(self) -> Manifest:
            events.append(f"{self.name} waited for")
            return write_listing(str(tmp_path), self.name, [Receipt("unit-0", 0)])

        def stop(self) -> None:
            events.append(f"{self.name} stopped")

    def beside(function: str, name: str, state: RunState) -> Elsewhere:
        asked.append((function, name, set(state.manifests)))
        return Elsewhere(name)

    monkeypatch.setattr(driver.early_start, "beside", beside)
    built, _, found = mill(work.phase("lines"), work.phase("duplicates"), work.phase("clean"))
    assert built == ["lines", "clean"] and asked == [("pipeline.driver:run_alone", "duplicates", {"lines"})]
    assert events == ["duplicates waited for", "duplicates stopped"]
    assert found["published"] == [["clean", "duplicates", "lines"]]
    events.clear()
    with pytest.raises(RuntimeError, match="phase judge ended"):
        mill(work.phase("lines"), work.phase("rejected_texts"), work.phase("judge", 0))
    assert events == ["rejected_texts stopped"]
    # What is done already isn't asked for.
    asked.clear()
    mill(work.phase("lines"), work.phase("duplicates"))
    assert asked == []


def test_a_phase_that_works_alone_is_built_with_its_settings(work: Work, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(driver, "PHASES", (work.phase("lines"), work.phase("duplicates")))
    monkeypatch.setattr(driver, "pipeline_maker", lambda flags, workers: contextlib.nullcontext)
    found = driver.run_alone("duplicates", RunState(str(tmp_path), load("llama3")))
    assert work.built == ["duplicates"] and found.units == UNITS
    assert read_manifest(str(tmp_path), "duplicates") == found
    times = json.loads((tmp_path / "work" / "duplicates" / "time.json").read_text())
    assert times["beside"] is True
