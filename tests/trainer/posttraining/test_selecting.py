from __future__ import annotations

import pytest

from trainer.errors import TrainerError
from trainer.posttraining.records import read_dialogs, read_preferences
from trainer.posttraining.responses import write_jsonl
from trainer.posttraining.sampling_noise import response_key
from trainer.posttraining.selecting import chance, select, write_scores


def row(name: str, *contents: str, finish: str = "stop", **more) -> dict:
    responses = [{"message": {"role": "assistant", "content": text}, "finish_reason": finish} for text in contents]
    return {"prompt_id": name, "messages": [{"role": "user", "content": name}], "responses": responses, **more}


def contents(selection) -> list[str]:
    return [dialog["messages"][-1]["content"] for dialog in selection.dialogs]


@pytest.fixture
def rows() -> list[dict]:
    return [
        row("a", "one", "two", "three", verifier="exact", answer="two"),
        row("b", "same", "same"),
        row("c", "cut", "off", finish="length"),
        row("d", "", "word"),
    ]


SCORES = [[0.1, 0.2, 0.9], [1.0, 1.0], [None, None], [5.0, 1.0]]


@pytest.fixture
def scores(tmp_path, rows):
    write_scores(tmp_path / "scores.jsonl", rows, SCORES)
    return tmp_path / "scores.jsonl"


def test_verifiers_go_before_rewards_and_cut_off_and_empty_ones_never_win(rows, scores) -> None:
    selection = select(rows, scores, "verifier_first")
    assert contents(selection) == ["two", "same", "word"]
    assert [(pair["chosen"]["content"], pair["rejected"]["content"]) for pair in selection.pairs] == [("two", "one")]
    assert selection.counts["selected"] == 3 and selection.counts["right"] == 1.0


def test_rewards_alone_may_be_wrong_and_the_verifier_says_so(rows, scores) -> None:
    selection = select(rows, scores, "reward")
    assert contents(selection) == ["three", "same", "word"]
    assert selection.counts["right"] == 0.0
    assert [line["k"] for line in selection.counts["best_of_first"]] == [1, 2, 3]


def test_without_scores_only_verified_prompts_give_anything(rows) -> None:
    assert contents(select(rows, None, "verifier_first")) == ["two"]


def test_what_is_selected_can_be_read_for_training(tmp_path, rows, scores) -> None:
    selection = select([row | {"tokenizer": "ab" * 32} for row in rows], scores, "reward")
    write_jsonl(tmp_path / "selected.jsonl", selection.dialogs)
    write_jsonl(tmp_path / "pairs.jsonl", selection.pairs)
    dialogs = list(read_dialogs([tmp_path / "selected.jsonl"], "ab" * 32))
    assert [dialog.messages[-1].content for dialog in dialogs] == ["three", "same", "word"]
    (pair,) = read_preferences([tmp_path / "pairs.jsonl"], "ab" * 32)
    assert [response.content for response in pair.responses] == ["three", "one"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (2, "scores.jsonl:2 has no list of scores"),
        (4, "scores.jsonl:4 has no list of scores"),
        (None, "has the scores of other responses. Score these"),
    ],
)
def test_scores_that_are_none_or_of_others_are_refused(rows, tmp_path, line, words) -> None:
    path = tmp_path / "scores.jsonl"
    found = [{"prompt_id": row["prompt_id"], "scores": scores} for row, scores in zip(rows, SCORES, strict=True)]
    if line is None:
        found = found[:3]
    else:
        found[line - 1]["scores"] = ["high"] if line == 2 else 0.5
    write_jsonl(path, found)
    with pytest.raises(TrainerError, match=words):
        select(rows, path, "reward")


def test_lengths_are_means_of_what_was_selected_and_of_all_that_ended(rows, scores) -> None:
    selection = select(rows, scores, "reward")
    # "three", "same" and "word"; beside them "one", "two" and the other "same".
    assert selection.lengths == (13 / 3, (5 + 4 + 4 + 3 + 3 + 4) / 6)
    assert selection.counts["mean_length"] == {"selected": selection.lengths[0], "all": selection.lengths[1]}
    assert select(rows[2:3], None, "reward").lengths == (0.0, 0.0)


def test_chance_depends_on_its_seed_and_the_prompt_alone(rows) -> None:
    assert chance(rows, 0, "r") == chance(rows[::-1], 0, "r")[::-1]
    assert chance(rows, 0, "r") != chance(rows, 1, "r")
    assert chance(rows, 7, "r")[0] == [float(response_key(7, "r", "a", place)[0]) for place in range(3)]
    many = [row(str(n), "a", "b", "c", "d") for n in range(400)]
    first = sum(scores.index(max(scores)) == 0 for scores in chance(many, 0, "r"))
    assert 60 < first < 140
