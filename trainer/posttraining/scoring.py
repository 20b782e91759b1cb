"""Scores of responses by a reward model, many at a time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import torch

from trainer.checkpoint import store
from trainer.errors import TrainerError
from trainer.files import replace_file
from trainer.posttraining.base import Base
from trainer.posttraining.chat import ChatError, Encoded, Message
from trainer.posttraining.groups import GroupRows
from trainer.posttraining.models import RewardModel
from trainer.posttraining.row_files import read_rows
from trainer.posttraining.rows import Group, GroupBatch
from trainer.posttraining.tree_mask import prepare_tree

RESPONSES = "responses.jsonl"
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
                for g, packed in enumerate(rows.plan[number] if number >= 0 else []):
                    for w, (asked_number, place) in enumerate(owners[packed]):
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


def score_file(scorer: Scorer, directory: Path, output: Path) -> tuple[int, int]:
    """Scores ``directory``'s ``responses.jsonl`` (lines of ``{"prompt_id", "messages", "tokenizer"?, "responses":
    [{"message", "finish_reason"}]}``) into ``output``: ``{"prompt_id", "scores"}`` a line, in the same order, ``null``
    for what did not stop by itself. Returns how many prompts there are, and how many responses have a score.

    Raises :class:`TrainerError` for a file that is no such, and for ids of another tokenizer; ``output`` is whole or
    absent.
    """
    names: list[str] = []
    places: list[list[int]] = []
    totals: list[int] = []

    def asked() -> Iterator[tuple[list[Message], list[Message]]]:
        for place, row in read_rows([directory / RESPONSES]):
            try:
                if row.get("tokenizer", scorer.base.tokenizer.sha256) != scorer.base.tokenizer.sha256:
                    raise ChatError("other tokenizer", "its ids are of another tokenizer than the reward model's")
                stopped = [n for n, response in enumerate(row["responses"]) if response["finish_reason"] == "stop"]
                found = [Message.from_json(row["responses"][n]["message"]) for n in stopped]
                prompt = [Message.from_json(message) for message in row["messages"]]
                names.append(row["prompt_id"])
            except (KeyError, TypeError, ChatError) as error:
                why = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
                raise TrainerError(f"{place} is no line of responses: {why}. Sample again: train sample.") from None
            places.append(stopped)
            totals.append(len(row["responses"]))
            yield prompt, found

    lines: list[str] = []
    scored = 0
    for number, found in enumerate(scorer.score(asked())):
        scores: list[float | None] = [None] * totals[number]
        for place, score in zip(places[number], found, strict=True):
            scores[place] = score
        scored += sum(score is not None for score in scores)
        lines.append(json.dumps({"prompt_id": names[number], "scores": scores}) + "\n")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        replace_file(output, "".join(lines))
    except OSError as error:
        raise TrainerError(f"{output} cannot be written ({error}). Make room there, and score again.") from None
    return len(lines), scored
