"""Responses on disk: written as they come, complete and in order at the end, asked for once.

    DIR/settings.json        what wrote them: model, options, how many
    DIR/unfinished.jsonl     a line for each prompt that has all its responses, in the order in which they came
    DIR/responses.jsonl      at the end, in the order of the prompts; ``unfinished.jsonl`` is gone then

A line is ``{"prompt_id", "messages", "answer"?, "verifier"?, "tokenizer"?, "responses": [{"message",
"finish_reason"}]}``. After a kill the same call asks only for what is missing; a line that was cut off is dropped.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from trainer.errors import TrainerError
from trainer.files import replace_file
from trainer.posttraining.chat import Message
from trainer.posttraining.generators import Completed, GenerationRequest, Generator
from trainer.posttraining.records import Prompt
from trainer.posttraining.row_files import read_rows

SETTINGS, UNFINISHED, RESPONSES = "settings.json", "unfinished.jsonl", "responses.jsonl"


def sample_responses(
    generator: Generator,
    prompts: Sequence[Prompt],
    samples: int,
    directory: Path,
    progress: Callable[[int], None] = lambda finished: None,
) -> Path:
    """Writes ``samples`` responses to each of ``prompts`` into ``directory`` and returns the file of all. ``progress``
    is told how many prompts are finished.

    Raises :class:`TrainerError` where ``directory`` holds responses that were drawn otherwise, and where the disk is
    full.
    """
    if samples < 1:
        raise TrainerError(f"{samples} responses to a prompt are none; ask for at least 1.")
    directory.mkdir(parents=True, exist_ok=True)
    _check_settings(directory, {"samples": samples, **generator.description})
    prompts = list({prompt.prompt_id: prompt for prompt in prompts}.values())
    final, unfinished = directory / RESPONSES, directory / UNFINISHED
    if final.exists():
        there = [row["prompt_id"] for row in read_jsonl(final)]
        if there != [prompt.prompt_id for prompt in prompts]:
            raise TrainerError(f"{directory} holds the responses to other prompts. Name a new directory.")
        return final
    done = _read_unfinished(unfinished)
    missing = [prompt for prompt in prompts if prompt.prompt_id not in done]
    progress(len(prompts) - len(missing))
    requests = [GenerationRequest(prompt.prompt_id, prompt.messages, samples) for prompt in missing]
    with _disk_may_be_full(directory), unfinished.open("a", encoding="utf-8") as file:
        for number, completed in enumerate(generator.complete(requests), len(prompts) - len(missing) + 1):
            row = _row(missing[completed.request], completed, generator)
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            file.flush()
            done[row["prompt_id"]] = row
            progress(number)
    with _disk_may_be_full(directory):
        write_jsonl(final, [done[prompt.prompt_id] for prompt in prompts])
        unfinished.unlink()
    return final


def with_reference(row: dict[str, Any]) -> dict[str, Any]:
    """``row`` with the prompt's own answer among its responses, the last and marked, where it has one."""
    if not isinstance(row.get("answer"), str) or any(response.get("reference") for response in row["responses"]):
        return row
    message = Message("assistant", row["answer"]).to_json()
    return row | {"responses": [*row["responses"], {"message": message, "finish_reason": "stop", "reference": True}]}


def _row(prompt: Prompt, completed: Completed, generator: Generator) -> dict[str, Any]:
    optional = {
        "answer": prompt.answer,
        "verifier": prompt.verifier,
        "tokenizer": generator.description.get("tokenizer"),
    }
    return {
        "prompt_id": prompt.prompt_id,
        "messages": [message.to_json() for message in prompt.messages],
        **{name: value for name, value in optional.items() if value is not None},
        "responses": [
            {"message": response.message.to_json(), "finish_reason": response.finish_reason}
            for response in completed.responses
        ],
    }


def _check_settings(directory: Path, settings: dict[str, Any]) -> None:
    path = directory / SETTINGS
    settings = json.loads(json.dumps(settings))
    if not path.exists():
        replace_file(path, json.dumps(settings, indent=2) + "\n")
        return
    there = json.loads(path.read_text("utf-8"))
    if changed := [name for name in {**there, **settings} if there.get(name) != settings.get(name)]:
        name = min(changed)
        raise TrainerError(
            f"{directory} holds responses that were drawn with {name} = {json.dumps(there.get(name))}; now it is "
            f"{json.dumps(settings.get(name))}. Name a new directory, or ask as before."
        )


def _read_unfinished(path: Path) -> dict[str, dict[str, Any]]:
    """The rows that a killed session has finished, by id; the file is left without a line that was cut off."""
    if not path.exists():
        return {}
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        with path.open("r+b") as file:
            file.truncate(len(whole))
    rows = [json.loads(line) for line in whole.splitlines()]
    return {row["prompt_id"]: row for row in rows}


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a file of ours. Raises :class:`TrainerError` with file and line for what is none."""
    return (row.content for row in read_rows([path]))


def write_jsonl(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Writes ``rows`` whole or not at all."""
    replace_file(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


@contextmanager
def _disk_may_be_full(directory: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise TrainerError(
            f"{directory} cannot be written ({error.strerror or error}). What is whole there is kept: make room, and "
            "the same command goes on."
        ) from None
