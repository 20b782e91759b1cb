"""The score of one label of a transformer, beside fastText models: :mod:`filters.text_classifier` under ``quality.models``.

Llama 3 ranks documents by classifiers based on RoBERTa and DistilRoBERTa, too (arXiv 2407.21783, section 3.1.1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from filters._checks import require_at_least
from filters.score_limits import Limit, Limits
from filters.text_classifier import CPU, MAX_TOKENS, TextClassifier
from text.document import Document

RESOURCES = ("min_ram", "accelerator", "cpu_count")
"""Hints that engines take; what they mean is in Beam's documentation of resource hints."""


class ClassifierScore:
    """One score, ``name`` in recipes; ``path`` is the folder of the model.

    ``batch_size`` texts are handed to the model at once, which changes no score (:mod:`filters.text_classifier`).
    ``resources`` are hints for the engine, by :data:`RESOURCES`. The rest as in :class:`filters.text_classifier.TextClassifier`
    and :class:`filters.score_limits.Limits`, and so are the errors.
    """

    def __init__(
        self,
        name: str,
        path: str | Path,
        label: str | None = None,
        reject_below: Limit = None,
        languages: Sequence[str] | None = None,
        min_words: int = 50,
        max_tokens: int = MAX_TOKENS,
        batch_size: int = 16,
        device: str = CPU,
        resources: Mapping[str, str] | None = None,
    ) -> None:
        require_at_least("batch_size", batch_size, 1)
        for key in resources or {}:
            if key not in RESOURCES:
                raise ValueError(f"resources has no {key!r}; it knows {', '.join(RESOURCES)}.")
        self.name, self.batch_size, self.resources = name, batch_size, dict(resources or {})
        self.model = TextClassifier(Path(path), label, max_tokens, device)
        self.limits = Limits(reject_below, languages, min_words, fractions=not self.model.is_regression)

    @property
    def model_paths(self) -> list[Path]:
        """The files of the model."""
        return self.model.files()

    def score(self, document: Document) -> float | None:
        """The label's score, or ``None`` for another language or a document with too few words."""
        return self.model.scores([document.text])[0] if self.limits.judges(document) else None
