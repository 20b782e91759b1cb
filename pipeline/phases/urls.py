"""Phase urls: of all captures of a canonical URL the most recent stays (Llama 3, arXiv 2407.21783, section 3.1.1).

    features -> (key of the URL, pointer with date and id) -> all but the newest -> verdicts

Time ties break by the id, which is a hash of the content. Two records with one id are the same capture twice.
"""

from __future__ import annotations

from collections.abc import Iterator

import apache_beam as beam
import numpy as np

from pipeline.phases.units import part_units, units_collection
from pipeline.phases.verdicts import Verdict, write_verdicts
from pipeline.run_state import Part, RunState
from pipeline.stopwatch import measured

PHASE = "urls"
MAP_ONLY = False


def units(run: RunState) -> list[str]:
    return part_units(run)


def build(pipeline: beam.Pipeline, run: RunState) -> None:
    todo = run.parts()
    verdicts = (
        units_collection(pipeline, todo)
        | "captures" >> beam.FlatMap(_captures)
        | "by url" >> beam.GroupByKey()
        | "all but the newest" >> beam.FlatMap(_all_but_the_newest)
    )
    write_verdicts(pipeline, verdicts, run, PHASE, todo)


@measured("urls")
def _captures(part: Part) -> Iterator[tuple[bytes, tuple[str, str, int, int]]]:
    features = part.read("extract", "features", ["url_key", "date", "id"])
    for row in np.flatnonzero(part.alive()).tolist():
        key, date, identity = (features[name][row].as_py() for name in ("url_key", "date", "id"))
        yield bytes.fromhex(key), (date, identity, part.index, row)


@measured("urls")
def _all_but_the_newest(element) -> Iterator[tuple[int, Verdict]]:
    # Of identical captures the first pointer stays: what they say is the same.
    newest, *others = sorted(element[1], key=lambda capture: (capture[0], capture[1], -capture[2], -capture[3]), reverse=True)
    for _, identity, part, row in others:
        yield part, Verdict(row, "identical_capture" if identity == newest[1] else "older_capture", None, newest[1])
