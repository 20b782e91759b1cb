"""What one page says about its domain, as a few integers that add up by domain in any order.

A page counts as

* **pii** with at least ``pii_values`` personal data and ``pii_per_1000_words`` of them that aren't an organisation's own
  contacts (:mod:`filters.contacts`): a firm's page of its staff is no people finder;
* **adult** or **harm** with at least ``…_hits`` hits of the vocabulary of its language, ``…_distinct`` different ones and
  ``…_per_1000_words``, in a sense that proves something (:mod:`filters.word_sense`); or where a classifier that the
  recipe names says so (:class:`PageClassifier`).

A page in a language without a list, and without a classifier, is not judged for that kind, which is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from operator import add, attrgetter
from pathlib import Path

from filters._checks import require_at_least, require_fraction
from filters.contacts import others_contacts, site_host
from filters.disguised_words import Disguises
from filters.fasttext_model import FastTextModel
from filters.pii import KINDS as PII_KINDS
from filters.pii import PiiCounter
from filters.text_classifier import MAX_TOKENS, TextClassifier
from filters.word_sense import Weighed, shipped
from text.document import Document

KINDS = ("adult", "harm", "pii")
WORD_KINDS = ("adult", "harm")
_MAX_WORDS = 20_000
_MODEL_CHARS = 20_000
MAX_STRENGTH = 4
_TERMS = 5


@dataclass(frozen=True)
class Evidence:
    """Sums over pages of a domain. Addition is the union of two sets of pages; ``Evidence()`` is no page at all.

    ``…_pages`` are pages over the limits of :class:`PageLimits`, ``…_model_pages`` those of them that a classifier named;
    ``…_values`` and ``…_hits`` what all pages hold (hits by weight, rounded down); ``…_unjudged`` pages in a language without
    a list. ``links`` counts other domains that pages link to, ``listed_links`` those of them on lists of adult sites.
    """

    pages: int = 0
    words: int = 0
    pii_pages: int = 0
    pii_values: int = 0
    adult_pages: int = 0
    adult_hits: int = 0
    harm_pages: int = 0
    harm_hits: int = 0
    adult_model_pages: int = 0
    harm_model_pages: int = 0
    adult_unjudged: int = 0
    harm_unjudged: int = 0
    emails: int = 0
    phones: int = 0
    cards: int = 0
    ibans: int = 0
    ssns: int = 0
    ips: int = 0
    links: int = 0
    listed_links: int = 0

    def __add__(self, other: Evidence) -> Evidence:
        return Evidence(*map(add, self.to_tuple(), other.to_tuple()))

    def to_tuple(self) -> tuple[int, ...]:
        """The sums in the order of the fields."""
        return _IN_ORDER(self)

    @classmethod
    def from_tuple(cls, values: tuple[int, ...]) -> Evidence:
        """The inverse of :meth:`to_tuple`; ``ValueError`` where the number of values differs."""
        if len(values) != len(fields(cls)):
            raise ValueError(f"Evidence has {len(fields(cls))} numbers, and {len(values)} were given.")
        return cls(*map(int, values))

    def bad(self, kind: str) -> int:
        """Pages that are bad in one of :data:`KINDS`."""
        return {"adult": self.adult_pages, "harm": self.harm_pages, "pii": self.pii_pages}[kind]

    def judged(self, kind: str) -> int:
        """Pages that could be judged for one of :data:`KINDS`."""
        return self.pages - {"adult": self.adult_unjudged, "harm": self.harm_unjudged, "pii": 0}[kind]


# Nothing is copied: what dataclasses.astuple does took as long as looking at a short page.
_IN_ORDER: Callable[[Evidence], tuple[int, ...]] = attrgetter(*(field.name for field in fields(Evidence)))


@dataclass(frozen=True)
class PageLimits:
    """From where on a page counts as bad. All numbers are our own choice; see the module."""

    pii_values: int = 5
    pii_per_1000_words: float = 20.0
    adult_hits: int = 5
    adult_distinct: int = 3
    adult_per_1000_words: float = 10.0
    harm_hits: int = 3
    harm_distinct: int = 2
    harm_per_1000_words: float = 3.0

    def __post_init__(self) -> None:
        for field in fields(self):
            require_at_least(field.name, getattr(self, field.name), 0 if "per" in field.name else 1)


class PageClassifier:
    """A model as evidence: a page is ``kind`` where it gives ``label`` a probability of ``at_least``.

    ``path`` is the file of a fastText model, which gets the text as one line, its first 20,000 characters; or the folder of a
    transformer (:class:`filters.text_classifier.TextClassifier`), which gets ``max_tokens``. Raises ``ValueError`` for another kind, a number that is none
    or a transformer that gives no probabilities, ``FileNotFoundError`` without the model, ``ModuleNotFoundError`` without the
    package that opens it.
    """

    def __init__(
        self, path: str | Path, label: str, kind: str, at_least: float = 0.5, max_tokens: int = MAX_TOKENS
    ) -> None:
        if kind not in WORD_KINDS:
            raise ValueError(f"kind is {kind!r}; a classifier of pages tells {' or '.join(WORD_KINDS)}.")
        require_fraction("at_least", at_least)
        self.kind, self._at_least = kind, at_least
        self._model: FastTextModel | TextClassifier
        if Path(path).is_dir():
            self._model = TextClassifier(Path(path), label, max_tokens)
            if self._model.is_regression:
                raise ValueError(f"{path} gives a number and no probability of a label; name a model that classifies.")
        else:
            self._model = FastTextModel(Path(path))
            self._label = self._model.require_label(label)

    def says_so(self, text: str) -> bool:
        """Whether the model gives the label enough."""
        if isinstance(self._model, TextClassifier):
            return self._model.scores([text])[0] >= self._at_least
        return self._model.probability(text[:_MODEL_CHARS], self._label) >= self._at_least


@dataclass(frozen=True)
class Findings:
    """One page: its :class:`Evidence`; ``strengths`` by kind, how many times over its limits it is (0 where it isn't bad, at
    most 4); ``terms``, the five entries that weighed most, for people."""

    evidence: Evidence
    strengths: dict[str, int]
    terms: tuple[str, ...]


class PageEvidence:
    """Turns a document into the :class:`Evidence` of one page. Picklable.

    Vocabularies are the shipped ones, of the document's own language alone, since lists of other languages hold false
    friends (Romanian writes ``cum`` for "how"). At most 20,000 words of a page are looked at.
    """

    def __init__(
        self,
        limits: PageLimits | None = None,
        pii: PiiCounter | None = None,
        classifiers: Sequence[PageClassifier] = (),
    ) -> None:
        self._limits = limits or PageLimits()
        self._pii = pii or PiiCounter()
        self._senses = {kind: shipped(kind) for kind in WORD_KINDS}
        self._disguises = {
            language: Disguises(self._senses["adult"].entry_words(language))
            for language in self._senses["adult"].languages
        }
        self._classifiers = tuple(classifiers)

    def __call__(self, document: Document) -> Evidence:
        """The evidence of one page."""
        return self.look(document).evidence

    def look(self, document: Document, links: int = 0, listed_links: int = 0) -> Findings:
        """The page's evidence and what people want to see of it. ``links``: other domains that it links to, of which so many
        are listed."""
        limits = self._limits
        view, hidden = document.view, 0
        if document.language in self._disguises:
            view, hidden = self._disguises[document.language].undone(view)
        hashes = view.folded_hashes[:_MAX_WORDS]
        words = len(hashes)
        found = self._pii.values(document.text)
        values = others_contacts(found, site_host(document.url))
        strengths = {"pii": _strength(values, limits.pii_values, limits.pii_per_1000_words, words)}
        weighed = {kind: self._senses[kind].weigh(document.language, hashes, hidden) for kind in WORD_KINDS}
        model = {classifier.kind for classifier in self._classifiers if classifier.says_so(document.text)}
        with_model = {classifier.kind for classifier in self._classifiers}
        for kind, counted in weighed.items():
            strengths[kind] = max(self._word_strength(kind, counted, words), 2 * (kind in model))
        points = {kind: int(counted.points) if counted else 0 for kind, counted in weighed.items()}
        evidence = Evidence(
            pages=1,
            words=words,
            pii_pages=int(strengths["pii"] > 0),
            pii_values=values,
            adult_pages=int(strengths["adult"] > 0),
            adult_hits=points["adult"],
            harm_pages=int(strengths["harm"] > 0),
            harm_hits=points["harm"],
            adult_model_pages=int("adult" in model),
            harm_model_pages=int("harm" in model),
            adult_unjudged=int(weighed["adult"] is None and "adult" not in with_model),
            harm_unjudged=int(weighed["harm"] is None and "harm" not in with_model),
            **{f"{kind}s": len(found[kind]) for kind in PII_KINDS},
            links=links,
            listed_links=listed_links,
        )
        entries: Counter[str] = Counter()
        for counted in weighed.values():
            entries.update(counted.entries if counted else {})
        terms = sorted(entries, key=lambda entry: (-entries[entry], entry))[:_TERMS]
        return Findings(evidence, strengths, tuple(terms))

    def _word_strength(self, kind: str, counted: Weighed | None, words: int) -> int:
        if counted is None or len(counted.entries) < getattr(self._limits, f"{kind}_distinct"):
            return 0
        hits, density = (getattr(self._limits, f"{kind}_{what}") for what in ("hits", "per_1000_words"))
        return _strength(counted.points, hits, density, words)


def _strength(found: float, least: float, per_1000_words: float, words: int) -> int:
    """How many times over both limits, whole times alone, at most four."""
    thousands = max(words, 1) / 1000
    times = found / least
    if per_1000_words:
        times = min(times, found / (per_1000_words * thousands))
    return min(int(times + 1e-9), MAX_STRENGTH)
