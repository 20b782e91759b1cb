"""Gopher's quality rules, C4, FineWeb and RefinedWeb by hand, at their limits, and by reading."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.peers.c4 import C4Filter
from filters.peers.fineweb import FineWebFilter
from filters.peers.gopher_quality import LIMITS, GopherQualityFilter
from filters.peers.refinedweb import RefinedWebFilter
from filters.peers.words import (
    normalised_words,
    punctuation,
    spacy_sentences,
    spacy_words,
    terminal_marks,
    unicode_words,
)
from filters.verdict import LineFilter, Reject
from text.document import Document


def removed(judge: LineFilter, text: str) -> tuple[dict[int, str], str | None]:
    rows, scores = judge.judge_lines(Document(text, "en"))
    verdict = judge.decide(scores) if scores else None
    return dict(rows), verdict and verdict.reason


def test_what_projects_take_for_words() -> None:
    assert spacy_words("Don't go, Mr. Mill\n\nnow!") == ("Do", "n't", "go", ",", "Mr.", "Mill", "now", "!")
    assert spacy_sentences("Mr. Mill is in. Is he?") == 2
    assert unicode_words("Don't go, e-mail 3.5 times") == ["Don't", "go", "e", "mail", "3.5", "times"]
    assert normalised_words("E-Mail, it's\n3.5 caf\u00e9") == ["email", "its", "35", "cafe\u0301"]
    assert spacy_words("the word IS_ALPHA is none") == ("the", "word", "is", "none")


def test_the_marks_are_datatrove_s() -> None:
    assert len(terminal_marks()) == 159 and len(set(punctuation())) == 281
    assert {".", "?", "!", "\u3002", "\u17d6"} <= set(terminal_marks()) and "\u2024" not in terminal_marks()
    assert not {"a", "\u00e9", "$ "[1], "\t", "\n"} & set(punctuation())


@pytest.mark.parametrize("reading", ["datatrove", "dclm", "dolma"])
def test_prose_passes_every_reading_of_quality(reading: str, prose: str) -> None:
    judge = GopherQualityFilter(reading)
    assert judge.decide(judge.score(Document(prose, "en")) or {}) is None


def test_the_readings_of_quality_differ_as_they_say() -> None:
    text = "# the\n\u2022 of of 7 \u2026\n- end ..."
    score = {
        name: dict(GopherQualityFilter(name).score(Document(text)) or {}) for name in ("datatrove", "dclm", "dolma")
    }
    # spaCy: # the bullet of of 7 ellipsis - end ellipsis, ten words; the bullet is a letter to nobody
    assert score["datatrove"]["hashes"] == 1 / 10 and score["datatrove"]["ellipses"] == 2 / 10
    assert score["datatrove"]["stop_words"] == 2 and score["datatrove"]["bullet_lines"] == 2 / 3
    assert score["dclm"]["symbols"] == 3 / 10 and score["dclm"]["words"] == 5 and score["dclm"]["stop_words"] == 3
    assert score["dolma"]["symbols"] == 2 / 10 and score["dolma"]["bullet_lines"] == 1 / 3
    assert score["dolma"]["ellipsis_lines"] == 1 / 3 and score["dclm"]["ellipsis_lines"] == 2 / 3
    assert score["dolma"]["word_length"] == 1.5


@pytest.mark.parametrize("setting", LIMITS)
def test_a_number_at_its_limit_stays_and_one_beyond_goes(setting: str) -> None:
    score, side, limit = LIMITS[setting]
    step = -1e-6 if side == "least" else 1e-6
    assert GopherQualityFilter().decide({score: limit}) is None
    verdict = GopherQualityFilter().decide({score: limit + step})
    assert verdict is not None and verdict.reason.startswith("too_")
    assert GopherQualityFilter(limits={setting: limit + step}).decide({score: limit + step}) is None


def test_c4_s_lines_and_pages() -> None:
    text = (
        "Home\nThis line has five words.\nThis has four.\nWe use cookies on this site of ours.\n"
        "Please turn on Javascript to see it.\nA citation makes[1] four.\nAnd it ends with dots ...\n"
        f"One {'x' * 1001} word is too long.\n\nThe last of the lines.\nIs there one more line here?"
    )
    assert removed(C4Filter(), text) == (
        {
            0: "no_end_mark", 2: "too_few_words", 3: "notice", 4: "javascript", 5: "too_few_words", 6: "no_end_mark",
            7: "too_long_word",
        },
        None,
    )  # fmt: skip
    assert removed(C4Filter(), text.replace("Is there", "there {"))[1] == "curly_bracket"
    assert removed(C4Filter(), text.replace("last of", "Lorem Ipsum of"))[1] == "lorem_ipsum"
    assert removed(C4Filter(max_characters=100), text)[1] == "too_many_characters"
    assert removed(C4Filter(), "Only two sentences are here. And this is one.")[1] == "too_few_sentences"
    assert removed(C4Filter(min_sentences=2), "Only two sentences are here. And this is one.")[1] is None


def test_datatrove_s_c4_turns_the_numbers_round() -> None:
    assert removed(C4Filter("datatrove", min_sentences=0), "Three words here.\nTwo words.\n'It was so'\nno mark") == (
        {1: "too_few_words", 3: "no_end_mark"}, None,
    )  # fmt: skip
    assert removed(C4Filter("datatrove", end_marks=False, min_sentences=0), "no mark but words\nfew") == (
        {1: "too_few_words"}, None,
    )  # fmt: skip
    four = "One sentence is here. Two are here. Three are here. Four are here."
    assert removed(C4Filter("datatrove"), four)[1] == "too_few_sentences"
    assert removed(C4Filter("datatrove"), four + " Five are here.")[1] is None


def test_fineweb_by_hand() -> None:
    text = "A short line\nA short line\n" + "This line is longer than thirty characters.\n" * 2
    found = FineWebFilter().score(Document(text)) or {}
    assert found["end_marks"] == 0.5 and found["short_lines"] == 0.5
    assert found["duplicate_characters"] == (12 + 43) / (24 + 86)
    assert found["line_feeds"] == 4 / (3 + 3 + 8 + 8)
    judge = FineWebFilter()
    at = {"end_marks": 0.12, "short_lines": 0.67, "duplicate_characters": 0.01, "line_feeds": 0.3}
    assert judge.decide(at) is None
    assert judge.decide({**at, "end_marks": 0.11}) == Reject("too_few_end_marks", 0.11)
    for rule in ("short_lines", "duplicate_characters", "line_feeds"):
        assert judge.decide({**at, rule: 0.7}) == Reject(f"too_many_{rule}", 0.7)
    assert judge.score(Document("\n \n")) is None


def test_refinedweb_by_hand() -> None:
    text = "A LOUD LINE\n2024\n3 likes\nalone\nRead more...\nthree items in cart\n  \nan honest line of words"
    rows, reason = removed(RefinedWebFilter(), text)
    assert rows == {0: "capitals", 1: "digits", 2: "counter", 3: "single_word", 4: "button"}
    assert reason == "too_many_removed_words"
    judge = RefinedWebFilter()
    # Three of its words go with the phrase, and so count, though its line stays.
    assert judge.judge_lines(Document(text))[1] == {"removed_share": (3 + 1 + 2 + 1 + 2 + 3) / 18}
    assert judge.decide({"removed_share": 0.05}) is None
    assert RefinedWebFilter(max_removed_share=1.0).judge_lines(Document("\n")) == ({}, None)
    # Of a line of ten words a phrase goes, of one of eleven none.
    for words, share in ((6, 3 / 10), (7, 0)):
        line = " ".join(["word"] * words) + " three items in cart"
        assert judge.judge_lines(Document(line))[1] == {"removed_share": pytest.approx(share)}


LINES = st.lists(
    st.sampled_from(["HOME PAGE", "3 likes", "", " ", "So it is here today.", "[1] is {", "one"]), max_size=9
)


@settings(max_examples=40)
@given(LINES)
def test_only_lines_of_the_document_go_and_never_blank_ones(lines: list[str]) -> None:
    document = Document("\n".join(lines))
    for judge in (C4Filter(), C4Filter(min_words=0, end_marks=False), RefinedWebFilter()):
        rows, _ = judge.judge_lines(document)
        assert all(document.view.rows[row].strip() for row in rows)


def test_mistakes_are_sentences() -> None:
    for make, sentence in (
        (lambda: C4Filter("c4"), "reading is 'c4'; there are tfds, datatrove"),
        (lambda: C4Filter(sentences="punkt"), "sentences is 'punkt'"),
        (lambda: C4Filter(min_words=-1), "min_words is -1"),
        (lambda: GopherQualityFilter("paper"), "reading is 'paper'; there are datatrove"),
        (lambda: GopherQualityFilter(limits={"max_wordz": 1}), "'max_wordz', which is no rule"),
        (lambda: FineWebFilter(max_line_feeds=-1), "max_line_feeds is -1"),
        (lambda: RefinedWebFilter(max_capitals=2), "max_capitals is 2"),
    ):
        with pytest.raises(ValueError, match=sentence):
            make()
