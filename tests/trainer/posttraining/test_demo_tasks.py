"""The two tasks of the demo: what is right, what is wrong, what an annotator sees, and what a base is trained on."""

from __future__ import annotations

import dataclasses
import json
import random
from pathlib import Path

import pytest

from tokens.index import read_index
from tokens.tokenizer import load
from trainer.posttraining import demo_tasks
from trainer.posttraining.chat import Message
from trainer.posttraining.demo_tasks import SORT_DIGITS, TASKS, TWO_DIGIT_SUMS, write_task
from trainer.posttraining.records import prompt_id


def test_questions_and_answers() -> None:
    digits, sums = SORT_DIGITS.questions(), TWO_DIGIT_SUMS.questions()
    assert (len(digits), digits[0], digits[7], digits[-1]) == (10_000, "0000", "0007", "9999")
    assert (len(sums), sums[0], sums[1], sums[-1]) == (8100, "10+10", "10+11", "99+99")
    assert SORT_DIGITS.answer("7391") == "1379" and TWO_DIGIT_SUMS.answer("27+58") == "27+58 #### 85"
    assert TASKS == {"sort-digits": SORT_DIGITS, "two-digit-sums": TWO_DIGIT_SUMS}


@pytest.mark.parametrize(
    ("question", "answer", "penalty"),
    [("7391", "1379", 0), ("7391", "1397", 1), ("7391", "9731", 3), ("7391", "137", 1), ("7391", "13779", 1), ("7391", "1378", 2)],
)  # fmt: skip
def test_digits_are_the_worse_the_more_descents_and_others_they_have(question: str, answer: str, penalty: int) -> None:
    assert SORT_DIGITS.penalty(question, answer) == penalty


@pytest.mark.parametrize(
    ("answer", "penalty"),
    [("27+58 #### 85", 0), ("27+58 #### 80", 5), ("#### 90", 5), ("85", 1e6), ("#### x", 1e6), ("#### ", 1e6), ("#### ٨٥", 1e6)],
)  # fmt: skip
def test_sums_are_the_worse_the_farther_off(answer: str, penalty: float) -> None:
    assert TWO_DIGIT_SUMS.penalty("27+58", answer) == penalty


def test_wrong_answers_look_like_right_ones() -> None:
    draw = random.Random(0)
    assert {SORT_DIGITS.wrong("12", draw) for _ in range(50)} == {"12", "21"}
    found = {TWO_DIGIT_SUMS.wrong("10+15", draw) for _ in range(500)}
    off = [-20, -10, -9, -2, -1, 1, 2, 9, 10, 20]
    assert found == {f"10+15 #### {25 + by}" for by in off}


def test_a_base_is_trained_on_answers_of_which_some_are_right(tmp_path: Path, monkeypatch) -> None:
    assert (demo_tasks.DIALOGS, demo_tasks.SHARE_RIGHT) == (4000, 0.45)
    monkeypatch.setattr(demo_tasks, "DIALOGS", 400)
    asked = [str(number) for number in range(2000, 3000)]
    task = dataclasses.replace(SORT_DIGITS, questions=lambda: asked)
    held = {prompt_id([Message("user", question)]) for question in asked[::2]}
    write_task(task, tmp_path, held.__contains__, seed=1)
    prompts = [json.loads(line) for line in (tmp_path / "prompts.jsonl").read_text().splitlines()]
    assert len(prompts) == 1000
    assert prompts[21] == {"messages": [{"role": "user", "content": "2021"}], "answer": "0122", "verifier": "exact"}
    tokenizer = load(str(tmp_path / "tokenizer.model"))
    (group,) = read_index(str(tmp_path / "shards")).groups
    documents = group.read()
    assert len(documents.ids) == 400 and group.split == "train"
    right, questions = 0, set()
    for begin, end in zip(documents.offsets[:-1], documents.offsets[1:], strict=True):
        text = tokenizer.decode(documents.values[begin:end].tolist())
        question, answer = (part.split("<|eot_id|>")[0] for part in text.split("<|end_header_id|>\n\n")[1:])
        assert text.endswith("<|eot_id|><|end_of_text|>") and sorted(answer) == sorted(question)
        right += answer == SORT_DIGITS.answer(question)
        questions.add(question)
    assert len(questions) == 400 and all(int(question) % 2 for question in questions)
    assert 0.4 < right / 400 < 0.6  # 45 %, and a twentieth of shuffled ones
    written = (tmp_path / "shards" / "train.parquet").read_bytes()
    write_task(task, tmp_path, held.__contains__, seed=1)
    assert (tmp_path / "shards" / "train.parquet").read_bytes() == written
    write_task(task, tmp_path / "default", held.__contains__)
    write_task(task, tmp_path / "zero", held.__contains__, seed=0)
    files = [tmp_path / name / "shards" / "train.parquet" for name in ("default", "zero")]
    assert files[0].read_bytes() == files[1].read_bytes() != written
