"""What is in files of rows: of what kind they are, how long, how often, and what would keep training from beginning."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.trainer.posttraining.conftest import write_rows
from trainer.errors import TrainerError
from trainer.posttraining.chat import ChatFormat, Kind
from trainer.posttraining.chat_check import STYLES, Checked, check

ASK, ANSWER = {"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "4"}
DIALOG = {"messages": [ASK, ANSWER]}
PAIR = {"prompt": "2+2?", "chosen": "4", "rejected": "5", "strength": "better"}
LONG = {"messages": [ASK, {"role": "assistant", "content": "y" * 500}]}


@pytest.fixture
def checked(tmp_path: Path, chat: ChatFormat):
    """``checked(row, …, show=1)``: what is found in a file of these rows."""

    def run(*rows: dict[str, Any], **options: Any) -> Checked:
        return check([write_rows(tmp_path / "rows.jsonl", list(rows))], chat, **options)

    return run


@pytest.mark.parametrize("messages", [[], "2+2?", None, ["2+2?"], [{"role": 1}]])
def test_a_row_whose_messages_are_none_is_a_dialog_that_is_refused(checked, messages: object) -> None:
    found = checked({"messages": messages})
    assert found.kind == "dialogs" and len(found.lengths) == 0


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (DIALOG, "dialogs"), (PAIR, "preferences"), ({"prompt": "2+2?"}, "prompts"), ({"messages": [ASK]}, "prompts"),
        ({"messages": [ASK, ANSWER, ASK]}, "prompts"), ({"messages": [ASK, ANSWER, ASK, ANSWER]}, "dialogs"),
    ],
)  # fmt: skip
def test_the_first_row_s_keys_tell_the_kind(checked, row: dict, kind: str) -> None:
    found = checked(row)
    assert (found.kind, len(found.lengths), found.fatal) == (kind, 1, [])
    assert found.sentences()[0] == f"1 {kind}, 0 of them repeated."


def test_tokens_are_counted_and_those_that_are_learnt_from(checked, chat: ChatFormat) -> None:
    # begin, a header of two specials, a name and two line feeds, text, end: every byte is a token here.
    ask, answer = 1 + 1 + 4 + 1 + 2 + 4 + 1, 1 + 9 + 1 + 2 + 1 + 1
    found = checked(DIALOG)
    assert found.lengths.tolist() == [ask + answer] and found.trained == 2
    prompt = checked({"prompt": "2+2?"})
    assert prompt.lengths.tolist() == [ask + answer - 2] and prompt.trained == 0
    pair = checked(PAIR)
    assert pair.lengths.tolist() == [ask + answer - 2 + 2 * 2] and pair.trained == 4
    assert (
        found.sentences()[1]
        == f"{ask + answer} tokens, 2 of them trained; {ask + answer} a row in the median, {ask + answer} at most."
    )


def test_all_turns_are_learnt_from_where_that_is_asked_for(checked) -> None:
    twice = {"messages": [ASK, ANSWER, ASK, ANSWER]}
    assert checked(twice).trained == 2 and checked(twice, train="all").trained == 4


def test_rows_that_say_the_same_are_counted(checked) -> None:
    other = {"messages": [ASK, {"role": "assistant", "content": "four"}]}
    found = checked(DIALOG, other, DIALOG, DIALOG)
    assert (found.duplicates, len(found.lengths), found.strengths) == (2, 4, {})
    assert checked({"prompt": "a"}, {"prompt": "b"}, {"prompt": "a"}).duplicates == 1


def test_strengths_are_counted_and_those_without_one(checked) -> None:
    found = checked(PAIR, {**PAIR, "prompt": "1?"}, {"prompt": "2?", "chosen": "4", "rejected": "5"})
    assert found.strengths == {"better": 2, "(none)": 1}
    assert found.sentences()[2] == "Strengths: better 2, (none) 1."


def test_what_would_keep_training_from_beginning_is_told_and_the_rest_read(checked) -> None:
    wrong = {"messages": [ASK, ASK, ANSWER]}
    found = checked(DIALOG, wrong, wrong, LONG, DIALOG, length=100)
    assert len(found.fatal) == 1 and ":2: " in found.fatal[0] and len(found.lengths) == 2
    assert dict(found.refusals.counts) == {"role out of turn": 2, "too long": 1}
    assert checked(LONG, length=100).fatal == [] and len(checked(LONG, length=600).lengths) == 1


def test_a_prompt_loses_its_oldest_turns_and_is_refused_where_that_is_not_enough(checked) -> None:
    long = {"messages": [{"role": "user", "content": "x" * 80}, ANSWER, ASK]}
    assert checked(long, length=100).lengths.tolist() == checked({"messages": [ASK]}).lengths.tolist()
    found = checked({"messages": [ASK]}, {"messages": [{"role": "user", "content": "x" * 80}]}, length=60)
    assert len(found.lengths) == 1 and sum(found.refusals.counts.values()) == 1 and found.fatal == []


def test_so_many_rows_are_drawn_each_token_in_the_style_of_its_kind(checked) -> None:
    for show in (0, 1, 2):
        assert len(checked(DIALOG, DIALOG, show=show).shown) == show
    (text,) = checked(DIALOG).shown
    assert text.plain.endswith("2+2?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n4<|eot_id|>")
    drawn = [(text.plain[span.start : span.end], span.style) for span in text.spans]
    assert drawn[-2:] == [("4", STYLES[Kind.CONTENT]), ("<|eot_id|>", STYLES[Kind.FORMAT])]
    assert len(drawn) == 3 and drawn[0][1] == STYLES[Kind.NONE]
    (pair,) = checked(PAIR).shown
    assert pair.plain.endswith("\n\n\n4<|eot_id|>\n5<|eot_id|>"), "parts begin a line"


def test_without_rows_there_is_nothing_to_check(chat: ChatFormat) -> None:
    with pytest.raises(TrainerError, match="There is nothing to check"):
        check([], chat)


def test_of_rows_that_are_all_refused_no_tokens_are_told(checked) -> None:
    assert checked(LONG, length=100).sentences() == [
        "0 dialogs, 0 of them repeated.",
        *checked(LONG, length=100).refusals.sentences(),
    ]
