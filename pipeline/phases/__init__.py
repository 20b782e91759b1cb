"""The phases of a run, one module each: a Beam job that reads committed files and writes new ones.

A phase module has a :class:`pipeline.phase.Phase` called ``PHASE``. :data:`PHASES` holds those that the table in
:mod:`pipeline.stages` names, in its order: a phase is added by its module and a line there. Of single phases others
use ``duplicates`` (the folder and schema of clusters), ``extract`` and ``shards`` (the name of the
phase that writes the outputs).
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from pipeline import stages
from pipeline.phase import Phase

PHASES: tuple[Phase[Any], ...] = tuple(import_module(f"pipeline.phases.{name}").PHASE for name in stages.PHASES)
