"""Direct preference optimisation with the paper's two changes, §4.1.4: formatting tokens are masked in the preference
term, and the chosen response's negative log-likelihood is added.

Both sides of a pair end in the same terminator, which the loss without a mask pushes up and down at once; the paper
saw repeated tails and abrupt ends. Where a preference has an edited response, it takes the chosen one's place (ours).
Losses: :mod:`trainer.posttraining.losses`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.distributed as dist
from rich.console import Console
from torch import Tensor

from trainer.config.schema import StageConfig
from trainer.distributed.parallelize import reshard
from trainer.distributed.ranks import Ranks, connect
from trainer.errors import TrainerError
from trainer.metrics.run_log import Summary
from trainer.posttraining import reference
from trainer.posttraining.base import Base
from trainer.posttraining.chat import Kind
from trainer.posttraining.groups import (
    Correlation,
    GroupRows,
    PreferenceTask,
    groups_of,
    response_lengths,
    shares_prompts,
)
from trainer.posttraining.losses import PreferenceLoss, chosen_nll, preference_loss, response_sums
from trainer.posttraining.models import Policy
from trainer.posttraining.preferences import Preferences, read_groups
from trainer.posttraining.rows import GroupBatch
from trainer.posttraining.settings import DpoConfig
from trainer.posttraining.task import run_task
from trainer.posttraining.tree_mask import prepare_tree
from trainer.training.objective import Report, StepInput, Tensors

MOST_LOSS_OF_CHOSEN = 1.0
"""Nats a row by which the chosen responses may become less likely before the run warns."""


def train(
    config: DpoConfig,
    base: str | Path,
    data: Sequence[str],
    output: str | Path,
    *,
    held_out: Sequence[str] = (),
    tokenizer: str | None = None,
    console: Console | None = None,
) -> Summary:
    """Trains the run ``base``, which is also the reference, on the preferences of the files ``data``, or goes on with
    the run in ``output``; as :func:`trainer.posttraining.sft.train` in all else."""
    ranks = connect(config.run)
    opened = Base.open(base, tokenizer)
    opened.demand(is_reward=False, purpose="DPO")
    shared = shares_prompts(config.run.attention)
    preferences = read_groups(data, held_out, opened.chat, config, shared, pairs=True)
    return run_task(DpoTask(config, opened, preferences, ranks, Path(output)), output, ranks, console)


class DpoTask(PreferenceTask):
    name = "dpo"
    metrics = (
        "preference_loss", "nll", "accuracy", "margin", "chosen", "rejected", "chosen_length", "rejected_length"
    )  # fmt: skip
    config: DpoConfig

    def __init__(self, config: DpoConfig, base: Base, preferences: Preferences, ranks: Ranks, run_dir: Path) -> None:
        super().__init__(config, base, preferences, ranks)
        self._run_dir = run_dir
        self._has_warned = False
        with torch.device("meta"):
            self.model = Policy(base.model, config.run.attention)
        rule = {name: getattr(config, name) for name in ("beta", "nll", "nll_mean", "mask_format")}
        self._plan_groups(loss=rule)

    def begin(self, tokens: int, facts: dict[str, Any]) -> None:
        """Computes the reference of a new run, whose weights are still the base's; a run that goes on has it."""
        super().begin(tokens, facts)
        self._reference, self._held_out_reference = (
            self._reference_of(rows, is_new=not tokens) for rows in (self._rows, self._held_out)
        )

    def _reference_of(self, rows: GroupRows, is_new: bool) -> np.ndarray:
        """(rows, G, 2)."""
        if not rows.groups:
            return np.zeros((0, 1, 2), dtype=np.float32)
        run = self.config.run
        name = reference.key(
            weights=self.identity["base"],
            tokenizer=self.base.tokenizer.sha256,
            rows=rows.digest,
            length=self.config.sequence_length,
            mask_format=self.config.mask_format,
            shared=shares_prompts(run.attention),
            precision=run.precision,
        )
        shape = (len(rows), *rows.slots)
        found = reference.read(self._run_dir, name, shape)
        if found is None and not is_new:
            raise TrainerError(
                f"{self._run_dir / reference.FOLDER} no longer has the reference's log-probabilities of these rows, which "
                "cannot be computed from a model that has been trained. Put the folder back, or name a new --output."
            )
        taken = np.zeros(shape, dtype=bool)
        for number, row in enumerate(rows.plan):
            taken[number, : len(row)] = True
        if found is None:
            found = self._compute_reference(rows, shape)
            reference.check(found, taken)
            if self._ranks.rank == 0:
                reference.write(self._run_dir, name, found)
        reference.check(found, taken)
        return found

    def _compute_reference(self, rows: GroupRows, shape: tuple[int, ...]) -> np.ndarray:
        """By the function that trains, in batches of its shape, and with the graph for gradients: a compiled function
        without it may round otherwise."""
        sums = np.zeros(shape, dtype=np.float32)
        for numbers in self._passes(len(rows)):
            batch = groups_of(self._on_device(rows.batch(numbers)._asdict()))
            found = self._sums(batch, self._log_probs(batch)).detach().float().cpu().numpy()
            for place, number in enumerate(numbers):
                if number >= 0:
                    sums[number] = found[place]
        reshard(self.model)
        if self._ranks.size > 1:
            parts: list[Any] = [None] * self._ranks.size
            dist.all_gather_object(parts, (self._ranks.shard_rank, sums))
            sums = np.sum(
                [*dict(parts).values()], axis=0
            )  # each row is on one of those with rows of their own, and 0 elsewhere
        return sums

    def next_step(self, stage: StageConfig) -> StepInput:
        rows, own = self._next_rows()
        numbers = self._rows.numbers(rows)
        batch = self._rows.batch(own)
        mean = {"row": None, "token": 0.0}[self.config.nll_mean]
        if mean is not None:
            mean = len(numbers) / max(1, sum(len(self._rows.groups[n].responses[0].ids) for n in numbers))
        tensors = {
            **batch._asdict(),
            "reference": self._of_rows(self._reference, own),
            "nll_weights": _nll_weights(batch, mean),
        }
        return StepInput(tensors, len(numbers), self._mean_length(rows))

    def _of_rows(self, sums: np.ndarray, rows: Sequence[int]) -> Tensor:
        return torch.from_numpy(np.stack([sums[row] if row >= 0 else np.zeros_like(sums[0]) for row in rows]))

    def _log_probs(self, batch: GroupBatch) -> Tensor:
        mask = prepare_tree(batch, self.config.run.attention)
        return self.model(batch.tokens, batch.positions, batch.labels, mask)

    def _sums(self, batch: GroupBatch, log_probs: Tensor) -> Tensor:
        counted = (batch.kinds == Kind.CONTENT) if self.config.mask_format else (batch.kinds != Kind.NONE)
        return response_sums(log_probs, batch.slots, counted, batch.terminators.shape)

    def loss(self, batch: Tensors) -> dict[str, Tensor]:
        groups = groups_of(batch)
        log_probs = self._log_probs(groups)
        preference = preference_loss(self._sums(groups, log_probs), batch["reference"], groups.taken, self.config.beta)
        nll = chosen_nll(log_probs, batch["nll_weights"])
        lengths = response_lengths(groups).float()
        figures = {"preference_loss" if name == "loss" else name: x for name, x in preference._asdict().items()}
        return {
            "loss": preference.loss + self.config.nll * nll,
            **figures,
            "nll": nll,
            "chosen_length": lengths[..., 0].sum(),
            "rejected_length": lengths[..., 1].sum(),
        }

    def watch(self, figures: Mapping[str, Any], report: Report) -> None:
        """Holds the first loss against log 2, which it is where policy and reference are one, and warns once where the
        chosen responses become unlikely as well."""
        found = figures["preference_loss"]
        if found is None:
            return
        if figures["step"] == 1 and not abs(found - math.log(2)) < 1e-6:
            raise TrainerError(
                f"The preference loss of step 1 is {found:.9f} and not log 2: the policy does not start as the reference "
                "computed it. Remove the run and start it again; where it comes back, set run.compile=false."
            )
        if figures["chosen"] < -MOST_LOSS_OF_CHOSEN and not self._has_warned:
            self._has_warned = True
            report.say(
                f"Warning: at step {figures['step']} the chosen responses have lost {-figures['chosen']:.1f} nats a row "
                "against the reference. Lower optimizer.peak_lr, or raise nll."
            )

    @torch.no_grad()
    def evaluate(self, stage: StageConfig) -> dict[str, Any]:
        """The preference term's figures on what is held out, and how the implicit reward goes with lengths."""
        if not self._held_out.groups:
            return {}
        device, beta = self._ranks.device, self.config.beta
        total = torch.zeros(len(PreferenceLoss._fields), dtype=torch.float64, device=device)
        correlation = Correlation(device)
        for numbers, batch in self._held_out_batches():
            groups = groups_of(batch)
            sums = self._sums(groups, self._log_probs(groups))
            before = self._of_rows(self._held_out_reference, numbers).to(device)
            total += torch.stack(preference_loss(sums, before, groups.taken, beta)).double()
            correlation.add(response_lengths(groups), sums - before, groups.taken)
        means = (self._ranks.sum(total) / len(self._held_out.groups)).tolist()
        return {
            **{f"held_out_{name}": value for name, value in zip(PreferenceLoss._fields, means, strict=True)},
            "held_out_length_correlation": correlation.value(self._ranks),
        }


def _nll_weights(batch: GroupBatch, mean: float | None) -> Tensor:
    """(B, T) fp32: what each label's -log p counts in the sum over groups: ``mean``, or without it 1 / the labels of
    its response; 0 for all but the chosen ones."""
    is_chosen = (batch.slots >= 0) & (batch.slots % 2 == 0)
    if mean is None:
        lengths = response_lengths(batch).flatten(1).clamp_min(1)
        weights = 1.0 / lengths.float().gather(1, batch.slots.clamp_min(0))
    else:
        weights = torch.full(batch.slots.shape, mean)
    return torch.where(is_chosen, weights, 0.0)
