"""A quality classifier out of documents that someone thinks good and others: ``gristmill quality train``.

A linear fastText model (Joulin et al. 2016, arXiv 1607.01759) with bigrams, as DCLM's (arXiv 2406.11794, section 4.4).
Equal documents give equal bytes on one kind of processor, in whatever order they come: they are ordered by a hash of
their content, and one thread trains with a fixed seed.
"""

from __future__ import annotations

import heapq
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from filters._checks import require_at_least, require_fraction
from filters.classifier_measures import AtThreshold, area_under_curve, at_threshold, rank_correlation
from filters.fasttext_model import fasttext_module
from filters.label_score import LabelScore
from filters.quality_text import features
from text.document import Document
from text.hashing import hash64
from text.hosts import host_of

POSITIVE, NEGATIVE = "positive", "negative"
THRESHOLDS = (0.1, 0.25, 0.5, 0.75, 0.9)
READINGS = ("words", "document")
"""How texts may be shown to a model that is trained here (:data:`filters.label_score.READINGS`)."""
MIN_DOCUMENTS = 20
"""Of each kind, so that some are held out and some are left to learn from."""
_MAX_CHARACTERS = 50_000  # of a document: a book must not weigh more than a shelf of pages
_HELD_OUT_SEED, _ORDER_SEED = 1601, 1602


class Text(NamedTuple):
    """A document to learn from; its URL, where it has one, says from which site it comes."""

    text: str
    url: str = ""


@dataclass(frozen=True)
class Training:
    """``max_documents`` of each kind are used, those with the smallest hashes; ``held_out`` is the share that is
    measured on and not learnt from. ``dim``, ``epochs`` and ``learning_rate`` are fastText's; with ``epochs`` None there
    are 5 to 25 of them, the more the fewer documents there are: of 1,800 pages articles were found with an area of .949
    after 10 epochs and .910 after 5."""

    reading: str = "words"
    held_out: float = 0.2
    max_documents: int = 20_000
    dim: int = 32
    epochs: int | None = None
    learning_rate: float = 0.5

    def __post_init__(self) -> None:
        if self.reading not in READINGS:
            raise ValueError(f"reading is {self.reading!r}; a model is trained with {' or '.join(READINGS)}.")
        require_fraction("held_out", self.held_out)
        for name in ("max_documents", "dim", "epochs"):
            if getattr(self, name) is not None:
                require_at_least(name, getattr(self, name), 1)
        if not self.learning_rate > 0:
            raise ValueError(f"learning_rate is {self.learning_rate!r}; it must be above 0.")


@dataclass(frozen=True)
class Measured:
    """What a model is worth on the documents that it hasn't learnt from. ``learnt`` and ``held_out`` are documents of
    both kinds; ``by_site``: none of the held-out documents' sites was learnt from; ``in_both``: documents that were
    given as both kinds and left out."""

    learnt: tuple[int, int]
    held_out: tuple[int, int]
    by_site: bool
    in_both: int
    area_under_curve: float
    rank_correlation: float
    at: tuple[AtThreshold, ...]


def train(positive: Iterable[Text], negative: Iterable[Text], output: Path, settings: Training) -> Measured:
    """Trains a model with the labels ``positive`` and ``negative``, saves it to ``output`` (``.ftz``: quantised, some
    tenth of the size) and measures it. Raises ``ValueError`` where there is too little to learn from."""
    kinds = [_chosen(texts, settings.max_documents) for texts in (positive, negative)]
    both = kinds[0].keys() & kinds[1].keys()
    texts = [[text for key, text in sorted(kind.items()) if key not in both] for kind in kinds]
    for name, found in zip((POSITIVE, NEGATIVE), texts, strict=True):
        if len(found) < MIN_DOCUMENTS:
            raise ValueError(
                f"There are {len(found)} different {name} documents with text, {len(both)} that stand on both sides "
                f"left out; give at least {MIN_DOCUMENTS} of each kind."
            )
    by_site = True
    learnt, held = zip(*(_split(found, settings.held_out, by_site) for found in texts), strict=True)
    if any(len(part) < MIN_DOCUMENTS // 10 for part in (*learnt, *held)):
        by_site = False  # too few sites: pages of one are on both sides then, which is said
        learnt, held = zip(*(_split(found, settings.held_out, by_site) for found in texts), strict=True)
    if any(not part for part in (*learnt, *held)):
        raise ValueError(f"held_out is {settings.held_out}, which leaves nothing to learn from, or to measure on.")
    _fit(learnt[0], learnt[1], output, settings)
    scores = [_scores(LabelScore("new", output, POSITIVE, settings.reading, min_words=1), part) for part in held]
    labels = np.repeat([1.0, 0.0], [len(part) for part in scores])
    return Measured(
        (len(learnt[0]), len(learnt[1])),
        (len(held[0]), len(held[1])),
        by_site,
        len(both),
        area_under_curve(scores[0], scores[1]),
        rank_correlation(np.concatenate(scores), labels),
        tuple(at_threshold(scores[0], scores[1], threshold) for threshold in THRESHOLDS),
    )


def _chosen(texts: Iterable[Text], count: int) -> dict[int, Text]:
    """The ``count`` documents with the smallest hashes of their text, by hash: bounded, and the same in any order."""

    def keyed() -> Iterator[tuple[int, str, str]]:
        for text, url in texts:
            if text.strip():
                yield hash64(text, _ORDER_SEED), url, text[:_MAX_CHARACTERS]

    smallest: dict[int, Text] = {}
    heap: list[int] = []
    for key, url, text in keyed():
        if key in smallest:
            smallest[key] = min(smallest[key], Text(text, url))
        elif len(heap) < count:
            heapq.heappush(heap, -key)
            smallest[key] = Text(text, url)
        elif key < -heap[0]:
            del smallest[-heapq.heapreplace(heap, -key)]
            smallest[key] = Text(text, url)
    return smallest


def _split(texts: list[Text], share: float, by_site: bool) -> tuple[list[Text], list[Text]]:
    """To learn from, to measure on; all documents of a site on one side where ``by_site``."""
    learnt: list[Text] = []
    held: list[Text] = []
    for text in texts:
        key = (host_of(text.url) if by_site else "") or text.text
        (held if hash64(key, _HELD_OUT_SEED) < share * 2**64 else learnt).append(text)
    return learnt, held


def _fit(positive: list[Text], negative: list[Text], output: Path, settings: Training) -> None:
    fasttext = fasttext_module()
    labelled = [(POSITIVE, text.text) for text in positive] + [(NEGATIVE, text.text) for text in negative]
    labelled.sort(key=lambda pair: (hash64(pair[1], _ORDER_SEED), pair[0]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "documents.txt")
        with path.open("w", encoding="utf-8", errors="replace") as file:
            for label, text in labelled:
                shown = features(text) if settings.reading == "words" else " ".join(text.split())
                file.write(f"__label__{label} {shown}\n")
        model = fasttext.train_supervised(
            str(path),
            lr=settings.learning_rate,
            dim=settings.dim,
            epoch=settings.epochs or max(5, min(25, 100_000 // len(labelled))),
            wordNgrams=2,
            minCount=2,
            bucket=max(10_000, min(500_000, 200 * len(labelled))),  # of pairs of words: few documents have few
            thread=1,
            seed=1,
            verbose=0,
        )
        if output.suffix == ".ftz":
            model.quantize(cutoff=100_000, retrain=False, qnorm=True)  # training again took minutes
    model.save_model(str(output))


def _scores(judge: LabelScore, texts: list[Text]) -> np.ndarray:
    return np.array([judge.score(Document(text.text)) or 0.0 for text in texts])
