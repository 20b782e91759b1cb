"""What a session begins with: the run's latest checkpoint, another run's weights, or initial ones; and what the run
directory says of it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from trainer.checkpoint import store
from trainer.config.stages import total_tokens
from trainer.distributed.ranks import Ranks
from trainer.errors import TrainerError
from trainer.metrics.run_log import RunLog
from trainer.metrics.sinks import open_sinks
from trainer.optim.lr_schedule import learning_rate
from trainer.training.branching import Branch
from trainer.training.config_history import rate_before, write_config, write_data
from trainer.training.objective import Objective, Settings
from trainer.training.preflight import check_going_on
from trainer.training.state import TrainingState


class OpenedRun(NamedTuple):
    """A run before the next step of this session."""

    state: TrainingState
    log: RunLog
    origin: dict[str, Any] | None
    """The run that it branched from, and after which step."""
    changes: Sequence[str]
    """Sentences on what is set otherwise than in the session before; the first rank has them."""
    num_parameters: int


def open_run(objective: Objective, run_dir: Path, ranks: Ranks, branch_from: str | None) -> OpenedRun:
    """Builds the objective's model and brings it to where the run in ``run_dir`` is; writes its configuration there.

    A new run begins with the weights and the optimizer's moments of ``branch_from`` where that names a run and perhaps
    its step (:mod:`trainer.training.branching`). Raises :class:`~trainer.errors.TrainerError` where ``run_dir`` holds
    another run, before anything is allocated or written.
    """
    settings = objective.settings
    saved = store.latest(run_dir)
    facts: dict[str, Any] = saved.facts if saved else {}
    check_going_on(facts, objective.identity, settings.stages, run_dir)
    source = Branch.named(branch_from, objective.identity) if branch_from else None
    origin: dict[str, Any] | None = facts.get("branched_from")
    if source and saved and source.origin != origin:
        raise TrainerError(
            f"{run_dir} holds a run that did not begin with {branch_from}. Name a new --output, or leave --from out."
        )
    written = dataclasses.asdict(settings)
    sinks = [] if ranks.rank else open_sinks(settings.run, run_dir, facts.get("step", 0), written)
    model = objective.build()
    state = TrainingState.new(model, settings.optimizer, objective.metrics, ranks)
    if saved:
        state.restore(saved, ranks)
    elif source:
        state.branch(source.checkpoint)
        origin = source.origin
    else:
        objective.init_weights()
    objective.begin(state.tokens, facts)
    log = RunLog(run_dir, state.step, ranks.rank == 0, sinks, facts.get("metrics_lines"))
    changes: list[str] = []
    if ranks.rank == 0:
        changes = _write(run_dir, settings, written, state, bool(saved))
        if objective.data:
            write_data(run_dir, objective.data)
        if source and not saved:
            source.copy_tokenizer(run_dir)
    return OpenedRun(state, log, origin, changes, sum(parameter.numel() for parameter in model.parameters()))


def _write(
    run_dir: Path, settings: Settings, written: dict[str, Any], state: TrainingState, goes_on: bool
) -> list[str]:
    """Writes the configuration; what differs from the session before, and where the learning rate jumps."""
    finished = state.tokens >= total_tokens(settings.stages)
    before = rate_before(run_dir, state.tokens) if goes_on and not finished else None
    now = learning_rate(state.tokens, settings.stages) * settings.optimizer.peak_lr
    changes = list(write_config(run_dir, written, state.step))
    if before and not math.isclose(before, now, rel_tol=0.01):
        changes.append(
            f"the learning rate jumps from {before:.3g} to {now:.3g}, because its segment has other tokens, "
            "shape or peak now"
        )
    return changes
