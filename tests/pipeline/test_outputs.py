"""What a finished run leaves: manifests of its folders, its books, what it read; and what it clears away."""

from __future__ import annotations

import json
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline import input_units, json_pieces, outputs, preflight, storage, tables
from pipeline.commit import Attempt
from pipeline.counts import counts_of
from pipeline.input_units import InputFile, InputListing, cut
from pipeline.listing import write_listing
from pipeline.run_state import PARTS, RunState, number_parts
from pipeline.transforms.domain_pages import EVIDENCE_JOB
from recipes import load

PLAN = {"inputs": [{"path": name} for name in ("whole.warc.gz", "cut.warc.gz", "empty.warc.gz")], "recipe": {"a": 1}}
READ = [[1, 500, "later", 9], [0, 0, "all", 9], [1, 0, "sooner", 9]]
# What each phase writes below work/, by role.
WORK = {
    "extract": ("text", "features", "rejected", "failed", "rejected_texts"),
    "lines": ("verdicts", "frequent"),
    "clean": ("verdicts", "counts"),
    "judge": ("scores", "tokens"),
    EVIDENCE_JOB: ("evidence",),
}
KEPT = {"id": "a" * 32, "language": "en", "class": "general", "words": 5, "removed_words": 0}
OUTPUTS = {
    "documents": tables.table(tables.DOCUMENTS, [KEPT]),
    "rejected": tables.table(tables.REJECTED, []),
    "failed": tables.table(tables.FAILED, []),
}


def finished_run(folder: Path, keep_work: str) -> RunState:
    """A run whose phases are done, each with one unit that wrote a file of each role and one whose worker was killed."""
    state = RunState(str(folder), load("llama3", [f"output.keep_work={keep_work}"]))
    for phase, roles in WORK.items():
        for killed in (True, False):
            attempt = Attempt(state.dir, phase, "killed" if killed else "part-000000", 0)
            for role in roles:
                attempt.write_bytes(role, role.encode(), 1, "parquet")
            attempt.write_bytes("runs", b"sorted", 1, "arrow")
            attempt.write_bytes("hashes", b"shingles", 1, "shingles")
        found = write_listing(
            state.dir, phase, [attempt.finish({"records": 1, "words": 5, "read": READ} if phase == "extract" else {})]
        )
        if phase == "extract":
            state.manifests[PARTS] = number_parts(state.dir, found)
        if phase != EVIDENCE_JOB:
            state.manifests[phase] = found
    for killed in (True, False):
        attempt = Attempt(state.dir, "shards", "killed" if killed else "shard-000000", 0)
        for role, table in OUTPUTS.items():
            attempt.write_table(role, table, folder=role)
        attempt.write_bytes("tokens", b"tokens", 1, "parquet", folder="tokens")
    state.manifests["shards"] = write_listing(state.dir, "shards", [attempt.finish(counts_of(**OUTPUTS))])
    storage.write_bytes(f"{state.dir}/work/inputs/units-000000.parquet", b"units")
    storage.write_bytes(f"{state.dir}/documents/notes.txt", b"of somebody")
    return state


def roles_left(folder: Path, phase: str) -> set[str]:
    """The roles of the files that a phase's one receipt names and that are still there. Of the killed worker none is."""
    names = [path.name.split(".") for path in (folder / "work" / phase).iterdir() if path.is_file()]
    assert all(name[0] != "killed" for name in names)
    return {name[-2] for name in names if name[-1] != "json"}


@pytest.mark.parametrize("keep_work", ["false", "text", "true"])
def test_what_no_manifest_names_goes_and_what_is_bulky_stays_where_it_is_wanted(
    tmp_path: Path, keep_work: str
) -> None:
    outputs.publish(finished_run(tmp_path, keep_work), PLAN)
    gone: dict[str, set[str]] = {
        "false": {
            "extract": {"text", "rejected_texts"},
            "lines": {"frequent"},
            "clean": {"counts"},
            "judge": {"tokens"},
        },
        "text": {"judge": {"tokens"}},
        "true": {},
    }[keep_work]
    for phase, roles in WORK.items():
        assert roles_left(tmp_path, phase) == {*roles, "runs", "hashes"} - gone.get(phase, set())
        assert len(list((tmp_path / "work" / phase / "listing").iterdir())) == 1
    assert (tmp_path / "work" / "inputs" / "units-000000.parquet").exists()
    assert (tmp_path / "documents" / "notes.txt").exists()
    assert [path.name.split(".")[0] for path in sorted((tmp_path / "documents").glob("*.parquet"))] == ["shard-000000"]


def test_each_folder_has_a_manifest_of_its_files_alone(tmp_path: Path) -> None:
    outputs.publish(finished_run(tmp_path, "false"), PLAN)
    for folder in ("documents", "rejected", "failed", "tokens"):
        (path,) = outputs.files_of(str(tmp_path), folder)
        assert Path(path).parent == tmp_path / folder and Path(path).exists()
        (file,) = json.loads((tmp_path / folder / "_manifest.json").read_text())["files"]
        data = Path(path).read_bytes()
        assert file == {
            "path": Path(path).name, "rows": {"documents": 1, "tokens": 1}.get(folder, 0),
            "bytes": len(data), "sha256": storage.sha256(data),
        }  # fmt: skip
    with pytest.raises(FileNotFoundError, match=r"holds no finished run \(it has no duplicates/_manifest.json\)"):
        outputs.files_of(str(tmp_path), "duplicates")


def test_a_run_tells_what_it_read_whole_or_in_stretches(tmp_path: Path) -> None:
    state = finished_run(tmp_path, "false")
    assert not outputs.is_finished(state)
    outputs.publish(state, PLAN)
    assert outputs.is_finished(state)
    about: dict[str, Any] = json.loads((tmp_path / "run.json").read_text())
    assert about["inputs"] == [
        {"path": "whole.warc.gz", "sha256": "all"},
        {"path": "cut.warc.gz", "stretches": [{"start": 0, "sha256": "sooner"}, {"start": 500, "sha256": "later"}]},
        {"path": "empty.warc.gz", "stretches": []},
    ]
    assert about["recipe"] == {"a": 1} and list(about)[:2] == ["inputs", "recipe"], "in the plan's order"
    ledger = outputs.read_ledger(str(tmp_path))
    assert ledger["records"] == {"read": 1, "kept": 1, "rejected": 0, "failed": 0}
    assert not (tmp_path / "duplicates").exists(), "of a phase that the recipe leaves out"


def test_a_run_whose_last_file_is_torn_is_not_finished(tmp_path: Path) -> None:
    state = finished_run(tmp_path, "false")
    outputs.publish(state, PLAN)
    data = (tmp_path / "run.json").read_bytes()
    for length in (0, 1, len(data) // 2, len(data) - 1):
        (tmp_path / "run.json").write_bytes(data[:length])
        assert not outputs.is_finished(state)


def test_an_input_that_was_read_out_of_its_order_is_noticed(tmp_path: Path) -> None:
    state = finished_run(tmp_path, "false")
    with pytest.raises(AssertionError, match="what was read of input 1 is out of its order"):
        outputs.publish(state, {**PLAN, "inputs": PLAN["inputs"][:1]})  # type: ignore[index]


def test_what_the_driver_holds_of_an_input_is_its_line_of_the_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def peak(count: int) -> int:
        """With so many inputs whose names have 100 characters."""
        folder = tmp_path / f"{count}"
        state = RunState(str(folder), load("llama3"))
        attempt = Attempt(state.dir, "extract", "unit-000000", 0)
        written = write_listing(
            state.dir, "extract",
            (replace(attempt.finish({"read": [[n, 0, "0" * 64, 9]]}), unit=f"unit-{n:06d}", number=n) for n in range(count)),
        )  # fmt: skip
        state.manifests["extract"] = written
        tracemalloc.start()
        try:
            paths = [f"/crawl/{number:0>87}.warc.gz" for number in range(count)]
            inputs = [InputFile(n, path, path[7:], None, 10**9) for n, path in enumerate(paths)]
            plan = {
                "layout": preflight.LAYOUT,
                "recipe": {},
                "models": {},
                "inputs": preflight.describe_inputs(inputs),
            }
            json_pieces.write(preflight.plan_path(state.dir), plan, sort_keys=False)
            preflight.check_same_run(state, plan)
            InputListing(state.dir).write(cut(inputs, 1 << 31))
            about = {**plan, "inputs": json_pieces.Entries(lambda: outputs._describe_inputs(state, plan))}
            json_pieces.write(str(folder / "run.json"), about, sort_keys=False)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    # What is held at once is held for the smaller number already.
    for module, name, value in (
        (input_units, "BLOCK_UNITS", 64),
        (json_pieces, "_AT_ONCE", 4096),
        (preflight, "_WAITING", 64),
    ):
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr(storage, "fingerprint", lambda path: f"1000000000-{hash(path) % 2**64:032x}")
    peak(10)
    more = (peak(4_000) - peak(2_000)) / 2_000
    assert more < 900, "bytes an input, as docs/scale.md says"
