"""The preferences of a training, encoded: read, chosen by their strength, held out by their prompts, shortened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from trainer.errors import TrainerError
from trainer.posttraining.chat import ChatError, ChatFormat
from trainer.posttraining.dialogs import named_files
from trainer.posttraining.records import Preference, prompt_share, read_preferences
from trainer.posttraining.refusals import Refusal, Refusals
from trainer.posttraining.rows import Group
from trainer.posttraining.settings import PreferenceConfig
from trainer.posttraining.similarity import are_similar

FEW = 200
"""Fewer preferences than this get a warning: 73 pairs, read 17 times, took a toy's pass rate from .90 to .72."""


class Preferences(NamedTuple):
    """What is trained on and what is held out, and how it came about, in sentences."""

    train: list[Group]
    held_out: list[Group]
    sentences: list[str]


def read_groups(
    data: Sequence[str],
    held_out: Sequence[str],
    chat: ChatFormat,
    config: PreferenceConfig,
    shared: bool,
    pairs: bool,
) -> Preferences:
    """The preferences of ``data`` in ids: all responses, or of each the best and the worst as ``pairs``. ``shared`` says
    whether rows hold a prompt once for all its responses.

    Those whose prompt's hash lies below ``config.held_out`` are held out, and all of the files ``held_out``. Raises
    :class:`TrainerError` where nothing is left, or a prompt is on both sides.
    """
    refusals = Refusals()
    train: list[Group] = []
    apart: list[Group] = []
    prompts: dict[str, str] = {}

    def used(files: Sequence[str]) -> Iterator[tuple[Preference, Group]]:
        for preference in refusals.kept(read_preferences(files, chat.tokenizer.sha256)):
            group = encode_preference(preference, chat, config, shared, pairs)
            if isinstance(group, Refusal):
                refusals.add(group)
            else:
                yield preference, group

    for preference, group in used([path for paths in named_files(data).values() for path in paths]):
        if prompt_share(preference.prompt_id) < config.held_out:
            apart.append(group)
        else:
            prompts.setdefault(preference.prompt_id, preference.place)
            train.append(group)
    for preference, group in used(held_out):
        if preference.prompt_id in prompts:
            raise TrainerError(
                f"{preference.place} is held out, and {prompts[preference.prompt_id]} trains on the same prompt. Split "
                "the data by prompts, or leave it to held_out in the configuration."
            )
        apart.append(group)
    if not train:
        raise TrainerError(" ".join(["No preference is left to train on.", *refusals.sentences()]))
    lengths = [sum(len(group.responses[index].ids) for group in train) / len(train) for index in (0, -1)]
    three = sum(len(group.responses) == 3 for group in train)
    sentences = [
        f"Preferences: {len(train):,}"
        + (f", {three:,} of them with three responses" if three else "")
        + (f"; {len(apart):,} held out" if apart else "")
        + f". The best responses have {lengths[0]:.1f} tokens on average, the worst {lengths[1]:.1f}."
    ]
    if len(train) < FEW:
        sentences.append(
            f"Warning: {len(train)} preferences are few; a model soon learns them by heart. Use {FEW} or more."
        )
    return Preferences(train, apart, [*sentences, *refusals.sentences()])


def encode_preference(
    preference: Preference, chat: ChatFormat, config: PreferenceConfig, shared: bool, pairs: bool
) -> Group | Refusal:
    """The ids of ``preference``, which fit a row: older turns of the prompt go first. What is not used is refused."""

    def refused(reason: str, problem: str) -> Refusal:
        return Refusal(reason, problem, preference.place)

    if preference.strength is not None and preference.strength not in config.strengths:
        return refused("strength not used", f"its strength is {preference.strength}")
    responses = preference.responses
    if pairs:
        responses = (responses[0], responses[-1])
    try:
        encoded = tuple(chat.encode_response(response) for response in responses)
        written = sum(len(response.ids) for response in encoded)
        # Of a row, what its responses leave for prompts; a header is part of each prompt.
        header = len(chat.encode_prompt([])) - 1
        room = config.sequence_length - written
        room = room + 1 - len(encoded) if shared else room // len(encoded)
        if room <= header:
            return refused(
                "too long", f"its responses have {written:,} tokens, and a row has {config.sequence_length:,}"
            )
        messages = chat.shorten(preference.prompt, room - header)
    except ChatError as error:
        return refused(error.reason, str(error))
    group = Group(chat.encode_prompt(messages), encoded)
    if are_similar(encoded[-2].ids.tolist(), encoded[-1].ids.tolist(), config.max_similarity):
        return refused("near-identical", "its chosen and its rejected response are nearly the same")
    return group
