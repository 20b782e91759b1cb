from __future__ import annotations

import json

import pytest
import torch

from tests.trainer.evaluation.tiny import ALONE, TOKENIZER, make
from trainer.errors import TrainerError
from trainer.evaluation.multiple_choice import score_choices


@torch.no_grad()
def test_multiple_choice_takes_the_likeliest(tmp_path):
    model = make(TOKENIZER.vocab_size)

    def log_likelihood(question: str, choice: str) -> float:
        prompt = [TOKENIZER.bos_id, *TOKENIZER.encode(question)]
        ids = [*prompt, *TOKENIZER.encode(f" {choice}")]
        logits = model.logits(torch.tensor([ids]), torch.arange(len(ids))[None])[0].log_softmax(-1)
        return sum(logits[place - 1, ids[place]].item() for place in range(len(prompt), len(ids)))

    entries, right, right_by_byte = [], 0, 0
    for number in range(12):
        choices = ["a mill", "water and a good deal of wind", f"number {number}"]
        question = f"What turns the wheel on day {number}?"
        scores = [log_likelihood(question, choice) for choice in choices]
        by_byte = [score / len(choice.encode()) for score, choice in zip(scores, choices, strict=True)]
        answer = (0, 0, 1, 2)[number % 4]  # each place has another share, so that none passes for another
        entries.append({"question": question, "choices": choices, "answer": answer})
        right += scores.index(max(scores)) == answer
        right_by_byte += by_byte.index(max(by_byte)) == answer
    path = tmp_path / "q.jsonl"
    path.write_text("\n".join(map(json.dumps, entries)) + "\n\n")
    found = score_choices(model, TOKENIZER, path, ALONE)
    assert found == (12, pytest.approx(right / 12), pytest.approx(right_by_byte / 12))


@pytest.mark.parametrize(
    "line",
    ['{"question": "a"}', "x", '{"question": "a", "choices": ["b"], "answer": 0}',
     '{"question": "a", "choices": ["b", "c"], "answer": 2}', '{"question": "a", "choices": ["b", "c"], "answer": -1}', '{"question": "a", "choices": ["b", ""], "answer": 0}'],
)  # fmt: skip
def test_bad_questions_are_refused_with_their_line(line, tmp_path):
    path = tmp_path / "q.jsonl"
    path.write_text('{"question": "a", "choices": ["b", "c"], "answer": 1}\n' + line)
    with pytest.raises(TrainerError, match="Line 2 of .* is no question. Write"):
        score_choices(make(TOKENIZER.vocab_size), TOKENIZER, path, ALONE)
    path.write_text("\n")
    with pytest.raises(TrainerError, match="holds no questions"):
        score_choices(make(TOKENIZER.vocab_size), TOKENIZER, path, ALONE)
    with pytest.raises(TrainerError, match="There is no file"):
        score_choices(make(TOKENIZER.vocab_size), TOKENIZER, tmp_path / "none", ALONE)


def test_of_equal_choices_the_first_is_taken(tmp_path):
    path = tmp_path / "q.jsonl"
    rows = [{"question": "a", "choices": ["b", "b"], "answer": answer} for answer in (0, 0, 1)]
    path.write_text("\n".join(map(json.dumps, rows)))
    found = score_choices(make(TOKENIZER.vocab_size), TOKENIZER, path, ALONE)
    assert found == (3, pytest.approx(2 / 3), pytest.approx(2 / 3))
