"""A run in an object store has the report of the same run on a disk, and its report is written there."""

from __future__ import annotations

from pathlib import Path

import fsspec

from pipeline import storage
from review.report.document import report, write_report
from tests.pipeline.s3 import BUCKET, FaultyProxy
from tests.pipeline.test_object_stores import port, proxy  # noqa: F401  (fixtures)
from tests.review.runs import kept, published, rejected

RUN = f"s3://{BUCKET}/run"


def test_the_report_of_a_run_on_s3_is_that_of_the_same_run_here(proxy: FaultyProxy, tmp_path: Path) -> None:  # noqa: F811
    here = published(
        tmp_path / "run",
        shards=2,
        documents=[kept("a", "the mill by the river"), kept("b", "a wheel of stone")],
        rejected=[rejected("c", "lines", "too_short"), rejected("d", "quality", "low", score=0.1, detail="quality")],
        failed=[{"name": "f", "error": "torn"}],
    )
    fsspec.filesystem("s3").put(f"{here}/", f"{RUN}/", recursive=True)
    assert report(RUN).replace(RUN, here) == report(here)
    assert write_report(RUN) == f"{RUN}/report.html"
    assert storage.read_bytes(f"{RUN}/report.html").decode() == report(RUN)
