"""Files of scores: which responses are scored, and what of a file is refused."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.trainer.posttraining.conftest import write_rows
from trainer.errors import TrainerError
from trainer.posttraining.chat import Message
from trainer.posttraining.scoring import score_file


class Lengths:
    """Scores a response by its length, and has none for an empty one."""

    base = SimpleNamespace(tokenizer=SimpleNamespace(sha256="ours"))

    def score(self, asked: Iterable[tuple[Sequence[Message], Sequence[Message]]]) -> Iterator[list[float | None]]:
        for prompt, responses in asked:
            first = len(prompt[0].content)
            yield [100.0 * first + len(r.content) if r.content else None for r in responses]


SCORER: Any = Lengths()


def row(name: str, prompt: str, *responses: tuple[str, str], **more: Any) -> dict[str, Any]:
    found = [{"message": {"role": "assistant", "content": text}, "finish_reason": why} for text, why in responses]
    return {"prompt_id": name, "messages": [{"role": "user", "content": prompt}], "responses": found} | more


def test_what_stopped_by_itself_has_a_score_at_its_place(tmp_path: Path) -> None:
    rows = [
        row("p", "a", ("x", "length"), ("xx", "stop"), ("", "stop"), ("xxxx", "stop")),
        row("q", "aa", ("x", "length"), tokenizer="ours"),
        row("r", "aaa", ("x", "stop")),
    ]
    write_rows(tmp_path / "responses.jsonl", rows)
    output = tmp_path / "new" / "scores.jsonl"
    assert score_file(SCORER, tmp_path, output) == (3, 3)
    assert [json.loads(line) for line in output.read_text().splitlines()] == [
        {"prompt_id": "p", "scores": [None, 102.0, None, 104.0]},
        {"prompt_id": "q", "scores": [None]},
        {"prompt_id": "r", "scores": [301.0]},
    ]


@pytest.mark.parametrize(
    ("second", "words"),
    [
        (row("q", "a", ("x", "stop"), tokenizer="theirs"), "its ids are of another tokenizer than the reward model's"),
        ({"messages": [], "responses": []}, "it lacks 'prompt_id'"),
        ({"prompt_id": "q", "messages": []}, "it lacks 'responses'"),
        ({"prompt_id": "q", "messages": [], "responses": [{"message": {}}]}, "it lacks 'finish_reason'"),
        (row("q", "a", ("x", "stop")) | {"messages": [{"role": "bot", "content": ""}]}, "the role 'bot'"),
        ({"prompt_id": "q", "messages": 3, "responses": []}, "not iterable"),
    ],
)
def test_what_is_no_line_of_responses_is_refused_and_nothing_is_written(
    tmp_path: Path, second: Any, words: str
) -> None:
    write_rows(tmp_path / "responses.jsonl", [row("p", "a", ("x", "stop")), second])
    with pytest.raises(TrainerError, match=f"responses.jsonl:2 is no line of responses: .*{words}"):
        score_file(SCORER, tmp_path, tmp_path / "scores.jsonl")
    assert not (tmp_path / "scores.jsonl").exists()


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    write_rows(tmp_path / "responses.jsonl", [row("p", "a", ("x", "stop"))])
    (tmp_path / "file").write_text("")
    with pytest.raises(TrainerError, match="cannot be written .* Make room there, and score again"):
        score_file(SCORER, tmp_path, tmp_path / "file" / "scores.jsonl")
