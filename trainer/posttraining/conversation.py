"""Talking to a model in a terminal: ``generate RUN --chat``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from trainer.model.generate import generate_ids
from trainer.model.llama import Llama
from trainer.posttraining.chat import ChatFormat, Message

_UNFINISHED = "�"
"""What a tokenizer writes for bytes that are not yet a whole character."""


class Speaker(NamedTuple):
    """A model with its words, and how it answers."""

    model: Llama
    chat: ChatFormat
    length: int
    """Tokens that the dialog and its answer may have together: older turns are forgotten."""
    tokens: int
    temperature: float
    top_p: float
    seed: int


def converse(
    speaker: Speaker, lines: Iterable[str], write: Callable[[str], object], system: str | None = None
) -> list[Message]:
    """Answers each of ``lines``, piece by piece to ``write`` as it comes, until they end; returns the dialog. Empty
    lines are passed over. Raises :class:`~trainer.posttraining.chat.ChatError` for a line that alone is too long."""
    messages = [Message("system", system)] if system else []
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        messages.append(Message("user", line))
        answer = ""
        for piece in answer_to(speaker, messages, speaker.seed + number):
            answer += piece
            write(piece)
        write("\n")
        messages.append(Message("assistant", answer))
    return messages


def answer_to(speaker: Speaker, messages: Sequence[Message], seed: int) -> Iterator[str]:
    """The assistant's answer to a dialog, in pieces of whole characters."""
    chat = speaker.chat
    header = len(chat.encode_prompt([])) - 1
    prompt = chat.encode_prompt(chat.shorten(messages, speaker.length - speaker.tokens - header)).tolist()
    ids: list[int] = []
    written = ""
    for id in generate_ids(
        speaker.model, prompt, speaker.tokens, chat.stop_ids, speaker.temperature, speaker.top_p, seed
    ):
        ids.append(id)
        text = chat.tokenizer.decode(ids)
        if not text.endswith(_UNFINISHED) and len(text) > len(written):
            yield text[len(written) :]
            written = text
    rest = chat.tokenizer.decode(ids)[len(written) :]
    if rest:
        yield rest
