"""What a run will need first, started while the driver still imports Beam and checks the run: the processes that fork its
workers and their parsers or, for one worker, the parser's own. It imports no engine."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from parsers import sandbox
from parsers.fork_server import AVAILABLE
from parsers.parser_process import serve
from pipeline.calls import Call
from pipeline.worker_server import Preparation, WorkerServer
from recipes import Recipe

# Named, not imported: these stand above this module, and the server has them in its own process.
_NEEDED = ("pipeline.driver",)
_FIRST = ("pipeline.warming:extraction",)
_EVIDENCE, _JUDGING = "pipeline.warming:evidence", "pipeline.warming:judging"
_begun: list[WorkerServer] = []


def begin(recipe: Recipe, workers: int, flags: Sequence[str] = ()) -> None:
    """Starts what parses for a run of the recipe by the local runner; nothing where ``flags`` name a runner."""
    if any(flag.startswith("--runner") for flag in flags):
        return
    if workers == 1:
        sandbox.start_early(*_parser_of(recipe), serve)
    elif AVAILABLE and not _begun:
        _begun.append(_server(recipe))
        _begun[0].start_parsers()


def fork_workers() -> None:
    """Goes on with what was begun, once this process has imported what workers need: forks the process that forks them."""
    for server in _begun:
        server.start()


def end() -> None:
    """Ends what was begun, unless a run still holds it; the end of this process does, too."""
    _begun.clear()


def worker_server(recipe: Recipe | None) -> WorkerServer:
    """The one that was begun; else a new one."""
    return _begun[0] if _begun else _server(recipe)


def beside(function: str, *arguments: object) -> Call | None:
    """Has ``module:function`` called by a process beside this one; ``None`` where none was begun that could fork it."""
    with contextlib.suppress(OSError):  # it is gone, which who needs workers will be told
        return _begun[0].call(function, *arguments) if _begun else None
    return None


def _server(recipe: Recipe | None) -> WorkerServer:
    if recipe is None:
        return WorkerServer(Preparation(_NEEDED))
    later = (*((_EVIDENCE,) if recipe.domains else ()), _JUDGING)
    return WorkerServer(Preparation(_NEEDED, _FIRST, later, recipe, _parser_of(recipe)))


def _parser_of(recipe: Recipe) -> tuple[str, str]:
    return recipe.extract.parser, recipe.extract.alt_text
