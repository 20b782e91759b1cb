"""What each stage of a round does, given its directory. :mod:`~trainer.posttraining.rounds` puts them in order."""

from __future__ import annotations

import hashlib
import math
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch

from tokens.tokenizer import Tokenizer
from trainer.errors import TrainerError
from trainer.metrics.run_log import Summary, read_metrics
from trainer.posttraining import averaging, dpo, reward, sft
from trainer.posttraining.annotators import Annotator, preference_row
from trainer.posttraining.base import Base
from trainer.posttraining.best_of import Candidate, by_number, select_best
from trainer.posttraining.chat import Message
from trainer.posttraining.choose import choose_model
from trainer.posttraining.engine import EngineOptions
from trainer.posttraining.generators import OwnModel
from trainer.posttraining.prompt_pools import Pools
from trainer.posttraining.records import Prompt, prompt_share
from trainer.posttraining.responses import read_jsonl, sample_responses, write_jsonl
from trainer.posttraining.round_settings import RoundsConfig
from trainer.posttraining.slots import Sampling
from trainer.posttraining.stage_manifest import Outcome
from trainer.posttraining.verify import verifier_for


class StoppedError(Exception):
    """A signal has ended a training, which has saved; the same command goes on."""


class Model(NamedTuple):
    """A model that writes."""

    name: str
    """Where it comes from: ``base``, ``round-02/dpo``."""
    run: Path
    weights: str
    """The hash of its checkpoint's tensors."""

    @classmethod
    def of(cls, name: str, run: Path, tokenizer: str | None) -> Model:
        return cls(name, run, Base.open(run, tokenizer).weights_hash())


@dataclass(frozen=True)
class Setting:
    """What all stages of all rounds share."""

    config: RoundsConfig
    base: Model
    tokenizer: Tokenizer
    pools: Pools
    annotator: Annotator | None
    """``None`` where people compare."""
    dialogs: Sequence[str]
    """Files of human and synthetic dialogs for SFT."""
    device: torch.device

    def generator(self, model: Model, purpose: str) -> OwnModel:
        drawing = self.config.sampling
        sampling = Sampling(
            drawing.max_tokens, drawing.temperature, drawing.top_p, seed=self.config.seed, purpose=purpose
        )
        options = EngineOptions(drawing.rows, drawing.tokens_in_flight)
        return OwnModel.load(model.run, sampling, options, self.tokenizer.spec, self.device, name=model.weights)


def collect(
    setting: Setting, prompts: Sequence[Prompt], writers: Sequence[Model], people: Path | None, directory: Path
) -> Outcome:
    """Two responses to each prompt, from one model or two, and who compares them: ``preferences.jsonl``, and
    ``held-out.jsonl`` for measuring the reward model."""
    config = setting.config.collect
    each = 2 // len(writers)
    files = [
        sample_responses(
            setting.generator(writer, f"{directory.parent.name} collect {number}"),
            prompts,
            each,
            directory / f"responses-{number}",
        )
        for number, writer in enumerate(writers, 1)
    ]
    rows = [_joined(parts) for parts in zip(*(read_jsonl(file) for file in files), strict=True)]
    if people is not None:
        return _compared_by_people(rows, people, directory)
    assert setting.annotator is not None
    made = [preference_row(row, setting.annotator) for row in rows]
    kept = [(row["prompt_id"], found) for row, found in zip(rows, made, strict=True) if not isinstance(found, str)]
    # The last of the hash's digits: the first have split the pools.
    held_out = [found for prompt_id, found in kept if prompt_share(prompt_share_key(prompt_id)) < config.held_out]
    train = [found for prompt_id, found in kept if prompt_share(prompt_share_key(prompt_id)) >= config.held_out]
    if not train:
        raise TrainerError(f"{directory}: of {len(rows)} comparisons no preference came. Give more prompts.")
    write_jsonl(directory / "preferences.jsonl", train)
    write_jsonl(directory / "held-out.jsonl", held_out)
    refused = [found for found in made if isinstance(found, str)]
    counts = {
        "prompts": len(rows), "pairs": len(train), "held_out": len(held_out),
        "edited": sum("edited" in found for found in train),
        **{f"refused: {reason}": refused.count(reason) for reason in sorted(set(refused))},
    }  # fmt: skip
    responses = [f"responses-{number}/responses.jsonl" for number in range(1, len(files) + 1)]
    return Outcome(["preferences.jsonl", "held-out.jsonl", *responses], counts=counts)


def prompt_share_key(prompt_id: str) -> str:
    """Another hash of the prompt: a share of a pool, which is itself an interval of shares, must not be one."""
    return hashlib.blake2b(prompt_id.encode(), digest_size=16, person=b"held out").hexdigest()
