"""Talking to a model in a terminal: ``generate RUN --chat``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from tokens.tokenizer import Tokenizer
from trainer.errors import TrainerError
from trainer.model.generate import generate_ids
from trainer.model.llama import Llama
from trainer.posttraining.chat import ChatError, ChatFormat, Message

_UNFINISHED = "�"
"""What a tokenizer writes for bytes that are not yet a whole character."""


class Speaker(NamedTuple):
    """A model with its words, and how it answers."""

    model: Llama
    chat: ChatFormat
    length: int
    """Tokens that the dialog and its answer may have together: older turns are forgotten."""
    tokens: int
    """Of an answer, at most."""
    temperature: float = 0.6
    top_p: float = 0.9
    seed: int = 0

    @classmethod
    def of(cls, model: Llama, tokenizer: Tokenizer, length: int, tokens: int) -> Speaker:
        """Answers take at most half of ``length``. Raises :class:`TrainerError` for a tokenizer without chat tokens."""
        return cls(model, ChatFormat(tokenizer), length, min(tokens, length // 2))


def talk(speaker: Speaker, system: str | None) -> int:
    """Answers lines of the terminal until they end; returns the exit status. Raises :class:`TrainerError`."""
    try:
        converse(speaker, _lines(), lambda piece: print(piece, end="", flush=True), system)
    except ChatError as error:
        raise TrainerError(f"That cannot be answered: {error}.") from None
    return 0


def _lines() -> Iterator[str]:
    while True:
        try:
            yield input("> " if sys.stdin.isatty() else "")
        except (EOFError, KeyboardInterrupt):
            return


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
