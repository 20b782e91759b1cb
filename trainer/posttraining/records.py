"""Dialogs, preferences and prompts, as files have them; what cannot be used is refused with a reason, and counted.

    dialog      {"messages": [{"role", "content"}, …]}
    preference  {"messages": turns of the prompt, "chosen", "rejected", "edited"?, "strength"?}: a text or a message each;
                also TRL's {"prompt": text or messages, "chosen", "rejected"}, and its form without a prompt, which is
                then what both sides begin with
    prompt      {"messages": …} or {"prompt": text or messages}, with "answer"? and "verifier"?
    ShareGPT    {"conversations": [{"from", "value"}, …]} for the first, where the caller asks for it

Roles and keys of messages are those of :class:`trainer.posttraining.chat.Message`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from trainer.posttraining.chat import ChatError, Message, check_turns
from trainer.posttraining.refusals import Refusal
from trainer.posttraining.row_files import Row, read_rows

STRENGTHS = ("significantly_better", "better", "slightly_better", "marginally_better")
USED_STRENGTHS = STRENGTHS[:2]
"""The paper, §4.2.1: only these train reward model and policy. Rows without a strength are all used."""
_SHAREGPT = {"human": "user", "user": "user", "gpt": "assistant", "assistant": "assistant", "system": "system",
             "observation": "tool", "tool": "tool"}  # fmt: skip


@dataclass(frozen=True)
class Dialog:
    """A conversation whose last turn is the assistant's; what followed it is left out."""

    messages: tuple[Message, ...]
    place: str = field(compare=False)

    @property
    def prompt(self) -> tuple[Message, ...]:
        return self.messages[:-1]

    @property
    def id(self) -> str:
        return content_id(self.messages)

    @property
    def prompt_id(self) -> str:
        return prompt_id(self.prompt)


@dataclass(frozen=True)
class Preference:
    """Responses to a prompt, the best first: edited (where there is one), chosen, rejected."""

    prompt: tuple[Message, ...]
    responses: tuple[Message, ...]
    strength: str | None
    place: str = field(compare=False)

    @property
    def id(self) -> str:
        return content_id([*self.prompt, *self.responses])

    @property
    def prompt_id(self) -> str:
        return prompt_id(self.prompt)


@dataclass(frozen=True)
class Prompt:
    """What a model is to answer; a verifier may know how."""

    messages: tuple[Message, ...]
    answer: Any
    verifier: Any
    place: str = field(compare=False)

    @property
    def prompt_id(self) -> str:
        return prompt_id(self.messages)


def content_id(messages: Iterable[Message]) -> str:
    """32 hexadecimal digits of what the messages say, generated ids included."""
    return _digest([message.to_json() for message in messages])


def prompt_id(messages: Iterable[Message]) -> str:
    """32 hexadecimal digits of what a prompt's turns say: equal for equal words, whatever ids they were made of."""
    return _digest([[message.role, message.content, message.python_tag] for message in messages])


def prompt_share(prompt: str) -> float:
    """A number in [0, 1) from a :func:`prompt_id`: intervals of it split prompts, and never rows, into those of
    development, test, reward model and policy. Two rows of one prompt always fall on the same side."""
    return int.from_bytes(hashlib.blake2b(prompt.encode(), digest_size=6, person=b"prompt share").digest()) / 2**48


def _digest(content: Any) -> str:
    text = json.dumps(content, ensure_ascii=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


T = TypeVar("T")


def read_dialogs(
    files: Sequence[str | Path], tokenizer: str | None = None, from_value: bool = False
) -> Iterator[Dialog | Refusal]:
    """The dialogs of ``files``; with ``from_value`` in ShareGPT's form. ``tokenizer`` is the sha256 of the tokenizer
    whose ids rows may carry. Raises :class:`TrainerError` for files that cannot be read."""
    return _read(files, lambda row: _dialog(row, from_value), tokenizer)


def read_preferences(files: Sequence[str | Path], tokenizer: str | None = None) -> Iterator[Preference | Refusal]:
    """The preferences of ``files``, as :func:`read_dialogs` reads dialogs."""
    return _read(files, _preference, tokenizer)


def read_prompts(files: Sequence[str | Path]) -> Iterator[Prompt | Refusal]:
    """The prompts of ``files``, as :func:`read_dialogs` reads dialogs."""
    return _read(files, _prompt, None)


def _read(files: Sequence[str | Path], parse: Callable[[Row], T], tokenizer: str | None) -> Iterator[T | Refusal]:
    for row in read_rows(files):
        try:
            named = row.content.get("tokenizer")
            if named is not None and tokenizer is not None and named != tokenizer:
                raise ChatError(
                    "other tokenizer", f"its ids are of the tokenizer {named}, and the model's is {tokenizer}"
                )
            yield parse(row)
        except ChatError as error:
            yield Refusal(error.reason, str(error), row.place)


def _unknown(content: Mapping[str, Any], wanted: str) -> ChatError:
    return ChatError("unknown keys", f"a row with the keys {', '.join(content) or '(none)'} is no {wanted}")


def _messages(found: Any) -> tuple[Message, ...]:
    if not isinstance(found, list) or not found:
        raise ChatError("no message", "messages is no list of messages")
    return tuple(Message.from_json(message) for message in found)


def _turns(content: Mapping[str, Any], key: str) -> tuple[Message, ...]:
    """The prompt under ``key``, which may be a text alone."""
    found = content[key]
    messages = (Message("user", found),) if isinstance(found, str) else _messages(found)
    return _checked_prompt(messages)


def _checked_prompt(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    check_turns(messages)
    if messages[-1].role not in ("user", "tool"):
        raise ChatError(
            "last turn not the user's", f"the prompt ends with the {messages[-1].role}'s turn, not the user's"
        )
    _refuse_empty(messages)
    return messages


def _refuse_empty(messages: Sequence[Message]) -> None:
    for message in messages:
        if not message.content and not message.python_tag and message.role in ("user", "assistant"):
            raise ChatError("empty", f"a message of the {message.role} is empty")


def _dialog(row: Row, from_value: bool) -> Dialog:
    content = row.content
    if from_value:
        if not isinstance(content.get("conversations"), list):
            raise _unknown(content, 'dialog in ShareGPT\'s form ({"conversations": [{"from", "value"}, …]})')
        turns = [
            {"role": _SHAREGPT.get(str(turn.get("from")), str(turn.get("from"))), "content": turn.get("value")}
            if isinstance(turn, Mapping)
            else turn
            for turn in content["conversations"]
        ]
        messages = _messages(turns)
    elif "messages" not in content or "chosen" in content:
        hint = "; it may be in ShareGPT's form: --from-value" if "conversations" in content else ""
        raise _unknown(content, f'dialog ({{"messages": [{{"role", "content"}}, …]}}){hint}')
    else:
        messages = _messages(content["messages"])
    check_turns(messages)
    ends = [number for number, message in enumerate(messages, 1) if message.role == "assistant"]
    if not ends:
        raise ChatError("no assistant turn", "the dialog has no turn of the assistant, and nothing to learn from")
    messages = messages[: ends[-1]]
    _refuse_empty(messages)
    return Dialog(messages, row.place)


def _preference(row: Row) -> Preference:
    content = row.content
    if not {"chosen", "rejected"} <= content.keys():
        raise _unknown(content, 'preference ({"messages", "chosen", "rejected"})')
    strength = content.get("strength")
    if strength not in (None, *STRENGTHS):
        raise ChatError("unknown strength", f"strength is {strength!r}; it must be one of {', '.join(STRENGTHS)}")
    sides = [key for key in ("edited", "chosen", "rejected") if content.get(key) is not None or key != "edited"]
    key = next((key for key in ("messages", "prompt") if key in content), None)
    if key:
        prompt = _turns(content, key)
        responses = [_response(content[side], side, prompt) for side in sides]
    else:
        prompt, responses = _implicit(content, sides)
    if len(responses) == 3 and _words(responses[0]) == _words(responses[1]):
        del responses[0]  # what the annotator has left as it was
    if len({_words(response) for response in responses}) < len(responses):
        raise ChatError("equal", "two of its responses are equal")
    return Preference(prompt, tuple(responses), strength, row.place)


def _words(response: Message) -> tuple[str, bool]:
    return response.content, response.python_tag


def _response(found: Any, side: str, prompt: tuple[Message, ...]) -> Message:
    if isinstance(found, list):
        messages = _messages(found)
        if len(messages) > 1 and messages[: len(prompt)] != prompt:
            raise ChatError("different prompts", f"{side} begins with another prompt")
        messages = messages[len(prompt) :] if len(messages) > 1 else messages
        if len(messages) != 1:
            raise ChatError("different prompts", f"{side} has {len(messages)} messages behind the prompt, not one")
        found = messages[0]
    elif isinstance(found, str):
        found = Message("assistant", found)
    elif isinstance(found, Mapping):
        found = Message.from_json(found)
    else:
        raise ChatError("content is no string", f"{side} is {found!r}, neither a text nor a message")
    return _answer(found, side)


def _answer(message: Message, side: str) -> Message:
    if message.role != "assistant":
        raise ChatError("role out of turn", f"{side} is a message of the {message.role}, not of the assistant")
    _refuse_empty([message])
    return message


def _implicit(content: Mapping[str, Any], sides: Sequence[str]) -> tuple[tuple[Message, ...], list[Message]]:
    """The prompt of a row that has none of its own: what all sides, which are whole dialogs, begin with."""
    if not all(isinstance(content[side], list) for side in sides):
        raise _unknown(content, 'preference ({"messages", "chosen", "rejected"}; without a prompt, sides are dialogs)')
    dialogs = [_messages(content[side]) for side in sides]
    prompt = dialogs[0][:-1]
    if any(dialog[:-1] != prompt for dialog in dialogs) or not prompt:
        raise ChatError("different prompts", "its sides do not share all messages but the last")
    return _checked_prompt(prompt), [_answer(dialog[-1], side) for dialog, side in zip(dialogs, sides, strict=True)]


def _prompt(row: Row) -> Prompt:
    content = row.content
    key = next((key for key in ("messages", "prompt") if key in content), None)
    if key is None:
        raise _unknown(content, 'prompt ({"messages"} or {"prompt"})')
    return Prompt(_turns(content, key), content.get("answer"), content.get("verifier"), row.place)
