"""The probability of one label of a fastText model as a document's score: a classifier of one's own, or another's.

Llama 3 and DCLM choose documents by such classifiers (arXiv 2407.21783, section 3.1.1; arXiv 2406.11794, section 4.4).
A model must be shown a text in the way in which it was trained, or its probabilities mean little: :data:`READINGS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from filters.fasttext_model import FastTextModel
from filters.quality_text import chunks, features
from filters.score_limits import QUANTILE, Limit, Limits
from text.document import Document

_MAX_CHUNKS = 400


Probabilities = Callable[[Sequence[str]], list[float]]
"""What a model says of each of several texts, as it was shown texts when it was trained."""


def mean_over_passages(parts: Sequence[tuple[str, int]], probabilities: Probabilities) -> float:
    """The mean of ``probabilities`` of the :func:`features` of passages, weighted by words (4 decimals). Of more than 400
    passages, 400 evenly spread ones or fewer are looked at."""
    parts = parts[:: -(-len(parts) // _MAX_CHUNKS)]
    found = probabilities([features(chunk) for chunk, _ in parts])
    # Ten-thousandths are added as integers, so that no order of summation shows.
    weighted = sum(round(each * 10_000) * words for each, (_, words) in zip(found, parts, strict=True))
    return round(weighted / sum(words for _, words in parts) / 10_000, 4)


def _whole(document: Document, probabilities: Probabilities) -> float:
    return probabilities([document.text])[0]


def _words(document: Document, probabilities: Probabilities) -> float:
    return probabilities([features(document.text)])[0]


def _passages(document: Document, probabilities: Probabilities) -> float:
    parts = chunks(document.prose)
    return mean_over_passages(parts, probabilities) if parts else 0.0


READINGS: Mapping[str, Callable[[Document, Probabilities], float]] = {
    "document": _whole,
    "words": _words,
    "passages": _passages,
}
"""How a text is shown to a model.

* ``document``: the whole text on one line, as it stands: DCLM's and most published models;
* ``words``: the whole text in lower-case words and marks (:func:`filters.quality_text.features`), as
  ``gristmill quality train`` shows it;
* ``passages``: as ``words``, by passages of fifty words of the prose, of which the mean counts: the shipped model.
"""


class LabelScore:
    """One score by one label of a fastText model, ``name`` in recipes; ``reject_below``, ``languages`` and ``min_words`` as in
    :class:`filters.score_limits.Limits`.

    Raises ``ValueError`` for a label that the model hasn't: it is opened at once for that.
    """

    def __init__(
        self,
        name: str,
        path: str | Path,
        label: str,
        reading: str = "document",
        reject_below: Limit = None,
        languages: Sequence[str] | None = None,
        min_words: int = 50,
    ) -> None:
        if reading not in READINGS:
            raise ValueError(f"reading is {reading!r}; there are {', '.join(READINGS)}.")
        self.name = name
        self.limits = Limits(reject_below, languages, min_words)
        self._read = READINGS[reading]
        self._model = FastTextModel(Path(path))
        self._label = self._model.require_label(label)

    @property
    def model_paths(self) -> list[Path]:
        """The file of the model."""
        return [self._model.path]

    def score(self, document: Document) -> float | None:
        """The label's probability, or ``None`` for another language or a document with too few words."""
        return self._read(document, self._probabilities) if self.limits.judges(document) else None

    def _probabilities(self, texts: Sequence[str]) -> list[float]:
        return self._model.probabilities(texts, self._label)


def quantiles_of(settings: Mapping[str, Any]) -> dict[str, float]:
    """Of a recipe's settings of ``quality``, the models whose limit is a quantile of the run, with it."""
    models: Mapping[str, Any] = settings.get("models") or {}
    limits = {name: model.get("reject_below") for name, model in models.items() if isinstance(model, Mapping)}
    return {
        name: limit[QUANTILE] for name, limit in limits.items() if isinstance(limit, Mapping) and QUANTILE in limit
    }


def score_bin(score: float) -> int:
    """The thousandth that a score lies in, 0 to 1000: what quantiles are counted by."""
    return round(score * 10_000) // 10


def limits_at(counts: Mapping[str, Mapping[str, int]], quantile: float) -> dict[str, float]:
    """By language, the largest thousandth under which no more than the share ``quantile`` of documents lies. ``counts`` are
    documents by language and :func:`score_bin` (as a string)."""
    limits: dict[str, float] = {}
    for language, bins in counts.items():
        allowed, below = quantile * sum(bins.values()), 0
        for number in sorted(map(int, bins)):
            limits[language] = number / 1000
            below += bins[str(number)]
            if below > allowed:
                break
    return limits
