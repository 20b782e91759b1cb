"""A model-based score: does this text read like the content of a page, or like what stands around it?

Llama 3 ranks documents with fast classifiers such as fastText (arXiv 2407.21783, §3.1.1, model-based quality
filtering). The one here is small and asks a question that has real answers: it was trained on passages that people
marked as a page's main content against the rest of the same pages (menus, notices, teasers, forms), see
:mod:`filters.train_quality`. It finds documents that are nothing but the latter: extraction that failed, log-in and
error pages, link lists. It doesn't say how good an article is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from filters._checks import require_at_least, require_fraction
from filters.fasttext_model import FastTextModel
from filters.label_score import mean_over_passages
from filters.quality_models import score_of_recipe
from filters.quality_text import chunks
from filters.rules import Condition, Rule, first_rule
from filters.verdict import Reject, Scores
from filters.vocabulary import DATA
from text.document import Document

SHIPPED_MODEL = DATA / "quality.ftz"
CONTENT = "content"


class QualityFilter:
    """Rejects documents that hardly hold any content by a fastText classifier of passages, and takes others beside it.

    The score ``content`` is the mean probability of the label ``content`` over the document's passages of 50 words or
    more, weighted by words (0 to 1, 4 decimals). A document goes (reason ``low_quality``) when it is below
    ``min_content``; with ``None`` the score decides nothing. Judged are documents of at least ``min_words`` words in one
    of ``languages``: the shipped model has seen English alone. Code, formulas and tables are left out. Of a document
    with more than 400 passages, 400 evenly spread ones are looked at. ``model_path`` and ``label`` put a model in the
    shipped one's place that was trained in the same way (:mod:`filters.train_quality`).

    ``models`` are further scores by name, each with the settings of :class:`filters.label_score.LabelScore`, or, where
    ``path`` is a folder, of :class:`filters.classifier_score.ClassifierScore`; they are
    kept as ``<name>.<language>``, and a document goes by one (reason ``low_<name>``) only where it has a ``reject_below``.

    The defaults, on pages of other benchmarks than the model's: of 672 main contents 3 lie below 0.05, of 348 texts of
    the rest of those pages 32 % do. Of 1,514 English pages of a mixed crawl 3 % go: log-in, contact and sign-up
    pages, indexes of forums and shops.
    """

    name = "quality"

    def __init__(
        self,
        min_content: float | None = 0.05,
        min_words: int = 100,
        languages: Sequence[str] = ("en",),
        model_path: Path | None = None,
        label: str = CONTENT,
        models: Mapping[str, Any] | None = None,
    ) -> None:
        if min_content is not None:
            require_fraction("min_content", min_content)
        require_at_least("min_words", min_words, 1)
        if isinstance(languages, str) or not languages:
            raise ValueError(f"languages is {languages!r}; it must list at least one language code.")
        self._rules = (
            []
            if min_content is None
            else [Rule("low_quality", (Condition(CONTENT, "<", min_content, "min_content"),))]
        )
        self._min_words, self._languages = min_words, frozenset(languages)
        self._model = FastTextModel(SHIPPED_MODEL if model_path is None else model_path)
        self._label = label if model_path is None else self._model.require_label(label)
        self._others = {name: score_of_recipe(name, settings) for name, settings in (models or {}).items()}
        if CONTENT in self._others:
            raise ValueError(f"models has one called {CONTENT!r}, as the shipped model's score is; call it otherwise.")

    @property
    def model_path(self) -> Path:
        """The file of the model, for the record of a run."""
        return self._model.path

    @property
    def model_paths(self) -> list[Path]:
        """The files of all models, for the record of a run."""
        return [self._model.path, *(path for other in self._others.values() for path in other.model_paths)]

    def score(self, document: Document, known: Mapping[str, float | None] | None = None) -> Scores | None:
        """``content`` and ``<name>.<language>`` of each further model that judges the document; ``None`` where none
        does: another language, too few words. ``known`` are scores of further models that need no computing."""
        scores: dict[str, float] = {}
        parts = chunks(document.prose) if document.language in self._languages else []
        if sum(words for _, words in parts) >= self._min_words:
            scores[CONTENT] = mean_over_passages(parts, self._probabilities)
        for name, other in self._others.items():
            found = known[name] if known is not None and name in known else other.score(document)
            if found is not None:
                scores[f"{name}.{document.language}"] = found
        return scores or None

    def decide(self, scores: Scores) -> Reject | None:
        """``low_quality`` when the content score is below its limit, ``low_<name>`` by the first other that is."""
        if reject := first_rule(self._rules, scores):
            return reject
        for key, score in scores.items():
            name, _, language = key.rpartition(".")
            limit = self._others[name].limits.of(language) if name in self._others else None
            if limit is not None and score < limit:
                return Reject(f"low_{name}", score)
        return None

    def rules(self) -> list[Rule] | None:
        """The one limit; ``None`` where further models decide, each by limits that depend on the language."""
        return None if any(other.limits.decide for other in self._others.values()) else self._rules

    def _probabilities(self, passages: Sequence[str]) -> list[float]:
        return self._model.probabilities(passages, self._label)
