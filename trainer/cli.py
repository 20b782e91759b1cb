"""The trainer's commands. Nothing here imports torch until one of them runs: ``gristmill --help`` must not wait.

``gristmill train …`` and ``python -m trainer …`` are the same commands; several GPUs: ``torchrun -m trainer …``.
"""

from __future__ import annotations

import argparse
import json
import os

from trainer import model_commands
from trainer.argument_bounds import at_least
from trainer.errors import need_torch
from trainer.posttraining import commands, round_commands, synthesize_commands
from trainer.training import lineage_command


def register(subparsers: argparse._SubParsersAction) -> None:
    """Adds the command ``train`` to gristmill's; ``args.run(args)`` runs what was chosen and returns an exit code."""
    parser = subparsers.add_parser("train", help="train a Llama 3 model on token shards")
    add_commands(parser.add_subparsers(title="commands", metavar="COMMAND", required=True))


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    """Adds the trainer's own commands."""
    pretrain = subparsers.add_parser(
        "pretrain",
        help="train a model from scratch, or go on with a run",
        description="Trains a Llama 3 model on token shards. Run again with the same output, it goes on where it "
        "stopped, or from an imported model. SIGTERM or Ctrl-C saves a checkpoint and ends it.",
    )
    _add_run(pretrain)
    pretrain.add_argument("--output", required=True, metavar="RUN", help="the directory of this run")
    pretrain.add_argument(
        "--from",
        dest="branch_from",
        metavar="RUN[@STEP]",
        help="begin a new run with the weights and optimizer of another, on other data or stages",
    )
    shares = pretrain.add_argument_group("settings that depend on where it runs, in short")
    shares.add_argument("--tensor-parallel", type=int, metavar="T", help="run.tensor_parallel: T ranks share a matrix")
    shares.add_argument("--context-parallel", type=int, metavar="C", help="run.context_parallel: C ranks share a row")
    shares.add_argument("--tensorboard", action="store_true", default=None, help="run.tensorboard")
    shares.add_argument("--wandb", metavar="PROJECT", help="run.wandb: the figures go to Weights & Biases as well")
    shares.add_argument("--profile", type=at_least(int, 1), metavar="STEP", help="run.profile_step: into RUN/profile")
    pretrain.set_defaults(run=run_pretrain)

    plan = subparsers.add_parser(
        "plan",
        help="what a run will need: memory a rank, days, passes over the data, disk",
        description="Tells what a run will need, before anything runs: reads the configuration and the footers of the "
        "shards, and needs no GPU.",
    )
    _add_run(plan)
    plan.add_argument("--gpus", type=at_least(int, 1), required=True, metavar="N", help="ranks of torchrun")
    plan.add_argument("--gpu", default="H100", metavar="NAME", help="whose peak is meant (default: H100)")
    plan.add_argument(
        "--mfu",
        type=at_least(float, 0, 1, open_below=True),
        default=0.4,
        metavar="SHARE",
        help="of that peak (default: 0.4, about what large runs reach)",
    )
    plan.add_argument(
        "--tokens-per-second",
        type=at_least(float, 0, open_below=True),
        metavar="T",
        help="of one GPU, where it was measured, in place of --gpu and --mfu",
    )
    plan.set_defaults(run=run_plan)

    model_commands.add_model_commands(subparsers)
    lineage_command.add_which(subparsers)
    commands.add_commands(subparsers)
    round_commands.add_round_commands(subparsers)
    synthesize_commands.add_synthesize(subparsers)


def _add_run(parser: argparse.ArgumentParser) -> None:
    """What a run is made of."""
    parser.add_argument(
        "--config",
        default="debug",
        metavar="NAME-or-FILE",
        help="a shipped configuration or a YAML file (default: debug)",
    )
    parser.add_argument(
        "--data",
        required=True,
        nargs="+",
        metavar="[NAME=]DIR",
        help="directories of token shards, tokens/ of finished runs; with a name for the mixtures of stages",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        dest="overrides",
        metavar="KEY=VALUE",
        help="change a setting, as in run.seed=1 or stages.0.tokens=50_000; may be given several times",
    )


def run_pretrain(args: argparse.Namespace) -> int:
    """``pretrain``. Returns 0 when done or stopped by a signal; raises :class:`TrainerError` or, for data that cannot
    be used, :class:`tokens.shards.ShardError`, each with a sentence to print."""
    need_torch()
    from rich.console import Console

    from trainer.config.loader import load_config
    from trainer.training.pretraining import pretrain

    # Under torchrun every rank comes here, and one speaks.
    console = Console(quiet=os.environ.get("RANK", "0") != "0")
    names = {name: name for name in ("tensor_parallel", "context_parallel", "tensorboard", "wandb")}
    given = {key: getattr(args, name) for key, name in (names | {"profile_step": "profile"}).items()}
    short = [f"run.{key}={json.dumps(value)}" for key, value in given.items() if value is not None]
    config = load_config(args.config, [*args.overrides, *short])
    summary = pretrain(config, args.data, args.output, console, args.branch_from)
    if summary.finished:
        held_out = summary.held_out_loss_end
        console.print(
            f"Loss {summary.loss_start:.3f} -> {summary.loss_end:.3f}"
            + (f", held out {summary.held_out_loss_start:.3f} -> {held_out:.3f}" if held_out is not None else "")
            + f", over {summary.tokens:,} tokens in {summary.seconds:,.0f} s ({summary.tokens_per_second:,.0f} "
            f"tokens/s). All of it is in {args.output}.",
            highlight=False,
            soft_wrap=True,
        )
    return 0


def run_plan(args: argparse.Namespace) -> int:
    """``plan``."""
    need_torch()
    from trainer.config.loader import load_config
    from trainer.training.plan import Speed, make_plan

    speed = Speed(args.gpu, args.mfu, args.tokens_per_second)
    plan = make_plan(load_config(args.config, args.overrides), args.data, args.gpus, speed)
    print("\n".join(plan.sentences()))
    return 0
