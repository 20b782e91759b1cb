"""Verdicts come out of a shuffle in any order and lie in one table a part, row by row."""

from __future__ import annotations

from itertools import permutations

import apache_beam as beam
import pytest
from apache_beam.runners.portability.fn_api_runner.fn_runner import FnApiRunner

from pipeline.transforms.committing import commit
from pipeline.transforms.verdict_tables import Verdict, verdict_rows, write_verdicts
from tests.pipeline.parts import beam_job, document_id, extracted, finished

FIRST, SECOND = Verdict(2, "first", 1.0, "x"), Verdict(2, "second", 0.5)


@pytest.mark.parametrize(
    "verdicts", [*permutations([Verdict(0, "zero"), FIRST, SECOND, Verdict(2, "first", 1.0, "y")])]
)
def test_of_two_verdicts_on_a_row_the_first_by_content_stands(verdicts: tuple[Verdict, ...]) -> None:
    assert verdict_rows(4, "some", verdicts) == [
        {"stage": "some", "reason": "zero", "score": None, "detail": None, "unique_words": None},
        {},
        {"stage": "some", "reason": "first", "score": 1.0, "detail": "x", "unique_words": None},
        {},
    ]


def test_every_part_gets_a_table_also_without_a_verdict(tmp_path) -> None:
    rows = [{"id": document_id(name)} for name in "abc"]
    run = extracted(tmp_path, rows, rows[:2], [])
    with beam_job() as job:
        verdicts = job | beam.Create([(1, Verdict(1, "gone", 0.25, "why", 3))])
        commit(write_verdicts(job, verdicts, run, "some"), run.dir, "some", 3)
    run.manifests["some"] = finished(run, "some")
    tables = [part.read("some", "verdicts").to_pylist() for part in run.parts()]
    nothing = {"stage": None, "reason": None, "score": None, "detail": None, "unique_words": None}
    assert tables == [
        [nothing] * 3,
        [nothing, {"stage": "some", "reason": "gone", "score": 0.25, "detail": "why", "unique_words": 3}],
        [],
    ]
    assert [part.alive().tolist() for part in run.parts()] == [[True] * 3, [True, False], []]
    assert [receipt.counts["rejected"] for receipt in run.manifests["some"].receipts()] == [0, 1, 0]


def test_an_engine_is_shown_how_many_go(tmp_path) -> None:
    run = extracted(tmp_path, [{"id": document_id(name)} for name in "abc"], [])
    job = beam.Pipeline(runner=FnApiRunner())
    verdicts = job | beam.Create([(0, Verdict(row, "gone", None)) for row in (0, 2)])
    commit(write_verdicts(job, verdicts, run, "some"), run.dir, "some", 2)
    result = job.run()
    result.wait_until_finish()
    shown = {each.key.metric.name: each.committed for each in result.metrics().query()["counters"]}
    assert shown["rejected.some"] == 2
