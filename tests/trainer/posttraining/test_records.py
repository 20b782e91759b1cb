from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.errors import TrainerError
from trainer.posttraining.chat import Message
from trainer.posttraining.records import (
    Dialog,
    Preference,
    content_id,
    prompt_id,
    prompt_share,
    read_dialogs,
    read_preferences,
    read_prompts,
)
from trainer.posttraining.refusals import Refusal, Refusals

ASK = [{"role": "user", "content": "2+2?"}]


def answer(content: object, **keys: object) -> dict:
    return {"role": "assistant", "content": content, **keys}


def write(path: Path, *rows: object) -> list[Path]:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return [path]


def reasons(records: object) -> list[str | None]:
    return [record.reason if isinstance(record, Refusal) else None for record in records]


def test_one_dialog_in_all_kinds_of_files(tmp_path: Path) -> None:
    row = {"messages": [*ASK, answer("4")]}
    plain = write(tmp_path / "a.jsonl", row)[0]
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(plain.read_bytes()))
    pq.write_table(pa.Table.from_pylist([row, {"messages": [*ASK, answer("4", ids=[1, 2])]}]), tmp_path / "c.parquet")
    read = list(read_dialogs([plain, tmp_path / "b.jsonl.gz", tmp_path / "c.parquet"]))
    expected = Dialog((Message("user", "2+2?"), Message("assistant", "4")), "")
    assert read[:3] == [expected] * 3
    assert read[3].messages[-1].ids == (1, 2)
    assert [record.place.rpartition("/")[2] for record in read[1:]] == ["b.jsonl.gz:1", "c.parquet:1", "c.parquet:2"]
    assert len({record.id for record in read}) == 2 and len({record.prompt_id for record in read}) == 1


def test_sharegpt_is_read_where_it_is_asked_for(tmp_path: Path) -> None:
    turns = [("system", "s"), ("human", "2+2?"), ("gpt", "4"), ("human", "thanks")]
    files = write(tmp_path / "a.jsonl", {"conversations": [{"from": who, "value": what} for who, what in turns]})
    (dialog,) = read_dialogs(files, from_value=True)
    assert [message.role for message in dialog.messages] == ["system", "user", "assistant"]
    (refusal,) = read_dialogs(files)
    assert refusal.is_fatal and "--from-value" in refusal.problem and "conversations" in refusal.problem


def test_four_forms_of_a_preference(tmp_path: Path) -> None:
    files = write(
        tmp_path / "a.jsonl",
        {"messages": ASK, "chosen": "4", "rejected": "5"},
        {"prompt": "2+2?", "chosen": answer("4"), "rejected": "5", "strength": None},
        {"prompt": ASK, "chosen": [answer("4")], "rejected": [answer("5")]},
        {"chosen": [*ASK, answer("4")], "rejected": [*ASK, answer("5")]},
        {"prompt": ASK, "chosen": [*ASK, answer("4")], "rejected": [*ASK, answer("5")]},
    )
    read = list(read_preferences(files))
    assert read == [Preference(tuple(map(Message.from_json, ASK)), read[0].responses, None, "")] * 5
    assert [response.content for response in read[0].responses] == ["4", "5"]


def test_edited_is_the_best_and_one_that_is_as_chosen_is_none(tmp_path: Path) -> None:
    row = {"messages": ASK, "chosen": "4", "rejected": "5", "strength": "better"}
    read = list(read_preferences(write(tmp_path / "a.jsonl", row | {"edited": "four"}, row | {"edited": " 4"})))
    assert [[response.content for response in record.responses] for record in read] == [["four", "4", "5"], ["4", "5"]]


@pytest.mark.parametrize(
    ("row", "reason", "is_fatal"), [
        ({"messages": ASK, "chosen": "4", "rejected": "4 "}, "equal", False),
        ({"messages": ASK, "chosen": "4", "rejected": " "}, "empty", False),
        ({"messages": ASK, "chosen": "4", "rejected": True}, "content is no string", False),
        ({"messages": [*ASK, answer("4")], "chosen": "4", "rejected": "5"}, "last turn not the user's", False),
        ({"chosen": [*ASK, answer("4")], "rejected": [{"role": "user", "content": "3?"}, answer("5")]}, "different prompts", False),
        ({"prompt": ASK, "chosen": [{"role": "user", "content": "3?"}, answer("4")], "rejected": "5"}, "different prompts", False),
        ({"prompt": ASK, "chosen": [*ASK, answer("4"), *ASK, answer("5")], "rejected": "5"}, "different prompts", False),
        ({"prompt": ASK, "chosen": ASK, "rejected": "5"}, "role out of turn", True),
        ({"messages": ASK, "chosen": "4", "rejected": "5", "strength": "best"}, "unknown strength", True),
        ({"messages": ASK, "chosen": "4"}, "unknown keys", True),
        ({"messages": [{"role": "human", "content": "x"}], "chosen": "4", "rejected": "5"}, "unknown role", True),
        ({"messages": [*ASK, *ASK], "chosen": "4", "rejected": "5"}, "role out of turn", True),
    ]
)  # fmt: skip
def test_what_is_wrong_with_a_preference(tmp_path: Path, row: dict, reason: str, is_fatal: bool) -> None:
    (refusal,) = read_preferences(write(tmp_path / "a.jsonl", row))
    assert (refusal.reason, refusal.is_fatal) == (reason, is_fatal)
    assert refusal.place == f"{tmp_path / 'a.jsonl'}:1"


@pytest.mark.parametrize("row", [{"messages": ASK}, {"conversations": "x"}])
def test_what_is_not_in_sharegpt_s_form_is_refused_where_that_is_asked_for(tmp_path: Path, row: dict) -> None:
    (refusal,) = read_dialogs(write(tmp_path / "a.jsonl", row), from_value=True)
    assert refusal.reason == "unknown keys" and "is no dialog in ShareGPT's form" in refusal.problem


@pytest.mark.parametrize(
    ("messages", "reason"), [
        (ASK, "no assistant turn"), ([*ASK, answer(None)], "content is no string"), ([], "no message"),
        ([*ASK, answer(None, tool_calls=[{"x": 1}])], "tool_calls"), ([*ASK, answer("")], "empty"),
        ([answer("4"), *ASK], "role out of turn"),
    ]
)  # fmt: skip
def test_what_is_wrong_with_a_dialog(tmp_path: Path, messages: list, reason: str) -> None:
    assert reasons(read_dialogs(write(tmp_path / "a.jsonl", {"messages": messages}))) == [reason]


def test_ids_of_another_tokenizer_are_refused(tmp_path: Path) -> None:
    files = write(tmp_path / "a.jsonl", {"messages": [*ASK, answer("4", ids=[7, 9])], "tokenizer": "ab"})
    assert reasons(read_dialogs(files, "ab")) == [None]
    assert reasons(read_dialogs(files, "cd")) == ["other tokenizer"]


def test_refusals_are_counted_and_fatal_ones_end_it(tmp_path: Path) -> None:
    row = {"messages": ASK, "chosen": "4", "rejected": "5"}
    files = write(tmp_path / "a.jsonl", row | {"rejected": "4"}, row, row | {"rejected": "4"}, {"text": "x"})
    refusals = Refusals()
    kept = refusals.kept(read_preferences(files))
    assert next(kept).responses[1].content == "5"
    with pytest.raises(TrainerError, match=r"a\.jsonl:4: a row with the keys text is no preference"):
        next(kept)
    assert refusals.counts == {"equal": 2}
    assert refusals.sentences() == [f"Refused 2 (equal): the first is {files[0]}:1, two of its responses are equal."]


@pytest.mark.parametrize(
    ("name", "content", "match"), [
        ("a.jsonl", b"", "no rows"), ("a.jsonl", b"[\n{}]", "JSON Lines"), ("a.jsonl", b"{}\n{", r":2 is no JSON"),
        ("a.jsonl", b"1\n", "no JSON object"), ("a.jsonl.gz", gzip.compress(b"{}\n" * 9)[:-9], "cannot be read"),
        ("a.jsonl.gz", b"{}", "cannot be read behind line 0 "), ("a.parquet", b"PAR", "Parquet"), ("b.jsonl", b"", "no file"),
    ]
)  # fmt: skip
def test_files_that_cannot_be_read(tmp_path: Path, name: str, content: bytes, match: str) -> None:
    (tmp_path / name.replace("b.", "c.")).write_bytes(content)
    with pytest.raises(TrainerError, match=match):
        list(read_prompts([tmp_path / name]))


@given(st.lists(st.text(max_size=8), max_size=3, unique=True))
def test_a_split_goes_by_the_words_of_the_prompt(words: list[str]) -> None:
    prompts = [[Message("user", word)] for word in {word.strip() for word in words}]
    ids = [prompt_id(prompt) for prompt in prompts]
    assert len(set(ids)) == len(prompts)
    assert all(0 <= prompt_share(i) < 1 for i in ids)


def test_ids_and_shares_stay_what_they_were() -> None:
    """Rows that were drawn, split and answered by an earlier version must be found again."""
    message = Message("assistant", "4", True, "eom", (1, 2))
    said = b'[["assistant","4",true]]'
    assert prompt_id([message]) == hashlib.blake2b(said, digest_size=16).hexdigest()
    kept = b'[{"role":"assistant","content":"4","python_tag":true,"terminator":"eom","ids":[1,2]}]'
    assert content_id([message]) == hashlib.blake2b(kept, digest_size=16).hexdigest()
    share = hashlib.blake2b(b"ab", digest_size=6, person=b"prompt share").digest()
    assert prompt_share("ab") == int.from_bytes(share) / 2**48


def test_rows_are_equal_whatever_file_they_stand_in(tmp_path: Path) -> None:
    for read, row in (
        (read_prompts, {"messages": ASK, "answer": "4", "verifier": "exact"}),
        (read_dialogs, {"messages": [*ASK, answer("4")]}),
        (read_preferences, {"messages": ASK, "chosen": "4", "rejected": "5"}),
    ):
        one, two = [next(iter(read(write(tmp_path / name, row)))) for name in ("a.jsonl", "b.jsonl")]
        assert one == two and one.place != two.place


def test_shares_are_even() -> None:
    shares = [prompt_share(prompt_id([Message("user", str(n))])) for n in range(2000)]
    assert all(160 < sum(begin <= share < begin + 0.1 for share in shares) < 240 for begin in [0, 0.3, 0.7, 0.9])
