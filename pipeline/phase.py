"""What a phase is to the driver: a Beam job that reads committed files and writes new ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import apache_beam as beam

from pipeline.commit import receipts
from pipeline.run_state import RunState
from recipes import Recipe

Settings = TypeVar("Settings")


@dataclass(frozen=True)
class Phase(Generic[Settings]):
    """One phase; each module of ``pipeline/phases`` has one, under the name ``PHASE``.

    ``name`` is the module's, and the folder's in ``work/``. ``units(run)`` names the pieces of work that must hand in
    a receipt. ``settings(recipe)`` is what the recipe says for the phase, or ``None`` where the recipe leaves it out:
    it does not run then. ``build(pipeline, run, settings, todo)`` puts the Beam job together, for the units ``todo``:
    of a phase that is ``map_only`` those without a receipt, since its units do not depend on each other; of a phase
    with a shuffle, all.
    """

    name: str
    units: Callable[[RunState], list[str]]
    build: Callable[[beam.Pipeline, RunState, Settings, frozenset[str]], None]
    map_only: bool
    settings: Callable[[Recipe], Settings | None]

    def todo(self, run: RunState) -> frozenset[str]:
        """The units that the next job must work on; none where every unit has a receipt."""
        units = frozenset(self.units(run))
        missing = units - frozenset(receipts(run.dir, self.name))
        return missing if self.map_only or not missing else units
