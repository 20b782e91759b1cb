"""What a model is worth: held-out loss, needles in haystacks, multiple choice. None of it needs a network.

All ranks must call these together; each takes its share of the rows, and all get the same answer.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from tokens.shards import HELD_OUT
from tokens.tokenizer import DEFAULT, Tokenizer, TokenizerInfo, load
from trainer.data.stream import Batch, held_out_batches, read_group
from trainer.errors import TrainerError
from trainer.model.cross_entropy import IGNORE
from trainer.data.mixture import Source
from trainer.model.llama import Llama
from trainer.distributed.parallelize import Ranks


class Loss(NamedTuple):
    """A sum of cross-entropies in nats, over so many labels."""

    total: float
    labels: int


def mean(losses: Sequence[Loss]) -> float | None:
    """Nats a token over all of ``losses``; ``None`` where there is no label."""
    labels = sum(loss.labels for loss in losses)
    return sum(loss.total for loss in losses) / labels if labels else None


@torch.no_grad()
def loss_of(model: Llama, batches: Iterator[Batch], ranks: Ranks) -> Loss:
    """The loss over ``batches``, which are the same on every rank."""
    total, labels = torch.zeros((), dtype=torch.float64, device=ranks.device), 0
    for batch in batches:
        labels += batch.num_labels()
        own = ranks.part(batch.share(ranks.data_rank, ranks.data_size)).to(ranks.device)
        total += model(own.tokens, own.positions, own.labels).double()
    return Loss(ranks.sum(total).item(), labels)


def held_out_losses(
    model: Llama, sources: Sequence[Source], length: int, rows: int, max_tokens: int, ranks: Ranks
) -> dict[str, Loss]:
    """The loss on the held-out documents of each source that has any: ``max_tokens`` of each, in ``rows`` rows of
    ``length`` tokens at once."""
    found = {
        name: loss_of(model, held_out_batches([index], length, rows, max_tokens), ranks) for name, index in sources
    }
    return {name: loss for name, loss in found.items() if loss.labels}


def choose_tokenizer(info: TokenizerInfo, spec: str | None) -> Tokenizer:
    """The tokenizer that ``info`` describes: built in, or the file ``spec``. Raises :class:`TrainerError`."""
    tokenizer = load(spec or DEFAULT)
    if tokenizer.sha256 != info.sha256:
        found = f"{spec} is another one" if spec else "it is not built in"
        raise TrainerError(
            f"The model's tokens are those of {info.name} (sha256 {info.sha256[:12]}…), and {found}. Name its file "
            "(run.tokenizer in a configuration, --tokenizer of a command)."
        )
    return tokenizer


def held_out_haystack(sources: Sequence[Source]) -> np.ndarray:
    """The held-out ids of the first row group that has any, without the frames of their documents."""
    index, group = next((index, group) for _, index in sources for group in index.split(HELD_OUT))
    ids, info = read_group(group, index.tokenizer).values, index.tokenizer
    return ids[(ids != info.bos_id) & (ids != info.eos_id)]


@torch.no_grad()
def needle_accuracy(
    model: Llama, tokenizer: Tokenizer, haystack: np.ndarray, length: int, needles: int, ranks: Ranks
) -> float:
    """The share of needles that the model finds in a haystack of ``length`` tokens.

    A needle is a sentence with a number of seven digits, laid at evenly spaced depths into the ids ``haystack``,
    which is repeated as far as needed; at the end the sentence begins again, and found is the number that greedy
    decoding would complete exactly (Kamradt's test of 2023, reduced to what a model without instructions can do).
    Raises :class:`TrainerError` for a length that has no room.
    """
    found = []
    for number in range(needles):
        digest = hashlib.blake2b(f"needle {number}".encode(), digest_size=8).digest()
        secret = str(1_000_000 + int.from_bytes(digest) % 9_000_000)
        question = tokenizer.encode("\nThe secret number of the mill is").tolist()
        answer = tokenizer.encode(f" {secret}").tolist()
        needle = [*question, *answer, *tokenizer.encode(".\n").tolist()]
        room = length - len(needle) - len(question) - len(answer) - 1
        if room < 1:
            raise TrainerError(f"A row of {length} tokens has no room for a needle; leave needles out of that stage.")
        hay = np.resize(haystack, room).tolist()
        depth = room * number // max(1, needles - 1)
        text = [tokenizer.bos_id, *hay[:depth], *needle, *hay[depth:], *question, *answer]
        found.append(_score(model, text, len(answer), ranks)[1])
    return sum(found) / needles


class Choices(NamedTuple):
    """How often the right choice was the likeliest."""

    questions: int
    accuracy: float
    accuracy_by_byte: float
    """With log-likelihoods divided by the bytes of the choice, which doesn't favour short ones."""


@torch.no_grad()
def multiple_choice(model: Llama, tokenizer: Tokenizer, path: str | Path, ranks: Ranks) -> Choices:
    """Log-likelihood scoring of a JSONL file with a question a line:
    ``{"question": text, "choices": [text, …], "answer": place of the right one, from 0}``.

    A choice is scored as it follows question and a space. Ties go to the first. Raises :class:`TrainerError` for a
    file that is missing or a line that is no question.
    """
    right, right_by_byte = 0, 0
    questions = _read_questions(Path(path))
    for question, choices, answer in questions:
        prompt = [tokenizer.bos_id, *tokenizer.encode(question).tolist()]
        scores = []
        for choice in choices:
            ids = tokenizer.encode(f" {choice}").tolist()
            scores.append((_score(model, [*prompt, *ids], len(ids), ranks)[0], len(choice.encode())))
        right += max(range(len(scores)), key=lambda i: scores[i][0]) == answer
        right_by_byte += max(range(len(scores)), key=lambda i: scores[i][0] / scores[i][1]) == answer
    return Choices(len(questions), right / len(questions), right_by_byte / len(questions))


def _read_questions(path: Path) -> list[tuple[str, list[str], int]]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError:
        raise TrainerError(f"There is no file {path} to take questions from.") from None
    questions = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            question, choices, answer = entry["question"], entry["choices"], entry["answer"]
            if not (len(choices) > 1 and all(choices) and choices[answer] and answer >= 0):
                raise ValueError
        except (ValueError, KeyError, TypeError, IndexError):
            raise TrainerError(
                f'Line {number} of {path} is no question. Write {{"question": "…", "choices": ["…", "…"], "answer": 0}}'
                " with at least two choices and the place of the right one, from 0."
            ) from None
        questions.append((question, choices, answer))
    if not questions:
        raise TrainerError(f"{path} holds no questions.")
    return questions


def _score(model: Llama, text: list[int], count: int, ranks: Ranks) -> tuple[float, bool]:
    """The log-probability of the last ``count`` tokens of a document, and whether each was the likeliest."""
    length = len(text) - 1
    unit = 2 * ranks.context_size * ranks.tensor_size
    if ranks.device.type == "cuda":
        unit = math.lcm(unit, 256)  # kernels are compiled for each length that occurs
    filling = [0] * (-length % unit)  # behind the text, where no label sees it
    tokens = torch.tensor([text[:-1] + filling])
    labels = torch.full_like(tokens, IGNORE)
    labels[0, length - count : length] = torch.tensor(text[-count:])
    batch = Batch(tokens, labels, torch.arange(tokens.shape[1])[None])
    own = ranks.part(batch).to(ranks.device)
    log_probs, best = model(own.tokens, own.positions, own.labels, score=True)
    # Every group of ranks has scored the same text.
    return ranks.sum(log_probs.sum()).item() / ranks.data_size, not ranks.sum((~best).sum())
