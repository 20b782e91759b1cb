"""Code and its tests, each verdict as the sandbox's process gives it."""

from __future__ import annotations

from typing import Any

import pytest

from trainer.posttraining.synthesize.harness import run_tests

CODE = "def double(x):\n    return 2 * x\n\ndef nothing():\n    pass\n\ndef fail():\n    raise KeyError('gone')\n"


@pytest.mark.parametrize(
    "test",
    [
        {"call": "double(3)", "expected": "6"},
        {"call": "double('a')", "expected": "'aa'"},
        {"call": "nothing()"},
        {"call": "nothing()", "expected": ""},
        {"call": "nothing()", "expected": None},
        {"call": "y = double(4)\nassert y == 8"},
        {"call": "fail()", "raises": "KeyError"},
        {"call": "fail()", "raises": "KeyError: 'gone'"},
        {"call": "fail()", "raises": "builtins.KeyError: 'gone'"},
        {"call": "import sys; sys.exit(1)", "raises": "SystemExit"},
        {"call": "__name__", "expected": "'solution'"},
    ],
)
def test_what_passes(test: dict[str, Any]) -> None:
    assert run_tests(CODE, [test]) is None


@pytest.mark.parametrize(
    ("test", "said"),
    [
        ({"call": "double(3)", "expected": "7"}, "double(3)\nexpected 7, got 6"),
        ({"call": "double(3)"}, "double(3)\nexpected , got 6"),
        ({"call": "nothing()", "expected": "None"}, "nothing()\nexpected None, got "),
        ({"call": "double(3)", "raises": "KeyError"}, "double(3)\nexpected KeyError, got 6"),
        ({"call": "'a' * 300", "expected": "b" * 300}, f"'a' * 300\nexpected {'b' * 200}, got '{'a' * 199}"),
        ({"call": "'a' * 300", "raises": "KeyError"}, f"'a' * 300\nexpected KeyError, got '{'a' * 199}"),
    ],
)
def test_what_fails_says_what_came_instead(test: dict[str, Any], said: str) -> None:
    assert run_tests(CODE, [{"call": "nothing()"}, test, {"call": "never()"}]) == said


@pytest.mark.parametrize("raises", [None, "ValueError", "LookupError"])
def test_another_error_is_told_with_its_last_lines(raises: str | None) -> None:
    said = run_tests(CODE, [{"call": "fail()", "expected": "1", "raises": raises}])
    assert said is not None and said.startswith("fail()\n") and said.endswith("KeyError: 'gone'")
    assert 'File "solution.py", line 8, in fail' in said and len(said.splitlines()) <= 9


@pytest.mark.parametrize(
    ("code", "last"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("import sys; sys.exit('no')", "SystemExit: no"),
        ("def (", "SyntaxError: invalid syntax"),
    ],
)
def test_code_that_does_not_run_fails_whatever_its_tests(code: str, last: str) -> None:
    said = run_tests(code, [])
    assert said is not None and said.endswith(last)


def test_of_a_long_traceback_the_last_lines_are_told() -> None:
    said = run_tests("def f(n):\n    return f(n - 1) if n else 1 / 0\n", [{"call": "f(20)"}])
    assert said is not None
    lines = said.splitlines()
    assert lines[0] == "f(20)" and lines[-1].startswith("ZeroDivisionError") and 5 <= len(lines) <= 9
