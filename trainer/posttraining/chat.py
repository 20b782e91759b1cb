"""Llama 3's chat format: dialogs to token ids, each token with its kind, and generated ids back to a message.

Source: the paper (arXiv 2407.21783) §4.1.1; llama-models, ``models/llama3/chat_format.py`` and
``models/llama3_1/prompt_format.md``::

    message = <|start_header_id|> role <|end_header_id|> "\\n\\n" content, then <|eot_id|> or <|eom_id|>
    dialog  = <|begin_of_text|> message message …
    prompt  = dialog <|start_header_id|> assistant <|end_header_id|> "\\n\\n"

Header and content are encoded apart, so that no token crosses the border between them, and as text in which the names
of special tokens are plain characters: a dialog that was found on the web cannot forge a turn. ``<|eom_id|>`` ends an
assistant's message that a tool must answer, ``<|eot_id|>`` all others. ``<|python_tag|>`` opens an assistant's message
that is code or a call of a built-in tool; the model writes it, so it is content. There is no line with a date, which
Hugging Face's template for Llama 3.1 adds and Meta's own code does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Literal, NamedTuple

import numpy as np

from tokens.special import BOS, END_HEADER, EOM, EOS, EOT, PAD, PYTHON_TAG, START_HEADER
from tokens.tokenizer import Tokenizer
from trainer.errors import TrainerError

ROLES = ("system", "user", "assistant", "tool")
_WRITTEN = {"tool": "ipython"}
"""Roles that the model reads under another name."""
_SAME = {"ipython": "tool"}
"""Roles that files may name otherwise."""


class Kind(IntEnum):
    """What a token is to a loss."""

    NONE = 0
    """Of the prompt or of a turn that isn't trained: nothing is learnt from it."""
    CONTENT = 1
    FORMAT = 2
    """The terminator of a trained turn: ``<|eot_id|>`` or ``<|eom_id|>``."""


class ChatError(ValueError):
    """A message or a dialog that has no form in Llama 3's format; ``reason`` names the kind of it in a few words."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True)
class Message:
    """One turn. The content is stripped of white space at its ends, as Hugging Face's templates do."""

    role: str
    """One of :data:`ROLES`; ``ipython``, Llama 3's word for a tool's output, becomes ``tool``."""
    content: str
    python_tag: bool = False
    """Whether ``<|python_tag|>`` opens it; assistant's only."""
    terminator: Literal["eot", "eom"] | None = None
    """What ends it; without one, eom where a tool's message follows or ``python_tag`` opens the last, else eot."""
    ids: tuple[int, ...] | None = None
    """What a model has generated, terminator included: these are trained, not the content encoded again, which may
    give others (the name of a reserved token becomes some 30 ordinary ones)."""

    def __post_init__(self) -> None:
        role = _SAME.get(self.role, self.role)
        if role not in ROLES:
            raise ChatError("unknown role", f"the role {self.role!r} is none of {', '.join(ROLES)}")
        if role != "assistant" and (self.python_tag or self.terminator or self.ids):
            raise ChatError(
                "unknown role", f"python_tag, terminator and ids belong to an assistant's turn, no {role}'s"
            )
        object.__setattr__(self, "role", role)
        object.__setattr__(self, "content", self.content.strip())

    @classmethod
    def from_json(cls, found: Any) -> Message:
        """The message that JSON has as ``{"role", "content", "python_tag"?, "terminator"?, "ids"?}``; other keys are
        ignored, but for calls of tools in OpenAI's form. Raises :class:`ChatError`."""
        if not isinstance(found, Mapping) or not isinstance(found.get("role"), str):
            raise ChatError("no message", f'{_short(found)} is no message; one is {{"role": …, "content": …}}')
        if found.get("tool_calls"):
            raise ChatError(
                "tool_calls",
                "a message has tool_calls, which are not read; write the call as its content, with "
                '"python_tag": true for a built-in tool',
            )
        content, ids, terminator = found.get("content"), found.get("ids"), found.get("terminator")
        if not isinstance(content, str):
            raise ChatError("content is no string", f"the content of a message is {_short(content)}, no string")
        if terminator not in (None, "eot", "eom"):
            raise ChatError("unknown terminator", f"terminator is {_short(terminator)}; it must be eot or eom")
        if ids is not None and not (isinstance(ids, list | tuple) and ids and all(type(i) is int for i in ids)):
            raise ChatError("damaged ids", "the ids of a message must be whole numbers, one at least")
        return cls(found["role"], content, bool(found.get("python_tag")), terminator, tuple(ids) if ids else None)

    def to_json(self) -> dict[str, Any]:
        """What :meth:`from_json` reads."""
        optional = {
            "python_tag": self.python_tag or None, "terminator": self.terminator, "ids": self.ids and list(self.ids),
        }  # fmt: skip
        return {"role": self.role, "content": self.content} | {k: v for k, v in optional.items() if v is not None}


class Encoded(NamedTuple):
    """Token ids, and the :class:`Kind` of each: (T,) int32 and (T,) uint8."""

    ids: np.ndarray
    kinds: np.ndarray


class Parsed(NamedTuple):
    """What a model has written."""

    message: Message
    complete: bool
    """Whether it ends in a terminator; otherwise it was cut off."""


def check_turns(messages: Sequence[Message]) -> None:
    """Raises :class:`ChatError` where a turn is out of order: a system's message may only be the first, a user's
    follows it or an assistant's, an assistant's follows a user's or a tool's, a tool's an assistant's or a tool's."""
    allowed = {
        None: ("system", "user"), "system": ("user",), "user": ("assistant",), "assistant": ("user", "tool"),
        "tool": ("assistant", "tool"),
    }  # fmt: skip
    before: str | None = None
    for number, message in enumerate(messages, 1):
        if message.role not in allowed[before]:
            place = f"follows the {before}'s" if before else "is the first"
            raise ChatError(
                "role out of turn",
                f"message {number} is the {message.role}'s and {place}; there belongs {' or '.join(allowed[before])}",
            )
        before = message.role


class ChatFormat:
    """Llama 3's chat format in the ids of a tokenizer that has its special tokens (Llama 3's own, gristmill-8k, …)."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        """Raises :class:`TrainerError` for a tokenizer without Llama 3's special tokens."""
        self.tokenizer = tokenizer
        found = tokenizer.special_ids
        names = (BOS, EOS, START_HEADER, END_HEADER, EOM, EOT, PYTHON_TAG, PAD)
        if missing := [name for name in names if name not in found]:
            raise TrainerError(
                f"The tokenizer {tokenizer.name} has no {missing[0]}, and dialogs are written in Llama 3's special "
                "tokens. Begin with a model whose tokenizer has them (Llama 3's tokenizer.model, gristmill-8k)."
            )
        (
            self.bos,
            self.end_of_text,
            self.start_header,
            self.end_header,
            self.eom,
            self.eot,
            self.python_tag,
            self.pad,
        ) = (found[name] for name in names)
        self.stop_ids = frozenset({self.eot, self.eom, self.end_of_text})
        """What ends a generated message."""
        self._between = tokenizer.encode("\n\n")
        self._headers = {role: self._header(_WRITTEN.get(role, role)) for role in ROLES}

    def _header(self, written: str) -> np.ndarray:
        return np.array(
            [self.start_header, *self.tokenizer.encode(written), self.end_header, *self._between], dtype=np.int32
        )

    def encode_prompt(self, messages: Sequence[Message]) -> np.ndarray:
        """The ids (T,) of a dialog that the assistant is to go on with, its header included."""
        dialog = self.encode_dialog(messages, train="none").ids
        return np.concatenate((dialog, self._headers["assistant"]))

    def encode_response(self, message: Message) -> Encoded:
        """What an assistant writes behind :meth:`encode_prompt`: content, then the terminator.

        Raises :class:`ChatError` for ``ids`` that are not a finished message.
        """
        return self._encode_body(message, None)

    def encode_dialog(self, messages: Sequence[Message], train: Literal["last", "all", "none"] = "last") -> Encoded:
        """A whole dialog. Content and terminators of assistant's turns have their kinds: of the ``last`` message or of
        ``all``; everything else is :attr:`Kind.NONE`. Order of the turns is :func:`check_turns`' business."""
        ids, kinds = [np.array([self.bos], dtype=np.int32)], [np.zeros(1, dtype=np.uint8)]
        for number, message in enumerate(messages):
            after = messages[number + 1].role if number + 1 < len(messages) else None
            body = self._encode_body(message, after)
            header = self._headers[message.role]
            trained = message.role == "assistant" and (train == "all" or (train == "last" and after is None))
            ids += [header, body.ids]
            kinds += [np.zeros(len(header), np.uint8), body.kinds if trained else np.zeros_like(body.kinds)]
        return Encoded(np.concatenate(ids), np.concatenate(kinds))

    def _encode_body(self, message: Message, role_after: str | None) -> Encoded:
        if message.ids is not None:
            ids = np.array(self._finished(message.ids), dtype=np.int32)
        else:
            waits = message.role == "assistant" and (
                role_after == "tool" or (role_after is None and message.python_tag)
            )
            last = {"eot": self.eot, "eom": self.eom, None: self.eom if waits else self.eot}[message.terminator]
            opening = [self.python_tag] if message.python_tag else []
            ids = np.array([*opening, *self.tokenizer.encode(message.content), last], dtype=np.int32)
        kinds = np.full(len(ids), Kind.CONTENT, dtype=np.uint8)
        kinds[-1] = Kind.FORMAT
        return Encoded(ids, kinds)

    def _finished(self, ids: Sequence[int]) -> list[int]:
        if min(ids) < 0 or max(ids) >= self.tokenizer.vocab_size:
            raise ChatError("damaged ids", f"the ids of a message are none of the tokenizer {self.tokenizer.name}")
        if ids[-1] not in self.stop_ids or self.stop_ids & set(ids[:-1]):
            raise ChatError("unfinished ids", "the ids of a message do not end in its only terminator")
        # A base model ends a text its own way; what is learnt from it is the end of a turn.
        return [*ids[:-1], self.eot if ids[-1] == self.end_of_text else ids[-1]]

    def parse(self, ids: Iterable[int]) -> Parsed:
        """The assistant's message that a model has generated, with its terminator where it came to one.

        The message keeps the ids, so that :meth:`encode_response` gives them again. Its content is their text without
        terminator and python_tag; special tokens in it stand there by name.
        """
        kept = tuple(int(i) for i in ids)
        complete = bool(kept) and kept[-1] in self.stop_ids
        body = kept[:-1] if complete else kept
        tagged = bool(body) and body[0] == self.python_tag
        content = self.tokenizer.decode(body[1:] if tagged else body)
        terminator: Literal["eot", "eom"] | None = None
        if complete:
            terminator = "eom" if kept[-1] == self.eom else "eot"
        return Parsed(Message("assistant", content, tagged, terminator, kept or None), complete)

    def shorten(self, messages: Sequence[Message], most: int) -> list[Message]:
        """``messages`` without their oldest turns, as few as must go for at most ``most`` ids; the system's stays, and
        what is left begins with a user's turn. The last message is never cut: :class:`ChatError` where it does not fit
        with the user's turn before it."""
        lengths = [
            len(self._headers[message.role]) + len(self._encode_body(message, None).ids) for message in messages
        ]
        first = 1 if messages and messages[0].role == "system" else 0
        begins = [n for n, message in enumerate(messages) if message.role == "user" or n == first]
        length = 0
        for begin in begins:
            length = 1 + sum(lengths[:first]) + sum(lengths[begin:])
            if length <= most:
                return [*messages[:first], *messages[begin:]]
        raise ChatError(
            "too long", f"{length:,} ids are left of it without older turns, and there is room for {most:,}"
        )


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
