from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from trainer.posttraining.chat import Message
from trainer.posttraining.generators import Completed, GenerationRequest, Response
from trainer.posttraining.synthesize.asking import ask, user


class Echo:
    """Says what it is asked, and doesn't come to an end with what is long."""

    description = {"model": "echo"}  # noqa: RUF012

    def __init__(self) -> None:
        self.asked: list[str] = []

    def complete(self, requests: Sequence[GenerationRequest]) -> Iterator[Completed]:
        for index, request in enumerate(requests):
            text = request.messages[-1].content
            assert request.samples == 1
            self.asked.append(text)
            yield Completed(
                index, [Response(Message("assistant", text.upper()), "length" if len(text) > 5 else "stop")]
            )


@pytest.fixture
def echo() -> Echo:
    return Echo()


def test_each_question_has_an_answer_by_its_name(echo: Echo, tmp_path: Path) -> None:
    questions = {"one": (user("a"),), "two": (user("bb"),), "same": (user("a"),), "long": (user("too long"),)}
    expected = {"one": "A", "two": "BB", "same": "A", "long": None}
    assert ask(echo, questions, tmp_path / "answers") == expected
    assert sorted(echo.asked) == ["a", "bb", "too long"]
    assert ask(echo, questions, tmp_path / "answers") == expected and len(echo.asked) == 3


def test_where_nothing_is_asked_nothing_is_written(echo: Echo, tmp_path: Path) -> None:
    assert ask(echo, {}, tmp_path / "answers") == {} and not (tmp_path / "answers").exists()
