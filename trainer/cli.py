"""The trainer's commands. Nothing here imports torch until one of them runs: ``gristmill --help`` must not wait for it.

``gristmill train …`` and ``python -m trainer …`` are the same commands.
"""

from __future__ import annotations

import argparse
import os
import sys


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
        "stopped. SIGTERM or Ctrl-C saves a checkpoint and ends it.",
    )
    pretrain.add_argument(
        "--config", default="debug", metavar="NAME-or-FILE", help="a shipped configuration or a YAML file (default: debug)"
    )
    pretrain.add_argument(
        "--data", required=True, nargs="+", metavar="DIR", help="directories of token shards, tokens/ of finished runs"
    )
    pretrain.add_argument("--output", required=True, metavar="RUN", help="the directory of this run")
    pretrain.add_argument(
        "--set",
        action="append",
        default=[],
        dest="overrides",
        metavar="KEY=VALUE",
        help="change a setting, as in stage.steps=50; may be given several times",
    )
    pretrain.set_defaults(run=run_pretrain)


def run_pretrain(args: argparse.Namespace) -> int:
    """``pretrain``. Returns 0 when done or stopped by a signal, 2 after saying what is wrong."""
    # Threads that spin while they wait for each other fight for cores with whatever else runs on the machine: beside
    # another busy process two spinning threads were five times slower than two that sleep. Read by torch on import.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        import torch  # noqa: F401
    except ModuleNotFoundError:
        return _refuse("Training needs PyTorch, which is not installed: pip install 'gristmill[train]'")
    from rich.console import Console

    from tokens.shards import ShardError
    from trainer.config import load_config
    from trainer.errors import TrainerError
    from trainer.pretrain import pretrain

    console = Console()
    try:
        summary = pretrain(load_config(args.config, args.overrides), args.data, args.output, console)
    except (TrainerError, ShardError) as error:
        return _refuse(str(error))
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


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 2
