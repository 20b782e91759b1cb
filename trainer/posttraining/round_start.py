"""What rounds begin with, read and checked; a demo task makes its own."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from rich.console import Console

from trainer.config.loader import load_config
from trainer.config.run_config import RunConfig
from trainer.distributed.ranks import choose_device
from trainer.errors import TrainerError
from trainer.posttraining.annotators import by_task, by_verifier
from trainer.posttraining.base import Base, weights_hash
from trainer.posttraining.demo_tasks import TASKS, write_task
from trainer.posttraining.prompt_pools import DEV, TEST, pool_of, split_prompts
from trainer.posttraining.records import read_prompts
from trainer.posttraining.refusals import Refusals
from trainer.posttraining.round_setting import Model, Setting
from trainer.posttraining.round_settings import RoundsConfig
from trainer.posttraining.rounds import StoppedError
from trainer.posttraining.stage_manifest import Outcome, run_stage
from trainer.training.pretraining import pretrain
from trainer.training.run_lock import RunLock

BASE = "base"


def open_setting(config: RoundsConfig, output: Path, console: Console) -> Setting:
    """What ``config`` names, or, for a demo task, what is made in ``output/base``. Raises :class:`TrainerError`."""
    data = config.data
    run, tokenizer, prompt_files = data.base, data.tokenizer, list(data.prompts)
    if data.task:
        with RunLock(output):
            made = make_base(config, output / BASE, console)
        run, tokenizer, prompt_files = str(made / "run"), str(made / "tokenizer.model"), [str(made / "prompts.jsonl")]
    if not run or not prompt_files:
        raise TrainerError(
            "Rounds need a pre-trained model and prompts: data.base and data.prompts in the configuration, or --base "
            "and --prompts."
        )
    if missing := [file for file in data.dialogs if not Path(file).is_file()]:
        raise TrainerError(f"There is no file {missing[0]}. Name files of dialogs in data.dialogs.")
    opened = Base.open(run, tokenizer)
    opened.demand(is_reward=False, purpose="post-training")
    refusals = Refusals()
    pools = split_prompts(refusals.kept(read_prompts(prompt_files)), config.splits.shares, config.seed)
    for sentence in refusals.sentences():
        console.print(sentence, highlight=False)
    annotators = {"verifier": by_verifier, "task": by_task(TASKS[data.task]) if data.task else None, "people": None}
    return Setting(
        config=config,
        base=Model(BASE, Path(run), weights_hash(opened.checkpoint)),
        tokenizer=tokenizer,
        pools=pools,
        annotator=annotators[config.collect.by],
        people=data.preferences,
        dialogs=data.dialogs,
        device=choose_device(RunConfig(device=config.device)),
    )


def make_base(config: RoundsConfig, directory: Path, console: Console) -> Path:
    """The stage ``base``: a demo task's tokenizer, prompts and pre-trained model, in ``directory``."""
    assert config.data.task and config.data.base_config
    task, shares = TASKS[config.data.task], config.splits.shares
    pretraining = load_config(config.data.base_config)

    def work(directory: Path) -> Outcome:
        write_task(task, directory, lambda prompt: pool_of(prompt, shares) in (DEV, TEST), config.seed)
        summary = pretrain(pretraining, [str(directory / "shards")], directory / "run")
        if not summary.finished:
            raise StoppedError(f"Stopped in {directory}. The same command goes on.")
        weights = weights_hash(Base.open(directory / "run", str(directory / "tokenizer.model")).checkpoint)
        counts = {"parameters": summary.parameters, "tokens": summary.tokens, "loss": summary.loss_end}
        return Outcome(["tokenizer.model", "prompts.jsonl", "shards/train.parquet"], {"run": weights}, counts)

    settings = {"task": task.name, "splits": shares, "seed": config.seed, **dataclasses.asdict(pretraining)}
    with console.status(f"Pre-training the base of {task.name} …"):
        run_stage(directory, settings, {}, work)
    return directory
