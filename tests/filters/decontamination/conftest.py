"""Test sets made up here, one in each layout, and their index in a cache of the test's own."""

from __future__ import annotations

import csv
import gzip
import io
import json

import pytest

ARITHMETIC = (
    "Greta's mill grinds 48 sacks of barley on Monday and half as many on Tuesday. If each sack yields 30 pounds of "
    "flour and she sells a pound for 2 dollars, how many dollars does she earn on both days?"
)
SHORT = "Which enzyme unwinds the double helix of DNA?"
CHOICES = ["helicase", "ligase", "primase", "topoisomerase"]
CODE = 'def rotate_sacks(sacks: list, turns: int):\n    """Rotate the sacks to the left so many turns.\n    >>> rotate_sacks([1, 2, 3], 1)\n    [2, 3, 1]\n    """\n'
SOLUTION = "    shift = turns % len(sacks)\n    front, back = sacks[:shift], sacks[shift:]\n    return back + front\n"
LOGIC = "Oskar lies. Wilma says Oskar tells the truth. Ignaz says Wilma lies. Does Ignaz tell the truth?"
PASSAGE = (
    "The weir of Talbach was raised in 1734 against the will of three millers, who sued the abbot for their water."
)
INSTRUCTION = (
    "Write a limerick about a windmill keeper in exactly five lines, and do not use the letter q anywhere in it."
)


def lines(*rows: dict) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.fixture(scope="session")
def sets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Files by set, in the layouts of the sets that they are named after."""
    folder = tmp_path_factory.mktemp("sets")
    (folder / "gsm8k.jsonl").write_text(
        lines({"question": ARITHMETIC, "answer": "48 + 24 = <<48+24=72>>72\n#### 4320"})
    )
    (folder / "mmlu").mkdir()
    table = io.StringIO()
    csv.writer(table).writerows([[SHORT, *CHOICES, "A"], ["Which of the following is true?", "1", "2", "3", "4", "B"]])
    (folder / "mmlu" / "biology_test.csv").write_text(table.getvalue())
    code = {
        "task_id": "T/0",
        "prompt": CODE,
        "canonical_solution": SOLUTION,
        "test": "assert True",
        "entry_point": "x",
    }
    (folder / "humaneval.jsonl.gz").write_bytes(gzip.compress(lines(code).encode()))
    (folder / "bbh.json").write_text(json.dumps({"canary": "x", "examples": [{"input": LOGIC, "target": "Yes"}]}))
    agieval = {
        "passage": PASSAGE,
        "question": "Who was sued?",
        "options": ["(A)the abbot", "(B)the millers"],
        "label": "A",
    }
    (folder / "agieval.jsonl").write_text(lines(agieval))
    (folder / "ifeval.jsonl").write_text(
        lines({"key": 1, "prompt": INSTRUCTION, "instruction_id_list": [], "kwargs": []})
    )
    files = {
        name: str(next(folder.glob(f"{name}*"))) for name in ("gsm8k", "mmlu", "humaneval", "bbh", "agieval", "ifeval")
    }
    return files


@pytest.fixture(autouse=True, scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory):
    """The user's own cache stays as it is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield
