"""What a phase is to the driver: a Beam job that reads committed files and writes new ones."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import apache_beam as beam

from pipeline.run_state import RunState
from recipes import Recipe

Settings = TypeVar("Settings")


@dataclass(frozen=True)
class Phase(Generic[Settings]):
    """One phase; each module of ``pipeline/phases`` has one, under the name ``PHASE``.

    ``name`` is the module's, and the folder's in ``work/``. ``units(run)`` says of how many pieces of work a receipt
    must be handed in. ``settings(recipe)`` is what the recipe says for the phase, or ``None`` where the recipe leaves
    it out: it does not run then. ``build(pipeline, run, settings)`` puts the Beam job together, which ends in
    :func:`pipeline.transforms.committing.commit`. ``microseconds``: what a document takes in that job, roughly, where it is
    little; jobs that go before it are sized on their own (:func:`pipeline.transforms.subjobs.committed`).
    """

    name: str
    units: Callable[[RunState], int]
    build: Callable[[beam.Pipeline, RunState, Settings], None]
    settings: Callable[[Recipe], Settings | None]
    microseconds: float | None = None

    def shared_seconds(self, run: RunState) -> float:
        """Of how many seconds of one worker's work several can have their shares (:func:`pipeline.jobs.of_size`)."""
        if self.microseconds is not None:
            return run.shared_seconds(self.microseconds)
        return math.inf if self.units(run) > 1 else 0.0
