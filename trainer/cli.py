"""The trainer's commands. Nothing here imports torch until one of them runs: ``gristmill --help`` must not wait.

``gristmill train …`` and ``python -m trainer …`` are the same commands.
"""

from __future__ import annotations

import argparse

from trainer.errors import TrainerError


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
        "--config",
        default="debug",
        metavar="NAME-or-FILE",
        help="a shipped configuration or a YAML file (default: debug)",
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
    """``pretrain``. Returns 0 when done or stopped by a signal; raises :class:`TrainerError` or, for data that cannot
    be used, :class:`tokens.shards.ShardError`, each with a sentence to print."""
    try:
        import torch  # noqa: F401
    except ModuleNotFoundError:
        raise TrainerError("Training needs PyTorch, which is not installed: pip install 'gristmill[train]'") from None
    from rich.console import Console

    from trainer.config import load_config
    from trainer.pretrain import pretrain

    console = Console()
    summary = pretrain(load_config(args.config, args.overrides), args.data, args.output, console)
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
