"""The stage ``select``: the best of each prompt's K responses.

select/scores.jsonl      what the reward model says of each
select/selected.jsonl    dialogs for SFT, the best response with its ids
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from trainer.errors import TrainerError
from trainer.posttraining.best_of import BestOfFirst, Candidate, by_number, select_best
from trainer.posttraining.chat import Message
from trainer.posttraining.responses import read_jsonl, write_jsonl
from trainer.posttraining.sampling_noise import response_key
from trainer.posttraining.verify import verifier_for

SCORES, SELECTED, PAIRS = "scores.jsonl", "selected.jsonl", "pairs.jsonl"
By = Literal["verifier_first", "reward", "random"]


@dataclass
class Selection:
    """What was selected, as rows for training, and how that went."""

    dialogs: list[dict[str, Any]]
    pairs: list[dict[str, Any]]
    """The best and the worst of each prompt, where they differ."""
    right: float | None
    """The share of the selected that is true, where that is known."""
    best_of_first: list[BestOfFirst]
    lengths: tuple[float, float]
    """Mean characters of the selected and of all finished responses: reward models like long text."""

    @property
    def counts(self) -> dict[str, Any]:
        table = [one._asdict() for one in self.best_of_first]
        return {
            "selected": len(self.dialogs), "pairs": len(self.pairs),
            "right": self.right,
            "mean_length": {"selected": self.lengths[0], "all": self.lengths[1]}, "best_of_first": table,
        }  # fmt: skip


def responses_of(row: dict[str, Any]) -> list[Message]:
    return [Message.from_json(response["message"]) for response in row["responses"]]


def prompt_of(row: dict[str, Any]) -> list[Message]:
    return [Message.from_json(message) for message in row["messages"]]


def write_scores(path: Path, rows: Sequence[dict[str, Any]], scores: Iterable[Sequence[float | None]]) -> None:
    """A line for each of ``rows`` with the scores of its responses."""
    write_jsonl(
        path,
        [{"prompt_id": row["prompt_id"], "scores": list(found)} for row, found in zip(rows, scores, strict=True)],
    )


def chance(rows: Iterable[dict[str, Any]], seed: int, purpose: str) -> list[list[float]]:
    """Scores for comparison: a number by lot for each response."""
    return [
        [float(response_key(seed, purpose, row["prompt_id"], place)[0]) for place in range(len(row["responses"]))]
        for row in rows
    ]


def select(rows: Sequence[dict[str, Any]], scores: Path | None, by: By, minimum: float | None = None) -> Selection:
    """The best response to each prompt of ``rows``, by the rewards of the file ``scores`` (none: verifiers alone)."""
    rewards: list[list[float | None]] = (
        _read_scores(scores, rows) if scores else [[None] * len(row["responses"]) for row in rows]
    )
    dialogs, pairs, judged, right = [], [], [], []
    lengths: tuple[list[int], list[int]] = ([], [])
    for row, found in zip(rows, rewards, strict=True):
        messages = responses_of(row)
        truth = _truth(row, messages)
        finished = [
            bool(message.content) and response["finish_reason"] == "stop"
            for message, response in zip(messages, row["responses"], strict=True)
        ]
        candidates = [
            Candidate(message.content, verified if by == "verifier_first" and done else None, score if done else None)
            for message, verified, score, done in zip(messages, truth, found, finished, strict=True)
        ]
        judged.append((candidates, truth))
        lengths[1].extend(len(message.content) for message, done in zip(messages, finished, strict=True) if done)
        selected = select_best(candidates, minimum)
        if selected is None:
            continue
        common = {"tokenizer": row["tokenizer"]} if "tokenizer" in row else {}
        best = messages[selected.best]
        lengths[0].append(len(best.content))
        right.append(truth[selected.best])
        dialogs.append({"messages": [*row["messages"], best.to_json()], **common})
        if selected.worst is not None:
            worst = messages[selected.worst].to_json()
            pairs.append({"messages": row["messages"], "chosen": best.to_json(), "rejected": worst, **common})
    known = [value for value in right if value is not None]
    means = [sum(group) / len(group) if group else 0.0 for group in lengths]
    share = sum(known) / len(known) if known else None
    return Selection(dialogs, pairs, share, by_number(judged), (means[0], means[1]))


def _read_scores(path: Path, rows: Sequence[dict[str, Any]]) -> list[list[float | None]]:
    """The scores of ``rows``' responses. Raises :class:`TrainerError` for a file that has others."""
    found = list(read_jsonl(path))
    for number, line in enumerate(found, 1):
        scores = line.get("scores")
        if not isinstance(scores, list) or not all(score is None or type(score) in (int, float) for score in scores):
            raise TrainerError(f"{path}:{number} has no list of scores. Name a file that train score has written.")
    theirs = [(line.get("prompt_id"), len(line["scores"])) for line in found]
    if theirs != [(row["prompt_id"], len(row["responses"])) for row in rows]:
        raise TrainerError(f"{path} has the scores of other responses. Score these: train score RM --rows DIR.")
    return [line["scores"] for line in found]


def _truth(row: dict[str, Any], messages: Sequence[Message]) -> list[float | None]:
    """What the prompt's verifier says, whether or not it selects."""
    if row.get("verifier") is None:
        return [None] * len(messages)
    verify = verifier_for(row["verifier"], row.get("answer"), f"prompt {row['prompt_id']}")
    return list(verify([message.content for message in messages]))
