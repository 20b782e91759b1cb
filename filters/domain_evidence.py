"""The verdict over a domain, from what its pages, its name and its links say.

Llama 3 removes whole domains: those with high amounts of personally identifiable information, those ranked as harmful
and those known to contain adult content (arXiv 2407.21783, §3.1.1). It gives no procedure. Here every page yields a few
integers (:mod:`filters.page_evidence`), they add up by domain in any order, and a domain goes when too large a **share
of its pages** is bad. Shares of pages, not of words or hits: one leaked list on a university's site must not condemn its
thousand other pages.

Domains are ranked by a **score**: the confidence, from what was seen, that more than the threshold's share of the pages is
bad (:func:`confidence`). Whatever else speaks for or against a domain counts in the same coin, as so many bad pages seen
(:class:`Marks`): its name, links to listed sites, links from them. Marks alone condemn nobody, and fewer than
``min_pages`` bad pages make a score smaller.

A domain is judged as a whole from ``min_pages`` pages on. One page can be an accident (a hacked forum, a contact page); of
a smaller domain each page is judged by itself (:func:`lone_page_score`): a page three times over its limits is as good
as three bad ones, and pages of the whole crawl are the prior. At the shipped thresholds three times are enough for adult and
harm, four for personal data.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from filters._checks import require_at_least, require_fraction
from filters.confidence import wilson_interval
from filters.page_evidence import KINDS, Evidence, PageClassifier, PageEvidence, PageLimits
from filters.verdict import Reject, Scores

__all__ = [
    "KINDS",
    "DomainThresholds",
    "Evidence",
    "Marks",
    "PageClassifier",
    "PageEvidence",
    "PageLimits",
    "confidence",
    "domain_scores",
    "interval",
    "judge",
    "lone_page_score",
    "surely",
]

_Z = 1.281552  # of a normal distribution: 90 % lie below
_PRIOR_PAGES = 2
_MARKS_ALONE = 0.8  # no verdict follows from a domain's name and links: the most that they make of a score


@dataclass(frozen=True)
class DomainThresholds:
    """A domain goes when its score, the confidence that more than this share of its pages is bad, is above ``confidence``;
    with less, but more than ``review``, people should look at it."""

    min_pages: int = 3
    pii: float = 0.4
    adult: float = 0.25
    harm: float = 0.25
    confidence: float = 0.9
    review: float = 0.5

    def __post_init__(self) -> None:
        require_at_least("min_pages", self.min_pages, 1)
        for name in ("pii", "adult", "harm", "confidence", "review"):
            require_fraction(name, getattr(self, name))

    def share(self, kind: str) -> float:
        """The threshold of one of :data:`KINDS`."""
        return {"pii": self.pii, "adult": self.adult, "harm": self.harm}[kind]


@dataclass(frozen=True)
class Marks:
    """What speaks against a domain beside its pages, by kind, each as so many bad pages seen: ``name``
    (:mod:`filters.site_names`), ``links_out`` to listed sites, ``links_in`` from them."""

    name: Mapping[str, int] = field(default_factory=dict)
    links_out: Mapping[str, int] = field(default_factory=dict)
    links_in: Mapping[str, int] = field(default_factory=dict)

    def of(self, kind: str) -> int:
        """All marks of one of :data:`KINDS` together."""
        return sum(marks.get(kind, 0) for marks in (self.name, self.links_out, self.links_in))


NO_MARKS = Marks()


def domain_scores(evidence: Evidence, thresholds: DomainThresholds, marks: Marks = NO_MARKS) -> Scores | None:
    """The score of each of :data:`KINDS` for which pages could be judged, 0 to 1; ``None`` for a domain with fewer than
    ``min_pages`` pages."""
    if evidence.pages < thresholds.min_pages:
        return None
    scores = {}
    for kind in KINDS:
        judged, bad, others = evidence.judged(kind), evidence.bad(kind), marks.of(kind)
        if judged == 0:
            continue
        score = confidence(bad + others, judged + others, thresholds.share(kind))
        score *= min(1.0, (bad + others) / thresholds.min_pages)
        scores[kind] = round(score if bad else min(score, _MARKS_ALONE), 4)
    return scores


def lone_page_score(
    strength: int, prior: float, kind: str, thresholds: DomainThresholds, marks: Marks = NO_MARKS
) -> float:
    """The score of a page of a domain that is too small to be judged. ``strength``: how many times over its limits the page
    is (0 to 4), each time as good as a bad page; ``prior``: the share of bad pages of the whole crawl, which counts as two
    pages."""
    if not strength:
        return 0.0
    bad = strength + marks.of(kind) + _PRIOR_PAGES * prior
    score = confidence(bad, strength + marks.of(kind) + _PRIOR_PAGES, thresholds.share(kind))
    return round(score * min(1.0, bad / thresholds.min_pages), 4)


def judge(evidence: Evidence, thresholds: DomainThresholds, marks: Marks = NO_MARKS) -> Reject | None:
    """The verdict over a domain: the first of ``adult``, ``harm``, ``pii`` with a score above ``confidence``."""
    scores = domain_scores(evidence, thresholds, marks) or {}
    for kind in KINDS:
        if scores.get(kind, 0.0) > thresholds.confidence:
            return Reject(kind, scores[kind])
    return None


def confidence(bad: float, pages: float, threshold: float) -> float:
    """How sure it is that more than ``threshold`` of a domain's pages are bad, having seen ``bad`` in ``pages``: the score
    test of a share, .92 for 3 of 6 over .25. Above .9 exactly where the lower bound of Wilson's 90 % interval
    (:func:`surely`) is above the threshold, since that interval is this test's."""
    if not bad:
        return 0.0
    spread = math.sqrt(pages * threshold * (1 - threshold))
    if not spread:
        return float(bad > pages * threshold)
    return 0.5 * (1 + math.erf((bad - pages * threshold) / spread / math.sqrt(2)))


def interval(bad: int, pages: int) -> tuple[float, float]:
    """Wilson's score interval (:func:`filters.confidence.wilson_interval`) of the share of bad pages, four digits: the share is above the first, and below
    the second, with 90 % confidence each. ``(0, 1)`` without a page."""
    if not pages:
        return 0.0, 1.0
    low, high = wilson_interval(bad, pages, _Z)
    return round(low, 4), round(high, 4)


def surely(bad: int, pages: int) -> float:
    """The lower bound of :func:`interval`: .106 for 1 of 3, .268 for 3 of 6, .646 for 3 of 3, .282 for 300 of 1,000."""
    return interval(bad, pages)[0] if bad else 0.0
