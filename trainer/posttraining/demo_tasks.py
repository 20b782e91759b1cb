"""Two tasks that a model of 75,000 weights learns in minutes, with all that rounds of post-training need from nothing.

A task knows the truth, so that a base can be pre-trained on answers of which 45 % are right, an annotator who never
says what is right can prefer one answer to another, and every model can be measured:

================  ======================  =====================  ==================================================
task              user                    assistant              the annotator prefers
================  ======================  =====================  ==================================================
sort-digits       ``7391``                ``1379``               the user's digits, with the fewest descents
two-digit-sums    ``27+58``               ``27+58 #### 85``      the number that is nearer
================  ======================  =====================  ==================================================
"""

from __future__ import annotations

import base64
import itertools
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from tokens.shards import SCHEMA, encode_shard
from tokens.tokenizer import Tokenizer, load
from trainer.posttraining.chat import ChatFormat, Message
from trainer.posttraining.records import prompt_id
from trainer.posttraining.responses import write_jsonl

DIALOGS, SHARE_RIGHT = 4000, 0.45


@dataclass(frozen=True)
class Task:
    """Questions with one right answer each."""

    name: str
    questions: Callable[[], list[str]]
    answer: Callable[[str], str]
    wrong: Callable[[str, random.Random], str]
    """An answer to a question as it might be given wrong."""
    penalty: Callable[[str, str], float]
    """What the annotator sees of a question and an answer: how far it is from right, 0 for right."""
    verifier: str


def _wrong_order(question: str, draw: random.Random) -> str:
    digits = list(question)
    draw.shuffle(digits)
    return "".join(digits)


def _descents(question: str, answer: str) -> float:
    foreign = (Counter(answer) - Counter(question)).total() + (Counter(question) - Counter(answer)).total()
    return foreign + sum(a > b for a, b in itertools.pairwise(answer))


def _sum(question: str) -> int:
    return sum(int(part) for part in question.split("+"))


def _wrong_sum(question: str, draw: random.Random) -> str:
    return f"{question} #### {max(0, _sum(question) + draw.choice([-20, -10, -9, -2, -1, 1, 2, 9, 10, 20]))}"


def _distance(question: str, answer: str) -> float:
    _, mark, number = answer.rpartition("#### ")
    return abs(int(number) - _sum(question)) if mark and number.isascii() and number.isdigit() else 1e6


SORT_DIGITS = Task(
    "sort-digits",
    lambda: [f"{number:04}" for number in range(10_000)],
    lambda question: "".join(sorted(question)),
    _wrong_order,
    _descents,
    "exact",
)
TWO_DIGIT_SUMS = Task(
    "two-digit-sums",
    lambda: [f"{a}+{b}" for a in range(10, 100) for b in range(10, 100)],
    lambda question: f"{question} #### {_sum(question)}",
    _wrong_sum,
    _distance,
    "final_number",
)
TASKS = {task.name: task for task in (SORT_DIGITS, TWO_DIGIT_SUMS)}


def write_task(task: Task, directory: Path, held_back: Callable[[str], bool], seed: int = 0) -> None:
    """Writes what rounds begin with: ``tokenizer.model``, ``shards/`` of dialogs for the base, ``prompts.jsonl`` of all
    questions. No question whose prompt's id is ``held_back`` is among the dialogs."""
    directory.mkdir(parents=True, exist_ok=True)
    ranks = [f"{base64.b64encode(bytes([byte])).decode()} {byte}\n" for byte in range(256)]
    (directory / "tokenizer.model").write_text("".join(ranks), "utf-8")
    prompts = [
        {"messages": _prompt(question), "answer": task.answer(question), "verifier": task.verifier}
        for question in task.questions()
    ]
    write_jsonl(directory / "prompts.jsonl", prompts)
    known = [question for question in task.questions() if not held_back(prompt_id([Message("user", question)]))]
    draw = random.Random(seed)
    asked = draw.sample(known, DIALOGS)
    dialogs = [
        (question, task.answer(question) if draw.random() < SHARE_RIGHT else task.wrong(question, draw))
        for question in asked
    ]
    shards = directory / "shards"
    shards.mkdir(exist_ok=True)
    tokenizer = load(str(directory / "tokenizer.model"))
    (shards / "train.parquet").write_bytes(_shard(tokenizer, dialogs, "train"))


def _prompt(question: str) -> list[dict[str, Any]]:
    return [Message("user", question).to_json()]


def _shard(tokenizer: Tokenizer, dialogs: Sequence[tuple[str, str]], split: str) -> bytes:
    chat = ChatFormat(tokenizer)
    rows = [
        {
            "id": f"{number:032x}", "url": None, "language": None, "class": "general", "source": None, "split": split,
            "weight": 1.0, "tokens": [
                *chat.encode_dialog([Message("user", question), Message("assistant", answer)]).ids, chat.end_of_text,
            ],
        }
        for number, (question, answer) in enumerate(dialogs)
    ]  # fmt: skip
    return encode_shard(pa.Table.from_pylist(rows, schema=SCHEMA), tokenizer.info)
