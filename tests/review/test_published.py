"""What reports and comparisons hold of a run's inputs, of which there may be many."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline import storage
from review import compare_views, published
from review.compare import INPUTS, compare_runs
from review.inspect.raw import RawRecords
from review.report.head import first_figures
from review.summary.measure import measure_runs
from tests.review import runs

Figures = Callable[[str, str], object]


def _of_inputs(folder: Path, count: int, digest: str) -> str:
    run = runs.published(folder, documents=[runs.kept("a")], recipe={"extract": {}})
    inputs = [{"path": f"/crawl/{number:0>87}.warc.gz", "sha256": f"{digest}{number:063}"} for number in range(count)]
    about = {**published.about(run), "inputs": inputs}
    storage.write_bytes(storage.join(run, "run.json"), storage.dump_json(about))
    return run


def _report(run: str, _: str) -> None:
    first_figures(published.about(run), published.inputs(run), published.read_ledger(run), {}, {})


@pytest.mark.parametrize(
    ("read", "most"),
    [
        (compare_runs, 90),  # hashes of both, while they are sorted
        (lambda one, _: measure_runs([one]), 20),
        (_report, 20),
        (lambda one, _: RawRecords(one), 300),  # the paths, by which a page is found
    ],
    ids=["compare", "summary", "report", "inspect"],
)
def test_inputs_are_read_one_by_one(tmp_path: Path, read: Figures, most: int) -> None:
    def peak(count: int) -> int:
        pair = [_of_inputs(tmp_path / f"{count}{digest}", count, digest) for digest in "ab"]
        tracemalloc.start()
        try:
            read(*pair)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(10)
    assert (peak(9_000) - peak(3_000)) / 6_000 < most, "bytes an input"


def test_of_many_inputs_that_differ_the_first_are_named_and_the_others_counted(tmp_path: Path) -> None:
    runs_ = _of_inputs(tmp_path / "a", INPUTS + 7, "a"), _of_inputs(tmp_path / "b", INPUTS + 2, "b")
    found = compare_runs(*runs_)
    assert found.joined_by == "url" and len(found.inputs) == INPUTS and found.more_inputs == 7
    path, before, after = found.inputs[5]
    assert path.endswith("05.warc.gz") and before == f"a{5:063}" and after == f"b{5:063}"
    assert "  and 7 more" in list(compare_views.lines(found))
    assert compare_views.as_json(found)["more_inputs"] == 7 and "and 7 more" in compare_views.as_page(found)
    same = compare_runs(runs_[0], _of_inputs(tmp_path / "c", INPUTS + 7, "a"))
    assert same.joined_by == "id" and not same.inputs and not same.more_inputs
