"""Preferences as rows have room for them: older turns go first, and what doesn't fit, or isn't used, is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.trainer.posttraining.conftest import write_rows
from trainer.config.schema import OptimizerConfig
from trainer.errors import TrainerError
from trainer.posttraining.chat import ChatFormat, Message
from trainer.posttraining.preferences import encode_preference, read_groups
from trainer.posttraining.records import Preference, prompt_id, prompt_share
from trainer.posttraining.refusals import Refusal
from trainer.posttraining.rows import Group
from trainer.posttraining.settings import PreferenceConfig

OLD = (Message("user", "old"), Message("assistant", "1"))
NEW = (Message("user", "new"),)


def encoded(chat: ChatFormat, length: int, *said: str, prompt: tuple = (*OLD, *NEW), shared: bool = True, pairs: bool = False,
            strength: str | None = None, **changes: Any) -> Group | Refusal:  # fmt: skip
    record = Preference(
        prompt, tuple(Message("assistant", text) for text in said or ("yes", "no!!")), strength, "rows:1"
    )
    config = PreferenceConfig(sequence_length=length, batch_rows=1, optimizer=OptimizerConfig(peak_lr=1e-3), **changes)
    return encode_preference(record, chat, config, shared, pairs)


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("said", [("yes", "no!!"), ("maybe", "yes", "no!!")])
def test_what_just_fits_a_row_is_whole_and_a_token_less_costs_the_oldest_turns(
    chat: ChatFormat, shared: bool, said: tuple[str, ...]
) -> None:
    whole, less = (encoded(chat, 900, *said, prompt=prompt, shared=shared) for prompt in ((*OLD, *NEW), NEW))
    assert isinstance(whole, Group) and isinstance(less, Group)
    needed = whole.length(shared)
    fits, shorter = encoded(chat, needed, *said, shared=shared), encoded(chat, needed - 1, *said, shared=shared)
    assert isinstance(fits, Group) and fits.prompt.tolist() == whole.prompt.tolist()
    assert isinstance(shorter, Group) and shorter.prompt.tolist() == less.prompt.tolist()
    assert len(fits.responses) == len(said)
    least = less.length(shared)
    assert isinstance(encoded(chat, least, *said, shared=shared), Group)
    refused = encoded(chat, least - 1, *said, shared=shared)
    assert isinstance(refused, Refusal) and (refused.reason, refused.place) == ("too long", "rows:1")


@pytest.mark.parametrize("shared", [True, False])
def test_responses_that_leave_no_room_for_a_prompt_are_refused_by_their_length(chat: ChatFormat, shared: bool) -> None:
    refused = encoded(chat, 60, "y" * 40, "n" * 40, shared=shared)
    assert isinstance(refused, Refusal)
    assert refused.problem == "its responses have 82 tokens, and a row has 60"


def test_of_several_the_best_and_the_worst_are_a_pair(chat: ChatFormat) -> None:
    three, two = encoded(chat, 200, "best", "good", "bad"), encoded(chat, 200, "best", "good", "bad", pairs=True)
    assert isinstance(three, Group) and isinstance(two, Group)
    assert [len(found.responses) for found in (three, two)] == [3, 2]
    ids = [response.ids.tolist() for response in three.responses]
    assert [response.ids.tolist() for response in two.responses] == [ids[0], ids[2]]


@pytest.mark.parametrize(("strength", "used"), [(None, True), ("better", True), ("slightly_better", False)])
def test_only_some_strengths_are_used(chat: ChatFormat, strength: str | None, used: bool) -> None:
    found = encoded(chat, 200, strength=strength)
    assert isinstance(found, Group) is used
    if isinstance(found, Refusal):
        assert (found.reason, found.problem) == ("strength not used", f"its strength is {strength}")


def test_nearly_the_same_responses_are_refused(chat: ChatFormat) -> None:
    one, other = "y" * 50, "y" * 49 + "n"
    refused = encoded(chat, 300, one, other)
    assert isinstance(refused, Refusal) and refused.reason == "near-identical"
    assert isinstance(encoded(chat, 300, one, other, max_similarity=0.99), Group)
    assert isinstance(encoded(chat, 300, "y", "n"), Group)


def row(text: str, chosen: str = "yes", rejected: str = "no!!", **more: Any) -> dict[str, Any]:
    return {"prompt": text, "chosen": chosen, "rejected": rejected, **more}


def config(**changes: Any) -> PreferenceConfig:
    return PreferenceConfig(sequence_length=96, batch_rows=1, optimizer=OptimizerConfig(peak_lr=1e-3), **changes)


def test_prompts_are_held_out_by_their_hash_and_all_of_files_that_are_named(chat: ChatFormat, tmp_path: Path) -> None:
    texts = [f"say {number}" for number in range(40)]
    data = write_rows(tmp_path / "data.jsonl", [row(text) for text in texts])
    shares = [prompt_share(prompt_id([Message("user", text)])) for text in texts]
    limit = sorted(shares)[10]  # that prompt itself is trained on
    apart = write_rows(tmp_path / "apart.jsonl", [row("others", edited="yes!"), row("others 2")])
    found = read_groups([data], [apart], chat, config(held_out=limit), True, False)
    held_out = [
        chat.encode_prompt([Message("user", text)]).tolist()
        for text, s in zip(texts, shares, strict=True)
        if s < limit
    ]
    assert [group.prompt.tolist() for group in found.held_out[:-2]] == held_out and len(held_out) == 10
    assert len(found.train) == 30 and [len(group.responses) for group in found.held_out[-2:]] == [3, 2]
    assert found.sentences == [
        "Preferences: 30; 12 held out. The best responses have 4.0 tokens on average, the worst 5.0.",
        "Warning: 30 preferences are few; a model soon learns them by heart. Use 200 or more.",
    ]
    again = write_rows(tmp_path / "again.jsonl", [row(texts[shares.index(limit)])])
    with pytest.raises(
        TrainerError, match=r"again\.jsonl:1 is held out, and .*data\.jsonl:\d+ trains on the same prompt"
    ):
        read_groups([data], [again], chat, config(held_out=limit), True, False)


def test_what_is_trained_on_is_told_and_too_few_are_warned_of(chat: ChatFormat, tmp_path: Path) -> None:
    rows = [row(f"say {number}", **({"edited": "yes!"} if number < 3 else {})) for number in range(200)]
    refused = row("x", strength="slightly_better")
    found = {
        count: read_groups(
            [write_rows(tmp_path / f"{count}.jsonl", [refused, *rows[:count]])], [], chat, config(), True, False
        )
        for count in (199, 200)
    }
    begin, end = "of them with three responses. The best responses have", "tokens on average, the worst 5.0."
    assert found[200].sentences[0] == f"Preferences: 200, 3 {begin} 4.0 {end}"
    assert [len(one.sentences) for one in found.values()] == [3, 2]  # the last tells what was refused
    pairs = read_groups([str(tmp_path / "200.jsonl")], [], chat, config(), True, True)
    assert pairs.sentences[0] == f"Preferences: 200. {begin.partition('. ')[2]} 4.0 {end}"
    with pytest.raises(TrainerError, match=r"No preference is left to train on\. Refused 1 \(strength not used\)"):
        read_groups([write_rows(tmp_path / "none.jsonl", [refused])], [], chat, config(), True, False)
