"""Back-translation (arXiv 2407.21783, §4.3.1): code -> description -> code from that alone -> how faithful is it?

    DIR/describe, DIR/write, DIR/judge-1 … 3    what the generator was asked and answered
    DIR/dialogs.jsonl                           what is kept, for ``sft``
    DIR/counts.json                             how many went where

Code is written in a fresh context that has the function's head and the description, never the original: a description
that repeats eight consecutive tokens of the function's body is refused. The generator's own score (1 to 10) is one
number on its last line; an answer without one is asked for twice more and is then "not judged", never a zero. Where
the function has tests and code may run, the new code must pass them.

The paper prints neither prompts nor the share that is kept; both are ours.
"""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from trainer.errors import TrainerError
from trainer.files import replace_file
from trainer.posttraining.chat import Message
from trainer.posttraining.generators import Generator
from trainer.posttraining.responses import write_jsonl
from trainer.posttraining.synthesize.asking import ask, user
from trainer.posttraining.synthesize.sandbox import run_tests
from trainer.posttraining.synthesize.snippets import EvaluationSets, Snippet, code_in, copies, function_of

LEAK, ATTEMPTS = 8, 3
DIALOGS, COUNTS = "dialogs.jsonl", "counts.json"
_SCORE = re.compile(r"(?:10|[1-9])")
DESCRIBE = (
    "Describe in words what this Python function does, so that somebody who has not seen it can write it again: its "
    "parameters, its result, its errors. Do not quote its code.\n\n```python\n{code}\n```"
)
WRITE = "Write the Python function\n\n```python\n{head}: ...\n```\n\n{description}\n\nAnswer with the code alone."
JUDGE = (
    "Two Python functions follow. Does the second do what the first does, for all inputs? Score it from 1 (something "
    "else) to 10 (the same). Your last line is the number alone.\n\n```python\n{code}\n```\n\n```python\n{written}\n```"
)
EXPLAIN = "Explain what this Python function does.\n\n```python\n{code}\n```"
DOCUMENT = "Add documentation to this Python function.\n\n```python\n{code}\n```"


class _Rebuilt(NamedTuple):
    snippet: Snippet
    description: str
    written: str
    tested: bool


def back_translate(
    generator: Generator,
    snippets: Sequence[Snippet],
    directory: Path,
    keep: float = 0.25,
    execute: bool = False,
    evaluation: EvaluationSets | None = None,
) -> Counter[str]:
    """Writes dialogs of three kinds (writing, explaining and documenting code) for the ``keep`` best of ``snippets``, and
    returns counts, among them of every reason for which one went. Raises :class:`TrainerError` before anything is
    asked for settings that cannot be."""
    if not 0 < keep <= 1:
        raise TrainerError(f"keep is {keep}; it must be more than 0 and at most 1.")
    directory.mkdir(parents=True, exist_ok=True)
    counts: Counter[str] = Counter(snippets=len(snippets))
    rebuilt = _rebuild(generator, _allowed(snippets, evaluation, counts), directory, execute, counts)
    scores = _judge(generator, rebuilt, directory)
    counts["not_judged"] = len(rebuilt) - len(scores)
    best = sorted(scores, key=lambda name: (-scores[name], name))[: max(1, round(keep * len(scores)))]
    counts["kept"] = len(best)
    dialogs = [dialog for name in best for dialog in _dialogs(rebuilt[name], scores[name], generator)]
    write_jsonl(directory / DIALOGS, dialogs)
    replace_file(directory / COUNTS, json.dumps(dict(sorted(counts.items())), indent=1) + "\n")
    return counts


def _allowed(
    snippets: Sequence[Snippet], evaluation: EvaluationSets | None, counts: Counter[str]
) -> dict[str, Snippet]:
    found = {}
    for snippet in snippets:
        if evaluation and evaluation.hold(snippet.code):
            counts["in_evaluation_sets"] += 1
        else:
            found[snippet.place] = snippet
    return found


def _rebuild(
    generator: Generator, snippets: dict[str, Snippet], directory: Path, execute: bool, counts: Counter[str]
) -> dict[str, _Rebuilt]:
    questions = {name: (user(DESCRIBE.format(code=snippet.code)),) for name, snippet in snippets.items()}
    described: dict[str, str] = {}
    for name, answer in ask(generator, questions, directory / "describe").items():
        if not answer:
            counts["no_description"] += 1
        elif copies(answer, snippets[name].body, LEAK):
            counts["leaked"] += 1
        else:
            described[name] = answer
    tasks = {name: (user(_task(snippets[name], text)),) for name, text in described.items()}
    found = {}
    for name, answer in ask(generator, tasks, directory / "write").items():
        snippet, written = snippets[name], code_in(answer or "")
        if function_of(written, snippet.name) is None:
            counts["no_code"] += 1
            continue
        tested = execute and bool(snippet.tests)
        if tested and not run_tests(written, snippet.tests).passed:
            counts["failed_tests"] += 1
            continue
        found[name] = _Rebuilt(snippet, described[name], written, tested)
    return found


def _judge(generator: Generator, rebuilt: dict[str, _Rebuilt], directory: Path) -> dict[str, int]:
    scores: dict[str, int] = {}
    for attempt in range(1, ATTEMPTS + 1):
        again = f"\n\n(Attempt {attempt}: the last line must be a number.)" if attempt > 1 else ""
        questions = {
            name: (user(JUDGE.format(code=one.snippet.code, written=one.written) + again),)
            for name, one in rebuilt.items()
            if name not in scores
        }
        for name, answer in ask(generator, questions, directory / f"judge-{attempt}").items():
            last = (answer or "").strip().rpartition("\n")[2].strip()
            if _SCORE.fullmatch(last):
                scores[name] = int(last)
    return scores


def _task(snippet: Snippet, description: str) -> str:
    return WRITE.format(head=snippet.head, description=description)


def _dialogs(one: _Rebuilt, score: int, generator: Generator) -> list[dict[str, Any]]:
    snippet = one.snippet
    pairs = {
        "write": (_task(snippet, one.description), _fenced(one.written)),
        "explain": (EXPLAIN.format(code=snippet.code), one.description),
        "document": (DOCUMENT.format(code=snippet.code), _fenced(_documented(snippet, one.description))),
    }
    return [
        {
            "messages": [Message("user", asked).to_json(), Message("assistant", answer).to_json()],
            "synthetic": {
                "method": "back-translate",
                "task": task,
                "from": snippet.place,
                "model": generator.description.get("model"),
                "sampling": generator.description.get("sampling"),
                "score": score,
                "passed_tests": len(snippet.tests) if one.tested else None,
            },
        }
        for task, (asked, answer) in pairs.items()
    ]


def _documented(snippet: Snippet, description: str) -> str:
    """The snippet with the description as its docstring."""
    tree = ast.parse(snippet.code)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == snippet.name:
            node.body.insert(0, ast.Expr(ast.Constant(description)))
    return ast.unparse(ast.fix_missing_locations(tree))


def _fenced(code: str) -> str:
    return f"```python\n{code}\n```"
