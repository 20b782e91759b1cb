"""Synthetic data by a generator that answers from tables: what is kept, what goes, and for which reason."""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import socket
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.cli import add_commands
from trainer.errors import TrainerError
from trainer.posttraining.chat import Message
from trainer.posttraining.generators import Completed, GenerationRequest, Response
from trainer.posttraining.records import Dialog, read_dialogs
from trainer.posttraining.responses import read_jsonl
from trainer.posttraining.synthesize import sandbox
from trainer.posttraining.synthesize.back_translation import ATTEMPTS, back_translate
from trainer.posttraining.synthesize.execution_feedback import Problem, solve_with_feedback
from trainer.posttraining.synthesize.sandbox import run_tests
from trainer.posttraining.synthesize.snippets import EvaluationSets, Snippet, code_in, copies, read_snippets

SNIPPETS = Path(os.environ.get("GRISTMILL_SHARED", ""), "data", "posttraining", "code-snippets", "snippets.jsonl.gz")


class Table:
    """Answers by a function of the dialog; counts what it is asked."""

    def __init__(self, answer: Callable[[Sequence[Message]], str]) -> None:
        self.answer, self.asked = answer, 0
        self.description = {"model": "table", "sampling": {"seed": 0}}

    def complete(self, requests: Sequence[GenerationRequest]) -> Iterator[Completed]:
        for number, request in enumerate(requests):
            self.asked += 1
            text = self.answer(request.messages)
            reason = "length" if text == "CUT" else "stop"
            yield Completed(number, [Response(Message("assistant", text), reason)])


def snippets(tmp_path: Path) -> list[Snippet]:
    rows = [
        {"code": f"def add_{n}(a, b=1):\n    total = a + b + {n}\n    return total", "tests": [
            {"call": f"add_{n}(1, 2)", "expected": str(3 + n)},
            {"call": f"add_{n}('x')", "raises": "TypeError: unsupported"},
        ]}
        for n in range(9)
    ]  # fmt: skip
    path = tmp_path / "snippets.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return list(read_snippets([path]))


# What the table makes of the nine functions, by their number.
BROKEN, CUT, LEAKS, NO_CODE, NO_SCORE, LATE_SCORE, RENAMED = 0, 1, 2, 3, 4, 5, 6


def number_in(text: str) -> int:
    return int(text.partition("add_")[2][0])


def answer(messages: Sequence[Message]) -> str:
    text = messages[-1].content
    number = number_in(text)
    right = f"def add_{number}(a, b=1):\n    return a + b + {number}"
    if text.startswith("Describe"):
        leaked = f"It says total = a + b + {number} return total"
        return {CUT: "CUT", LEAKS: leaked}.get(number, f"Adds two numbers and {number}.")
    if text.startswith("Write"):
        assert "total" not in text  # the original is not shown
        renamed = right.replace("(a, b=1)", "(x, y=1)").replace("a + b", "x + y")
        written = {BROKEN: right.replace("+ b", "- b"), NO_CODE: "I can't.", RENAMED: renamed}.get(number, right)
        return f"Here it is:\n```python\n{written}\n```"
    if number == NO_SCORE or (number == LATE_SCORE and "Attempt 3" not in text):
        return "They are alike: 9 of 10."
    return f"Well.\n{1 + number}"


def test_back_translation_keeps_what_was_rebuilt_and_scored(tmp_path: Path) -> None:
    generator = Table(answer)
    counts = back_translate(generator, snippets(tmp_path), tmp_path / "out", keep=0.5, execute=True)
    assert counts == {
        "snippets": 9, "no_description": 1, "leaked": 1, "no_code": 1, "failed_tests": 1, "not_judged": 1, "kept": 2,
    }  # fmt: skip
    rows = list(read_jsonl(tmp_path / "out" / "dialogs.jsonl"))
    assert [(row["synthetic"]["task"], row["synthetic"]["score"]) for row in rows] == [
        (task, score) for score in (9, 8) for task in ("write", "explain", "document")
    ]
    assert all(row["synthetic"]["passed_tests"] == 2 and row["synthetic"]["model"] == "table" for row in rows)
    documented = code_in(rows[2]["messages"][1]["content"])
    assert (
        "Adds two numbers and 8." in documented
        and run_tests(documented, [{"call": "add_8(1)", "expected": "10"}]).passed
    )
    read = list(read_dialogs([tmp_path / "out" / "dialogs.jsonl"]))
    assert len(read) == 6 and all(isinstance(dialog, Dialog) for dialog in read)
    # Run again, nothing is asked for.
    again = Table(answer)
    assert back_translate(again, snippets(tmp_path), tmp_path / "out", keep=0.5, execute=True) == counts
    assert again.asked == 0


def test_without_execution_the_score_alone_decides(tmp_path: Path) -> None:
    counts = back_translate(Table(answer), snippets(tmp_path), tmp_path / "new" / "out", keep=1.0)
    assert counts["kept"] == 5 and "failed_tests" not in counts  # the broken one is among them
    scores = {row["synthetic"]["score"] for row in read_jsonl(tmp_path / "new" / "out" / "dialogs.jsonl")}
    assert scores == {1 + n for n in (BROKEN, LATE_SCORE, RENAMED, 7, 8)} and ATTEMPTS == 3
    with pytest.raises(TrainerError, match="keep is 0"):
        back_translate(Table(answer), [], tmp_path / "none", keep=0)


def test_a_wrong_solution_is_repaired_once(tmp_path: Path) -> None:
    tests = ({"call": "f(2)", "expected": "4"},)
    problems = [Problem(f"p:{n}", f"Problem {n}: write f that doubles.", tests) for n in range(4)]

    def solve(messages: Sequence[Message]) -> str:
        number = int(messages[0].content[8])
        if number == 3:
            return "CUT"
        right = "```python\ndef f(x):\n    return 2 * x\n```"
        wrong = "```python\ndef f(x):\n    return x\n```"
        if len(messages) == 3:
            assert "expected 4, got 2" in messages[2].content
        return right if number == 0 or (number == 1 and len(messages) == 3) else wrong

    counts = solve_with_feedback(Table(solve), problems, tmp_path / "out")
    assert counts == {"problems": 4, "in_evaluation_sets": 0, "solved": 1, "repaired": 1, "failed": 1, "cut_off": 1}
    rows = list(read_jsonl(tmp_path / "out" / "dialogs.jsonl"))
    assert [(len(row["messages"]), row["synthetic"]["task"]) for row in rows] == [(2, "solve"), (4, "repair")]


def test_evaluation_sets_are_left_out(tmp_path: Path) -> None:
    words = " ".join(f"word{n}" for n in range(14))
    (tmp_path / "eval.jsonl").write_text(json.dumps({"a": [{"question": words}]}) + "\n")
    held = EvaluationSets([tmp_path / "eval.jsonl"])
    assert held.hold(f"before, {words.title()}!") and not held.hold(words.rpartition(" ")[0].rpartition(" ")[0])
    problems = [Problem("p:1", words, ({"call": "1"},))]
    counts = solve_with_feedback(Table(lambda messages: "CUT"), problems, tmp_path / "out", held)
    assert counts["in_evaluation_sets"] == 1


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("def f(:", "SyntaxError"),
        ("import sys; sys.exit(0)", "SystemExit"),
        ("import os; os._exit(0)", "stopped"),
        ("x = bytearray(1 << 31)", "MemoryError"),
        ("open('big', 'wb').write(bytes(1 << 22))", "File too large|stopped"),
        ("import socket; socket.create_connection(('127.0.0.1', PORT), 2)", "OSError|Error"),
    ],
)
def test_code_has_limits_and_no_network(code: str, error: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        found = run_tests(code.replace("PORT", str(port)), [])
    assert found.error is not None and re.search(error, found.error)


def test_code_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "WALL_SECONDS", 1)
    assert "did not end" in (run_tests("import time; time.sleep(60)", []).error or "")


def test_tests_see_what_earlier_ones_assigned() -> None:
    tests = [{"call": "y = f(1)"}, {"call": "y", "expected": "2"}, {"call": "f('a')", "raises": "TypeError: no"}]
    assert run_tests("def f(x):\n    return x + 1", tests).passed


@given(st.text("ab cd(", max_size=40), st.text("ab cd(", max_size=40))
def test_a_copy_is_a_run_of_tokens(before: str, after: str) -> None:
    original = "one two three ( four five six seven"
    assert copies(f"{before} {original} {after}", f"x {original} y", 8)
    assert not copies(before, original, 8)


@pytest.mark.skipif(not SNIPPETS.exists(), reason="the public snippets are not at hand")
def test_public_snippets_pass_their_own_tests() -> None:
    found = list(read_snippets([SNIPPETS]))
    assert len(found) == 487 and all(isinstance(snippet, Snippet) for snippet in found)
    for snippet in found[::60]:
        assert run_tests(snippet.code, snippet.tests) == (None,)


def test_the_command_says_before_it_runs_code(tmp_path: Path) -> None:
    parser = argparse.ArgumentParser()
    add_commands(parser.add_subparsers())
    (tmp_path / "p.jsonl.gz").write_bytes(gzip.compress(b'{"problem": "x", "tests": []}\n'))
    more = ["--from", str(tmp_path / "p.jsonl.gz"), "--output", str(tmp_path / "out")]
    arguments = parser.parse_args(["synthesize", "execute", str(tmp_path), *more])
    with pytest.raises(TrainerError, match="needs --allow-execution"):
        arguments.run(arguments)
    arguments = parser.parse_args(["synthesize", "execute", str(tmp_path), *more, "--allow-execution"])
    with pytest.raises(TrainerError, match="Every row was refused"):
        arguments.run(arguments)
