"""What a task supplies to the training loop: a model, batches, a loss and an evaluation.

:mod:`trainer.training.loop` does all that tasks have in common: stages and their learning rate, micro-batches,
clipping, skipped updates, averaging, metrics, checkpoints. It never looks into a batch. A task is a class that derives
from :class:`Objective`; the smallest ones define ``settings``, ``identity``, ``build``, ``next_step`` and ``loss``.
Its constructor is the place to refuse settings and data that do not go together: nothing has been allocated or written
by then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NamedTuple, Protocol

from torch import Tensor, nn

from trainer.config.run_config import RunConfig
from trainer.config.schema import OptimizerConfig, StageConfig

Tensors = Mapping[str, Tensor]
"""A batch: tensors by name. The first dimension of each is the rows of the batch."""


class StepInput(NamedTuple):
    """What one update is made of."""

    batch: Tensors
    """The rows of this rank, in host memory; the loop cuts them into micro-batches and moves those to the device."""
    divisor: float
    """What the loss is a mean over, such as labels, rows or pairs: their number in the batches of ALL ranks."""
    mean_length: float = 0.0
    """Tokens in the document that a token belongs to, averaged over all tokens; for :meth:`Objective.utilisation`."""


class Settings(Protocol):
    """What the loop reads of a task's configuration, which is a dataclass such as
    :class:`~trainer.config.schema.Config`."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def stages(self) -> Sequence[StageConfig]: ...

    @property
    def optimizer(self) -> OptimizerConfig: ...

    @property
    def run(self) -> RunConfig: ...


class Report(Protocol):
    """How a task speaks of itself while it trains."""

    def say(self, sentence: str) -> None:
        """Shows a sentence to whoever watches the run."""
        ...

    def record(self, figures: dict[str, Any]) -> object:
        """Adds a line of ``metrics.jsonl``: step and tokens so far, and ``figures``."""
        ...


class Objective(Protocol):
    """A task, as the loop sees it. Methods are called in the order in which they stand here, on every rank."""

    settings: Settings
    identity: dict[str, Any]
    """What may not change between two sessions of a run, as JSON keeps it; :class:`TrainerError` where it does."""
    metrics: Sequence[str] = ()
    """Names of the sums besides ``loss`` that :meth:`loss` returns."""
    data: Sequence[str] = ()
    """The directories that it trains on, ``DIR`` or ``NAME=DIR``; kept in ``RUN/data.json`` for
    :mod:`trainer.training.lineage`."""
    is_logged: bool = False
    """Whether a line of training metrics will be written of the step that :meth:`next_step` begins; the loop sets it
    before. What costs time may be measured on those steps alone, for :meth:`progress`."""

    def build(self) -> nn.Module:
        """The model, divided among the ranks and in memory on their device; called once. All its parameters are
        trained and kept in checkpoints: a frozen reference model belongs elsewhere."""
        ...

    def init_weights(self) -> None:
        """Gives the model the weights that a new run begins with; not called where a checkpoint has them."""

    def begin(self, tokens: int, facts: dict[str, Any]) -> None:
        """Prepares for the step after ``tokens`` consumed tokens. ``facts`` has what :meth:`facts` returned when the
        checkpoint was written from which the run goes on, and is empty for a new run."""

    def introduction(self) -> list[str]:
        """Sentences that say what will be trained on what, and what it needs."""
        return []

    def enter_stage(self, number: int, report: Report) -> None:
        """Called before the first step of the stage ``number``, once a session, and behind the last stage with one
        more. May raise :class:`~trainer.errors.TrainerError` to end the run; a checkpoint has been saved by then."""

    def evaluate(self, stage: StageConfig) -> dict[str, Any]:
        """Figures of the model as it is, for a line of ``metrics.jsonl``; none where there is nothing to evaluate.
        Their names must not be ``loss``, which marks lines of training."""
        return {}

    def next_step(self, stage: StageConfig) -> StepInput:
        """The next batch of ``stage``: ``stage.batch_rows`` rows over all ranks."""
        ...

    def loss(self, batch: Tensors) -> Mapping[str, Tensor]:
        """Of one micro-batch, on the model's device: the SUM of the ``loss``, a scalar with gradients, and a sum for
        each name in :attr:`metrics`. All are divided by the step's ``divisor``. A part of the loss with another
        denominator, such as a mean over tokens beside one over rows, brings the ratio of the two as a tensor of the
        batch."""
        ...

    def utilisation(self, tokens_per_second: float, stage: StageConfig, mean_length: float) -> dict[str, float]:
        """Shares of the device's peak, where it is known (:mod:`trainer.metrics.mfu`)."""
        return {}

    def watch(self, figures: Mapping[str, Any], report: Report) -> None:
        """Called with each line of training metrics that was written. May raise
        :class:`~trainer.errors.TrainerError` to end the run before the next checkpoint."""
        return  # without it type checkers take the method for an abstract one

    def progress(self) -> dict[str, Any]:
        """What else a line of training metrics is to say of the steps so far, such as passes over the data."""
        return {}

    def facts(self) -> dict[str, Any]:
        """What a checkpoint keeps of the task, such as the place in its data behind the last step; JSON must hold it.
        Written beside the loop's own entries (:meth:`trainer.training.state.TrainingState.facts`)."""
        return {}

    def close(self) -> None:
        """Ends what runs beside the training, such as threads."""
