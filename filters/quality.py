"""A model-based score: does this text read like the content of a page, or like what stands around it?

Llama 3 ranks documents with fast classifiers such as fastText (arXiv 2407.21783, §3.1.1, model-based quality
filtering). The one here is small and asks a question that has real answers: it was trained on passages that people
marked as a page's main content against the rest of the same pages (menus, notices, teasers, forms), see
:mod:`filters.train_quality`. It finds documents that are nothing but the latter: extraction that failed, log-in and
error pages, link lists. It doesn't say how good an article is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from filters._checks import require_at_least, require_fraction
from filters.fasttext_model import FastTextModel
from filters.rules import Condition, Rule, first_rule
from filters.verdict import Reject, Scores
from filters.vocabulary import DATA
from text.document import Document
from text.view import TextView

SHIPPED_MODEL = DATA / "quality.ftz"
CONTENT = "content"
CHUNK_WORDS = 50
_MAX_CHUNKS = 400

_TOKEN = re.compile(r"\w+|[^\w\s]")
_NUMBER = re.compile(r"\d+")


def chunks(view: TextView) -> list[tuple[str, int]]:
    """``(chunk, words)``: consecutive lines joined until they have at least 50 words; a short rest stands alone."""
    made: list[tuple[str, int]] = []
    part: list[str] = []
    size = 0
    for line, words in zip(view.rows, view.words_by_row, strict=True):
        if not line or line.isspace():
            continue
        part.append(line)
        size += len(words)
        if size >= CHUNK_WORDS:
            made.append(("\n".join(part), size))
            part, size = [], 0
    if size:
        made.append(("\n".join(part), size))
    return made


def features(chunk: str) -> str:
    """What the model sees of a chunk: lower-case words and marks, numbers as ``0``, line ends as ``|``."""
    joined = " | ".join(" ".join(_TOKEN.findall(line.lower())) for line in chunk.split("\n"))
    return _NUMBER.sub("0", joined)


class QualityFilter:
    """Rejects documents that hardly hold any content by a fastText classifier of passages.

    The score ``content`` is the mean probability of the label ``content`` over the document's chunks of 50 words or
    more, weighted by words (0 to 1, 4 decimals). A document goes (reason ``low_quality``) when it is below
    ``min_content``. Judged are documents of at least ``min_words`` words in one of ``languages``: the shipped model
    has seen English alone. Code, formulas and tables are left out. Of a document with more than 400 chunks, 400
    evenly spread ones are looked at.

    The defaults, on pages of other benchmarks than the model's: of 672 main contents 3 lie below 0.05, of 348 texts of
    the rest of those pages 32 % do. Of 1,514 English pages of a mixed crawl 3 % go: log-in, contact and sign-up
    pages, indexes of forums and shops.
    """

    name = "quality"

    def __init__(
        self,
        min_content: float = 0.05,
        min_words: int = 100,
        languages: Sequence[str] = ("en",),
        model_path: Path | None = None,
    ) -> None:
        require_fraction("min_content", min_content)
        require_at_least("min_words", min_words, 1)
        if isinstance(languages, str) or not languages:
            raise ValueError(f"languages is {languages!r}; it must list at least one language code.")
        self._rules = [Rule("low_quality", (Condition("content", "<", min_content, "min_content"),))]
        self._min_words, self._languages = min_words, frozenset(languages)
        self._model = FastTextModel(SHIPPED_MODEL if model_path is None else model_path)

    @property
    def model_path(self) -> Path:
        """The file of the model, for the record of a run."""
        return self._model.path

    def score(self, document: Document) -> Scores | None:
        """``content``, or ``None`` for another language or a document with too little prose."""
        if document.language not in self._languages:
            return None
        parts = chunks(document.prose)
        if sum(words for _, words in parts) < self._min_words:
            return None
        parts = parts[:: -(-len(parts) // _MAX_CHUNKS)]
        # Ten-thousandths are added as integers, so that no order of summation shows.
        weighted = sum(round(self._probability(chunk) * 10_000) * words for chunk, words in parts)
        return {"content": round(weighted / sum(words for _, words in parts) / 10_000, 4)}

    def decide(self, scores: Scores) -> Reject | None:
        """``low_quality`` when the content score is below its limit."""
        return first_rule(self._rules, scores)

    def rules(self) -> list[Rule]:
        """The one limit."""
        return self._rules

    def _probability(self, chunk: str) -> float:
        return dict(self._model.predict(features(chunk), k=2)).get(CONTENT, 0.0)
