"""The commands of sampling, selecting, measuring and rounds. As in :mod:`trainer.cli`, nothing here imports torch until
one of them runs."""

from __future__ import annotations

import argparse
import json
import math
import os
from pathlib import Path
from typing import Any

from trainer.errors import TrainerError, need_torch
from trainer.outputs import check_output_directory, check_output_file

KEY = "GRISTMILL_API_KEY"


def add_round_commands(subparsers: argparse._SubParsersAction) -> None:
    """Adds ``sample``, ``select``, ``evaluate``, ``rounds`` and ``demo-rounds``."""
    sample = subparsers.add_parser(
        "sample",
        help="write several responses to each prompt",
        description="Writes responses to DIR/responses.jsonl. Run again after it was stopped, it asks for the rest.",
    )
    add_generator(sample)
    sample.add_argument("--prompts", required=True, nargs="+", metavar="FILE", help="prompts, JSON Lines or Parquet")
    sample.add_argument("--per-prompt", type=int, default=10, metavar="K", help="responses to each (default: 10)")
    sample.add_argument("--output", required=True, metavar="DIR")
    sample.add_argument("--include-reference", action="store_true", help="the prompts' own answers are responses too")
    add_sampling(sample)
    sample.set_defaults(run=run_sample)

    select = subparsers.add_parser("select", help="take the best response to each prompt")
    select.add_argument("source", metavar="DIR", help="what sample has written")
    select.add_argument("--scores", metavar="FILE", help="what score has written; none: the prompts' verifiers decide")
    select.add_argument("--output", required=True, metavar="FILE", help="dialogs for sft")
    select.add_argument("--pairs", metavar="FILE", help="the best and the worst of each prompt, for dpo")
    select.add_argument("--by", choices=("verifier_first", "reward"), default="verifier_first",
                        help="a verifier goes before the reward where there is one, or the reward decides alone")  # fmt: skip
    select.add_argument("--minimum", type=float, metavar="X",
                        help="of the verifier, or of the reward minus the mean over the prompt's responses")  # fmt: skip
    select.set_defaults(run=run_select)

    evaluate = subparsers.add_parser("evaluate", help="measure how often a run's answers to prompts are right")
    evaluate.add_argument("source", metavar="RUN", help="the directory of the run")
    what = evaluate.add_mutually_exclusive_group(required=True)
    what.add_argument("--prompts", nargs="+", metavar="FILE", help="prompts with verifiers")
    what.add_argument("--task", metavar="NAME", help="all questions of a demo task")
    evaluate.add_argument("--samples", type=int, default=8, metavar="S", help="responses to each (default: 8)")
    evaluate.add_argument("--against", metavar="RUN", help="also the difference to this run, prompt by prompt")
    evaluate.add_argument("--output", metavar="DIR", help="keep the responses there")
    add_sampling(evaluate)
    evaluate.set_defaults(run=run_evaluate)

    rounds = subparsers.add_parser(
        "rounds",
        help="rounds of reward model, sampling, fine-tuning and DPO",
        description="Does rounds of post-training. Run again with the same output, it goes on where it stopped.",
    )
    rounds.add_argument("--config", required=True, metavar="NAME-or-FILE", help="rounds, rounds-toy or a YAML file")
    rounds.add_argument("--output", required=True, metavar="DIR")
    rounds.add_argument("--base", metavar="RUN", help="data.base: the run of the pre-trained model")
    rounds.add_argument("--prompts", nargs="+", metavar="FILE", help="data.prompts")
    rounds.add_argument("--set", action="append", default=[], dest="overrides", metavar="KEY=VALUE",
                        help="change a setting, as in select.per_prompt=16; may be given several times")  # fmt: skip
    rounds.set_defaults(run=run_rounds_command)

    demo = subparsers.add_parser(
        "demo-rounds",
        help="three rounds of post-training from nothing, in minutes",
        description="Pre-trains a model of 75,504 parameters on a task with wrong and right answers, and improves it "
        "in rounds. Run again, it goes on.",
    )
    demo.add_argument("--output", required=True, metavar="DIR")
    demo.add_argument("--task", default="sort-digits", help="sort-digits (default) or two-digit-sums")
    demo.add_argument("--rounds", type=int, default=3, help="default: 3")
    demo.set_defaults(run=run_demo)


def add_generator(parser: argparse.ArgumentParser) -> None:
    """Adds what names a generator: a run of ours, or a server."""
    parser.add_argument("source", nargs="?", metavar="RUN", help="the directory of the run; none with --endpoint")
    parser.add_argument("--endpoint", metavar="URL", help=f"a server of chat completions, up to /v1; its key: ${KEY}")
    parser.add_argument("--model", metavar="NAME", help="the model that the server is to answer with")


def open_generator(args: argparse.Namespace) -> Any:
    """The generator that ``args`` name. Raises :class:`TrainerError` where they name none, or two."""
    if (args.endpoint is None) != (args.model is None) or (args.source is None) == (args.endpoint is None):
        raise TrainerError("Name a RUN of ours, or a server with --endpoint URL and its model with --model NAME.")
    if args.endpoint:
        from trainer.posttraining.http_generator import HTTPGenerator

        return HTTPGenerator(args.endpoint, args.model, _sampling(args, ""), api_key=os.environ.get(KEY))
    return _own_model(args.source, args, "")


def add_sampling(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--temperature", type=float, default=1.0, help="0 for the likeliest (default: 1)")
    parser.add_argument("--top-p", type=float, default=1.0, help="default: 1, all tokens")
    parser.add_argument("--tokens", type=int, default=1024, help="of a response, at most (default: 1,024)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rows", type=int, default=64, help="responses written at once, at most (default: 64)")
    parser.add_argument("--tokens-in-flight", type=int, metavar="N",
                        help="tokens that they may hold together (default: what fits a GPU's memory)")  # fmt: skip
    parser.add_argument("--tokenizer", metavar="FILE", help="the model's, where it is neither built in nor kept")


def _sampling(args: argparse.Namespace, purpose: str) -> Any:
    from trainer.posttraining.engine import check_sampling
    from trainer.posttraining.slots import Sampling

    sampling = Sampling(args.tokens, args.temperature, args.top_p, seed=args.seed, purpose=purpose)
    check_sampling(sampling)
    return sampling


def _own_model(run: str, args: argparse.Namespace, purpose: str) -> Any:
    from trainer.config.run_config import RunConfig
    from trainer.distributed.ranks import choose_device
    from trainer.posttraining.engine import EngineOptions
    from trainer.posttraining.generators import OwnModel

    options = EngineOptions(args.rows, args.tokens_in_flight)
    return OwnModel.load(run, _sampling(args, purpose), options, args.tokenizer, choose_device(RunConfig()))


def _prompts(files: list[str]) -> list[Any]:
    from trainer.posttraining.records import read_prompts
    from trainer.posttraining.refusals import Refusals

    refusals = Refusals()
    prompts = list(refusals.kept(read_prompts(files)))
    for sentence in refusals.sentences():
        print(sentence)
    if not prompts:
        raise TrainerError(f"{' '.join(files)}: no prompt is left. Write others.")
    return prompts


def run_sample(args: argparse.Namespace) -> int:
    """``sample``."""
    need_torch()
    from trainer.posttraining.generators import OwnModel
    from trainer.posttraining.measuring import check_verifiers
    from trainer.posttraining.responses import (
        RESPONSES,
        read_jsonl,
        sample_responses,
        with_reference,
        write_jsonl,
    )

    if args.per_prompt < 1:
        raise TrainerError(f"--per-prompt is {args.per_prompt}; it must be at least 1.")
    directory = check_output_directory(args.output)
    prompts = _prompts(args.prompts)
    check_verifiers([prompt for prompt in prompts if prompt.verifier is not None])
    generator = open_generator(args)
    too_long = generator.longer_than_trained([p.messages for p in prompts]) if isinstance(generator, OwnModel) else 0
    if too_long:
        print(
            f"{too_long:,} of {len(prompts):,} prompts are longer than the {generator.trained_length:,} tokens that the "
            "model was trained on: expect little of its answers to them."
        )
    with _progress(len(prompts)) as progress:
        file = sample_responses(generator, prompts, args.per_prompt, directory, progress)
    if args.include_reference:
        write_jsonl(file, [with_reference(row) for row in read_jsonl(file)])
    print(f"{args.per_prompt} responses to each of {len(prompts):,} prompts are in {directory / RESPONSES}.")
    if served_by := getattr(generator, "served_by", None):
        print(f"The server says that they are of {', '.join(sorted(served_by))}.")
    return 0


def _progress(total: int) -> Any:
    from contextlib import contextmanager

    from rich.progress import Progress

    @contextmanager
    def shown() -> Any:
        with Progress(transient=True) as bar:
            task = bar.add_task("Sampling", total=total)
            yield lambda finished: bar.update(task, completed=finished)

    return shown()


def run_select(args: argparse.Namespace) -> int:
    """``select``: prints counts as one JSON object."""
    need_torch()
    from trainer.posttraining.responses import RESPONSES, read_jsonl, write_jsonl
    from trainer.posttraining.selecting import select

    read = Path(args.source) / RESPONSES
    outputs = [check_output_file(path, read, *([args.scores] if args.scores else []))
               for path in (args.output, args.pairs) if path]  # fmt: skip
    if len({path.resolve() for path in outputs}) < len(outputs):
        raise TrainerError(f"--output and --pairs are both {args.output}. Name two files.")
    if args.minimum is not None and math.isnan(args.minimum):
        raise TrainerError("--minimum is no number. Name one, or leave it out.")
    rows = list(read_jsonl(read))
    if args.scores is None and not any(row.get("verifier") is not None for row in rows):
        raise TrainerError(f"{args.source} has no verifiers, and nothing says what is best. Name --scores FILE.")
    if all(len(row["responses"]) < 2 for row in rows):
        raise TrainerError(f"{args.source} has one response to each prompt, and nothing to select. Sample more.")
    selection = select(rows, Path(args.scores) if args.scores else None, args.by, args.minimum)
    write_jsonl(Path(args.output), selection.dialogs)
    if args.pairs:
        write_jsonl(Path(args.pairs), selection.pairs)
    print(json.dumps(selection.counts, indent=2))
    return 0


def run_evaluate(args: argparse.Namespace) -> int:
    """``evaluate``: prints one JSON object."""
    need_torch()
    from trainer.checkpoint.convert import checkpoint_of
    from trainer.posttraining.evaluating import evaluate_run, task_prompts

    prompts = task_prompts(args.task) if args.task else _prompts(args.prompts)
    output = check_output_directory(args.output) if args.output else None
    if args.against:
        checkpoint_of(args.against)
    figures = evaluate_run(
        lambda run: _own_model(run, args, "evaluate"), args.source, args.against, prompts, args.samples, output
    )
    print(json.dumps(figures, indent=2))
    return 0


def run_rounds_command(args: argparse.Namespace) -> int:
    """``rounds``."""
    more = [f"data.base={json.dumps(args.base)}"] if args.base else []
    more += [f"data.prompts={json.dumps(args.prompts)}"] if args.prompts else []
    return _run_rounds(args.config, [*more, *args.overrides], Path(args.output))


def run_demo(args: argparse.Namespace) -> int:
    """``demo-rounds``."""
    overrides = [f"rounds={args.rounds}", f"data.task={json.dumps(args.task)}"]
    return _run_rounds("rounds-toy", overrides, Path(args.output))


def _run_rounds(config: str, overrides: list[str], output: Path) -> int:
    need_torch()
    import torch
    from rich.console import Console

    from trainer.config.loader import load_settings
    from trainer.posttraining.round_settings import RoundsConfig
    from trainer.posttraining.round_start import open_setting
    from trainer.posttraining.rounds import StoppedError, run_rounds
    from trainer.posttraining.rounds_table import table_of_rounds

    settings = load_settings(RoundsConfig, config, overrides)
    if settings.data.task:
        torch.set_num_threads(1)  # for matrices so small a second thread costs more than it does
    console = Console()
    try:
        lines = run_rounds(open_setting(settings, output, console), output, console)
    except StoppedError as stopped:
        console.print(str(stopped), highlight=False, soft_wrap=True)
        return 0
    console.print(table_of_rounds(lines))
    console.print(f"The chosen model is {lines[-1]['model']}. All of it is in {output}.", highlight=False)
    return 0
