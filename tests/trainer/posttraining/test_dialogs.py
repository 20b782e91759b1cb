"""The dialogs of a fine-tuning: which are trained on, how often, which are held out, and what is said of them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.trainer.posttraining.conftest import write_rows
from trainer.errors import TrainerError
from trainer.posttraining.chat import ChatFormat, Message
from trainer.posttraining.dialogs import Dialogs, named_files, read_encoded
from trainer.posttraining.records import prompt_id, prompt_share
from trainer.posttraining.settings import SftConfig


def row(prompt: str, answer: str = "yes") -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}]}


def texts(chat: ChatFormat, dialogs: list[Any]) -> list[str]:
    """The user's turn of each."""
    found = [chat.tokenizer.decode(dialog.ids.tolist()) for dialog in dialogs]
    return [text.split("<|end_header_id|>\n\n")[1].split("<|eot_id|>")[0] for text in found]


def test_files_have_names_and_come_once() -> None:
    assert named_files(["a=x", "y", "a=z", "b-c=d=e"]) == {"a": ["x", "z"], "y": ["y"], "b-c": ["d=e"]}
    for twice in (["x", "x"], ["a=x", "b=x"], ["a=x", "x"]):
        with pytest.raises(TrainerError, match="x is named twice, and would count twice"):
            named_files(twice)
    with pytest.raises(TrainerError, match="There is no data"):
        named_files([])


@pytest.fixture
def read(tmp_path: Path, chat: ChatFormat, make_settings) -> Any:
    """``read({name: rows}, …)``: what is made of these rows under these settings."""

    def read(files: dict[str, list[dict]], **settings: Any) -> Dialogs:
        data = [f"{name}={write_rows(tmp_path / f'{name}.jsonl', rows)}" for name, rows in files.items()]
        return read_encoded(data, [], chat, make_settings(SftConfig, **settings))

    return read


def test_dialogs_are_counted_with_their_tokens_and_targets(read, chat: ChatFormat) -> None:
    found = read({"web": [row("a"), row("bb")]})
    assert texts(chat, found.train) == ["a", "bb"] and found.held_out == []
    total = sum(len(dialog.ids) for dialog in found.train)
    # "yes" and what ends it, twice.
    assert found.sentences == [f"Dialogs: web 2; {total} tokens an epoch, 8 of them targets."]


def test_a_mixture_says_how_often_and_draws_the_fraction(read, chat: ChatFormat) -> None:
    rows = [row(f"q{n}") for n in range(10)]
    found = read({"a": rows, "b": [row("other")]}, mixture={"a": 2.5, "b": 0.0})
    counted = Counter(texts(chat, found.train))
    assert sorted(counted.values()) == [2] * 5 + [3] * 5
    assert found.sentences[0].startswith("Dialogs: a 10 x 2.5, b 1 x 0; ")
    drawn = sorted(np.random.default_rng([0, 0]).permutation(10)[:5].tolist())
    assert [name for name in (f"q{n}" for n in range(10)) if counted[name] == 3] == [f"q{n}" for n in drawn]
    other = Counter(texts(chat, read({"a": rows}, mixture={"a": 2.5}, run={"seed": 1}).train))
    assert other != counted
    assert texts(chat, read({"a": rows, "b": rows}, mixture={"a": 0.0}).train) == [f"q{n}" for n in range(10)]
    with pytest.raises(TrainerError, match="mixture names c, but the data is called a, b"):
        read({"a": rows, "b": rows}, mixture={"c": 1.0})


def test_some_prompts_are_held_out_by_their_hash(read, chat: ChatFormat) -> None:
    rows = [row(f"q{n}", answer) for n in range(40) for answer in ("one", "two")]
    found = read({"a": rows}, held_out=0.25)
    train, apart = set(texts(chat, found.train)), set(texts(chat, found.held_out))
    assert not train & apart and len(train | apart) == 40 and 3 <= len(apart) <= 20
    assert found.sentences[0].endswith(f"; {2 * len(apart)} dialogs held out.")
    shares = sorted(prompt_share(prompt_id([Message("user", f"q{n}")])) for n in range(40))
    assert len(read({"a": rows}, held_out=shares[7]).held_out) == 2 * 7  # the share itself is not held out


def test_files_that_are_held_out_share_no_prompt_with_the_others(
    read, chat: ChatFormat, tmp_path: Path, make_settings
) -> None:
    data, apart = write_rows(tmp_path / "a.jsonl", [row("q"), row("q2")]), [row("r"), row("x" * 200)]
    config = make_settings(SftConfig)
    found = read_encoded([data], [write_rows(tmp_path / "h.jsonl", apart)], chat, config)
    assert texts(chat, found.held_out) == ["r"] and found.sentences[0].endswith("; 1 dialogs held out.")
    assert any("Refused 1 (too long)" in sentence for sentence in found.sentences)
    both = write_rows(tmp_path / "both.jsonl", [row("r"), row("q", "no")])
    with pytest.raises(TrainerError, match=r"both.jsonl:2 is held out, and .*a.jsonl:1 trains on the same prompt"):
        read_encoded([data], [both], chat, config)


def test_what_does_not_fit_is_refused_and_nothing_left_is_an_error(read) -> None:
    found = read({"a": [row("q"), row("q", "x" * 200)]})
    assert len(found.train) == 1 and any("Refused 1 (too long)" in sentence for sentence in found.sentences)
    with pytest.raises(TrainerError, match=r"No dialog is left to train on. Refused 1 \(too long\)"):
        read({"a": [row("q", "x" * 200)]})


def test_all_turns_are_targets_where_all_are_trained(read) -> None:
    dialog = {"messages": [*row("a")["messages"], *row("b")["messages"]]}
    last, all_ = (read({"a": [dialog]}, train=train).train[0] for train in ("last", "all"))
    assert np.count_nonzero(last.kinds) == 4 and np.count_nonzero(all_.kinds) == 8
