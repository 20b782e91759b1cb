from __future__ import annotations

import errno
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from trainer.errors import TrainerError
from trainer.posttraining.chat import Message
from trainer.posttraining.generators import Completed, Response
from trainer.posttraining.records import Prompt
from trainer.posttraining.responses import read_jsonl, sample_responses, with_reference

PROMPTS = [Prompt((Message("user", f"question {n}"),), f"answer {n}", "exact", f"f:{n}") for n in range(6)]


class Fake:
    """Answers in another order than it is asked, and dies after ``lives`` prompts."""

    def __init__(self, lives: float = float("inf"), error: BaseException | None = None, **description: object) -> None:
        self.lives, self.error = lives, error or KeyboardInterrupt()
        self.description = {"model": "fake", "tokenizer": "ab" * 32, **description}
        self.asked: list[str] = []

    def complete(self, requests) -> Iterator[Completed]:
        for number, index in enumerate(reversed(range(len(requests)))):
            if number == self.lives:
                raise self.error
            request = requests[index]
            self.asked.append(request.messages[-1].content)
            text = f"to {request.messages[-1].content}"
            yield Completed(
                index, [Response(Message("assistant", f"{text}, {k}"), "stop") for k in range(request.samples)]
            )


def test_responses_stand_in_the_order_of_the_prompts(tmp_path) -> None:
    file = sample_responses(Fake(), PROMPTS, 2, tmp_path)
    rows = list(read_jsonl(file))
    assert [row["prompt_id"] for row in rows] == [prompt.prompt_id for prompt in PROMPTS]
    assert [response["message"]["content"] for response in rows[3]["responses"]] == [
        "to question 3, 0",
        "to question 3, 1",
    ]
    assert rows[0]["answer"] == "answer 0" and rows[0]["verifier"] == "exact" and rows[0]["tokenizer"] == "ab" * 32
    assert sorted(path.name for path in tmp_path.iterdir()) == ["responses.jsonl", "settings.json"]


@pytest.mark.parametrize("cut", [0, 1, 20])
def test_after_a_kill_only_the_rest_is_asked_for_and_the_bytes_are_the_same(tmp_path, cut) -> None:
    whole = sample_responses(Fake(), PROMPTS, 2, tmp_path / "whole").read_bytes()
    with pytest.raises(KeyboardInterrupt):
        sample_responses(Fake(lives=3), PROMPTS, 2, tmp_path / "killed")
    unfinished = tmp_path / "killed" / "unfinished.jsonl"
    content = unfinished.read_bytes()
    unfinished.write_bytes(content[: len(content) - cut])
    again = Fake()
    told: list[int] = []
    file = sample_responses(again, PROMPTS, 2, tmp_path / "killed", told.append)
    assert file.read_bytes() == whole
    assert len(again.asked) == (4 if cut else 3)
    assert told == list(range(6 - len(again.asked), 7))
    idle = Fake(lives=0)
    assert sample_responses(idle, PROMPTS, 2, tmp_path / "killed").read_bytes() == whole


def test_each_row_is_on_the_disk_before_the_next_is_waited_for(tmp_path) -> None:
    there: list[int] = []

    def look(finished: int) -> None:
        unfinished = tmp_path / "unfinished.jsonl"
        there.append(unfinished.read_bytes().count(b"\n") if unfinished.exists() else 0)

    sample_responses(Fake(), PROMPTS, 1, tmp_path, look)
    assert there == list(range(len(PROMPTS) + 1))


def test_a_prompt_that_comes_twice_is_asked_once(tmp_path) -> None:
    fake = Fake()
    file = sample_responses(fake, [*PROMPTS[:2], PROMPTS[0]], 1, tmp_path)
    assert len(fake.asked) == 2 == len(list(read_jsonl(file)))


@pytest.mark.parametrize(
    ("samples", "changes", "words"),
    [(3, {}, "samples = 2; now it is 3"), (2, {"model": "another"}, 'model = "fake"; now it is "another"')],
)
def test_what_was_drawn_otherwise_is_not_mixed_in(tmp_path, samples, changes, words) -> None:
    sample_responses(Fake(), PROMPTS, 2, tmp_path)
    with pytest.raises(TrainerError, match=words):
        sample_responses(Fake(**changes), PROMPTS, samples, tmp_path)
    with pytest.raises(TrainerError, match="responses to other prompts"):
        sample_responses(Fake(), PROMPTS[1:], 2, tmp_path)


def test_none_are_refused_and_a_full_disk_says_so(tmp_path) -> None:
    with pytest.raises(TrainerError, match="0 responses"):
        sample_responses(Fake(), PROMPTS, 0, tmp_path)
    full = OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(TrainerError, match=r"cannot be written \(No space left on device\).*make room"):
        sample_responses(Fake(lives=2, error=full), PROMPTS, 1, tmp_path)
    assert not (tmp_path / "responses.jsonl").exists()
    again = Fake()
    sample_responses(again, PROMPTS, 1, tmp_path)
    assert len(again.asked) == 4


@pytest.mark.parametrize("content", ['{"a": 1}\n[2]\n', '{"a": 1}\n{"a"\n'])
def test_a_damaged_line_is_named(tmp_path, content) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(content)
    with pytest.raises(TrainerError, match=r"rows.jsonl:2"):
        list(read_jsonl(path))
    with pytest.raises(TrainerError, match="There is no file"):
        list(read_jsonl(Path(tmp_path / "none")))


def test_a_reference_competes_once_where_there_is_one() -> None:
    row = {"answer": "12", "responses": [{"message": {"role": "assistant", "content": "13"}, "finish_reason": "stop"}]}
    more = with_reference(row)
    assert [json.dumps(response["message"]) for response in more["responses"]] == [
        '{"role": "assistant", "content": "13"}', '{"role": "assistant", "content": "12"}',
    ]  # fmt: skip
    assert with_reference(more) == more
    assert with_reference({"responses": []}) == {"responses": []}
