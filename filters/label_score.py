"""The probability of one label of a fastText model as a document's score: a classifier of one's own, or another's.

Llama 3 and DCLM choose documents by such classifiers (arXiv 2407.21783, section 3.1.1; arXiv 2406.11794, section 4.4).
A model must be shown a text in the way in which it was trained, or its probabilities mean little: :data:`READINGS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from filters._checks import require_at_least, require_fraction
from filters.fasttext_model import FastTextModel
from filters.quality_text import chunks, features
from text.document import Document

QUANTILE = "quantile"
_MAX_CHUNKS = 400
_SETTINGS = ("path", "label", "reading", "reject_below", "languages", "min_words")


def mean_over_passages(parts: Sequence[tuple[str, int]], probability: Callable[[str], float]) -> float:
    """The mean of ``probability(features)`` over passages, weighted by words (4 decimals). Of more than 400 passages,
    400 evenly spread ones or fewer are looked at."""
    parts = parts[:: -(-len(parts) // _MAX_CHUNKS)]
    # Ten-thousandths are added as integers, so that no order of summation shows.
    weighted = sum(round(probability(features(chunk)) * 10_000) * words for chunk, words in parts)
    return round(weighted / sum(words for _, words in parts) / 10_000, 4)


def _whole(document: Document, probability: Callable[[str], float]) -> float:
    return probability(document.text)


def _words(document: Document, probability: Callable[[str], float]) -> float:
    return probability(features(document.text))


def _passages(document: Document, probability: Callable[[str], float]) -> float:
    parts = chunks(document.prose)
    return mean_over_passages(parts, probability) if parts else 0.0


READINGS: Mapping[str, Callable[[Document, Callable[[str], float]], float]] = {
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
    """One score by one label, ``name`` in recipes.

    ``reject_below`` is the limit under which a document goes: a number; a number a language, with ``default`` for the
    others; ``{quantile: 0.9}``, under which nine tenths of the run's documents lie, language by language; or ``None``:
    the score is kept and decides nothing. Judged are documents of ``min_words`` words and more, in one of ``languages``
    where those are given. Raises ``ValueError`` for a label that the model hasn't: it is opened at once for that.
    """

    def __init__(
        self,
        name: str,
        path: str | Path,
        label: str,
        reading: str = "document",
        reject_below: float | Mapping[str, float] | None = None,
        languages: Sequence[str] | None = None,
        min_words: int = 50,
    ) -> None:
        if reading not in READINGS:
            raise ValueError(f"reading is {reading!r}; there are {', '.join(READINGS)}.")
        if isinstance(languages, str) or languages == []:
            raise ValueError(f"languages is {languages!r}; list language codes, or leave it out for all.")
        require_at_least("min_words", min_words, 1)
        limits = reject_below if isinstance(reject_below, Mapping) else {"default": reject_below}
        for key, limit in limits.items():
            if limit is not None:
                require_fraction(f"reject_below ({key})", limit)
        if QUANTILE in limits and len(limits) > 1:
            raise ValueError("reject_below has a quantile beside other limits; a quantile stands for all languages.")
        self.name = name
        self._limits = dict(limits)
        self._read, self._min_words = READINGS[reading], min_words
        self._languages = None if languages is None else frozenset(languages)
        self._model = FastTextModel(Path(path))
        self._label = self._model.require_label(label)

    @classmethod
    def of_recipe(cls, name: str, settings: Any) -> LabelScore:
        """The score that ``quality.models.<name>`` describes. Raises ``ValueError`` for what isn't a setting of one."""
        where = f"models.{name}"
        if not isinstance(settings, Mapping):
            raise ValueError(f"{where} is {settings!r}; it must say path and label of a fastText model.")
        for key in settings:
            if key not in _SETTINGS:
                raise ValueError(f"{where} has no setting {key!r}; it knows {', '.join(_SETTINGS)}.")
        for key in ("path", "label"):
            if not isinstance(settings.get(key), str):
                raise ValueError(f"{where} doesn't say its {key}; name path and label of a fastText model.")
        try:
            return cls(name, **settings)
        except ValueError as error:
            raise ValueError(f"{where}: {error}") from error

    @property
    def model_path(self) -> Path:
        """The file of the model."""
        return self._model.path

    def score(self, document: Document) -> float | None:
        """The label's probability, or ``None`` for another language or a document with too few words."""
        if self._languages is not None and document.language not in self._languages:
            return None
        if len(document.view.words) < self._min_words:
            return None
        return self._read(document, self._probability)

    @property
    def decides(self) -> bool:
        """Whether a document of any language can go by it."""
        return any(limit is not None for limit in self._limits.values())

    def limit(self, language: str) -> float | None:
        """What a document of ``language`` must reach, if anything."""
        return self._limits.get(language, self._limits.get("default"))

    def _probability(self, text: str) -> float:
        return self._model.probability(text, self._label)
