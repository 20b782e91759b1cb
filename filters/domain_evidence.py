"""Evidence about a domain, gathered page by page, and the verdict over it.

Llama 3 removes whole domains: those with high amounts of personally identifiable information, those ranked as harmful
and those known to contain adult content (arXiv 2407.21783, §3.1.1). It gives no procedure. Here each page yields a few
integers, they add up by domain in any order, and a domain goes when too large a **share of its pages** is bad. Shares
of pages, not of words or hits: one leaked list on a university's site must not condemn its thousand other pages.

A page counts as

* **pii** with at least ``pii_values`` personal data and ``pii_per_1000_words`` of them that aren't an organisation's own
  contacts (:mod:`filters.contacts`): a firm's page of its staff is no people finder;
* **adult** or **harm** with at least ``…_hits`` hits of the vocabulary of its language, ``…_distinct`` different
  ones and ``…_per_1000_words``: medicine and news use such words too, thinly and few of them.

A domain is judged from ``min_pages`` pages on. One page can be an accident (a hacked forum, a contact page), and what
a single page shows, the document filters see as well; so smaller domains are not judged rather than guessed at. With the
default thresholds one or two bad pages condemn no domain; three of three do, three of six, three hundred of a thousand.
"""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass, fields

from filters._checks import require_at_least, require_fraction
from filters.contacts import others_contacts, site_host
from filters.pii import PiiCounter
from filters.verdict import Reject, Scores
from filters.vocabulary import DATA, Vocabulary, folded_words, read_vocabularies
from text.document import Document

_MAX_WORDS = 20_000
_Z = 1.281552  # of a normal distribution: 90 % lie below


@dataclass(frozen=True)
class Evidence:
    """Sums over pages of a domain. Addition is the union of two sets of pages; ``Evidence()`` is no page at all.

    ``…_pages`` are pages over the limits of :class:`PageLimits`, ``…_values`` and ``…_hits`` what all pages hold.
    """

    pages: int = 0
    words: int = 0
    pii_pages: int = 0
    pii_values: int = 0
    adult_pages: int = 0
    adult_hits: int = 0
    harm_pages: int = 0
    harm_hits: int = 0

    def __add__(self, other: Evidence) -> Evidence:
        return Evidence(*map(sum, zip(astuple(self), astuple(other), strict=True)))

    def to_tuple(self) -> tuple[int, ...]:
        """The sums in the order of the fields."""
        return astuple(self)

    @classmethod
    def from_tuple(cls, values: tuple[int, ...]) -> Evidence:
        """The inverse of :meth:`to_tuple`; ``ValueError`` where the number of values differs."""
        if len(values) != len(fields(cls)):
            raise ValueError(f"Evidence has {len(fields(cls))} numbers, and {len(values)} were given.")
        return cls(*map(int, values))


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


@dataclass(frozen=True)
class DomainThresholds:
    """A domain of at least ``min_pages`` pages goes when at least so many are bad, and their share is surely
    (:func:`surely`) above a number."""

    min_pages: int = 3
    pii: float = 0.4
    adult: float = 0.25
    harm: float = 0.25

    def __post_init__(self) -> None:
        require_at_least("min_pages", self.min_pages, 1)
        for name in ("pii", "adult", "harm"):
            require_fraction(name, getattr(self, name))


class PageEvidence:
    """Turns a document into the :class:`Evidence` of one page. Picklable.

    Vocabularies are the shipped ones, of the document's own language alone, since lists of other languages hold false
    friends (Romanian writes ``cum`` for "how"); a page in a language without a list counts as a clean one. At most
    20,000 words of a page are looked at.
    """

    def __init__(self, limits: PageLimits | None = None, pii: PiiCounter | None = None) -> None:
        self._limits = limits or PageLimits()
        self._pii = pii or PiiCounter()
        self._adult = read_vocabularies(DATA / "adult")
        self._harm = read_vocabularies(DATA / "harm")

    def __call__(self, document: Document) -> Evidence:
        """The evidence of one page."""
        limits = self._limits
        folded = folded_words(document.text)[:_MAX_WORDS]
        thousands = max(len(folded), 1) / 1000
        values = others_contacts(self._pii.values(document.text), site_host(document.url))
        adult_hits, adult_distinct = _count(self._adult, document.language, folded)
        harm_hits, harm_distinct = _count(self._harm, document.language, folded)
        return Evidence(
            pages=1,
            words=len(folded),
            pii_pages=int(values >= limits.pii_values and values >= limits.pii_per_1000_words * thousands),
            pii_values=values,
            adult_pages=int(
                adult_hits >= limits.adult_hits
                and adult_distinct >= limits.adult_distinct
                and adult_hits >= limits.adult_per_1000_words * thousands
            ),
            adult_hits=adult_hits,
            harm_pages=int(
                harm_hits >= limits.harm_hits
                and harm_distinct >= limits.harm_distinct
                and harm_hits >= limits.harm_per_1000_words * thousands
            ),
            harm_hits=harm_hits,
        )


def domain_scores(evidence: Evidence, thresholds: DomainThresholds) -> Scores | None:
    """The share that is surely bad (:func:`surely`) by kind (``pii``, ``adult``, ``harm``), or ``None`` for a domain with
    too few pages."""
    if evidence.pages < thresholds.min_pages:
        return None
    bad = {"pii": evidence.pii_pages, "adult": evidence.adult_pages, "harm": evidence.harm_pages}
    return {
        kind: surely(pages, evidence.pages) if pages >= thresholds.min_pages else 0.0 for kind, pages in bad.items()
    }


def surely(bad: int, pages: int) -> float:
    """The share of bad pages that a domain has with 90 % confidence at least, having shown ``bad`` in ``pages``: the lower
    bound of Wilson's score interval (Wilson 1927), to four digits: .106 for 1 of 3, .268 for 3 of 6, .646 for 3 of 3, .282
    for 300 of 1,000."""
    if not bad:
        return 0.0
    share, z2 = bad / pages, _Z * _Z
    middle = share + z2 / (2 * pages)
    half = _Z * math.sqrt(share * (1 - share) / pages + z2 / (4 * pages * pages))
    return round((middle - half) / (1 + z2 / pages), 4)


def judge(evidence: Evidence, thresholds: DomainThresholds) -> Reject | None:
    """The verdict over a domain: the first of ``adult``, ``harm``, ``pii`` whose share is surely above its threshold."""
    scores = domain_scores(evidence, thresholds) or {}
    for kind in ("adult", "harm", "pii"):
        if scores.get(kind, 0.0) > getattr(thresholds, kind):
            return Reject(kind, scores[kind])
    return None


def _count(lists: dict[str, Vocabulary], language: str, folded: list[str]) -> tuple[int, int]:
    """Hits and distinct entries among ``folded``, by the list of the language."""
    if language not in lists:
        return 0, 0
    found = lists[language].count(folded)
    return found.total(), len(found)
