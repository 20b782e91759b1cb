"""Needles in a haystack: whether a model finds a sentence again that stands far back in its row."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import torch

from tokens.shards import HELD_OUT
from tokens.tokenizer import Tokenizer
from trainer.data.sources import Source
from trainer.data.stream import read_group
from trainer.distributed.ranks import Ranks
from trainer.errors import TrainerError
from trainer.evaluation.scoring import score_ending
from trainer.model.llama import Llama


@torch.no_grad()
def needle_accuracy(
    model: Llama, tokenizer: Tokenizer, haystack: np.ndarray, length: int, needles: int, ranks: Ranks
) -> float:
    """The share of needles that the model finds in a haystack of ``length`` tokens.

    A needle is a sentence with a number of seven digits, laid at evenly spaced depths into the ids ``haystack``,
    which is repeated as far as needed; at the end the sentence begins again, and found is the number that greedy
    decoding would complete exactly (Kamradt's test of 2023, reduced to what a model without instructions can do).
    Raises :class:`TrainerError` for a length that has no room.
    """
    found = []
    for number in range(needles):
        digest = hashlib.blake2b(f"needle {number}".encode(), digest_size=8).digest()
        secret = str(1_000_000 + int.from_bytes(digest) % 9_000_000)
        question = tokenizer.encode("\nThe secret number of the mill is").tolist()
        answer = tokenizer.encode(f" {secret}").tolist()
        needle = [*question, *answer, *tokenizer.encode(".\n").tolist()]
        room = length - len(needle) - len(question) - len(answer) - 1
        if room < 1:
            raise TrainerError(f"A row of {length} tokens has no room for a needle; leave needles out of that stage.")
        hay = np.resize(haystack, room).tolist()
        depth = room * number // max(1, needles - 1)
        text = [tokenizer.bos_id, *hay[:depth], *needle, *hay[depth:], *question, *answer]
        found.append(score_ending(model, text, len(answer), ranks)[1])
    return sum(found) / needles


def held_out_haystack(sources: Sequence[Source]) -> np.ndarray:
    """The held-out ids of the first row group that has any, without the frames of their documents."""
    index, group = next((index, group) for _, index in sources for group in index.split(HELD_OUT))
    ids, info = read_group(group, index.tokenizer).values, index.tokenizer
    return ids[(ids != info.bos_id) & (ids != info.eos_id)]
