"""Rows whose user turns are said in other words: where they come from, what is compared, and how they are written.

    {"messages": …} or {"prompt": text or messages}

Dialogs, prompts and preferences alike: only turns of the user change, so no answer that is trained, no verifier's
answer and no system message ever does. A new row has all other keys of its row, but for ``id``, and says in
``synthetic`` where it comes from.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainer.files import replace_file
from trainer.posttraining.chat import ChatError, Message, check_turns
from trainer.posttraining.refusals import Refusal
from trainer.posttraining.responses import write_jsonl
from trainer.posttraining.row_files import Row, read_rows
from trainer.posttraining.synthesize.back_translation import COUNTS
from trainer.posttraining.synthesize.facts import changed_fact, prose, words
from trainer.posttraining.synthesize.snippets import EvaluationSets

ROWS = "rows.jsonl"
SHORTEST, LONGEST = 0.6, 1.7
"""How long a rewritten turn may be, in characters of prose, beside the original."""
NGRAM, OVERLAP = 4, 0.7
"""A rewritten turn is a copy where so much of its runs of four words are the original's."""
_SIDES = ("chosen", "rejected", "edited")


@dataclass(frozen=True)
class Source:
    """A row and the turns of its user, by their places among its messages."""

    row: Row
    messages: tuple[Message, ...]

    @property
    def turns(self) -> dict[int, str]:
        return {place: message.content for place, message in enumerate(self.messages) if message.role == "user"}

    def with_turns(self, turns: Mapping[int, str], synthetic: Mapping[str, Any]) -> dict[str, Any]:
        """The row with other ``turns``, as it is written."""
        content = {key: value for key, value in self.row.content.items() if key != "id"}
        key = _key(content)
        assert key is not None
        if isinstance(content[key], str):
            content[key] = turns[0]
        else:
            content[key] = [
                {**message, "content": turns[place]} if place in turns else message
                for place, message in enumerate(content[key])
            ]
        return content | {"synthetic": {**synthetic, "from": self.row.place}}


def read_sources(files: Sequence[str | Path]) -> Iterator[Source | Refusal]:
    """The rows of ``files``. Raises :class:`~trainer.errors.TrainerError` for files that cannot be read."""
    for row in read_rows(files):
        try:
            yield Source(row, _messages(row.content))
        except ChatError as error:
            yield Refusal(error.reason, str(error), row.place)


def _key(content: Mapping[str, Any]) -> str | None:
    return next((key for key in ("messages", "prompt") if key in content), None)


def _messages(content: Mapping[str, Any]) -> tuple[Message, ...]:
    key = _key(content)
    found = content[key] if key else None
    if not isinstance(found, str | list) or (key == "messages" and isinstance(found, str)):
        raise ChatError(
            "unknown keys", 'a row to say in other words is {"messages"} or {"prompt"}, a text or messages'
        )
    if any(isinstance(content.get(side), list) and len(content[side]) > 1 for side in _SIDES):
        raise ChatError(
            "sides with prompts", "its chosen and rejected sides hold the prompt again; write answers alone"
        )
    messages = (Message("user", found),) if isinstance(found, str) else tuple(map(Message.from_json, found))
    check_turns(messages)
    if not any(message.role == "user" and message.content for message in messages):
        raise ChatError("no user turn", "no turn of the user has words")
    return messages


def why_refused(original: str, rewritten: str) -> str | None:
    """Why ``rewritten`` is no other way to say ``original``, in a word or two; ``None`` where it is one.

    Lengths and runs of words are those of the prose alone: a long block of code, which must stay, would hide both.
    """
    if changed_fact(original, rewritten):
        return "facts_changed"
    old, new = prose(original), prose(rewritten)
    if not SHORTEST <= len(new) / max(1, len(old)) <= LONGEST:
        return "length"
    if words(old) == words(new) or overlap(old, new) >= OVERLAP:
        return "copy"
    return None


def overlap(original: str, rewritten: str) -> float:
    """Which share of the runs of four words of ``rewritten`` are in ``original`` too, each as often as it is there; 0
    where there are none."""
    ours, theirs = (Counter(zip(*(said[start:] for start in range(NGRAM)), strict=False))
                    for said in (words(original), words(rewritten)))  # fmt: skip
    return (ours & theirs).total() / max(1, theirs.total())


def without_evaluation_sets(
    sources: Sequence[Source], evaluation: EvaluationSets | None, counts: Counter[str]
) -> list[Source]:
    """Those of ``sources`` that share no run of words with evaluation sets; counts the others."""
    left = [s for s in sources if not (evaluation and evaluation.hold(*(m.content for m in s.messages)))]
    counts["in_evaluation_sets"] += len(sources) - len(left)
    return left


def write_rows(directory: Path, rows: Sequence[dict[str, Any]], counts: Counter[str]) -> None:
    """Writes ``directory/rows.jsonl`` and ``counts.json``."""
    directory.mkdir(parents=True, exist_ok=True)
    counts["kept"] = len(rows)
    write_jsonl(directory / ROWS, rows)
    replace_file(directory / COUNTS, json.dumps(dict(sorted(counts.items())), indent=1) + "\n")
