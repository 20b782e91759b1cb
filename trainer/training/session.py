"""One session of a run: steps until the last one is done, or until a signal asks for the end.

    RUN/config.json      what was asked for
    RUN/data.json        the directories that it trains on
    RUN/metrics.jsonl    the figures, as they came (trainer/metrics/run_log.py)
    RUN/checkpoints/     the last few states (trainer/checkpoint/store.py)
    RUN/summary.json     the run in a few numbers

A resumed run goes on exactly, to the last bit on as many ranks: its state is all of
:class:`~trainer.training.state.TrainingState` and what the task adds to it.
"""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

from rich.console import Console

from trainer.checkpoint import store
from trainer.distributed.ranks import Ranks
from trainer.errors import TrainerError
from trainer.metrics.run_log import Summary
from trainer.training.loop import TrainingLoop
from trainer.training.objective import Objective
from trainer.training.run_lock import RunLock
from trainer.training.signals import StopRequest


def train(
    objective: Objective, run_dir: Path, ranks: Ranks, console: Console | None = None, branch_from: str | None = None
) -> Summary:
    """Trains ``objective`` to the end of its stages, or goes on with the run in ``run_dir``. Every rank must call it.

    A new run begins with the weights and the optimizer's moments of ``branch_from`` where that names a run and perhaps
    its step (:mod:`trainer.training.branching`).

    Returns when the last step is done, or, after saving, when a SIGTERM or SIGINT has asked for it. Raises
    :class:`~trainer.errors.TrainerError` before the first step where ``run_dir`` holds another run.
    """
    console = console if console and ranks.rank == 0 else Console(quiet=True)
    with RunLock(run_dir) if ranks.rank == 0 else nullcontext():
        return _train(TrainingLoop(objective, run_dir, ranks, console, branch_from))


def _train(loop: TrainingLoop) -> Summary:
    ranks = loop.ranks
    try:
        with loop.display, StopRequest() as stop:
            loop.introduce()
            while not loop.finished and not ranks.any(stop.received):
                with loop.profiler.around(loop.state.step + 1):
                    loop.train_step()
                if ranks.any(stop.take_save_request()) and loop.save():
                    word = "Saving" if loop.run.async_checkpoints else "Saved"
                    loop.say(f"{word} step {loop.state.step}, as SIGUSR1 asks for.")
            saved = ""
            if not loop.finished:
                saved = " and saved" if loop.save() else ", which is not saved"
            loop.finish_saving()
            if not loop.finished:
                last = store.steps(loop.run_dir)
                on = f"goes on from step {int(last[-1].name[5:])}" if last else "begins anew: there is no checkpoint"
                loop.say(f"Stopped at step {loop.state.step}{saved}. The same command {on}.")
    except TrainerError:
        loop.summarise(finished=False)  # what an earlier session wrote no longer holds
        loop.finish_saving()  # what a gate stopped behind is kept
        raise
    finally:
        loop.close()
    return loop.summarise()
