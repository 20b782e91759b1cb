"""The best of a prompt's K responses: rejection sampling (the paper, arXiv 2407.21783, §4.2.2).

What the paper leaves open and is ours: the first of equals wins; a response that was cut off never wins and is never a
rejected side, because nobody has scored its end; where all responses are the same there is nothing to compare, and no
pair; a minimum, where one is set, is compared with the reward minus the mean over the prompt's responses, because a
reward model's numbers mean something only within a prompt (a verifier's mean the same everywhere).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

Score = tuple[float, float]
"""What a verifier says, then what a reward model says; the absent one is 0 for all responses of a prompt."""


class Candidate(NamedTuple):
    """One response as selection sees it."""

    content: object
    """What makes two responses the same: ids, or text where there are none."""
    verified: float | None
    reward: float | None
    """The reward model's score; neither is there for a response that was cut off."""

    @property
    def score(self) -> Score | None:
        if self.verified is None and self.reward is None:
            return None
        return self.verified or 0.0, self.reward or 0.0


class Selected(NamedTuple):
    """Indices among a prompt's responses."""

    best: int
    worst: int | None
    """The lowest of those that score less than the best and say something else; ``None`` where there is none."""


def select_best(candidates: Sequence[Candidate], minimum: float | None = None) -> Selected | None:
    """The best response and the worst; ``None`` where none is finished, or none reaches ``minimum``.

    ``minimum`` is of the verifier where the prompt has one, else of the centred reward.
    """
    scored = [(score, i) for i, one in enumerate(candidates) if (score := one.score) is not None]
    if not scored:
        return None
    top, best = max(scored, key=lambda found: (found[0], -found[1]))
    if minimum is not None and _absolute(candidates, best) < minimum:
        return None
    others = [(score, i) for score, i in scored if score < top and candidates[i].content != candidates[best].content]
    return Selected(best, min(others)[1] if others else None)


def _absolute(candidates: Sequence[Candidate], index: int) -> float:
    """A number that may be compared between prompts."""
    verified = candidates[index].verified
    return verified if verified is not None else (centred(candidates)[index] or 0.0)


def centred(candidates: Sequence[Candidate]) -> list[float | None]:
    """Rewards minus the mean over the prompt's responses that have one."""
    rewards = [one.reward for one in candidates if one.reward is not None]
    mean = math.fsum(rewards) / len(rewards) if rewards else 0.0
    return [None if one.reward is None else one.reward - mean for one in candidates]


class BestOfFirst(NamedTuple):
    """What selection from the first ``k`` responses of each prompt gives, averaged over prompts."""

    k: int
    reward: float | None
    """Centred on all K responses of the prompt."""
    right: float | None
    """Share that is true, where that is known: rewards that rise while it falls show a reward model that is gamed."""


def by_number(prompts: Sequence[tuple[Sequence[Candidate], Sequence[float | None]]]) -> list[BestOfFirst]:
    """For K = 1, 2, 4, … and all: ``prompts`` are the candidates and the truth of each, ``None`` where unknown."""
    most = max((len(candidates) for candidates, _ in prompts), default=0)
    numbers = [1 << power for power in range(most.bit_length()) if 1 << power < most] + [most] * (most > 0)
    table = []
    for k in numbers:
        rewards, truths = [], []
        for candidates, truth in prompts:
            selected = select_best(candidates[:k])
            if selected is None:
                continue
            if (reward := centred(candidates)[selected.best]) is not None:
                rewards.append(reward)
            if (right := truth[selected.best]) is not None:
                truths.append(right)
        table.append(BestOfFirst(k, _mean(rewards), _mean(truths)))
    return table


def _mean(values: list[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None
