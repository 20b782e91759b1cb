"""What a run will need first, started while the driver still imports Beam and checks the run: the processes that fork its
workers and their parsers or, for one worker, the parser's own. It imports no engine."""

from __future__ import annotations

from collections.abc import Sequence

from parsers import sandbox
from parsers.fork_server import AVAILABLE
from pipeline.worker_server import WorkerServer
from recipes import Recipe

# Imports Presidio, a second, which phase domains needs.
_PERSONAL_DATA = ("filters.presidio",)
_begun: list[WorkerServer] = []


def begin(recipe: Recipe, workers: int, flags: Sequence[str] = ()) -> None:
    """Starts what a run of the recipe by the local runner begins with; nothing where ``flags`` name a runner."""
    if any(flag.startswith("--runner") for flag in flags):
        return
    if workers == 1:
        sandbox.start_early(*_parser_of(recipe))
    elif AVAILABLE and not _begun:
        _begun.append(_server(recipe))
        _begun[0].start()


def worker_server(recipe: Recipe | None) -> WorkerServer:
    """The one that was begun, for whoever asks first; else a new one."""
    return _begun.pop() if _begun else _server(recipe)


def _server(recipe: Recipe | None) -> WorkerServer:
    # Named, not imported: the phases stand above this module, and the server imports them in its own process.
    phases = "pipeline.phases"
    if recipe is None:
        return WorkerServer(phases)
    return WorkerServer(phases, later=_PERSONAL_DATA if recipe.domains else (), parser=_parser_of(recipe))


def _parser_of(recipe: Recipe) -> tuple[str, str]:
    return recipe.extract.parser, recipe.extract.alt_text
