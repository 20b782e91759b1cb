from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.errors import TrainerError
from trainer.posttraining.verify import verifier_for


def test_exact_compares_without_white_space_at_the_ends() -> None:
    verify = verifier_for("exact", " 1379\n", "here")
    assert verify(["1379", " 1379 ", "1397", "", "1379 1379"]) == [1, 1, 0, 0, 0]


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("so 70 + 2 #### 72", 1),
        ("#### 72.", 1),
        ("#### $72.00", 1),
        ("#### 7 #### 72", 1),
        ("#### 72 #### 7", 0),
        ("72", 0),
        ("#### 72 apples", 0),
        ("#### nan", 0),
        ("####", 0),
        ("", 0),
    ],
)
def test_the_number_behind_the_last_mark_decides(text, right) -> None:
    assert verifier_for("final_number", "48 + 24 = 72 #### 72", "here")([text]) == [right]
    assert verifier_for("final_number", "72", "here")([text]) == [right]


@given(st.integers(-(10**9), 10**9))
def test_thousands_may_be_divided_by_commas(number) -> None:
    assert verifier_for("final_number", f"#### {number}", "here")([f"#### {number:,}"]) == [1]


def test_an_answer_may_be_a_number() -> None:
    assert verifier_for("final_number", 72, "here")(["#### 72"]) == [1]
    assert verifier_for("exact", 72, "here")(["72"]) == [1]


def test_a_regular_expression_must_match_all() -> None:
    assert verifier_for({"regex": r"[a-z]+"}, None, "here")(["abc", " abc\n", "abc d", ""]) == [1, 1, 0, 0]


@pytest.mark.parametrize(
    ("constraint", "kept", "broken"),
    [
        ({"no_comma": True}, "a b", "a, b"),
        ({"json": True}, '```json\n{"a": 1}\n```', "{'a': 1}"),
        ({"json": True}, "```JSON\n[1,\n2]\n```", "```json\n[1,\n```"),
        ({"json": False}, "[1", "[1]"),
        ({"no_comma": False}, "a, b", "a b"),
        ({"lowercase": True}, "abc 1", "Abc"),
        ({"uppercase": True}, "ABC!", "ABc"),
        ({"min_words": 3}, "one two three", "one two"),
        ({"max_words": 2}, "one two", "one two three"),
        ({"paragraphs": 2}, "a\nb\n\n c", "a"),
        ({"keywords": ["tree", "Leaf"]}, "a leaf of the tree", "leafs of a tree"),
        ({"forbidden": ["rain"]}, "a train", "Rain falls"),
        ({"keywords": ["C++ "]}, "in C++ it is", "in Cxx it is"),
        ({"forbidden": ["rain", "snow"]}, "sun", "no Snow"),
        ({"ends_with": "Anything else?"}, "Yes. Anything else? ", "Yes."),
    ],
)
def test_constraints(constraint, kept, broken) -> None:
    assert verifier_for({"constraints": constraint}, None, "here")([kept, broken]) == [1, 0]


def test_of_several_constraints_the_share_counts() -> None:
    verify = verifier_for({"constraints": {"no_comma": True, "max_words": 2}}, None, "here")
    assert verify(["a b", "a, b", "a, b, c"]) == [1, 0.5, 0]


@pytest.mark.parametrize(
    ("spec", "answer", "words"),
    [
        ("exact", None, 'compares with "answer"'),
        ("final_number", "none", "no number"),
        ("exact", ["1"], "neither text nor a number"),
        ("exact", True, "neither text nor a number"),
        ("guess", "1", "is no verifier"),
        ({"regex": "("}, None, "no regular expression"),
        ({"regex": 1}, None, "is no verifier"),
        ({"constraints": {}}, None, "is no verifier"),
        ({"constraints": {"rhymes": True}}, None, "there is no constraint 'rhymes'"),
        ({"constraints": {"min_words": True}}, None, "min_words needs a int"),
        ({"constraints": {"keywords": [1]}}, None, "keywords needs a list of words"),
        ({"constraints": {"keywords": ["a", 1]}}, None, "keywords needs a list of words"),
        ({"constraints": ["no_comma"]}, None, "is no verifier"),
        ({"guess": "a"}, None, "is no verifier"),
        ({"regex": "a", "exact": 1}, None, "a verifier is a name"),
        (["exact"], None, "a verifier is a name"),
    ],
)
def test_what_is_no_verifier_is_refused_with_its_place(spec, answer, words) -> None:
    with pytest.raises(TrainerError, match=words) as caught:
        verifier_for(spec, answer, "prompts.jsonl, line 3")
    assert "prompts.jsonl, line 3" in str(caught.value)


def test_human_solutions_of_gsm8k_are_right_and_marked_solutions_are_judged_as_marked() -> None:
    folder = Path(os.environ.get("GRISTMILL_SHARED", "")) / "data" / "posttraining" / "gsm8k"
    if not os.environ.get("GRISTMILL_SHARED") or not folder.is_dir():
        pytest.skip("GRISTMILL_SHARED names no directory with data/posttraining/gsm8k")
    with gzip.open(folder / "test.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    assert len(rows) == 1319
    assert all(verifier_for("final_number", row["answer"], "")([row["answer"]]) == [1] for row in rows)
