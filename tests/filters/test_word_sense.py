"""In which sense a page uses the words of a list."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.domain_pages import ADULT, GOOD, HARM
from filters.dirty_words import DirtyWordsFilter
from filters.page_evidence import PageEvidence
from filters.vocabulary import DATA, Meaning, Vocabulary, read_contexts, read_vocabularies
from filters.word_sense import SenseCounter, Weighed, shipped
from text.document import Document
from text.view import TextView

LIST = Vocabulary(
    {"wet pussy": Meaning(), "blowjob": Meaning(2.0), "tits": Meaning(0.5, ("birds",)), "naked": Meaning(0.25)}
)
CONTEXTS = {
    "birds": Vocabulary(["nest", "feeder", "blue"]),
    "explaining": Vocabulary(["court", "judge", "jury", "law", "study"]),
    "selling": Vocabulary(["join now", "tonight", "members only"]),
}
COUNTER = SenseCounter({"en": LIST}, {"en": CONTEXTS})
PAGES = PageEvidence()
DIRTY = DirtyWordsFilter()


def points(text: str, hidden: int = 0) -> float:
    weighed = COUNTER.weigh("en", TextView(text).folded_hashes, hidden)
    assert weighed is not None
    return weighed.points


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("blowjob", 2.0),
        ("wet pussy, blowjob", 3.0),
        ("tits naked", 0.0),
        ("blowjob tits tits naked", 3.25),
        ("blowjob " + "tits " * 9, 4.0),
        ("blowjob tits by the nest", 2.5),
        ("blowjob tits, nest and feeder", 2.0),
        ("tits naked tonight, join now", 0.0),
        ("tits naked tonight, join now, members only", 0.75),
        ("blowjob: court, judge, jury", 2.0),
        ("blowjob: court, judge, jury, law", 0.0),
        ("blowjob " * 5 + "court, judge, jury, law", 10.0),
        ("blowjob: court, judge, jury, law; tonight, members only, join now", 0.0),
        ("", 0.0),
    ],
)
def test_what_hits_prove(text: str, expected: float) -> None:
    assert points(text) == expected


def test_words_in_disguise_sell() -> None:
    assert points("tits naked", hidden=3) == 0.75
    assert points("blowjob: court, judge, jury, law", hidden=1) == 2.0


def test_a_language_without_a_list_is_not_judged() -> None:
    assert COUNTER.weigh("fi", TextView("tits").folded_hashes) is None
    assert COUNTER.weigh("en", TextView("corn").folded_hashes) == Weighed()


def test_a_context_that_nobody_wrote_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="names the contexts fish, and there are birds"):
        SenseCounter({"en": Vocabulary({"cod": Meaning(1.0, ("fish",))})}, {"en": {"birds": Vocabulary(["nest"])}})


@pytest.mark.parametrize("name", sorted(GOOD))
def test_good_pages_written_against_the_lists_stay(name: str) -> None:
    document = Document(GOOD[name], "en")
    strengths, scores = PAGES.look(document).strengths, DIRTY.score(document)
    assert (strengths["adult"], strengths["harm"], scores and DIRTY.decide(scores)) == (0, 0, None)


@pytest.mark.parametrize("name", sorted(ADULT))
def test_adult_pages_are_told_also_in_euphemism_and_disguise(name: str) -> None:
    assert PAGES.look(Document(ADULT[name], "en")).strengths["adult"] > 0


@pytest.mark.parametrize("name", sorted(HARM))
def test_harmful_offers_are_told(name: str) -> None:
    assert PAGES.look(Document(HARM[name], "en")).strengths["harm"] > 0


@pytest.mark.parametrize("kind", ["adult", "harm", "dirty_words"])
def test_shipped_lists_hold_heavy_entries_and_contexts_that_exist(kind: str) -> None:
    lists = read_vocabularies(DATA / kind)
    SenseCounter(lists)
    contexts = read_contexts(DATA / "contexts")
    for language in lists:
        assert {"explaining", "selling"} <= set(contexts[language])


def test_entries_of_added_lists_count_half_unless_they_say_more(tmp_path: Path) -> None:
    (tmp_path / "en.txt").write_text("gristle\nbran | 2\n", "utf-8")
    counter = shipped("adult", added=tmp_path)
    # On a page that sells, light entries count without heavy ones; three words in disguise are as good.
    for text, expected in (("gristle", 0.5), ("bran", 2.0), ("gristle bran gristle", 3.0)):
        weighed = counter.weigh("en", TextView(text).folded_hashes, 3)
        assert weighed is not None and weighed.points == expected
