"""The dialogs of a fine-tuning, encoded: read, held out by their prompts, shortened, repeated as a mixture wants it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

import numpy as np

from trainer.errors import TrainerError
from trainer.posttraining.chat import ChatError, ChatFormat, Encoded
from trainer.posttraining.records import Dialog, prompt_share, read_dialogs
from trainer.posttraining.refusals import Refusal, Refusals
from trainer.posttraining.settings import SftConfig


class Dialogs(NamedTuple):
    """What is trained on and what is held out, and how it came about, in sentences."""

    train: list[Encoded]
    held_out: list[Encoded]
    sentences: list[str]


def named_files(data: Sequence[str]) -> dict[str, list[str]]:
    """``FILE`` and ``NAME=FILE`` by name, a file without one by its own; several files may have one name."""
    found: dict[str, list[str]] = {}
    for entry in data:
        named = re.fullmatch(r"([\w-]+)=(.+)", entry)
        name, path = named.groups() if named else (entry, entry)
        if any(path in files for files in found.values()):
            raise TrainerError(f"{path} is named twice, and would count twice. Name each file once.")
        found.setdefault(name, []).append(path)
    if not found:
        raise TrainerError("There is no data. Name files of rows: --data FILE …")
    return found


def read_encoded(
    data: Sequence[str], held_out: Sequence[str], chat: ChatFormat, config: SftConfig, from_value: bool = False
) -> Dialogs:
    """The dialogs of ``data`` in ids. Those whose prompt's hash lies below ``config.held_out`` are held out, and all of
    the files ``held_out``. Raises :class:`TrainerError` where nothing is left, or a prompt is on both sides."""
    files = named_files(data)
    if unknown := sorted(set(config.mixture or {}) - files.keys()):
        raise TrainerError(
            f"mixture names {unknown[0]}, but the data is called {', '.join(files)}. Name files as --data NAME=FILE."
        )
    refusals = Refusals()
    train: list[Encoded] = []
    apart: list[Encoded] = []
    prompts: dict[str, str] = {}
    sizes: list[str] = []
    for number, (name, paths) in enumerate(files.items()):
        encoded: list[Encoded] = []
        for dialog in refusals.kept(read_dialogs(paths, chat.tokenizer.sha256, from_value)):
            tokens = encode_dialog(dialog, chat, config.sequence_length, config.train)
            if isinstance(tokens, Refusal):
                refusals.add(tokens)
            elif prompt_share(dialog.prompt_id) < config.held_out:
                apart.append(tokens)
            else:
                prompts.setdefault(dialog.prompt_id, dialog.place)
                encoded.append(tokens)
        often = (config.mixture or {}).get(name, 1.0)
        chosen = _repeated(len(encoded), often, [config.run.seed, number])
        train += [encoded[index] for index in chosen]
        sizes.append(f"{name} {len(encoded):,}" + (f" x {often:g}" if often != 1 else ""))
    for dialog in refusals.kept(read_dialogs(held_out, chat.tokenizer.sha256, from_value)):
        if dialog.prompt_id in prompts:
            raise TrainerError(
                f"{dialog.place} is held out, and {prompts[dialog.prompt_id]} trains on the same prompt. Split the data "
                "by prompts, or leave it to held_out in the configuration."
            )
        tokens = encode_dialog(dialog, chat, config.sequence_length, config.train)
        if isinstance(tokens, Refusal):
            refusals.add(tokens)
        else:
            apart.append(tokens)
    if not train:
        raise TrainerError(" ".join(["No dialog is left to train on.", *refusals.sentences()]))
    total = sum(len(dialog.ids) for dialog in train)
    targets = sum(int(np.count_nonzero(dialog.kinds)) for dialog in train)
    sentence = (
        f"Dialogs: {', '.join(sizes)}; {total:,} tokens an epoch, {targets:,} of them targets"
        + (f"; {len(apart):,} dialogs held out" if apart else "")
        + "."
    )
    return Dialogs(train, apart, [sentence, *refusals.sentences()])


def encode_dialog(dialog: Dialog, chat: ChatFormat, most: int, train: Literal["last", "all"]) -> Encoded | Refusal:
    """The ids of ``dialog``, at most ``most``: older turns go first. What has no form is refused."""
    try:
        return chat.encode_dialog(chat.shorten(dialog.messages, most), train)
    except ChatError as error:
        return Refusal(error.reason, str(error), dialog.place)


def _repeated(count: int, often: float, seed: list[int]) -> Iterable[int]:
    """The numbers below ``count``, each as often as ``often`` says; the fraction's are drawn by ``seed``."""
    whole, rest = divmod(often, 1)
    drawn = np.random.default_rng(seed).permutation(count)[: round(rest * count)]
    return [*list(range(count)) * int(whole), *sorted(map(int, drawn))]
