from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trainer.posttraining.best_of import BestOfFirst, Candidate, Selected, by_number, centred, select_best


def rewarded(*rewards: float | None) -> list[Candidate]:
    return [Candidate(f"text {n}", None, reward) for n, reward in enumerate(rewards)]


def test_the_highest_reward_wins_and_the_lowest_loses() -> None:
    assert select_best(rewarded(0.5, 2.0, -1.0)) == Selected(1, 2)


def test_of_equals_the_first_wins() -> None:
    assert select_best(rewarded(1.0, 2.0, 2.0, 1.0)) == Selected(1, 0)


def test_a_response_that_was_cut_off_neither_wins_nor_loses() -> None:
    assert select_best(rewarded(None, 2.0, 1.0)) == Selected(1, 2)
    assert select_best(rewarded(None, None)) is None


def test_equal_responses_make_a_row_and_no_pair() -> None:
    same = [Candidate((1, 2), None, 0.5)] * 3
    assert select_best(same) == Selected(0, None)
    # Scores of one text may differ in their last digit.
    assert select_best([Candidate((1, 2), None, 0.5), Candidate((1, 2), None, 0.4999)]) == Selected(0, None)


def test_a_verifier_goes_before_the_reward_which_breaks_its_ties() -> None:
    candidates = [Candidate("a", 0.0, 9.0), Candidate("b", 1.0, -3.0), Candidate("c", 1.0, -2.0)]
    assert select_best(candidates) == Selected(2, 0)


def test_a_minimum_is_of_the_centred_reward_or_of_the_verifier() -> None:
    assert select_best(rewarded(101.0, 103.0), minimum=0.9) == Selected(1, 0)
    assert select_best(rewarded(101.0, 103.0), minimum=1.1) is None
    assert select_best(rewarded(101.0, 103.0), minimum=1.0) == Selected(1, 0)  # reached is enough
    assert select_best(rewarded(7.0), minimum=0.1) is None  # one alone is its own mean
    wrong = [Candidate("a", 0.0, 5.0), Candidate("b", 0.0, -5.0)]
    assert select_best(wrong, minimum=1.0) is None


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=12), st.floats(-1e3, 1e3))
def test_centred_rewards_have_mean_0_and_do_not_see_a_constant(rewards, constant) -> None:
    plain = centred(rewarded(*rewards))
    moved = centred(rewarded(*(reward + constant for reward in rewards)))
    assert abs(sum(plain)) < 1e-6 * max(1, len(rewards) * 1e3)
    assert all(abs(a - b) < 1e-6 for a, b in zip(plain, moved, strict=True))


def test_reward_and_truth_against_k_show_a_reward_model_that_is_gamed() -> None:
    # The reward rises along the responses; only the first two of four are true.
    prompts = [(rewarded(0.0, 1.0, 2.0, 3.0), [1.0, 1.0, 0.0, 0.0])] * 2
    assert by_number(prompts) == [
        BestOfFirst(1, -1.5, 1.0), BestOfFirst(2, -0.5, 1.0), BestOfFirst(4, 1.5, 0.0),
    ]  # fmt: skip


def test_against_k_without_truth_or_prompts() -> None:
    assert by_number([]) == []
    assert by_number([(rewarded(1.0, None, 3.0), [None] * 3)]) == [
        BestOfFirst(1, -1.0, None), BestOfFirst(2, -1.0, None), BestOfFirst(3, 1.0, None),
    ]  # fmt: skip


def test_a_prompt_whose_first_responses_were_cut_off_does_not_count_among_so_few() -> None:
    prompts = [(rewarded(None, 4.0), [None, 0.0]), (rewarded(1.0, 2.0), [1.0, None])]
    assert by_number(prompts) == [BestOfFirst(1, -0.5, 1.0), BestOfFirst(2, 0.25, 0.0)]
    assert by_number(prompts[:1])[0] == BestOfFirst(1, None, None)


def test_a_score_that_is_absent_is_0() -> None:
    assert Candidate("a", None, 2.0).score == (0.0, 2.0) and Candidate("a", 1.0, None).score == (1.0, 0.0)
    assert Candidate("a", None, None).score is None


def test_other_words_with_the_same_score_are_no_worse() -> None:
    assert select_best(rewarded(2.0, 2.0)) == Selected(0, None)
    assert select_best(rewarded(2.0, 2.0, 1.0)) == Selected(0, 2)
