"""The trainer's commands. Nothing here imports torch until one of them runs: ``gristmill --help`` must not wait.

``gristmill train …`` and ``python -m trainer …`` are the same commands; several GPUs: ``torchrun -m trainer …``.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from trainer.errors import TrainerError, need_torch
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
    shares.add_argument("--profile", type=_at_least(int, 1), metavar="STEP", help="run.profile_step: into RUN/profile")
    pretrain.set_defaults(run=run_pretrain)

    plan = subparsers.add_parser(
        "plan",
        help="what a run will need: memory a rank, days, passes over the data, disk",
        description="Tells what a run will need, before anything runs: reads the configuration and the footers of the "
        "shards, and needs no GPU.",
    )
    _add_run(plan)
    plan.add_argument("--gpus", type=_at_least(int, 1), required=True, metavar="N", help="ranks of torchrun")
    plan.add_argument("--gpu", default="H100", metavar="NAME", help="whose peak is meant (default: H100)")
    plan.add_argument(
        "--mfu",
        type=_at_least(float, 0, 1, open_below=True),
        default=0.4,
        metavar="SHARE",
        help="of that peak (default: 0.4, about what large runs reach)",
    )
    plan.add_argument(
        "--tokens-per-second",
        type=_at_least(float, 0, open_below=True),
        metavar="T",
        help="of one GPU, where it was measured, in place of --gpu and --mfu",
    )
    plan.set_defaults(run=run_plan)

    importing = subparsers.add_parser("import", help="begin a run with the weights of a Hugging Face or Meta model")
    importing.add_argument("source", metavar="SRC", help="directory with config.json and *.safetensors, or with "
                           "params.json and consolidated.*.pth")  # fmt: skip
    importing.add_argument("output", metavar="RUN", help="the directory of the run to begin")
    importing.add_argument(
        "--tokenizer", metavar="FILE", help="the model's tokenizer, where it does not lie beside it"
    )
    importing.set_defaults(run=run_import)

    export = subparsers.add_parser("export", help="write a run's model for Hugging Face's libraries, or llama.cpp")
    export.add_argument("source", metavar="RUN", help="the directory of the run")
    export.add_argument("output", metavar="OUT", help="the directory to write; with --gguf the file")
    export.add_argument("--gguf", action="store_true", help="write a GGUF file, for llama.cpp (needs gristmill[gguf])")
    export.add_argument("--dtype", choices=("fp32", "bf16"), default="fp32", help="of the weights (default: fp32)")
    _add_tokenizer(export)
    export.set_defaults(run=run_export)

    evaluate = subparsers.add_parser("eval", help="measure a run's model")
    evaluate.add_argument("source", metavar="RUN", help="the directory of the run")
    evaluate.add_argument("--data", nargs="+", default=[], metavar="[NAME=]DIR", help="held-out perplexity of these")
    evaluate.add_argument("--tokens", type=_at_least(int, 1), default=1 << 20, help="held-out tokens of each, at most")
    evaluate.add_argument(
        "--length", type=_at_least(int, 2), help="tokens a row (default: the longest it was trained on)"
    )
    evaluate.add_argument(
        "--needles", type=_at_least(int, 0), default=0, metavar="N", help="hide N needles in held-out text"
    )
    evaluate.add_argument("--choices", metavar="FILE", help='JSONL of {"question", "choices", "answer"}')
    _add_tokenizer(evaluate)
    evaluate.set_defaults(run=run_eval)

    generate = subparsers.add_parser("generate", help="let a run's model write on")
    generate.add_argument("source", metavar="RUN", help="the directory of the run")
    how = generate.add_mutually_exclusive_group(required=True)
    how.add_argument("--prompt", help="what the text begins with")
    how.add_argument("--prompts", metavar="FILE", help='many beginnings at once: {"prompt"} a line; needs --output')
    how.add_argument("--chat", action="store_true", help="talk to it: each line is answered, until the input ends")
    generate.add_argument("--system", metavar="TEXT", help="with --chat: what it is told at first")
    generate.add_argument("--output", metavar="FILE", help="with --prompts: where the texts go, a row a prompt")
    generate.add_argument(
        "--samples", type=_at_least(int, 1), default=1, metavar="K", help="with --prompts: texts of each (default: 1)"
    )
    generate.add_argument(
        "--rows", type=_at_least(int, 1), default=64, help="with --prompts: texts written at once (default: 64)"
    )
    generate.add_argument("--tokens", type=_at_least(int, 1), default=200, help="at most so many (default: 200)")
    generate.add_argument(
        "--temperature", type=_at_least(float, 0), default=0.6, help="0 for the likeliest (default: 0.6)"
    )
    generate.add_argument(
        "--top-p",
        type=_at_least(float, 0, 1, open_below=True),
        default=0.9,
        help="default: 0.9, with 0.6 what Meta's config has",
    )
    generate.add_argument("--seed", type=int, default=0)
    _add_tokenizer(generate)
    generate.set_defaults(run=run_generate)

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


def _at_least(kind: Callable[[str], float], least: float, most: float = math.inf, open_below: bool = False) -> Any:
    """The ``type`` of an argument that must lie between ``least`` (without it if ``open_below``) and ``most``."""

    def convert(text: str) -> float:
        value = kind(text)
        if not (least < value if open_below else least <= value) or not value <= most:
            words = f"more than {least}" if open_below else f"at least {least}"
            raise argparse.ArgumentTypeError(
                f"{text} must be {words}" + (f" and at most {most}" if most < math.inf else "")
            )
        return value

    convert.__name__ = "number"  # argparse's word for what is none
    return convert


def _add_tokenizer(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--tokenizer", metavar="FILE", help="the model's tokenizer, where it is neither built in nor kept with the run"
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


def run_import(args: argparse.Namespace) -> int:
    """``import``."""
    need_torch()
    from trainer.checkpoint.convert import CONTINUED, import_model
    from trainer.checkpoint.run_tokenizer import kept_info

    config = import_model(args.source, args.output, args.tokenizer)
    print(f"{args.output} begins with a Llama of {config.num_layers} layers, width {config.dim}.")
    own = Path(args.output) / CONTINUED
    print(f"Set tokens, batch and learning rate in {own}, and go on with shards of its tokenizer:")
    print(f"  gristmill train pretrain --config {own} --data DIR --output {args.output}")
    if kept_info(Path(args.output)) is None:
        print(
            f"No tokenizer that can be read lies in {args.source}: nothing will tell shards of another from the "
            "model's own. Import it again with --tokenizer FILE to have that checked.",
        )
    return 0


def run_export(args: argparse.Namespace) -> int:
    """``export``."""
    need_torch()
    from trainer.checkpoint.convert import export_model

    if args.gguf:
        from trainer.checkpoint.gguf_file import export_gguf

        export_gguf(args.source, args.output, args.dtype, args.tokenizer)
        print(f"{args.output} holds the model and its tokenizer: llama-cli -m {args.output}")
        return 0
    with_tokenizer = export_model(args.source, args.output, args.dtype, args.tokenizer)
    print(
        f"{args.output} holds the model{' and its tokenizer' if with_tokenizer else ''}: "
        f"AutoModelForCausalLM.from_pretrained({args.output!r})."
        + ("" if with_tokenizer else " Its tokenizer is not there: name its file with --tokenizer to have it written.")
    )
    return 0


def run_eval(args: argparse.Namespace) -> int:
    """``eval``: prints one JSON object."""
    need_torch()
    from trainer.evaluation.report import evaluate_run
    from trainer.files import finite

    figures = evaluate_run(args)
    if os.environ.get("RANK", "0") == "0":  # under torchrun every rank comes here, and one speaks
        print(json.dumps(finite(figures), indent=2, allow_nan=False))
    return 0


def run_generate(args: argparse.Namespace) -> int:
    """``generate``: prints the prompt and what follows, as it comes, or talks."""
    need_torch()
    if args.system and not args.chat:
        raise TrainerError("--system is what a model is told at the beginning of a talk: it needs --chat.")
    if (args.prompts is None) != (args.output is None):
        raise TrainerError("--prompts FILE needs --output FILE, and --output goes with --prompts alone.")
    from trainer.checkpoint.convert import find_tokenizer, load_model
    from trainer.config.run_config import RunConfig
    from trainer.data.tokenizer import decode_as_they_come
    from trainer.distributed.ranks import choose_device
    from trainer.model.generate import generate_ids

    trained = load_model(args.source, choose_device(RunConfig()))
    tokenizer = find_tokenizer(trained, args.tokenizer)
    if args.chat:
        from trainer.posttraining.conversation import Speaker, talk

        speaker = Speaker.of(trained.model, tokenizer, trained.length, args.tokens)
        return talk(speaker._replace(temperature=args.temperature, top_p=args.top_p, seed=args.seed), args.system)
    if args.prompts:
        from trainer.posttraining.continuations import write_file

        print(write_file(trained.model, tokenizer, args))
        return 0
    prompt = [tokenizer.bos_id, *tokenizer.encode(args.prompt).tolist()]
    stop = frozenset({tokenizer.eos_id})
    ids = generate_ids(trained.model, prompt, args.tokens, stop, args.temperature, args.top_p, args.seed)
    for text in decode_as_they_come(tokenizer, itertools.chain(prompt[1:], ids)):
        print(text, end="", flush=True)
    print()
    return 0
