"""Where a question of a test set stands in a page: the bounds of its search, on words that nobody else uses."""

from __future__ import annotations

import itertools

import pytest

from filters.decontamination.index import RUN, QuestionIndex, build
from filters.decontamination.questions import Question
from filters.decontamination.search import PART, Found, Limits, search, searchable
from text.view import TextView

NAMES = ["".join(letters) for letters in itertools.product("bdgkz", "oiu", "vxq", "ayo")]
ASKED, OTHER, PROSE = NAMES[:12], NAMES[12:24], NAMES[60:]
CHOICES = [NAMES[30:32], NAMES[32:34], NAMES[34:36], NAMES[36:38]]
GAP = 12
"""How many other words may stand between a question and its choices."""


def index_of(*questions: tuple[list[str], list[list[str]]]) -> QuestionIndex:
    asked = [Question(" ".join(words), tuple(map(" ".join, choices)), "") for words, choices in questions]
    return QuestionIndex(build({"set": asked}))


@pytest.fixture(scope="module")
def plain() -> QuestionIndex:
    """A question without choices."""
    return index_of((ASKED, []))


@pytest.fixture(scope="module")
def choosing() -> QuestionIndex:
    """A question of as many words with four choices of two words."""
    return index_of((ASKED, CHOICES))


def prose(count: int) -> list[str]:
    """Other words, of which no run is a question's."""
    return (PROSE * (count // len(PROSE) + 1))[:count]


def found(index: QuestionIndex, page: list[str], overlap: float = 0.5, bits: int = 1) -> list[Found]:
    return search(index, TextView(" ".join(page)).folded_hashes, Limits(overlap, bits))


def bits_of(index: QuestionIndex, start: int, end: int) -> int:
    return int(index.bits[start:end].sum())


def test_a_page_without_any_run_holds_nothing(plain: QuestionIndex) -> None:
    assert found(plain, []) == found(plain, prose(40)) == found(plain, ASKED[: RUN - 1]) == []


def test_a_whole_question_needs_its_bits_and_no_more(plain: QuestionIndex) -> None:
    total = bits_of(plain, 0, 12)
    expected = [Found(0, 1.0, total, ((5, 17),))]
    page = [*prose(5), *ASKED, *prose(5)]
    assert found(plain, page, bits=total) == expected
    assert found(plain, page, overlap=1.0, bits=total) == expected
    assert found(plain, page, bits=total + 1) == []


def test_a_part_needs_its_share_and_half_as_many_bits_again(plain: QuestionIndex) -> None:
    known, total = bits_of(plain, 0, 8), bits_of(plain, 0, 12)
    page, share = ASKED[:8], known / total
    limit = int(known / PART)
    (one,) = found(plain, page, overlap=share, bits=limit)
    assert one == Found(0, round(share, 4), known, ((0, 8),))
    assert found(plain, page, overlap=share, bits=limit + 1) == []
    assert found(plain, page, overlap=share + 1e-9, bits=1) == []
    # Nearly all of it counts as whole.
    nearly = bits_of(plain, 0, 11)
    assert nearly / total >= 0.9
    assert found(plain, ASKED[:11], bits=nearly) == [Found(0, round(nearly / total, 4), nearly, ((0, 11),))]


def test_choices_behind_a_question_count_with_it(choosing: QuestionIndex) -> None:
    asked, total = bits_of(choosing, 0, 12), bits_of(choosing, 0, 20)
    listed = list(itertools.chain(*CHOICES))
    parts = ((0, 12), (12, 14), (14, 16), (16, 18), (18, 20))
    assert found(choosing, [*ASKED, *listed], bits=total) == [Found(0, 1.0, total, parts)]
    assert found(choosing, [*ASKED, *listed], bits=total + 1) == []
    # The question alone is whole, too: what it tells alone counts then.
    assert found(choosing, ASKED, overlap=0.95, bits=asked) == [Found(0, 1.0, asked, ((0, 12),))]
    assert found(choosing, ASKED, overlap=0.95, bits=asked + 1) == []


@pytest.mark.parametrize(("between", "is_found"), [(GAP, True), (GAP + 1, False)])
def test_other_words_between_a_question_and_its_choices_are_few(
    choosing: QuestionIndex, between: int, is_found: bool
) -> None:
    others = prose(between)
    page = [*ASKED, *others, *CHOICES[0], *others, *CHOICES[1], *others, *CHOICES[2], *others, *CHOICES[3]]
    total = bits_of(choosing, 0, 20)
    assert bool(found(choosing, page, bits=total)) == is_found
    (one,) = found(choosing, page)
    assert len(one.parts) == (5 if is_found else 1)
    if is_found:
        assert one.parts[1:3] == ((12 + between, 14 + between), (14 + 2 * between, 16 + 2 * between))


@pytest.mark.parametrize(("listed", "counted"), [(CHOICES[:3], 3), (CHOICES[1:], 3), (CHOICES[:2], 0), ([], 0)])
def test_choices_count_where_most_of_them_stand_in_their_order(
    choosing: QuestionIndex, listed: list[list[str]], counted: int
) -> None:
    (one,) = found(choosing, [*ASKED, *itertools.chain(*listed)])
    assert len(one.parts) == 1 + counted
    # Backwards only one of them is behind the one before it.
    (one,) = found(choosing, [*ASKED, *itertools.chain(*listed[::-1])])
    assert len(one.parts) == 1


def test_words_of_a_choice_that_stand_before_the_question_are_not_its_choices(choosing: QuestionIndex) -> None:
    (one,) = found(choosing, [*itertools.chain(*CHOICES), *ASKED])
    assert one.parts == ((8, 20),) and one.bits == bits_of(choosing, 0, 12)


def test_a_question_that_stands_twice_is_found_twice(plain: QuestionIndex) -> None:
    page = [*ASKED, *prose(60), *ASKED]
    assert [each.parts for each in found(plain, page)] == [((0, 12),), ((72, 84),)]


def test_a_question_torn_apart_is_found_as_far_as_twice_its_length_and_a_gap(plain: QuestionIndex) -> None:
    """Runs belong together up to 2 x 12 + 12 words from the first to the last."""
    halves = ASKED[:6], ASKED[6:]
    # Halves of 6 words have runs at 0, 1, 2 and, behind the other words, at once and up to two words on.
    (one,) = found(plain, [*halves[0], *prose(28), *halves[1]], overlap=0.9)
    assert one.overlap == 1.0 and one.parts == ((0, 6), (34, 40))
    assert found(plain, [*halves[0], *prose(29), *halves[1]], overlap=1.0) == []


@pytest.mark.parametrize(("between", "parts"), [(GAP, ((0, 24),)), (GAP + 1, ((0, 6), (19, 25)))])
def test_few_other_words_inside_a_question_go_with_it(
    plain: QuestionIndex, between: int, parts: tuple[tuple[int, int], ...]
) -> None:
    (one,) = found(plain, [*ASKED[:6], *prose(between), *ASKED[6:]])
    assert one.parts == parts


def test_questions_are_told_apart_and_named_in_their_order() -> None:
    index = index_of((ASKED, []), (OTHER, CHOICES))
    page = [*OTHER, *itertools.chain(*CHOICES), *prose(20), *ASKED]
    first, second = found(index, page)
    assert (first.question, first.bits, first.parts) == (0, bits_of(index, 0, 12), ((40, 52),))
    assert (second.question, second.bits) == (1, bits_of(index, 12, 32))
    assert second.parts[0] == (0, 12) and second.parts[-1] == (18, 20)


def test_only_what_has_a_run_and_tells_enough_can_be_found() -> None:
    index = index_of((ASKED, []), (ASKED[: RUN - 1], []), (OTHER[:6], CHOICES))
    first, third = bits_of(index, 0, 12), bits_of(index, 15, 29)
    limits = sorted({first, third})
    assert searchable(index, Limits(0.5, min(limits))).tolist() == [True, False, True]
    assert searchable(index, Limits(0.5, first)).tolist() == [True, False, third >= first]
    assert searchable(index, Limits(0.5, max(limits) + 1)).tolist() == [False] * 3
