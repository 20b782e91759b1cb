"""Verdicts against datatrove's own code, where it is installed: ``pip install datatrove spacy``."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.peers.c4 import C4Filter
from filters.peers.fineweb import FineWebFilter
from filters.peers.gopher_quality import GopherQualityFilter
from filters.peers.gopher_repetition import GopherRepetitionFilter
from filters.peers.words import punctuation, terminal_marks
from text.document import Document

theirs = pytest.importorskip(
    "datatrove.pipeline.filters", reason="datatrove is not installed; it is compared with where it is"
)

WORDS = [
    "the",
    "mill",
    "of",
    "and",
    "stones",
    "...",
    "\u2026",
    "#",
    "7",
    "-",
    "turn.",
    "Yes!",
    "{",
    "\n",
    "\n\n",
    "\n- ",
]
TEXTS = st.builds(
    lambda parts, times: " ".join(parts * times),
    st.lists(st.sampled_from(WORDS), min_size=3, max_size=60),
    st.integers(1, 4),
).filter(lambda text: any(map(str.isalpha, text)))


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_verdicts_are_theirs(text: str) -> None:
    from datatrove.data import Document as Theirs  # where it is installed

    for other, judge in (
        (theirs.GopherRepetitionFilter(), GopherRepetitionFilter("datatrove")),
        (theirs.GopherQualityFilter(), GopherQualityFilter("datatrove")),
        (theirs.FineWebQualityFilter(), FineWebFilter()),
        (theirs.C4QualityFilter(), C4Filter("datatrove")),
        (theirs.C4QualityFilter(filter_no_terminal_punct=False), C4Filter("datatrove", end_marks=False)),
    ):
        document = Document(text, "en")
        scores = judge.judge_lines(document)[1] if hasattr(judge, "judge_lines") else judge.score(document)
        assert (other.filter(Theirs(text=text, id="0")) is True) == (judge.decide(scores or {}) is None), judge.name


def test_marks_are_theirs() -> None:
    from datatrove.utils.text import PUNCTUATION_SET, TERMINAL_PUNCTUATION  # where it is installed

    assert set(terminal_marks()) == TERMINAL_PUNCTUATION and set(punctuation()) == PUNCTUATION_SET
