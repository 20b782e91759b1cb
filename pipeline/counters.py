"""What an engine shows of a job while it works: Beam's counters, under the ledger's names.

    records  words  failed  extracted  rejected.STAGE  kept  kept_words

Spark's and Dataflow's own pages list them. They count attempts, so that a bundle that was tried twice is counted twice;
the ledger counts committed rows (:mod:`pipeline.ledger`), and nothing is decided by counters.
"""

from __future__ import annotations

from collections.abc import Mapping

from apache_beam.metrics.metric import Metrics

NAMESPACE = "gristmill"


def add(counts: Mapping[str, int]) -> None:
    """Adds to the counters of these names. Outside of a Beam job nothing is counted."""
    for name, count in counts.items():
        if count:
            Metrics.counter(NAMESPACE, name).inc(count)


def rejected(stage: str) -> str:
    """The name of the counter of what a stage rejects."""
    return f"rejected.{stage}"
