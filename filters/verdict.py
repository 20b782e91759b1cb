"""The two interfaces of filters: over documents, and over the lines of documents. Score first, decide second.

A filter is a pure function of its document (and, where it must, of corpus statistics handed to its constructor). It
turns a document into named numbers, and then, apart from that, numbers into a verdict. The numbers are stored, so
a threshold can be moved without a second run, and a rejected page can be explained.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, cast, runtime_checkable

from text.document import Document

Scores = Mapping[str, float]


@dataclass(frozen=True)
class Reject:
    """Why a document goes: the rule that fired (a snake_case name, unique within its filter) and its number."""

    reason: str
    score: float


class Filter(Protocol):
    """A rule, or a family of rules, over single documents.

    ``name`` is the filter's key in a recipe. ``score`` returns ``None`` where the document holds too little evidence
    (too short, a language that the rule knows nothing of): such a document is *not judged* by the filter, which is
    counted and rejects nothing. ``decide`` looks at scores alone and returns the first rule that fires, or ``None``.
    """

    name: str

    def score(self, document: Document) -> Scores | None: ...

    def decide(self, scores: Scores) -> Reject | None: ...


@runtime_checkable
class LineFilter(Protocol):
    """A rule that removes lines, and may reject what that leaves too little of.

    ``judge_lines`` returns the lines that go, by their index in ``document.view.rows``, each with the rule that it fell
    to (a snake_case name), and scores as :class:`Filter` has them. A document that ``decide`` rejects goes whole; from
    any other the lines go, their words are counted by rule, and the filters that follow see what is left.
    """

    name: str

    def judge_lines(self, document: Document) -> tuple[Mapping[int, str], Scores | None]: ...

    def decide(self, scores: Scores) -> Reject | None: ...


AnyFilter = Filter | LineFilter


def judge(judging: AnyFilter, document: Document) -> tuple[Mapping[int, str], Scores | None]:
    """What a filter of either kind says of a document: the lines that go, as :class:`LineFilter` has them, and scores."""
    # Asking for the method costs a hundredth of asking whether it is a LineFilter.
    judge_lines = getattr(judging, "judge_lines", None)
    if judge_lines is not None:
        return cast(LineFilter, judging).judge_lines(document)
    return {}, cast(Filter, judging).score(document)
