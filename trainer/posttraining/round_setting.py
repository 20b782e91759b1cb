"""What all rounds and stages share: settings, the pre-trained model, prompts, tokenizer and device."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import torch

from trainer.errors import TrainerError
from trainer.posttraining.annotators import Annotator
from trainer.posttraining.base import Base, weights_hash
from trainer.posttraining.engine import EngineOptions
from trainer.posttraining.generators import OwnModel
from trainer.posttraining.prompt_pools import Pools
from trainer.posttraining.records import Prompt
from trainer.posttraining.responses import sample_responses
from trainer.posttraining.round_settings import RoundsConfig
from trainer.posttraining.slots import Sampling


class Model(NamedTuple):
    """A model that writes."""

    name: str
    """Where it comes from: ``base``, ``round-02/dpo``."""
    run: Path
    weights: str
    """The hash of its checkpoint's tensors."""


@dataclass(frozen=True)
class Setting:
    config: RoundsConfig
    base: Model
    tokenizer: str | None
    """The file of the base's tokenizer, where it is neither built in nor kept with its run."""
    pools: Pools
    annotator: Annotator | None
    """``None`` where people compare, …"""
    people: str | None
    """… in files of this name, in which ``{round}`` is a round's number."""
    dialogs: Sequence[str]
    """Files of human and synthetic dialogs, for SFT."""
    device: torch.device
    _verified: set[Path] = field(default_factory=set)

    def verify(self, model: Model) -> None:
        """Raises :class:`TrainerError` where the run of ``model`` holds other weights than those that its stage left.
        Done when a stage uses it: hashing the models of all finished rounds would take minutes each."""
        if model.run not in self._verified and self.model(model.name, model.run).weights != model.weights:
            raise TrainerError(
                f"{model.run} holds another model than its stage's manifest says. Put it back, or remove its stage and "
                "all that come after it."
            )
        self._verified.add(model.run)

    def model(self, name: str, run: Path) -> Model:
        """The model of a run."""
        return Model(name, run, weights_hash(Base.open(run, self.tokenizer).checkpoint))

    def sample(self, model: Model, prompts: Sequence[Prompt], samples: int, purpose: str, directory: Path) -> Path:
        """The file of the responses of ``model``, as the settings say (:func:`sample_responses`)."""
        self.verify(model)
        drawing = self.config.sampling
        sampling = Sampling(
            drawing.max_tokens, drawing.temperature, drawing.top_p, seed=self.config.seed, purpose=purpose
        )
        options = EngineOptions(drawing.rows, drawing.tokens_in_flight)
        generator = OwnModel.load(model.run, sampling, options, self.tokenizer, self.device, name=model.weights)
        return sample_responses(generator, prompts, samples, directory)
