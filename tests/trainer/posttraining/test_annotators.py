from __future__ import annotations

import pytest

from trainer.errors import TrainerError
from trainer.posttraining.annotators import by_task, by_verifier, preference_row
from trainer.posttraining.demo_tasks import SORT_DIGITS, TWO_DIGIT_SUMS


def row(question: str, *contents: str, finish: str = "stop", **more) -> dict:
    responses = [{"message": {"role": "assistant", "content": text}, "finish_reason": finish} for text in contents]
    return {"prompt_id": "p", "messages": [{"role": "user", "content": question}], "responses": responses, **more}


def sides(found: dict) -> list[str | None]:
    return [found["chosen"]["content"], found["rejected"]["content"], found.get("edited")]


def test_the_verifier_prefers_what_is_right() -> None:
    asked = row("7391", "1397", "1379", verifier="exact", answer="1379")
    assert sides(preference_row(asked, by_verifier)) == ["1379", "1397", None]
    assert preference_row(row("7391", "1", "2", verifier="exact", answer="1379"), by_verifier) == "no preference"


def test_a_prompt_without_a_verifier_is_refused() -> None:
    with pytest.raises(TrainerError, match="p has no verifier"):
        preference_row(row("7391", "1", "2"), by_verifier)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (("1379", "1397"), ["1379", "1397", None]),
        (("9731", "1397"), ["1397", "9731", "1379"]),  # neither is right: the truth is written beside
        (("1111", "1397"), ["1397", "1111", "1379"]),  # other digits are worse than descents
        (("3179", "1397"), "no preference"),
        (("1397", "1397"), "equal"),
        (("", "1397"), "empty"),
    ],
)
def test_the_annotator_of_digits_counts_descents(answers, expected) -> None:
    found = preference_row(row("7391", *answers), by_task(SORT_DIGITS))
    assert (found if isinstance(found, str) else sides(found)) == expected


def test_the_annotator_of_sums_takes_the_nearer_number() -> None:
    annotate = by_task(TWO_DIGIT_SUMS)
    assert sides(preference_row(row("27+58", "27+58 #### 95", "27+58 #### 84"), annotate)) == [
        "27+58 #### 84", "27+58 #### 95", "27+58 #### 85",
    ]  # fmt: skip
    assert sides(preference_row(row("27+58", "85", "27+58 #### 0"), annotate))[0] == "27+58 #### 0"


def test_a_response_that_was_cut_off_makes_no_pair_and_ids_stay() -> None:
    assert preference_row(row("1", "a", "b", finish="length"), by_task(SORT_DIGITS)) == "cut off"
    asked = row("7391", "1379", "1397", tokenizer="ab" * 32)
    asked["responses"][0]["message"]["ids"] = [1, 2]
    found = preference_row(asked, by_task(SORT_DIGITS))
    assert found["chosen"]["ids"] == [1, 2] and found["tokenizer"] == "ab" * 32
