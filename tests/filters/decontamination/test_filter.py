"""Planted questions are found in whatever dress; what only sounds like them is not; lines go where they are to be cut."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.decontamination.filter import DecontaminationFilter, load_index
from filters.decontamination.index import QuestionIndex, build
from filters.decontamination.questions import Question
from filters.verdict import Reject
from text.document import Document

from .conftest import ARITHMETIC, CHOICES, CODE, INSTRUCTION, LOGIC, PASSAGE, SHORT, SOLUTION

LISTED = "\n".join(f"{letter}) {choice}" for letter, choice in zip("ABCD", CHOICES, strict=True))
PLANTED = {
    "gsm8k": ARITHMETIC,
    "mmlu": f"{SHORT}\n{LISTED}",
    "humaneval": CODE,
    "bbh": LOGIC,
    "agieval": f"{PASSAGE}\nWho was sued?",
    "ifeval": INSTRUCTION,
}


@pytest.fixture(scope="module")
def judge(sets: dict[str, str]) -> DecontaminationFilter:
    return DecontaminationFilter(sets)


def sets_in(judge: DecontaminationFilter, text: str) -> set[str]:
    return {name for name, _ in judge.find(Document(text, "en"))}


@pytest.mark.parametrize("name", PLANTED)
def test_a_question_is_found_in_any_dress(judge: DecontaminationFilter, prose: str, name: str) -> None:
    text = PLANTED[name]
    for dressed in (
        text,
        text.upper(),
        re.sub(r"\s+", "   \n", text),
        re.sub(r"[^\w\s'’.<>=\[\]%+:]", " ", text),
        f"{prose}\n\n{text}\n\n{prose}",
        f"{prose} {text.replace(chr(10), ' ')} {prose}",
    ):
        assert sets_in(judge, dressed) == {name}


def test_part_of_a_long_question_and_a_solution_are_found(judge: DecontaminationFilter) -> None:
    words = ARITHMETIC.split()
    assert sets_in(judge, " ".join(words[: len(words) * 6 // 10])) == {"gsm8k"}
    assert sets_in(judge, " ".join(words[: len(words) // 4])) == set()
    # One word in ten is another.
    changed = [word if index % 10 else "something" for index, word in enumerate(words, 5)]
    assert sets_in(judge, " ".join(changed)) == {"gsm8k"}
    assert sets_in(judge, SOLUTION) == {"humaneval"}


def test_what_only_sounds_alike_is_not_found(judge: DecontaminationFilter, prose: str) -> None:
    for text in (
        prose,
        "Which of the following is true?",
        "Helicase, ligase, primase and topoisomerase work together when DNA is copied.",
        "How many dollars does she earn on both days? She sells a pound of butter for 3 dollars.",
        "The abbot was sued for water by the millers, and who was sued was the abbot.",
        "def rotate(xs, n):\n    return xs[n:] + xs[:n]",
    ):
        assert sets_in(judge, text) == set()


def test_a_short_question_needs_to_be_whole_or_followed_by_its_choices(judge: DecontaminationFilter) -> None:
    assert sets_in(judge, SHORT) == {"mmlu"}
    assert sets_in(judge, "An enzyme unwinds the double helix of DNA.") == set()


def test_phrases_of_a_set_tell_nothing() -> None:
    phrase = "Is the following sentence about windmills and their keepers plausible to you"
    index = QuestionIndex(build({"set": [Question(f"{phrase}: {word}", (), "") for word in "abcdefghijkl"]}))
    # The last three words of the phrase lie in a run with what follows it.
    assert index.runs.size == 12 and not index.bits[: phrase.count(" ") - 2].any()


def test_the_same_questions_make_the_same_index(sets: dict[str, str], tmp_path: Path) -> None:
    questions = [Question(ARITHMETIC, (), "a"), Question(SHORT, tuple(CHOICES), "b"), Question("", (), "c")]
    data = build({"set": questions})
    assert data == build({"set": questions})
    (tmp_path / "index").write_bytes(data)
    mapped = QuestionIndex.open(tmp_path / "index")
    assert mapped.names == ["set"] and mapped.runs.tolist() == sorted(set(mapped.runs.tolist()))
    with pytest.raises(ValueError, match="no index of test questions"):
        QuestionIndex(b"something else")
    listed = tuple(sorted(sets.items()))
    load_index.cache_clear()
    first = load_index(listed)
    load_index.cache_clear()
    assert load_index(listed).runs.tolist() == first.runs.tolist()


@given(st.lists(st.sampled_from(ARITHMETIC.split()[:12] + SHORT.split()), max_size=80))
def test_any_mixture_of_words_is_judged(judge: DecontaminationFilter, words: list[str]) -> None:
    for _, found in judge.find(Document(" ".join(words))):
        assert 0.5 <= found.overlap <= 1 and found.bits >= 60
        assert all(0 <= start < end <= len(words) for start, end in found.parts)


def test_a_page_that_repeats_one_run_of_a_question_takes_no_time(judge: DecontaminationFilter) -> None:
    assert sets_in(judge, "mill grinds 48 sacks of barley. " * 3000) == set()


def test_reports_rejects_or_cuts(sets: dict[str, str], prose: str) -> None:
    text = f"{prose}\n{ARITHMETIC}\n{prose.upper()}\n{SHORT}\n{LISTED}\nThe end."
    document = Document(text, "en")
    rows, scores = DecontaminationFilter(sets).judge_lines(document)
    assert rows == {} and scores == {"questions": 2, "in_gsm8k": 1, "in_mmlu": 1, "left": 332}
    assert DecontaminationFilter(sets).decide(scores) is None
    assert DecontaminationFilter(sets, "reject").decide(scores) == Reject("in_mmlu", 2)
    cutting = DecontaminationFilter(sets, "cut")
    rows, scores = cutting.judge_lines(document)
    assert rows == {1: "gsm8k", 3: "mmlu", 4: "mmlu", 5: "mmlu", 6: "mmlu", 7: "mmlu"}
    assert cutting.decide(scores) is None
    alone = cutting.judge_lines(Document(f"Hello.\n{ARITHMETIC}", "en"))[1]
    assert alone["left"] == 1 and cutting.decide(alone) == Reject("in_gsm8k", 1)
    nothing = cutting.judge_lines(Document(prose, "en"))
    assert nothing == ({}, {"questions": 0}) and cutting.decide(nothing[1]) is None


def test_many_pages_of_other_words_hold_no_question(judge: DecontaminationFilter) -> None:
    source = random.Random(3)
    words = sorted({word for text in PLANTED.values() for word in text.split()})
    assert sets_in(judge, " ".join(source.choices(words, k=5000))) == set()


def test_mistakes_are_sentences(sets: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "poor.txt").write_text("Is it?\n")
    for settings, said in [
        ({"sets": {}}, "sets is empty"),
        ({"sets": {"GSM 8k": "x"}}, "small letters"),
        ({"sets": sets, "action": "drop"}, "must be one of report, reject, cut"),
        ({"sets": sets, "overlap": 1.5}, "overlap is 1.5"),
        ({"sets": sets, "bits": 0}, "bits is 0"),
        ({"sets": {"poor": str(tmp_path / "poor.txt")}}, "none could be found; lower bits"),
    ]:
        with pytest.raises(ValueError, match=said):
            DecontaminationFilter(**settings)
    with pytest.raises(FileNotFoundError, match="There is no test set"):
        DecontaminationFilter({"none": str(tmp_path / "none")})
