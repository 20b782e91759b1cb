"""Functions out of files of code: which rows have one, and what is known of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.trainer.posttraining.conftest import write_rows
from trainer.posttraining.refusals import Refusal
from trainer.posttraining.synthesize.snippets import Snippet, are_tests, code_in, function_of, read_snippets

CODE = "def one(a: int, b=1) -> str:\n    c = a\n    return c\n\nasync def two():\n    pass\n\nx = 1\n"


def read(path: Path, row: dict[str, Any]) -> Snippet | Refusal:
    (found,) = read_snippets([write_rows(path / "rows.jsonl", [row])])
    return found


def test_a_snippet_has_the_head_and_the_body_of_the_function_that_is_named_or_comes_last(tmp_path: Path) -> None:
    tests = [{"call": "one(1)", "expected": "1"}]
    found = read(tmp_path, {"code": CODE, "name": "one", "tests": tests})
    assert isinstance(found, Snippet) and found.code == CODE.strip() and found.place.endswith("rows.jsonl:1")
    assert (found.name, found.head, found.body, found.tests) == (
        "one", "def one(a: int, b=1) -> str", "c = a\nreturn c", tuple(tests)
    )  # fmt: skip
    last = read(tmp_path, {"bare": CODE})
    assert isinstance(last, Snippet) and (last.name, last.head, last.body, last.tests) == (
        "two", "def two()", "pass", ()
    )  # fmt: skip


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"code": 1}, "unknown keys"),
        ({"name": "one"}, "unknown keys"),
        ({"code": CODE, "tests": "one(1)"}, "unknown keys"),
        ({"code": CODE, "tests": [{"call": 1}]}, "unknown keys"),
        ({"code": CODE, "name": "three"}, "no function"),
        ({"code": "x = 1"}, "no function"),
        ({"code": "def f(:"}, "no function"),
    ],
)
def test_rows_without_a_function_are_refused(row: dict[str, Any], reason: str, tmp_path: Path) -> None:
    found = read(tmp_path, row)
    assert isinstance(found, Refusal) and found.reason == reason


@pytest.mark.parametrize(
    ("found", "are"),
    [([], True), ([{"call": "f()"}], True), ([{"call": "f()"}, 1], False), (["f()"], False), ([{"call": 2}], False),
     ([{"expected": "1"}], False), ({"call": "f()"}, False), ((), False), (None, False)],
)  # fmt: skip
def test_what_is_a_list_of_tests(found: object, are: bool) -> None:
    assert are_tests(found) is are


def test_the_last_of_functions_of_a_name_is_meant() -> None:
    found = function_of("def f(a): pass\ndef f(b): pass\nclass C:\n    def g(self): pass\n", "f")
    assert found is not None and found.args.args[0].arg == "b"
    assert function_of("class C:\n    def g(self): pass\n", "g") is None
    assert function_of("def f(): pass\0", "f") is None


@pytest.mark.parametrize(
    ("answer", "code"),
    [("x = 1", "x = 1"), ("So:\n```python\na\n```\nor\n```\nb\n```\nDone.", "b"), ("```py\nc\n", "```py\nc\n")],
)
def test_code_is_the_last_fenced_block_or_all(answer: str, code: str) -> None:
    assert code_in(answer).strip() == code.strip()
