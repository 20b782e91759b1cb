"""How far a run has come, from what its workers have handed in: for whoever looks at it from elsewhere."""

from __future__ import annotations

from typing import NamedTuple

from pipeline import json_pieces, storage
from pipeline.commit import handed_in, receipts_folder
from pipeline.input_units import InputListing
from pipeline.listing import BLOCK_UNITS, read_manifest
from pipeline.phases import PHASES
from pipeline.preflight import plan_path
from pipeline.progress import WorkOfAll
from pipeline.run_state import PARTS, RunState
from recipes.loader import parse


class PhaseStatus(NamedTuple):
    """So many of a phase's ``units`` are done; how many there are is ``None`` where that isn't known yet. ``records``: of the
    phase at work, those that its workers say they have looked at since the last start."""

    phase: str
    done: int
    units: int | None
    records: int = 0

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do but, perhaps, to say so."""
        return self.done == self.units

    def __str__(self) -> str:
        if self.units is None:
            return f"{self.phase} {self.done:,} done" if self.done else f"{self.phase} not begun"
        looked_at = f", {self.records:,} records since the last start" if self.records else ""
        return f"{self.phase} {self.done:,}/{self.units:,} done{looked_at}"


def status(run_dir: str) -> list[PhaseStatus]:
    """The phases of the run in ``run_dir``, in order. Raises ``FileNotFoundError`` where no run was begun."""
    path = plan_path(run_dir)
    if storage.size(path) is None:
        raise FileNotFoundError(f"{run_dir} holds no run (it has no work/plan.json)")
    recipe = parse(json_pieces.without(path, "inputs")["recipe"])
    run = RunState(run_dir, recipe, input_units=_input_units(run_dir))
    found: list[PhaseStatus] = []
    for phase in PHASES:
        if phase.settings(recipe) is None:
            continue
        manifest = read_manifest(run_dir, phase.name)
        if manifest is not None:
            run.manifests[phase.name] = manifest
            found.append(PhaseStatus(phase.name, manifest.units, manifest.units))
            parts = read_manifest(run_dir, PARTS)
            if parts is not None:
                run.manifests[PARTS] = parts
            continue
        # How many units a phase has follows from those before it.
        known = all(each.finished for each in found) and (not found or PARTS in run.manifests)
        units = (phase.units(run) if known else None) or None  # 0: the inputs haven't been cut yet
        done = handed_in(storage.list_files(receipts_folder(run_dir, phase.name)))
        # Of a unit that was worked on twice there are two receipts.
        records = WorkOfAll(run_dir, phase.name).read().records if known else 0
        found.append(PhaseStatus(phase.name, done if units is None else min(done, units), units, records))
    return found


def standing(phases: list[PhaseStatus]) -> str:
    """In a few words where a run stands that isn't finished; nothing where nothing is done."""
    begun = [each for each in phases if each.done]
    if not begun:
        return ""
    done = len(begun) - 1
    before = f"{done} {'phase' if done == 1 else 'phases'} done, " if done else ""
    return f"{before}{begun[-1]._replace(records=0)}"


def _input_units(run_dir: str) -> int:
    blocks = [
        path for path in storage.list_files(storage.join(run_dir, "work", "inputs")) if path.endswith(".parquet")
    ]
    return (len(blocks) - 1) * BLOCK_UNITS + len(InputListing(run_dir).block(len(blocks) - 1)) if blocks else 0
