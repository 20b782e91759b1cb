from __future__ import annotations

import random

import pytest

from trainer.errors import TrainerError
from trainer.posttraining.chat import Message
from trainer.posttraining.prompt_pools import drawn, pool_of, split_prompts
from trainer.posttraining.records import Prompt, prompt_share

SHARES = {"dev": 0.1, "test": 0.1, "preference": 0.5}


def prompts(count: int) -> list[Prompt]:
    return [Prompt((Message("user", f"question {n}"),), None, None, f"f:{n}") for n in range(count)]


def test_every_prompt_is_in_one_pool_whatever_its_row_and_order() -> None:
    found = split_prompts(prompts(1000), SHARES, seed=0)
    assert sum(map(len, found)) == 1000
    assert len({prompt.prompt_id for pool in found for prompt in pool}) == 1000
    shuffled = [*prompts(1000), *prompts(50)]
    random.Random(0).shuffle(shuffled)
    again = split_prompts(shuffled, SHARES, seed=0)
    assert [[p.prompt_id for p in pool] for pool in found] == [[p.prompt_id for p in pool] for pool in again]
    assert [round(len(pool) / 1000, 1) for pool in found] == [0.1, 0.1, 0.5, 0.3]
    assert all(pool_of(prompt.prompt_id, SHARES) == "dev" for prompt in found.dev)


def test_a_share_ends_below_its_limit() -> None:
    one = prompts(1)[0].prompt_id
    share = prompt_share(one)
    shares = {"dev": share, "test": 0.0, "preference": 0.0}
    assert pool_of(one, shares) == "policy" and pool_of(one, shares | {"test": 1e-9}) == "test"
    assert pool_of(one, shares | {"dev": share + 1e-9}) == "dev"
    assert pool_of(one, shares | {"dev": share / 2, "preference": share}) == "preference"


def test_a_seed_changes_the_order_and_not_the_pools() -> None:
    one, two = (split_prompts(prompts(300), SHARES, seed=seed) for seed in (0, 1))
    assert one.policy != two.policy
    assert {p.prompt_id for p in one.policy} == {p.prompt_id for p in two.policy}


def test_rounds_take_turns_and_begin_again() -> None:
    pool = prompts(7)
    assert drawn(pool, 3, 1) == pool[:3]
    assert drawn(pool, 3, 2) == pool[3:6]
    assert drawn(pool, 3, 3) == [pool[6], pool[0], pool[1]]
    assert drawn(pool, 100, 2) == [*pool[2:], *pool[:2]]  # all of them, each once


def test_an_empty_pool_is_refused() -> None:
    with pytest.raises(TrainerError, match="No prompt falls to the pool dev"):
        split_prompts(prompts(40), SHARES | {"dev": 0.0}, seed=0)
