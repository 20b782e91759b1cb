"""Multiple choice: whether a model finds the right answer likelier than the wrong ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import torch

from tokens.tokenizer import Tokenizer
from trainer.distributed.ranks import Ranks
from trainer.errors import TrainerError
from trainer.evaluation.scoring import score_ending
from trainer.model.llama import Llama


class Choices(NamedTuple):
    """How often the right choice was the likeliest."""

    questions: int
    accuracy: float
    accuracy_by_byte: float
    """With log-likelihoods divided by the bytes of the choice, which doesn't favour short ones."""


@torch.no_grad()
def score_choices(model: Llama, tokenizer: Tokenizer, path: str | Path, ranks: Ranks) -> Choices:
    """Log-likelihood scoring of a JSONL file with a question a line:
    ``{"question": text, "choices": [text, …], "answer": place of the right one, from 0}``.

    A choice is scored as it follows question and a space. Ties go to the first. Raises :class:`TrainerError` for a
    file that is missing or a line that is no question.
    """
    right, right_by_byte = 0, 0
    questions = _read_questions(Path(path))
    for question, choices, answer in questions:
        prompt = [tokenizer.bos_id, *tokenizer.encode(question).tolist()]
        scores = []
        for choice in choices:
            ids = tokenizer.encode(f" {choice}").tolist()
            scores.append((score_ending(model, [*prompt, *ids], len(ids), ranks)[0], len(choice.encode())))
        right += max(range(len(scores)), key=lambda i: scores[i][0]) == answer
        right_by_byte += max(range(len(scores)), key=lambda i: scores[i][0] / scores[i][1]) == answer
    return Choices(len(questions), right / len(questions), right_by_byte / len(questions))


def _read_questions(path: Path) -> list[tuple[str, list[str], int]]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError:
        raise TrainerError(f"There is no file {path} to take questions from.") from None
    questions = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            question, choices, answer = entry["question"], entry["choices"], entry["answer"]
            if not (len(choices) > 1 and all(choices) and choices[answer] and answer >= 0):
                raise ValueError
        except (ValueError, KeyError, TypeError, IndexError):
            raise TrainerError(
                f"Line {number} of {path} is no question. Write "
                '{"question": "…", "choices": ["…", "…"], "answer": 0}'
                " with at least two choices and the place of the right one, from 0."
            ) from None
        questions.append((question, choices, answer))
    if not questions:
        raise TrainerError(f"{path} holds no questions.")
    return questions
