"""Scores of responses by a reward model, many at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import torch

from trainer.checkpoint import store
from trainer.posttraining.base import Base
from trainer.posttraining.chat import ChatError, Encoded, Message
from trainer.posttraining.groups import GroupRows
from trainer.posttraining.models import RewardModel
from trainer.posttraining.rows import Group, GroupBatch
from trainer.posttraining.tree_mask import prepare_tree

AT_ONCE = 1024
"""Prompts that are packed together: rows of a whole file need not be held."""


class Scorer:
    """A reward model, loaded to score. Only differences between the responses to one prompt mean anything."""

    def __init__(
        self,
        run_dir: str | Path,
        device: torch.device,
        tokenizer: str | None = None,
        length: int | None = None,
        rows: int = 8,
    ) -> None:
        """``rows`` of ``length`` tokens go through the model at once; without it, of the length it was trained on.

        Raises :class:`TrainerError` for a run that is no reward model, or lacks its head's weight.
        """
        self.base = Base.open(run_dir, tokenizer)
        self.base.demand(is_reward=True, purpose="scoring")
        self._attention = "flex" if device.type == "cuda" else "sdpa"
        self._device, self._count = device, rows
        self._length = length or self.base.length
        with torch.device("meta"):
            model = RewardModel(self.base.model, self._attention)
        model.to_empty(device="cpu")
        store.load(self.base.checkpoint.path, {"model": {n: p.detach() for n, p in model.named_parameters()}})
        if not self.base.rope_scaling:
            model.rope_scaling = None
        self._model = model.to(device).eval()

    def score(self, asked: Iterable[tuple[Sequence[Message], Sequence[Message]]]) -> Iterator[list[float | None]]:
        """The scores of the responses to each of ``asked``, a prompt and its responses, in their order. ``None`` for a
        response that is no finished message (:meth:`ChatFormat.encode_response`) or too long for a row; older turns of
        the prompt go first."""
        waiting = iter(asked)
        while some := list(islice(waiting, AT_ONCE)):
            yield from self._score(some)

    def _score(self, asked: Sequence[tuple[Sequence[Message], Sequence[Message]]]) -> list[list[float | None]]:
        scores: list[list[float | None]] = [[None] * len(responses) for _, responses in asked]
        groups: list[Group] = []
        owners: list[list[tuple[int, int]]] = []
        for number, (prompt, responses) in enumerate(asked):
            for group, places in self._groups(prompt, responses):
                groups.append(group)
                owners.append([(number, place) for place in places])
        if not groups:
            return scores
        rows = GroupRows(groups, self._length, 0, True, self.base.chat.pad)
        for begin in range(0, len(rows), self._count):
            # Empty rows fill up the last batch: other shapes may round otherwise.
            numbers = [number if number < len(rows) else -1 for number in range(begin, begin + self._count)]
            batch = GroupBatch(*(tensor.to(self._device) for tensor in rows.batch(numbers)))
            with torch.no_grad():
                mask = prepare_tree(batch, self._attention)
                found = self._model(batch.tokens, batch.positions, batch.terminators.flatten(1), mask)
            values = found.view(batch.terminators.shape).tolist()
            for row, number in enumerate(numbers):
                for g, group in enumerate(rows.plan[number] if number >= 0 else []):
                    for w, (asked_number, place) in enumerate(owners[group]):
                        scores[asked_number][place] = values[row][g][w]
        return scores

    def _groups(self, prompt: Sequence[Message], responses: Sequence[Message]) -> list[tuple[Group, list[int]]]:
        """The responses in as few groups as rows have room for."""
        chat = self.base.chat
        header = len(chat.encode_prompt([])) - 1
        encoded: dict[int, Encoded] = {}
        ids = chat.encode_prompt(prompt)
        for place, response in enumerate(responses):
            try:
                found = chat.encode_response(response)
                shorter = chat.encode_prompt(chat.shorten(prompt, self._length - len(found.ids) - header))
            except ChatError:
                continue  # cut off, or too long for a row
            encoded[place] = found
            ids = min(ids, shorter, key=len)  # one prompt for all, or their scores could not be compared
        groups: list[tuple[Group, list[int]]] = []
        room = 0
        for place, found in encoded.items():
            if not groups or len(found.ids) + 1 > room:
                groups.append((Group(ids, ()), []))
                room = self._length - len(ids) + 1
            group, places = groups[-1]
            groups[-1] = (Group(ids, (*group.responses, found)), [*places, place])
            room -= len(found.ids) + 1
        return groups
