"""Code and its tests, each verdict as the sandbox's process gives it."""

from __future__ import annotations

import io
import json
import os
import resource
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from trainer.posttraining.synthesize import harness
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
    frame = '  File "solution.py", line 2, in f'
    assert said is not None and said.splitlines() == [
        "f(20)", "Traceback (most recent call last):", frame, frame, frame, "ZeroDivisionError: division by zero"
    ]  # fmt: skip
    said = run_tests("import json", [{"call": "json.loads('{')"}])  # whose frames have more lines than are told
    assert said is not None and len(said.splitlines()) == 9 and said.splitlines()[-1].startswith("json.decoder.JSON")


def test_a_network_of_its_own_is_asked_for_with_and_without_a_user_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def unshare(flags: int) -> int:
        asked.append(flags)
        return answers.pop(0)

    monkeypatch.setattr(harness.ctypes, "CDLL", lambda *arguments, **options: SimpleNamespace(unshare=unshare))
    for given, left, flags in (([0], True, 1), ([-1, 0], True, 2), ([-1, -1], False, 2)):
        asked.clear()
        answers = given
        assert harness.leave_the_network() is left
        assert asked == [0x40000000, 0x50000000][:flags]  # CLONE_NEWNET, and CLONE_NEWUSER beside it
    monkeypatch.setattr(harness.ctypes, "CDLL", lambda *arguments, **options: SimpleNamespace())
    assert harness.leave_the_network() is False


def test_limits_are_set_no_higher_than_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    found: dict[int, tuple[int, int]] = {}
    hard = {resource.RLIMIT_CPU: 3, resource.RLIMIT_AS: resource.RLIM_INFINITY}
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (1, hard.get(kind, 10**12)))
    monkeypatch.setattr(resource, "setrlimit", found.__setitem__)
    harness.limit({"CPU": 5, "AS": 1 << 30, "NOFILE": 64})
    assert found == {
        resource.RLIMIT_CPU: (3, 3), resource.RLIMIT_AS: (1 << 30, 1 << 30), resource.RLIMIT_NOFILE: (64, 64),
        resource.RLIMIT_CORE: (0, 0),
    }  # fmt: skip


class EndedError(BaseException):
    pass


@pytest.mark.parametrize("alone", [True, False])
def test_code_runs_within_its_limits_and_without_a_network_or_not_at_all(
    alone: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[object] = []

    def end(status: int) -> None:
        done.append(status)
        raise EndedError

    with (tmp_path / "answer").open("w") as file:
        job = {
            "code": "x = 1", "tests": [{"call": "x", "expected": "2"}], "limits": {"CPU": 5}, "nonce": "n",
            "result": os.dup(file.fileno()),
        }  # fmt: skip
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(job)))
    monkeypatch.setattr(harness, "leave_the_network", lambda: done.append("network") or alone)
    monkeypatch.setattr(harness, "limit", done.append)
    monkeypatch.setattr(os, "_exit", end)
    with pytest.raises(EndedError):
        harness.main()
    answer = json.loads((tmp_path / "answer").read_text())
    if alone:
        assert answer == {"nonce": "n", "error": "x\nexpected 2, got 1"} and done == ["network", {"CPU": 5}, 0]
    else:
        assert answer == {"nonce": "n", "no_sandbox": True} and done == ["network", 0]
