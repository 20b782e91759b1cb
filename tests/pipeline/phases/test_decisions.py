"""What people drop goes first, for their reason; what they keep is marked and counted by it."""

from __future__ import annotations

from pathlib import Path

from blocklists.decisions import Decision, append
from pipeline import counters
from pipeline.phases.decisions import PHASE, build, units
from recipes import load
from tests.pipeline.parts import beam_job, document_id, extracted, finished


def test_pages_that_people_decided_about_go_or_are_marked(tmp_path: Path) -> None:
    listed = tmp_path / "decisions.jsonl"
    given = (
        ("host", "bad.example", "drop", "spam"), ("url", "https://good.example/a", "keep", "false positive"),
        ("url", "https://good.example/b", "keep", "false positive"), ("id", document_id("mine"), "keep", "asked for"),
    )  # fmt: skip
    append(listed, [Decision("2026-11-28", "ada", *each) for each in given])
    recipe = load("llama3", [f"decisions=[{listed}]"])
    urls = {
        "one": "https://bad.example/x", "two": "https://good.example/a", "three": "https://good.example/b",
        "mine": "https://other.example/", "none": "https://good.example/c",
    }  # fmt: skip
    documents = {
        name: {"id": document_id(name), "url": url, "domain": url.split("/")[2]} for name, url in urls.items()
    }
    parts = [["one", "two", "none"], [], ["three", "mine"]]
    run = extracted(tmp_path / "run", *([documents[name] for name in part] for part in parts), recipe=recipe)
    assert PHASE.settings(recipe) is recipe and PHASE.settings(load("llama3")) is None
    with beam_job() as job:
        build(job, run, recipe)
    run = run.having(finished(run, PHASE.name, units(run)))
    manifest = run.manifests[PHASE.name]
    assert manifest.units == 3 and manifest.total("rejected") == 1
    assert manifest.totals("kept_by_people") == {"false_positive": 2, "asked_for": 1}
    assert counters.rejected(PHASE.name)
    found = {}
    for part in run.parts():
        ids = part.read("extract", "features", ["id"])["id"].to_pylist()
        verdicts, kept = (part.read(PHASE.name, role).to_pylist() for role in ("verdicts", "kept"))
        for identity, verdict, mark in zip(ids, verdicts, kept, strict=True):
            found[identity] = verdict["stage"], verdict["reason"], verdict["detail"], mark["kept"]
    nothing = (None, None, None)
    assert found == {
        document_id("one"): (PHASE.name, "spam", "host bad.example", False), document_id("two"): (*nothing, True),
        document_id("three"): (*nothing, True), document_id("mine"): (*nothing, True), document_id("none"): (*nothing, False),
    }  # fmt: skip
