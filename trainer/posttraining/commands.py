"""The commands of post-training. Nothing here imports torch until one of them runs: ``gristmill --help`` must not wait."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from trainer.errors import TrainerError, need_torch
from trainer.outputs import check_output_directory, check_output_file


def add_commands(subparsers: argparse._SubParsersAction) -> None:
    """Adds chat, sft, reward, dpo, average and score to the trainer's commands."""
    chat = subparsers.add_parser("chat", help="look at dialogs and preferences before training on them")
    check = chat.add_subparsers(title="commands", metavar="COMMAND", required=True).add_parser(
        "check",
        help="count rows, say what is refused, draw some with what is trained",
        description="Reads dialogs, preferences or prompts as training would. Exits with 1 where it would not begin.",
    )
    check.add_argument("files", nargs="+", metavar="FILE", help="JSON Lines (.jsonl, .jsonl.gz) or Parquet")
    check.add_argument("--show", type=_count, default=1, metavar="N", help="draw the first N rows (default: 1)")
    check.add_argument(
        "--train", choices=("last", "all"), default="last", help="turns that are trained (default: last)"
    )
    check.add_argument(
        "--length",
        type=_count,
        default=8192,
        metavar="N",
        help="tokens of a row; longer ones are refused (default: 8192)",
    )
    check.add_argument("--tokenizer", metavar="FILE", help="default: gristmill-8k")
    _add_from_value(check)
    check.set_defaults(run=run_chat_check)

    sft = _add_task(subparsers, "sft", "fine-tune a model on dialogs", "[NAME=]FILE")
    _add_from_value(sft)
    _add_task(subparsers, "reward", "train a reward model on preferences", "FILE")
    _add_task(subparsers, "dpo", "train a model on preferences by DPO", "FILE")

    average = subparsers.add_parser("average", help="make a run of the mean weights of others")
    average.add_argument("sources", nargs="+", metavar="RUN", help="runs of one model")
    average.add_argument("--output", required=True, metavar="RUN", help="the directory of the run to begin")
    _add_tokenizer(average)
    average.set_defaults(run=run_average)

    score = subparsers.add_parser("score", help="score sampled responses by a reward model")
    score.add_argument("source", metavar="RM", help="the directory of the reward model's run")
    score.add_argument("--rows", required=True, metavar="DIR", help="what train sample has written")
    score.add_argument("--output", required=True, metavar="FILE", help="JSON Lines to write, a line a prompt")
    score.add_argument("--batch-rows", type=_count, default=8, metavar="N", help="rows at once (default: 8)")
    _add_tokenizer(score)
    score.set_defaults(run=run_score)


def _add_task(subparsers: argparse._SubParsersAction, name: str, words: str, data: str) -> argparse.ArgumentParser:
    parser = subparsers.add_parser(
        name,
        help=words,
        description=f"{words.capitalize()}. Run again with the same output, it goes on where it stopped. SIGTERM or "
        "Ctrl-C saves a checkpoint and ends it.",
    )
    parser.add_argument(
        "--config", default=f"{name}-toy", metavar="NAME-or-FILE", help=f"{name}, {name}-toy (default) or a YAML file"
    )
    parser.add_argument("--base", required=True, metavar="RUN", help="the run to begin with, trained or imported")
    parser.add_argument(
        "--data", required=True, nargs="+", metavar=data, help="JSON Lines (.jsonl, .jsonl.gz) or Parquet"
    )
    parser.add_argument(
        "--held-out",
        nargs="+",
        default=[],
        metavar="FILE",
        help="evaluate on these; they share no prompt with the data",
    )
    parser.add_argument("--output", required=True, metavar="RUN", help="the directory of this run")
    parser.add_argument(
        "--set", action="append", default=[], dest="overrides", metavar="KEY=VALUE",
        help="change a setting, as in optimizer.peak_lr=1e-6; may be given several times",
    )  # fmt: skip
    _add_tokenizer(parser)
    parser.set_defaults(run=run_task, task=name, from_value=False)
    return parser


def _add_tokenizer(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--tokenizer", metavar="FILE", help="the model's tokenizer, where it is neither built in nor kept with the run"
    )


def _add_from_value(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--from-value", action="store_true", help='dialogs are ShareGPT\'s: {"conversations": [{"from", "value"}, …]}'
    )


def _count(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text} must be at least 0")
    return value


_count.__name__ = "number"  # argparse's word for what is none


def run_chat_check(args: argparse.Namespace) -> int:
    """``chat check``. Returns 1 where training on the files would not begin."""
    need_torch()
    from rich.console import Console

    from tokens.tokenizer import DEFAULT, load
    from trainer.posttraining.chat import ChatFormat
    from trainer.posttraining.chat_check import check

    chat = ChatFormat(load(args.tokenizer or DEFAULT))
    found = check(args.files, chat, args.show, args.train, args.from_value, args.length)
    console = Console(highlight=False, soft_wrap=True)
    for sentence in found.sentences():
        console.print(sentence, markup=False)
    for number, text in enumerate(found.shown, 1):
        console.rule(
            f"row {number}: [dim]prompt[/dim] [bold green]trained[/bold green] [bold magenta]terminator[/bold magenta]"
        )
        console.print(text)
    if found.fatal:
        raise TrainerError(found.fatal[0])
    return 0 if len(found.lengths) else 1


def run_task(args: argparse.Namespace) -> int:
    """``sft``, ``reward`` and ``dpo``."""
    need_torch()
    from rich.console import Console

    from trainer.config.loader import load_settings
    from trainer.posttraining import dpo, reward, sft
    from trainer.posttraining.settings import DpoConfig, RewardConfig, SftConfig

    # Under torchrun every rank comes here, and one speaks.
    console = Console(quiet=os.environ.get("RANK", "0") != "0")
    where: dict[str, Any] = {"held_out": args.held_out, "tokenizer": args.tokenizer, "console": console}
    given = args.config, args.overrides
    if args.task == "sft":
        where["from_value"] = args.from_value
        summary = sft.train(load_settings(SftConfig, *given), args.base, args.data, args.output, **where)
    elif args.task == "reward":
        summary = reward.train(load_settings(RewardConfig, *given), args.base, args.data, args.output, **where)
    else:
        summary = dpo.train(load_settings(DpoConfig, *given), args.base, args.data, args.output, **where)
    if summary.finished and summary.loss_start is not None and summary.loss_end is not None:
        console.print(
            f"Loss {summary.loss_start:.3f} -> {summary.loss_end:.3f} in {summary.steps:,} steps and "
            f"{summary.seconds:,.0f} s. All of it is in {args.output}.",
            highlight=False,
            soft_wrap=True,
        )
    return 0


def run_average(args: argparse.Namespace) -> int:
    """``average``."""
    need_torch()
    from trainer.posttraining.averaging import average

    average(args.sources, check_output_directory(args.output), args.tokenizer)
    print(f"{args.output} begins with the mean of {len(args.sources)} runs.")
    return 0


def run_score(args: argparse.Namespace) -> int:
    """``score``: writes ``{"prompt_id", "scores"}`` a line, ``null`` for a response that was cut off."""
    need_torch()
    from trainer.config.run_config import RunConfig
    from trainer.distributed.ranks import choose_device
    from trainer.posttraining.responses import RESPONSES
    from trainer.posttraining.scoring import Scorer, score_file

    output = check_output_file(args.output, Path(args.rows) / RESPONSES)
    scorer = Scorer(args.source, choose_device(RunConfig()), args.tokenizer, rows=max(1, args.batch_rows))
    prompts, scored = score_file(scorer, Path(args.rows), output)
    print(f"{args.output} has the scores of {scored:,} responses to {prompts:,} prompts.")
    return 0
