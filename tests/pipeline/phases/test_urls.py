"""Of all captures of a page the most recent stays."""

from __future__ import annotations

from pathlib import Path

from pipeline.phases.urls import PHASE, build, units
from recipes import load
from tests.pipeline.parts import beam_job, document_id, extracted, finished


def test_the_most_recent_capture_of_each_page_stays(tmp_path: Path) -> None:
    key, other = f"{1:032x}", f"{2:032x}"
    old = {"id": document_id("old"), "url_key": key, "date": "2024-01-01", "words": 900}
    new = {"id": document_id("new"), "url_key": key, "date": "2024-01-02", "words": 5}
    alone = {"id": document_id("alone"), "url_key": other, "date": "2023-01-01", "words": 5}
    run = extracted(tmp_path, [old, alone], [new], [new])
    with beam_job() as job:
        build(job, run, load("llama3").urls)
    run = run.having(finished(run, PHASE.name, units(run)))
    said = [
        (identity, verdict["reason"])
        for part in run.parts()
        for identity, verdict in zip(
            part.read("extract", "features", ["id"])["id"].to_pylist(),
            part.read(PHASE.name, "verdicts").to_pylist(),
            strict=True,
        )
    ]
    assert (old["id"], "older_capture") in said and (alone["id"], None) in said
    assert sorted(str(reason) for identity, reason in said if identity == new["id"]) == ["None", "identical_capture"]
