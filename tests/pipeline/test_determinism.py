"""Same input, same recipe: the same bytes, whatever the order, the files, the workers, or how often it was killed."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from parsers.fork_server import AVAILABLE
from pipeline import driver, early_start, local_runner, stages
from pipeline.driver import PHASES, run
from pipeline.listing import read_manifest
from pipeline.phases import lines
from pipeline.timings import one_by_one
from recipes import load
from tests.pipeline.runs import manifest, output_hashes, rows


def test_two_workers_write_the_bytes_of_one_whatever_jobs_they_are_given(
    undisturbed, files, recipe, tmp_path, monkeypatch
):
    monkeypatch.setattr(local_runner, "LEAST_SAVED", -1.0)  # all jobs, even those that are too small for it
    run(recipe, files, str(tmp_path / "run"), workers=2)
    assert output_hashes(tmp_path / "run") == output_hashes(undisturbed)


@pytest.mark.skipif(not AVAILABLE, reason="workers are forked on Linux alone")
def test_phases_that_work_beside_the_others_change_no_byte(undisturbed, files, recipe, tmp_path, monkeypatch):
    here = []

    def run_phase(phase, *arguments):
        here.append(phase.name)
        return original(phase, *arguments)

    original = driver._run_phase
    monkeypatch.setattr(driver, "_run_phase", run_phase)
    early_start.begin(recipe, 2)
    try:
        early_start.fork_workers()
        run(recipe, files, str(tmp_path / "run"), workers=2)
    finally:
        early_start.end()
    assert {phase.name for phase in PHASES if phase.settings(recipe) is not None} - set(here) == stages.BESIDE
    assert output_hashes(tmp_path / "run") == output_hashes(undisturbed)
    taken = json.loads((tmp_path / "run" / "timings.json").read_text("utf-8"))["phases"]
    assert {phase["phase"] for phase in taken} - {phase["phase"] for phase in one_by_one(taken)} == stages.BESIDE


def test_files_may_be_named_and_cut_otherwise(undisturbed, files, recipe, tmp_path):
    """Sound files joined into one, under names that sort otherwise. Broken ones would lose their place: those stay."""
    (tmp_path / "crawl").mkdir()
    with open(tmp_path / "crawl" / "zzz.warc.gz", "wb") as joined:
        joined.writelines(Path(file).read_bytes() for file in files[3::-1])
    for file in files[4:]:
        shutil.copy(file, tmp_path / "crawl")
    run(recipe, [str(tmp_path / "crawl" / "*")], str(tmp_path / "run"))
    expected, found = output_hashes(undisturbed), output_hashes(tmp_path / "run")
    for folder in ("tokens", "duplicates", "domains", "failed"):
        assert found[folder] == expected[folder]
    # Where a capture lies is another place now; all else is the same.
    documents, others = rows(undisturbed, "documents"), rows(tmp_path / "run", "documents")
    assert {row["warc_file"] for row in others} != {row["warc_file"] for row in documents}
    assert [_without_place(row) for row in others] == [_without_place(row) for row in documents]


def test_the_order_of_inputs_where_units_are_cut_and_merging_in_passes_change_no_byte(
    undisturbed, files, recipe, tmp_path
):
    read = dataclasses.replace(recipe.read, unit_bytes=50_000)
    cut = dataclasses.replace(recipe, read=read, shards=dataclasses.replace(recipe.shards, fan_in=4))
    run(cut, files[::-1], str(tmp_path / "run"))
    assert output_hashes(tmp_path / "run") == output_hashes(undisturbed)
    manifest_of = {phase: read_manifest(str(tmp_path / "run"), phase) for phase in ("extract", "shards-merge-1")}
    assert all(found is not None for found in manifest_of.values()) and manifest_of["extract"].units > len(files)


def test_components_and_lines_that_fit_no_worker_are_found_in_passes_and_change_no_byte(
    undisturbed, files, recipe, tmp_path, monkeypatch
):
    monkeypatch.setattr(lines, "_LINES_PER_RANGE", 1000)
    monkeypatch.setattr(lines, "FREQUENT_IN_MEMORY", 5)
    bounded = dataclasses.replace(recipe, documents=dataclasses.replace(recipe.documents, edges_per_worker=0))
    run(bounded, files, str(tmp_path / "run"))
    assert output_hashes(tmp_path / "run") == output_hashes(undisturbed)
    stars = sorted(path.name for path in (tmp_path / "run" / "work").glob("documents-star-*"))
    assert stars[:2] == ["documents-star-000-large", "documents-star-001-small"]
    lines_done = read_manifest(str(tmp_path / "run"), "lines")
    assert lines_done is not None and lines_done.units > 3


def _without_place(row: dict) -> dict:
    return {name: value for name, value in row.items() if not name.startswith("warc_")}


def test_there_are_several_shards(undisturbed):
    """Else the tests above would say nothing about how rows are dealt."""
    assert len(manifest(undisturbed, "tokens")) > 2
    assert all(file["rows"] for file in manifest(undisturbed, "tokens"))


# Importing Beam and the phases takes longer than most phases take: one process does it, and forks a driver for each line.
FORKING = """
import os, sys
from pipeline.worker import quieten
quieten()
from gristmill.cli import main
import pipeline.driver
for _ in sys.stdin:
    driver = os.fork()
    if not driver:
        os.setsid()
        sys.stdin = open(os.devnull)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os._exit(main(sys.argv[1:]))
    print(driver, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(driver, 0)[1]), flush=True)
"""


def test_a_run_killed_in_every_phase_ends_with_the_same_bytes(undisturbed, files, tmp_path):
    output = tmp_path / "run"
    command = [
        sys.executable, "-c", FORKING, "run", "llama3", "--output", str(output), "--input", *files,
        "--set", "extract.parser=resiliparse", "--set", "shards.shard_bytes=300000",
        "--set", "tokenise.held_out_per_10000=500",
    ]  # fmt: skip
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as forking:
        assert forking.stdin is not None and forking.stdout is not None

        def start() -> int:
            print(file=forking.stdin, flush=True)
            return int(forking.stdout.readline())

        for phase in (phase for phase in PHASES if phase.settings(load("llama3")) is not None):
            driver = start()
            _wait_for_a_file(output / "work" / phase.name, driver)
            os.killpg(driver, signal.SIGKILL)
            assert int(forking.stdout.readline()) == -signal.SIGKILL
            assert not (output / "ledger.json").exists()
        start()
        assert int(forking.stdout.readline()) == 0
        forking.stdin.close()
    assert output_hashes(output) == output_hashes(undisturbed)


def _wait_for_a_file(folder: Path, driver: int) -> None:
    """Returns as soon as some attempt of a phase has written something."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if folder.exists() and any(folder.iterdir()):
            return
        os.kill(driver, 0)  # ``ProcessLookupError`` where the run has ended
        time.sleep(0.001)
    raise AssertionError(f"nothing was written to {folder} in two minutes")
