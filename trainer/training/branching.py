"""Branching: a new run that begins where another was, with other data or stages.

    gristmill train pretrain --from RUN@500 --config probe --data new=… --output probe/

Such is the paper's test of new data (§3.1.3): a model half trained is annealed on 30 % of it. The new run has the
weights and the optimizer's moments of the old one; its own stages begin at their beginning, with their own learning
rates, and its data as well.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any, NamedTuple, Self

from trainer.checkpoint import run_tokenizer, store
from trainer.errors import TrainerError


class Branch(NamedTuple):
    """The checkpoint that a new run begins with."""

    checkpoint: store.Checkpoint
    origin: dict[str, Any]
    """What the new run's checkpoints keep of it: the run's directory, its step and its tokens."""

    @classmethod
    def named(cls, name: str, identity: dict[str, Any]) -> Self:
        """``RUN`` (its latest checkpoint) or ``RUN@STEP``. Raises :class:`TrainerError` where there is none such, or
        for another model or tokenizer than those of the ``identity`` of the new run."""
        found = re.fullmatch(r"(.+?)(?:@(\d+))?", name)
        assert found, "--from has a name"
        run_dir, step = Path(found[1]), found[2]
        there = {int(path.name.removeprefix("step-")): path for path in store.steps(run_dir)}
        if not there or (step and int(step) not in there):
            known = f"its steps are {', '.join(map(str, there))}" if there else "it holds none"
            raise TrainerError(f"There is no checkpoint {name}; {known}. Name RUN or RUN@STEP after --from.")
        checkpoint = store.read(there[int(step)] if step else there[max(there)])
        facts = checkpoint.facts
        for key in ("task", "model", "tokenizer"):
            before = facts["identity"].get(key)
            if before is not None and before != identity.get(key):
                raise TrainerError(
                    f"{name} has another {key} than this run would have. Set the configuration and the data to go "
                    "with it, or begin without --from."
                )
        origin = {"run": str(run_dir.resolve()), "step": facts.get("step", 0), "tokens": facts.get("tokens", 0)}
        return cls(checkpoint, origin)

    def copy_tokenizer(self, run_dir: Path) -> None:
        """Takes over the tokenizer that was imported with the model, where one was."""
        kept = Path(self.origin["run"]) / run_tokenizer.FOLDER
        if kept.is_dir():
            shutil.copytree(kept, run_dir / run_tokenizer.FOLDER, dirs_exist_ok=True)
