"""How often a run's answers are right: the command ``evaluate``."""

from __future__ import annotations

import math
import statistics
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from trainer.errors import TrainerError
from trainer.posttraining.chat import Message
from trainer.posttraining.choose import Z, paired_difference
from trainer.posttraining.demo_tasks import TASKS
from trainer.posttraining.generators import Generator
from trainer.posttraining.measuring import check_verifiers, rates_of
from trainer.posttraining.records import Prompt
from trainer.posttraining.responses import read_jsonl, sample_responses


def task_prompts(name: str) -> list[Prompt]:
    """All questions of a demo task. Raises :class:`TrainerError` for one that is unknown."""
    if name not in TASKS:
        raise TrainerError(f"There is no task {name!r}. Name {' or '.join(TASKS)}, or --prompts FILE.")
    task = TASKS[name]
    return [
        Prompt((Message("user", question),), task.answer(question), task.verifier, f"{name}:{number}")
        for number, question in enumerate(task.questions(), 1)
    ]


def evaluate_run(
    load: Callable[[str], Generator],
    run: str,
    against: str | None,
    prompts: Sequence[Prompt],
    samples: int,
    output: Path | None,
) -> dict[str, Any]:
    """The figures of ``run`` and, prompt by prompt with the same noise, its difference to ``against``; ``load`` makes a
    generator of a run's name. Responses stay in ``output`` where that is given.

    Raises :class:`TrainerError` for prompts without verifiers.
    """
    if samples < 1:
        raise TrainerError(f"--samples is {samples}; a rate needs at least 1 response to each prompt.")
    check_verifiers(prompts)
    with tempfile.TemporaryDirectory() as temporary:
        directory = output or Path(temporary)
        file = sample_responses(load(run), prompts, samples, directory / "run")
        rates = rates_of(file)
        responses = [response for row in read_jsonl(file) for response in row["responses"]]
        error = statistics.stdev(rates) / math.sqrt(len(rates)) if len(rates) > 1 else None
        figures: dict[str, Any] = {
            "prompts": len(rates),
            "samples": samples,
            "right": sum(rates) / len(rates),
            "half_width": None if error is None else Z * error,
            "cut_off": sum(response["finish_reason"] == "length" for response in responses) / len(responses),
            "mean_characters": sum(len(response["message"]["content"]) for response in responses) / len(responses),
        }
        if against:
            others = rates_of(sample_responses(load(against), prompts, samples, directory / "against"))
            difference = paired_difference(rates, others)
            figures["against"] = {
                "right": sum(others) / len(others), "difference": difference.mean,
                "half_width": difference.half_width, "better_beyond_chance": difference.lower > 0,
            }  # fmt: skip
    return figures
