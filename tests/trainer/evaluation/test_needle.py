from __future__ import annotations

import contextlib
import hashlib

import numpy as np
import pytest
import torch

from tests.trainer.evaluation.tiny import ALONE, TOKENIZER
from trainer.errors import TrainerError
from trainer.evaluation.needle import needle_accuracy
from trainer.labels import IGNORE
from trainer.model.cross_entropy import Scores


class Reader(torch.nn.Module):
    """Knows only to copy: behind a word that occurred before it expects what followed it then."""

    def __init__(self, reach: int) -> None:
        super().__init__()
        self.reach = reach

    def forward(self, tokens, positions, labels, score):
        (text,) = tokens.tolist()
        best = torch.ones_like(labels, dtype=torch.bool)
        for place in range(len(text)):
            if labels[0, place] != IGNORE:
                context = text[max(0, place - 7) : place + 1]
                begin = max(8, place - self.reach)
                earlier = [at for at in range(begin, place) if text[at - len(context) + 1 : at + 1] == context]
                best[0, place] = bool(earlier) and text[earlier[-1] + 1] == labels[0, place]
        return Scores(torch.zeros(labels.shape), best)


def test_needles_are_found_by_who_can_look_back_far_enough():
    haystack = TOKENIZER.encode("The river runs past the old mill and on to the sea. " * 9)
    accuracy = [needle_accuracy(Reader(reach), TOKENIZER, haystack, 400, 8, ALONE) for reach in (0, 200, 400)]
    assert accuracy[0] == 0 and accuracy[2] == 1
    assert 0.3 < accuracy[1] < 0.7
    with pytest.raises(TrainerError, match="A row of 20 tokens has no room"):
        needle_accuracy(Reader(1), TOKENIZER, haystack, 20, 1, ALONE)


class Noting(torch.nn.Module):
    """Notes the texts that it is asked about, and finds every second needle."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[tuple[list[int], list[int]]] = []

    def forward(self, tokens, positions, labels, score):
        self.texts.append((tokens[0].tolist(), labels[0].tolist()))
        best = torch.full(labels.shape, len(self.texts) % 2 == 1)
        return Scores(torch.zeros(labels.shape), best | (labels == IGNORE))


def test_needles_lie_at_even_depths_in_rows_of_the_length():
    hay = range(7000, 7007)
    model = Noting()
    assert needle_accuracy(model, TOKENIZER, np.array(hay), 120, 4, ALONE) == 0.5
    secrets, depths = set(), []
    for tokens, labels in model.texts:
        text = [*tokens[:119], labels[118]]  # all but the last are read, and that is predicted
        assert text[0] == TOKENIZER.bos_id and tokens[119:] == [0]
        inside = [id for id in text[1:] if id in hay]
        assert inside == [7000 + place % 7 for place in range(len(inside))]
        read = TOKENIZER.decode([id for id in text[1:] if id not in hay])
        first, second, third = read.split("\nThe secret number of the mill is ")
        assert (first, second) == ("", f"{third}.\n")
        assert len(third) == 7 and 1_000_000 <= int(third) <= 9_999_999
        asked = TOKENIZER.encode(f" {third}").tolist()
        assert [label for label in labels if label != IGNORE] == asked
        secrets.add(third)
        depths.append(next(place for place, id in enumerate(text[1:]) if id not in hay) / len(inside))
    assert len(secrets) == 4 and depths == pytest.approx([0, 1 / 3, 2 / 3, 1], abs=0.02)
    # The same needles in every version, so that accuracies compare.
    digest = hashlib.blake2b(b"needle 0", digest_size=8).digest()
    assert str(1_000_000 + int.from_bytes(digest) % 9_000_000) in secrets


def test_one_token_of_hay_is_enough():
    model = Noting()
    for length in range(20, 80):
        with contextlib.suppress(TrainerError):
            needle_accuracy(model, TOKENIZER, np.array([7000]), length, 1, ALONE)
            break
    ((tokens, _),) = model.texts
    assert tokens.count(7000) == 1 and len(tokens) - tokens.count(0) == length - 1
