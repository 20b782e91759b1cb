"""Execution feedback (arXiv 2407.21783, §4.3.1): a solution is run; one that fails is shown its error and repaired once.

    DIR/solve, DIR/repair      what the generator was asked and answered
    DIR/dialogs.jsonl          what passed: problem and solution, or problem, wrong solution, error and repaired solution
    DIR/counts.json            how many went where

In the paper the model also writes the tests; here they come with the problem.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainer.files import replace_file
from trainer.posttraining.chat import Message
from trainer.posttraining.generators import Generator
from trainer.posttraining.refusals import Refusal
from trainer.posttraining.responses import write_jsonl
from trainer.posttraining.row_files import read_rows
from trainer.posttraining.synthesize.asking import Dialog, ask, user
from trainer.posttraining.synthesize.back_translation import COUNTS, DIALOGS
from trainer.posttraining.synthesize.sandbox import run_tests
from trainer.posttraining.synthesize.snippets import EvaluationSets, are_tests, code_in

REPAIR = "Running it failed:\n\n```\n{error}\n```\n\nCorrect it. Answer with the whole code."


@dataclass(frozen=True)
class Problem:
    """``text`` for the model, ``tests`` for its code."""

    place: str
    text: str
    tests: tuple[dict[str, Any], ...]


def read_problems(files: Sequence[str | Path]) -> Iterator[Problem | Refusal]:
    """Rows ``{"problem", "tests": [{"call", "expected"?, "raises"?}]}``. Raises
    :class:`~trainer.errors.TrainerError` for files that cannot be read."""
    for row in read_rows(files):
        text, tests = row.content.get("problem"), row.content.get("tests")
        if not isinstance(text, str) or not are_tests(tests):
            yield Refusal("unknown keys", 'a problem is {"problem", "tests": [{"call", "expected"}]}', row.place)
        elif not tests:
            yield Refusal("no tests", "nothing would check what is written for it", row.place)
        else:
            yield Problem(row.place, text, tuple(tests))


def solve_with_feedback(
    generator: Generator, problems: Sequence[Problem], directory: Path, evaluation: EvaluationSets | None = None
) -> Counter[str]:
    """Writes the dialogs whose last code passes all tests, and returns counts. Runs code: the caller has asked."""
    directory.mkdir(parents=True, exist_ok=True)
    counts: Counter[str] = Counter(problems=len(problems))
    allowed = {problem.place: problem for problem in problems if not (evaluation and evaluation.hold(problem.text))}
    counts["in_evaluation_sets"] = len(problems) - len(allowed)
    passed: dict[str, tuple[Dialog, str]] = {}
    asked: dict[str, Dialog] = {name: (user(problem.text),) for name, problem in allowed.items()}
    for step in ("solve", "repair"):
        wrong: dict[str, Dialog] = {}
        for name, answer in ask(generator, asked, directory / step).items():
            if answer is None:
                counts["cut_off"] += 1
                continue
            tested = run_tests(code_in(answer), allowed[name].tests)
            if tested.error is None:
                passed[name] = ((*asked[name], Message("assistant", answer)), step)
                counts["solved" if step == "solve" else "repaired"] += 1
            else:
                wrong[name] = (*asked[name], Message("assistant", answer), user(REPAIR.format(error=tested.error)))
        asked = wrong
    counts["failed"] = len(asked)
    rows = [
        {
            "messages": [message.to_json() for message in dialog],
            "synthetic": {
                "method": "execute",
                "task": step,
                "from": name,
                "model": generator.description.get("model"),
                "sampling": generator.description.get("sampling"),
                "passed_tests": len(allowed[name].tests),
            },
        }
        for name, (dialog, step) in sorted(passed.items())
    ]
    write_jsonl(directory / DIALOGS, rows)
    replace_file(directory / COUNTS, json.dumps(dict(sorted(counts.items())), indent=1) + "\n")
    return counts
