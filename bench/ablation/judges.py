"""What a model is asked: what texts cost it, which of two sentences it finds likelier, and for some texts of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from bench.ablation.generated_text import LENGTH, SAMPLES, boilerplate_share
from bench.ablation.minimal_pairs import MinimalPair, minimal_pairs
from tokens.tokenizer import Tokenizer


class Judge(Protocol):
    """A model: the five-gram's or the trainer's."""

    def bits(self, judged: Sequence[np.ndarray], /) -> np.ndarray: ...

    def generate(self, count: int, length: int, seed: int, /) -> np.ndarray: ...


@dataclass(frozen=True)
class Answers:
    """``bits``  (texts,) what each judged text cost. ``right``  ``bool[pairs]``: of which minimal pairs the right sentence cost less.
    ``boilerplate``  the share of the model's own texts with a phrase that only boilerplate has."""

    bits: np.ndarray
    right: np.ndarray
    boilerplate: float


class Questions:
    """What every model of a trial is asked; ``judged`` are its texts' tokens."""

    def __init__(self, judged: Sequence[np.ndarray], tokenizer: Tokenizer) -> None:
        self._judged, self._tokenizer = judged, tokenizer
        self.pairs: list[MinimalPair] = minimal_pairs()
        sentences = [pair.right for pair in self.pairs] + [pair.wrong for pair in self.pairs]
        self._sentences = [np.asarray(tokenizer.encode(sentence), np.int32) for sentence in sentences]

    def ask(self, judge: Judge, seed: int) -> Answers:
        """The answers of one model; ``seed`` is that of its own texts."""
        right, wrong = np.split(judge.bits(self._sentences), 2)
        texts = [self._tokenizer.decode(ids[ids >= 0].tolist()) for ids in judge.generate(SAMPLES, LENGTH, seed)]
        return Answers(judge.bits(self._judged), right < wrong, boilerplate_share(texts))
