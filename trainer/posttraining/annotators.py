"""Who says which of two responses is better, and so makes a round's preferences."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from trainer.errors import TrainerError
from trainer.posttraining.chat import Message
from trainer.posttraining.demo_tasks import Task
from trainer.posttraining.verify import verifier_for


class Verdict(NamedTuple):
    """On two responses."""

    chosen: int
    """0 or 1."""
    edited: str | None = None
    """What would have been better than both, where the annotator has written it."""


Annotator = Callable[[Mapping[str, Any], Sequence[str]], Verdict | None]
"""Judges the contents of two responses to the prompt of a row of responses; ``None`` where they are equally good."""


def by_verifier(row: Mapping[str, Any], contents: Sequence[str]) -> Verdict | None:
    """What the prompt's own verifier prefers. Raises :class:`TrainerError` for a prompt without one."""
    if row.get("verifier") is None:
        raise TrainerError(
            f"The prompt {row['prompt_id']} has no verifier, which is to compare the responses. Give it one, or have "
            "people compare (collect.by: people)."
        )
    first, second = verifier_for(row["verifier"], row.get("answer"), f"prompt {row['prompt_id']}")(contents)
    return None if first == second else Verdict(int(second > first))


def by_task(task: Task) -> Annotator:
    """The annotator of a demo task, who sees how far a response is from right, and writes the right one where neither
    is."""

    def annotate(row: Mapping[str, Any], contents: Sequence[str]) -> Verdict | None:
        question = row["messages"][-1]["content"]
        first, second = (task.penalty(question, content) for content in contents)
        if first == second:
            return None
        return Verdict(int(second < first), None if 0 in (first, second) else task.answer(question))

    return annotate


def preference_row(row: Mapping[str, Any], annotator: Annotator) -> dict[str, Any] | str:
    """The preference that ``annotator`` makes of the two responses of ``row``; or why there is none, in a word."""
    responses = row["responses"]
    if any(response["finish_reason"] != "stop" for response in responses):
        return "cut off"
    messages = [Message.from_json(response["message"]) for response in responses]
    contents = [message.content for message in messages]
    if contents[0] == contents[1]:
        return "equal"
    if not all(contents):
        return "empty"
    verdict = annotator(row, contents)
    if verdict is None:
        return "no preference"
    chosen, rejected = messages[verdict.chosen], messages[1 - verdict.chosen]
    made = {"messages": row["messages"], "chosen": chosen.to_json(), "rejected": rejected.to_json()}
    if verdict.edited is not None:
        made["edited"] = verdict.edited
    return made | ({"tokenizer": row["tokenizer"]} if "tokenizer" in row else {})
