"""Functions with their tests, and problems with theirs: what synthetic data begin with; and code in models' answers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainer.posttraining.refusals import Refusal
from trainer.posttraining.row_files import Row, read_rows

_FENCE = re.compile(r"```(?:python|py)?[ \t]*\n(.*?)```", re.DOTALL)
_TOKEN = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True)
class Snippet:
    """A Python function without its documentation; ``head`` is its first line, ``tests`` as
    :func:`~trainer.posttraining.synthesize.sandbox.run_tests` takes them."""

    place: str
    name: str
    code: str
    head: str
    body: str
    tests: tuple[dict[str, Any], ...]


def read_snippets(files: Sequence[str | Path]) -> Iterator[Snippet | Refusal]:
    """Rows ``{"code" or "bare", "name"?, "tests"?}``; the function is the one called ``name``, or the last. Raises
    :class:`~trainer.errors.TrainerError` for files that cannot be read."""
    for row in read_rows(files):
        yield _snippet(row)


def _snippet(row: Row) -> Snippet | Refusal:
    code, tests = row.content.get("code", row.content.get("bare")), row.content.get("tests", [])
    if not isinstance(code, str) or not are_tests(tests):
        return Refusal("unknown keys", 'a snippet is {"code", "name"?, "tests"?: [{"call", "expected"}]}', row.place)
    function = function_of(code, row.content.get("name"))
    if function is None:
        return Refusal("no function", "its code does not parse, or has no function of that name", row.place)
    head = f"def {function.name}({ast.unparse(function.args)})"
    if function.returns is not None:
        head += f" -> {ast.unparse(function.returns)}"
    body = "\n".join(map(ast.unparse, function.body))
    return Snippet(row.place, function.name, code.strip(), head, body, tuple(tests))


def are_tests(found: Any) -> bool:
    """Whether ``found`` is a list of tests."""
    return isinstance(found, list) and all(isinstance(t, dict) and isinstance(t.get("call"), str) for t in found)


def function_of(code: str, name: str | None) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """The function ``name`` at the top of ``code``, the last one without a name; ``None`` where there is none."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    functions = [node for node in tree.body if isinstance(node, kinds) and name in (None, node.name)]
    return functions[-1] if functions else None


def code_in(answer: str) -> str:
    """The code of a model's answer: its last fenced block, or the whole."""
    blocks = _FENCE.findall(answer)
    return (blocks[-1] if blocks else answer).strip()


def copies(text: str, original: str, length: int) -> bool:
    """Whether ``text`` has ``length`` consecutive tokens (words and signs) of ``original``."""
    return not runs(text, length).isdisjoint(runs(original, length))


def runs(text: str, length: int) -> set[tuple[str, ...]]:
    """All runs of ``length`` tokens in ``text``."""
    tokens = _TOKEN.findall(text)
    return {tuple(tokens[start : start + length]) for start in range(len(tokens) - length + 1)}


class EvaluationSets:
    """Texts of evaluation sets, which no training row may share a run of 13 words with (Brown et al., 2020)."""

    LENGTH = 13

    def __init__(self, files: Sequence[str | Path] = ()) -> None:
        self._runs = {
            run for row in read_rows(files) for text in _strings(row.content) for run in _word_runs(text, self.LENGTH)
        }

    def hold(self, *texts: str) -> bool:
        """Whether one of ``texts`` shares a run with them."""
        return any(not self._runs.isdisjoint(_word_runs(text, self.LENGTH)) for text in texts)


def _word_runs(text: str, length: int) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[start : start + length]) for start in range(len(words) - length + 1)}


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _strings(part)
