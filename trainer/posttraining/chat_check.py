"""What is in files of dialogs, preferences or prompts: counts, refusals, and some rows as a model will see them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from rich.text import Text

from trainer.config.schema import OptimizerConfig
from trainer.errors import TrainerError
from trainer.posttraining.chat import ChatError, ChatFormat, Encoded, Kind
from trainer.posttraining.dialogs import encode_dialog
from trainer.posttraining.preferences import encode_preference
from trainer.posttraining.records import (
    Dialog,
    Preference,
    Prompt,
    read_dialogs,
    read_preferences,
    read_prompts,
)
from trainer.posttraining.refusals import Refusal, Refusals
from trainer.posttraining.row_files import read_rows
from trainer.posttraining.settings import PreferenceConfig

STYLES = {Kind.NONE: "dim", Kind.CONTENT: "bold green", Kind.FORMAT: "bold magenta"}
"""How tokens are drawn: not trained, content, terminator."""


class Checked(NamedTuple):
    """What was found."""

    kind: Literal["dialogs", "preferences", "prompts"]
    lengths: np.ndarray
    """Tokens of each usable row: of a dialog all, of a preference those of its prompt and all responses."""
    trained: int
    """Tokens that are learnt from."""
    duplicates: int
    """Usable rows that say what an earlier one says."""
    strengths: dict[str, int]
    """Preferences by their strength."""
    refusals: Refusals
    fatal: list[str]
    """Why training would not begin."""
    shown: list[Text]

    def sentences(self) -> list[str]:
        count = len(self.lengths)
        sentences = [f"{count:,} {self.kind}, {self.duplicates:,} of them repeated."]
        if count:
            middle, most = np.median(self.lengths), self.lengths.max()
            sentences.append(
                f"{self.lengths.sum():,} tokens, {self.trained:,} of them trained; {middle:,.0f} a row in the median, "
                f"{most:,} at most."
            )
        if self.strengths:
            sentences.append("Strengths: " + ", ".join(f"{n} {c:,}" for n, c in self.strengths.items()) + ".")
        return [*sentences, *self.refusals.sentences()]


def check(
    files: Sequence[str | Path],
    chat: ChatFormat,
    show: int = 1,
    train: Literal["last", "all"] = "last",
    from_value: bool = False,
    length: int = 8192,
) -> Checked:
    """Reads ``files``, which the first row's keys tell to be dialogs, preferences or prompts, to their end, whatever is
    wrong with them, and draws the first ``show`` rows that can be used, in rows of ``length`` tokens. Raises
    :class:`TrainerError` for a file that cannot be read."""
    kind = _kind(files, from_value)
    refusals = Refusals()
    fatal: list[str] = []
    lengths: list[int] = []
    trained, repeated = 0, 0
    seen: set[str] = set()
    strengths: dict[str, int] = {}
    shown: list[Text] = []
    for record in _records(kind, files, chat, from_value):
        parts = record if isinstance(record, Refusal) else _encoded(record, chat, train, length)
        if isinstance(parts, Refusal):
            refusals.add(parts)
            if parts.is_fatal and not fatal:
                fatal.append(parts.sentence)
            continue
        assert not isinstance(record, Refusal)
        name = record.prompt_id if isinstance(record, Prompt) else record.id
        repeated += name in seen
        seen.add(name)
        lengths.append(sum(len(part.ids) for part in parts))
        trained += sum(int(np.count_nonzero(part.kinds)) for part in parts)
        if isinstance(record, Preference):
            strength = record.strength or "(none)"
            strengths[strength] = strengths.get(strength, 0) + 1
        if len(shown) < show:
            shown.append(draw(parts, chat))
    return Checked(kind, np.array(lengths, dtype=np.int64), trained, repeated, strengths, refusals, fatal, shown)


def _kind(files: Sequence[str | Path], from_value: bool) -> Literal["dialogs", "preferences", "prompts"]:
    first = next(read_rows(files), None)
    if first is None:
        raise TrainerError("There is nothing to check. Name files of rows, JSON Lines or Parquet.")
    if "chosen" in first.content:
        return "preferences"
    messages = first.content.get("messages")
    last = messages[-1] if isinstance(messages, list) and messages else None
    is_prompt = "prompt" in first.content or (
        isinstance(last, dict) and last.get("role") in ("user", "tool", "ipython")
    )
    return "prompts" if is_prompt and not from_value else "dialogs"


def _records(
    kind: str, files: Sequence[str | Path], chat: ChatFormat, from_value: bool
) -> Iterator[Dialog | Preference | Prompt | Refusal]:
    if kind == "preferences":
        yield from read_preferences(files, chat.tokenizer.sha256)
    elif kind == "prompts":
        yield from read_prompts(files)
    else:
        yield from read_dialogs(files, chat.tokenizer.sha256, from_value)


def _encoded(
    record: Dialog | Preference | Prompt, chat: ChatFormat, train: Literal["last", "all"], length: int
) -> list[Encoded] | Refusal:
    """The parts of a row as training would have them."""
    if isinstance(record, Dialog):
        dialog = encode_dialog(record, chat, length, train)
        return dialog if isinstance(dialog, Refusal) else [dialog]
    if isinstance(record, Preference):
        config = PreferenceConfig(sequence_length=length, batch_rows=1, optimizer=OptimizerConfig(peak_lr=1.0))
        group = encode_preference(record, chat, config, shared=True, pairs=False)
        return group if isinstance(group, Refusal) else [_untrained(group.prompt), *group.responses]
    try:
        return [_untrained(chat.encode_prompt(chat.shorten(record.messages, length)))]
    except ChatError as error:
        return Refusal(error.reason, str(error), record.place)


def _untrained(ids: np.ndarray) -> Encoded:
    return Encoded(ids, np.zeros(len(ids), dtype=np.uint8))


def draw(parts: Sequence[Encoded], chat: ChatFormat) -> Text:
    """The tokens of ``parts`` as text, each run of one kind in its style; parts begin a line."""
    text = Text()
    for part in parts:
        if text:
            text.append("\n")
        cuts = np.flatnonzero(np.diff(part.kinds)) + 1
        for ids, kinds in zip(np.split(part.ids, cuts), np.split(part.kinds, cuts), strict=True):
            text.append(chat.tokenizer.decode(ids), STYLES[Kind(int(kinds[0]))])
    return text
