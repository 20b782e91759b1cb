"""A pilot of a whole crawl that was run: the estimate is what the run has given."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipeline import driver, estimate, outputs
from pipeline.listing import read_manifest
from pipeline.pilot import Pilot
from pipeline.progress import PhaseProgress
from tests.pipeline.test_estimate import PHASES


@pytest.fixture
def limits(undisturbed: Path, monkeypatch: pytest.MonkeyPatch) -> list[int | None]:
    """Instead of being run, every pilot has become the undisturbed run; of each, the limit that it was run with."""
    asked: list[int | None] = []

    def run(recipe, paths: list[str], folder: str, limit: int | None, progress) -> dict:
        asked.append(limit)
        shutil.copytree(undisturbed, folder)
        for phase in PHASES:
            progress(PhaseProgress(phase, 1, 1, 1, 1))
        return outputs.read_ledger(folder)

    assert estimate.run is driver.run
    monkeypatch.setattr(estimate, "run", run)
    return asked


def test_a_pilot_of_the_whole_crawl_promises_what_a_run_has_given(files, undisturbed, recipe, limits) -> None:
    said: list[str] = []
    found = estimate.estimate(recipe, files, 1.0, said.append)
    ledger = outputs.read_ledger(str(undisturbed))
    assert found.kept == pytest.approx(ledger["records"]["kept"], rel=0.01)
    assert found.tokens == pytest.approx(ledger["tokens"]["all"], rel=0.01)
    assert limits == [found.pilot.pages // 4, found.pilot.pages // 4, None]
    assert len(said) == 1 and "100.00%" in said[0]


def test_all_that_a_phase_and_its_jobs_have_written_counts(undisturbed, recipe, limits, tmp_path) -> None:
    found = estimate._measure(recipe, Pilot([], 0, 1, 1), tmp_path / "run", None)
    assert set(found.phases) == set(PHASES) and all(cost.bytes > 0 for cost in found.phases.values())
    documents = read_manifest(str(undisturbed), "documents")
    jobs = [read_manifest(str(undisturbed), f"documents-{job}") for job in ("exact", "candidates")]
    listed = [
        file.bytes for manifest in (documents, *jobs) for receipt in manifest.receipts() for file in receipt.files
    ]
    assert found.phases["documents"].bytes == sum(listed)
    written = sum(path.stat().st_size for name in outputs.FOLDERS for path in (undisturbed / name).iterdir())
    assert found.outputs == written and not (tmp_path / "run").exists()
