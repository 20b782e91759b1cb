"""Rounds of post-training (the paper, arXiv 2407.21783, §4.1 and Fig. 7) as one run that goes on where it was killed.

    DIR/round-01/collect/     two responses to each of a round's prompts, and which is better
    DIR/round-01/reward/      a reward model, from the pre-trained model, on all preferences so far
    DIR/round-01/sample/      K responses of the best model so far to each of other prompts
    DIR/round-01/select/      the best of each K
    DIR/round-01/sft/         from the pre-trained model, on the selected and on dialogs from elsewhere
    DIR/round-01/dpo/         from the SFT model, on this round's preferences
    DIR/round-01/average/     the mean of both
    DIR/round-01/evaluate/    the three and the incumbent on dev prompts
    DIR/round-01/choose/      who goes on: the best, if it is better than the incumbent beyond chance
    DIR/rounds.jsonl          a line for each finished round

Each stage has a manifest (:mod:`~trainer.posttraining.stage_manifest`). On a CPU with one thread, manifests and
``rounds.jsonl`` have the same bytes however often the run was killed. What differs from the paper: who compares, who is
averaged (the paper: models of other data and settings), and how the best is chosen, which it does not print.
"""

from __future__ import annotations

import dataclasses
import hashlib
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from trainer.metrics.run_log import Summary, read_metrics
from trainer.posttraining import dpo, reward, sft
from trainer.posttraining.averaging import average
from trainer.posttraining.choose import choose_model
from trainer.posttraining.collecting import HELD_OUT, PREFERENCES, collect
from trainer.posttraining.measuring import check_verifiers, evaluate, rates_of, read_rates
from trainer.posttraining.prompt_pools import drawn
from trainer.posttraining.records import Prompt
from trainer.posttraining.responses import RESPONSES, read_jsonl, with_reference, write_jsonl
from trainer.posttraining.round_setting import Model, Setting
from trainer.posttraining.scoring import Scorer
from trainer.posttraining.selecting import (
    PAIRS,
    SCORES,
    SELECTED,
    chance,
    prompt_of,
    responses_of,
    select,
    write_scores,
)
from trainer.posttraining.stage_manifest import Manifest, Outcome, file_sha256, run_stage
from trainer.training.run_lock import RunLock

ROUNDS = "rounds.jsonl"
CANDIDATES = ("sft", "dpo", "mean")


class StoppedError(Exception):
    """A signal has ended a training, which has saved: the same command goes on."""


def run_rounds(setting: Setting, output: Path, console: Console | None = None) -> list[dict[str, Any]]:
    """Does all rounds, or what is left of them, in ``output``; returns the lines of ``rounds.jsonl``.

    Raises :class:`~trainer.errors.TrainerError` for what a person can mend, and :class:`StoppedError`.
    """
    check_verifiers([*setting.pools.dev, *setting.pools.test])
    console = console or Console(quiet=True)
    lines: list[dict[str, Any]] = []
    with RunLock(output):
        incumbent, runner_up, rates = setting.base, None, None
        preferences: list[Path] = []
        for number in range(1, setting.config.rounds + 1):
            one = Round(setting, output, number, incumbent, runner_up, preferences, rates, console)
            lines.append(one.run())
            incumbent, runner_up, rates = one.incumbent, one.runner_up, one.rates
            preferences = one.preferences
            write_jsonl(output / ROUNDS, lines)
    return lines


class Round:
    """One round. After :meth:`run`, its ``incumbent`` is who was chosen."""

    def __init__(
        self,
        setting: Setting,
        output: Path,
        number: int,
        incumbent: Model,
        runner_up: Model | None,
        preferences: list[Path],
        rates: list[float] | None,
        console: Console,
    ) -> None:
        self._setting, self._config, self._number = setting, setting.config, number
        self._name = f"round-{number:02}"
        self._directory, self._console = output / self._name, console
        self.incumbent, self.runner_up = incumbent, runner_up
        self.preferences = [*preferences, self._directory / "collect"]
        """The stages ``collect`` so far."""
        self.rates = rates
        """The incumbent's on the dev prompts, once they are known."""

    def run(self) -> dict[str, Any]:
        """All stages. Returns the round in figures."""
        collected = self._collect()
        rewarded = self._reward()
        selected = self._select()
        sft_model = self._train_sft()
        dpo_model = self._train_dpo(sft_model)
        mean = self._average(sft_model, dpo_model)
        return self._choose({"sft": sft_model, "dpo": dpo_model, "mean": mean}) | {
            "pairs": collected.counts["pairs"],
            "reward_accuracy": rewarded.counts["held_out_accuracy"],
            "selected": selected.counts["selected"],
            "selected_right": selected.counts["right"],
        }

    def _stage(
        self,
        name: str,
        settings: Mapping[str, Any],
        inputs: Mapping[str, str],
        work: Callable[[Path], Outcome],
    ) -> Manifest:
        with self._console.status(f"Round {self._number}: {name} …"):
            manifest = run_stage(self._directory / name, {"seed": self._config.seed, **settings}, inputs, work)
        self._console.print(f"Round {self._number}: {name} is done. {_short(manifest.counts)}", highlight=False)
        return manifest

    @property
    def _sampling(self) -> dict[str, Any]:
        return {"sampling": dataclasses.asdict(self._config.sampling)}

    def _collect(self) -> Manifest:
        config = self._config.collect
        writers = [self.incumbent]
        if self.runner_up and config.second == "runner_up":
            writers.append(self.runner_up)
        prompts = drawn(self._setting.pools.preference, config.prompts, self._number)
        settings = self._sampling | {"collect": dataclasses.asdict(config)}
        inputs = {f"writer {number}": writer.weights for number, writer in enumerate(writers, 1)}
        return self._stage(
            "collect",
            settings,
            inputs | _hash_of(prompts),
            lambda directory: collect(self._setting, self._number, prompts, writers, directory),
        )

    def _reward(self) -> Manifest:
        files = [collected / PREFERENCES for collected in self.preferences]
        held_out = [path for collected in self.preferences if (path := collected / HELD_OUT).stat().st_size]
        inputs = {f"{path.parts[-3]} {path.name}": file_sha256(path) for path in [*files, *held_out]}

        def work(directory: Path) -> Outcome:
            run = directory / "run"
            summary = reward.train(
                self._config.reward, self._setting.base.run, [str(file) for file in files], run,
                held_out=[str(file) for file in held_out], tokenizer=self._setting.tokenizer,
            )  # fmt: skip
            return self._trained(run, summary)

        settings = dataclasses.asdict(self._config.reward)
        return self._stage("reward", settings, inputs | {"base": self._setting.base.weights}, work)

    def _select(self) -> Manifest:
        config = self._config.select
        prompts = drawn(self._setting.pools.policy, config.prompts, self._number)

        def sample(directory: Path) -> Outcome:
            self._setting.sample(self.incumbent, prompts, config.per_prompt, f"round {self._number} sample", directory)
            return Outcome(
                [RESPONSES], counts={"prompts": len(prompts), "responses": len(prompts) * config.per_prompt}
            )

        settings = self._sampling | {"per_prompt": config.per_prompt}
        sampled = self._stage("sample", settings, {"writer": self.incumbent.weights} | _hash_of(prompts), sample)
        reward_run = self._directory / "reward" / "run"

        def choose(directory: Path) -> Outcome:
            rows = list(read_jsonl(self._directory / "sample" / RESPONSES))
            rows = [with_reference(row) for row in rows] if config.include_reference else rows
            if config.by == "random":
                write_scores(directory / SCORES, rows, chance(rows, self._config.seed, f"round {self._number}"))
            else:
                scorer = Scorer(reward_run, self._setting.device, self._setting.tokenizer)
                asked = ((prompt_of(row), responses_of(row)) for row in rows)
                write_scores(directory / SCORES, rows, scorer.score(asked))
            selection = select(rows, directory / SCORES, config.by, config.minimum)
            write_jsonl(directory / SELECTED, selection.dialogs)
            write_jsonl(directory / PAIRS, selection.pairs)
            return Outcome([SCORES, SELECTED, PAIRS], counts=selection.counts)

        inputs = {"responses": sampled.outputs[RESPONSES], "reward": self._setting.model("reward", reward_run).weights}
        return self._stage("select", dataclasses.asdict(config), inputs, choose)

    def _train_sft(self) -> Model:
        base = self._setting.base if self._config.start == "pretrained" else self.incumbent
        selected = self._directory / "select" / SELECTED
        data = [str(selected), *self._setting.dialogs]
        inputs = {"base": base.weights, "selected": file_sha256(selected)}
        inputs |= {f"dialogs {n}": file_sha256(Path(file)) for n, file in enumerate(self._setting.dialogs, 1)}

        def work(directory: Path) -> Outcome:
            run = directory / "run"
            self._setting.verify(base)
            summary = sft.train(self._config.sft, base.run, data, run, tokenizer=self._setting.tokenizer)
            return self._trained(run, summary)

        return self._model("sft", self._stage("sft", dataclasses.asdict(self._config.sft), inputs, work))

    def _train_dpo(self, base: Model) -> Model:
        preferences = self.preferences[-1] / PREFERENCES
        inputs = {"base": base.weights, "preferences": file_sha256(preferences)}

        def work(directory: Path) -> Outcome:
            run = directory / "run"
            self._setting.verify(base)
            summary = dpo.train(self._config.dpo, base.run, [str(preferences)], run, tokenizer=self._setting.tokenizer)
            return self._trained(run, summary)

        return self._model("dpo", self._stage("dpo", dataclasses.asdict(self._config.dpo), inputs, work))

    def _average(self, *models: Model) -> Model:
        def work(directory: Path) -> Outcome:
            run = directory / "run"
            for model in models:
                self._setting.verify(model)
            shutil.rmtree(run, ignore_errors=True)  # of a session that was killed
            average([model.run for model in models], run, self._setting.tokenizer)
            return Outcome(models={"run": self._setting.model("mean", run).weights})

        inputs = {model.name.rpartition("/")[2]: model.weights for model in models}
        return self._model("average", self._stage("average", {}, inputs, work))

    def _choose(self, trained: Mapping[str, Model]) -> dict[str, Any]:
        candidates = {"incumbent": self.incumbent, **trained}
        inputs = {name: model.weights for name, model in candidates.items()}
        known = {"incumbent": self.rates} if self.rates is not None else {}
        dev, test = self._setting.pools.dev, self._setting.pools.test
        samples = self._sampling | {"dev_samples": self._config.dev_samples}
        evaluated = self._stage(
            "evaluate",
            samples,
            inputs | _hash_of(dev),
            lambda directory: evaluate(self._setting, candidates, known, directory),
        )
        rates = read_rates(self._directory / "evaluate")
        choice = choose_model(rates, "incumbent")
        chosen = candidates[choice.chosen]

        def work(directory: Path) -> Outcome:
            counts: dict[str, Any] = {
                "chosen": choice.chosen, "model": chosen.name, "best": choice.best,
                "difference": choice.difference.mean, "half_width": choice.difference.half_width,
            }  # fmt: skip
            if not test:
                return Outcome(counts=counts)
            file = self._setting.sample(chosen, test, self._config.dev_samples, "test", directory)
            found = rates_of(file)
            return Outcome([RESPONSES], counts=counts | {"test": sum(found) / len(found)})

        manifest = self._stage(
            "choose", samples, inputs | _hash_of(test) | {"rates": evaluated.outputs["rates.json"]}, work
        )
        others = [name for name in trained if name != choice.chosen]
        self.runner_up = trained[max(others, key=lambda name: choice.rates[name])]
        self.incumbent, self.rates = chosen, rates[choice.chosen]
        return {"round": self._number, "pass": choice.rates, **manifest.counts}

    def _trained(self, run: Path, summary: Summary) -> Outcome:
        if not summary.finished:
            raise StoppedError(f"Stopped in {run}. The same command goes on.")
        return Outcome(models={"run": self._setting.model("", run).weights}, counts=_last_figures(run))

    def _model(self, stage: str, manifest: Manifest) -> Model:
        return Model(f"{self._name}/{stage}", self._directory / stage / "run", manifest.outputs["run"])


def _last_figures(run: Path) -> dict[str, Any]:
    """The last of each figure of a training that depends on no clock."""
    clocks = ("seconds", "tokens_per_second", "data_stall", "mfu", "mfu_documents", "memory")
    figures: dict[str, Any] = {"held_out_accuracy": None}
    for line in read_metrics(run):
        figures |= {name: value for name, value in line.items() if name not in clocks}
    return figures


def _hash_of(prompts: list[Prompt]) -> dict[str, str]:
    return {"prompts": hashlib.sha256(" ".join(prompt.prompt_id for prompt in prompts).encode()).hexdigest()}


def _short(counts: Mapping[str, Any]) -> str:
    plain = {k: f"{v:.3f}" if isinstance(v, float) else v for k, v in counts.items() if not isinstance(v, dict | list)}
    return ", ".join(f"{name} {value}" for name, value in plain.items() if value is not None)
