from __future__ import annotations

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
