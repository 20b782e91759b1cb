"""Phase decisions: what people have decided about pages and sites, before any rule of ours judges them.

Map-only, one unit a part. A page that people drop goes here, every capture and variant of its URL with it; one that they
keep is marked, and the stages domains, lines, heuristics and quality leave it as it is. (Block lists come before
extraction and look at the same files there; what can't be read or extracted, and duplicates, no decision can keep.)
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import apache_beam as beam
import numpy as np

from blocklists.decisions import DROP
from pipeline import counters, tables
from pipeline.commit import Attempt
from pipeline.phase import Phase
from pipeline.run_state import Part, RunState
from pipeline.stopwatch import measured
from pipeline.transforms import people
from pipeline.transforms.verdict_tables import Verdict, verdict_rows
from pipeline.transforms.work_units import UnitDoFn, part_units, work_on
from recipes import Recipe


def units(run: RunState) -> int:
    return run.part_count()


def build(pipeline: beam.Pipeline, run: RunState, settings: Recipe) -> None:
    work_on(pipeline, part_units(run), _DecidePart(run, PHASE.name))


PHASE = Phase(people.PHASE, units, build, settings=lambda recipe: recipe if recipe.decisions else None)


class _DecidePart(UnitDoFn):
    def setup(self) -> None:
        self._decisions = people.decisions_of(self.run.recipe)

    @measured(people.PHASE)
    def work(self, unit: Part, attempt: Attempt) -> dict[str, Any]:
        kept = np.zeros(unit.rows, bool)
        reasons: Counter[str] = Counter()
        verdicts = []
        for row, page in enumerate(unit.read("extract", "features", ["id", "url", "domain"]).to_pylist()):
            decision = self._decisions.of_page(page["id"], page["url"], page["domain"])
            if decision is None:
                continue
            reason = people.reason_of(decision)
            if decision.verdict == DROP:
                verdicts.append(Verdict(row, reason, detail=f"{decision.scope} {decision.value}"))
            else:
                kept[row] = True
                reasons[reason] += 1
        attempt.write_table("verdicts", tables.table(tables.VERDICTS, verdict_rows(unit.rows, PHASE.name, verdicts)))
        attempt.write_table(people.KEPT_ROLE, tables.table(tables.KEPT, ({"kept": bool(each)} for each in kept)))
        counters.add({counters.rejected(PHASE.name): len(verdicts)})
        return {"rejected": len(verdicts), "kept_by_people": dict(reasons)}
