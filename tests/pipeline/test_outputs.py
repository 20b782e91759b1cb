"""What a finished run leaves: manifests of its folders, its books, what it read; and what it clears away."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline import outputs, storage, tables
from pipeline.commit import Attempt
from pipeline.counts import counts_of
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
