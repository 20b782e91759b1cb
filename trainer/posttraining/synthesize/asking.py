"""Asking a generator for one answer to each of many questions, kept on disk so that a rerun asks only for the rest."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from trainer.posttraining.chat import Message
from trainer.posttraining.generators import Generator
from trainer.posttraining.records import Prompt
from trainer.posttraining.responses import read_jsonl, sample_responses

Dialog = tuple[Message, ...]


def ask(generator: Generator, questions: Mapping[str, Dialog], directory: Path) -> dict[str, str | None]:
    """The answer to each of ``questions``, which are dialogs by a name; ``None`` where one was cut off. Equal dialogs
    get one answer. Raises :class:`~trainer.errors.TrainerError` as :func:`sample_responses` does."""
    if not questions:
        return {}
    prompts = {name: Prompt(dialog, None, None, name) for name, dialog in questions.items()}
    rows = read_jsonl(sample_responses(generator, [*prompts.values()], 1, directory))
    answers: dict[str, str | None] = {}
    for row in rows:
        response = row["responses"][0]
        answers[row["prompt_id"]] = response["message"]["content"] if response["finish_reason"] == "stop" else None
    return {name: answers[prompt.prompt_id] for name, prompt in prompts.items()}


def user(text: str) -> Message:
    return Message("user", text)
