"""Rows as models take them: packed dialogs, and prompts that are read once for all their responses.

A row holds several documents behind one another, as in pre-training. A prompt with W responses is laid out so::

    prompt without its last token | last token, response 1 | last token, response 2 | …

and a token sees the prompt and its own part (:mod:`trainer.posttraining.tree_mask`); the positions of each part go on
where the prompt's end. That computes what a row for each response would compute, and not an approximation of it. The
prompt's last token, from which the first token of a response is predicted, is repeated so that every place predicts
one token at most and a label stands where it is in pre-training.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from trainer.data.batch import Batch
from trainer.labels import IGNORE
from trainer.posttraining.chat import Encoded, Kind


class Group(NamedTuple):
    """A prompt and its responses, the best first where they are ranked."""

    prompt: np.ndarray
    """(P,) ids, P at least 1."""
    responses: tuple[Encoded, ...]
    """Each ends in its terminator."""

    def length(self, shared: bool) -> int:
        """Tokens of a row that it takes."""
        prompt, written = len(self.prompt), sum(len(response.ids) for response in self.responses)
        return prompt - 1 + written + len(self.responses) if shared else written + prompt * len(self.responses)


def digest(parts: Sequence[Encoded | Group], plan: Sequence[Sequence[int]]) -> str:
    """A hash of the documents and of which rows they lie in."""
    found = hashlib.sha256()
    for part in parts:
        pieces = [part] if isinstance(part, Encoded) else part.responses
        if isinstance(part, Group):
            found.update(b"prompt" + part.prompt.astype("<i4").tobytes())
        for ids, kinds in pieces:
            found.update(b"%d " % len(ids) + ids.astype("<i4").tobytes() + kinds.tobytes())
    for row in plan:
        found.update(f"\n{list(row)}".encode())
    return found.hexdigest()


def dialog_batch(dialogs: Sequence[Encoded], rows: Sequence[Sequence[int]], length: int, pad: int) -> Batch:
    """Rows of ``length`` tokens, each of the dialogs whose numbers it lists. A token is a label where its kind is not
    :attr:`Kind.NONE`. What is left of a row is a document of ``pad`` tokens without labels."""
    tokens = np.full((len(rows), length), pad, dtype=np.int64)
    labels = np.full_like(tokens, IGNORE)
    positions = np.zeros_like(tokens)
    for row, numbers in enumerate(rows):
        begin = 0
        for number in numbers:
            ids, kinds = dialogs[number]
            end = begin + len(ids)
            tokens[row, begin:end] = ids
            positions[row, begin:end] = np.arange(len(ids))
            labels[row, begin : end - 1] = np.where(kinds[1:] != Kind.NONE, ids[1:], IGNORE)
            begin = end
        positions[row, begin:] = np.arange(length - begin)
    return Batch.ungrouped(*(torch.from_numpy(array) for array in (tokens, labels, positions)))


class GroupBatch(NamedTuple):
    """Rows of prompts with responses: (B, T) of int64, unless it says otherwise. G groups a row at most, of W responses
    at most, have S = G W slots; the response ``w`` of a row's group ``g`` has slot ``g W + w``."""

    tokens: Tensor
    positions: Tensor
    labels: Tensor
    """The next tokens of a response, :data:`~trainer.labels.IGNORE` elsewhere."""
    kinds: Tensor
    """The :class:`Kind` of each label."""
    slots: Tensor
    """The slot that each label belongs to, -1 where there is none."""
    begins: Tensor
    """The place where a token's own part begins, …"""
    prompt_begins: Tensor
    """… and from where, …"""
    prompt_ends: Tensor
    """… and up to where it sees its prompt besides."""
    terminators: Tensor
    """(B, G, W): the places of the responses' terminators, -1 where a slot is not taken."""

    @property
    def taken(self) -> Tensor:
        """(B, G, W): whether there is a response."""
        return self.terminators >= 0


def group_batch(
    groups: Sequence[Group],
    rows: Sequence[Sequence[int]],
    length: int,
    pad: int,
    slots: tuple[int, int],
    shared: bool = True,
    orders: Sequence[Sequence[int]] | None = None,
) -> GroupBatch:
    """Rows of ``length`` tokens, each of the groups whose numbers it lists; ``slots`` are G and W.

    Without ``shared``, every response has its prompt before it and is a document like any other, for the attention that
    knows no other mask (varlen). ``orders`` lays the responses of each group out in another order than theirs; they
    keep their slots.
    """
    shape = (len(rows), length)
    tokens = np.full(shape, pad, dtype=np.int64)
    labels = np.full(shape, IGNORE, dtype=np.int64)
    positions, kinds, begins, first, last = (np.zeros(shape, dtype=np.int64) for _ in range(5))
    owners = np.full(shape, -1, dtype=np.int64)
    terminators = np.full((len(rows), *slots), -1, dtype=np.int64)
    for row, numbers in enumerate(rows):
        place = 0
        for g, number in enumerate(numbers):
            prompt, responses = groups[number]
            apart = len(prompt) - 1
            start, end = place, place
            if shared:
                end = place + apart
                part = slice(place, end)
                tokens[row, part], positions[row, part] = prompt[:-1], np.arange(apart)
                begins[row, part] = first[row, part] = last[row, part] = start
                place = end
            for w in range(len(responses)) if orders is None else orders[number]:
                ids, of = responses[w]
                before = prompt[-1:] if shared else prompt
                part = slice(place, place + len(before) + len(ids))
                tokens[row, part] = np.concatenate((before, ids))
                positions[row, part] = np.arange(len(before) + len(ids)) + (apart if shared else 0)
                begins[row, part] = place
                first[row, part], last[row, part] = (start, end) if shared else (place, place)
                predicting = slice(place + len(before) - 1, part.stop - 1)
                labels[row, predicting], kinds[row, predicting] = ids, of
                owners[row, predicting] = g * slots[1] + w
                terminators[row, g, w] = part.stop - 1
                place = part.stop
        rest = slice(place, length)
        positions[row, rest] = np.arange(length - place)
        begins[row, rest] = first[row, rest] = last[row, rest] = place
    arrays = (tokens, positions, labels, kinds, owners, begins, first, last, terminators)
    return GroupBatch(*(torch.from_numpy(array) for array in arrays))
