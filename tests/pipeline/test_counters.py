"""What an engine shows of a job under the ledger's names."""

from __future__ import annotations

import apache_beam as beam
from apache_beam.runners.portability.fn_api_runner.fn_runner import FnApiRunner

from pipeline import counters


def count(number: int) -> int:
    counters.add({"kept": number, counters.rejected("urls"): 1, "failed": 0})
    return number


def test_counts_add_up_under_our_names_and_zeros_are_not_shown() -> None:
    job = beam.Pipeline(runner=FnApiRunner())
    _ = job | beam.Create([2, 3]) | beam.Map(count)
    result = job.run()
    result.wait_until_finish()
    shown = {
        each.key.metric.name: each.committed
        for each in result.metrics().query()["counters"]
        if each.key.metric.namespace == counters.NAMESPACE
    }
    assert shown == {"kept": 5, "rejected.urls": 2}


def test_outside_of_a_job_nothing_is_counted() -> None:
    counters.add({"kept": 1})
