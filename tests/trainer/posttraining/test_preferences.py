"""Preferences as rows have room for them: older turns go first, and what doesn't fit, or isn't used, is refused."""

from __future__ import annotations

from typing import Any

import pytest

from trainer.config.schema import OptimizerConfig
from trainer.posttraining.chat import ChatFormat, Message
from trainer.posttraining.preferences import encode_preference
from trainer.posttraining.records import Preference
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
