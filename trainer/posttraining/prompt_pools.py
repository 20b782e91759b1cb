"""Which prompts are for what: four pools, split by the hash of the prompt, and what a round draws from two of them.

A reward model must not choose among responses to prompts that it was trained on, and no model is measured on prompts
that it has answered in training: a prompt belongs to one pool, whatever file and row it stands in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from trainer.errors import TrainerError
from trainer.posttraining.records import Prompt, prompt_share

DEV, TEST, PREFERENCE, POLICY = "dev", "test", "preference", "policy"


class Pools(NamedTuple):
    """Prompts by what they are for, each pool in the order of :func:`_order`."""

    dev: list[Prompt]
    """A round's models are compared on them."""
    test: list[Prompt]
    """Reported, and never a reason to choose."""
    preference: list[Prompt]
    """Answered twice and compared: for reward model and DPO."""
    policy: list[Prompt]
    """Answered K times, the best for fine-tuning."""


def pool_of(prompt_id: str, shares: Mapping[str, float]) -> str:
    """The pool of a prompt: ``shares`` of dev, test and preference; the rest is for the policy."""
    share, begin = prompt_share(prompt_id), 0.0
    for name in (DEV, TEST, PREFERENCE):
        begin += shares[name]
        if share < begin:
            return name
    return POLICY


def split_prompts(prompts: Iterable[Prompt], shares: Mapping[str, float], seed: int) -> Pools:
    """``prompts``, each once. Raises :class:`TrainerError` where one of the pools that a round needs is empty."""
    pools: dict[str, dict[str, Prompt]] = {name: {} for name in (DEV, TEST, PREFERENCE, POLICY)}
    for prompt in prompts:
        pools[pool_of(prompt.prompt_id, shares)].setdefault(prompt.prompt_id, prompt)
    for name in (DEV, PREFERENCE, POLICY):
        if not pools[name]:
            raise TrainerError(f"No prompt falls to the pool {name}. Give more prompts, or another share (splits).")
    return Pools(*(sorted(pool.values(), key=lambda prompt: _order(prompt, seed)) for pool in pools.values()))


def drawn(pool: Sequence[Prompt], count: int, round_number: int) -> list[Prompt]:
    """The ``count`` prompts of a round, counted from 1: each round takes the next of the pool, from its beginning again
    when it ends."""
    begin = (round_number - 1) * count
    return [pool[place % len(pool)] for place in range(begin, begin + min(count, len(pool)))]


def _order(prompt: Prompt, seed: int) -> bytes:
    return hashlib.blake2b(f"{seed} {prompt.prompt_id}".encode(), digest_size=16, person=b"prompt order").digest()
