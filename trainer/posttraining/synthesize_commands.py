"""``synthesize``: dialogs that a model wrote and tests or the model itself have checked. Nothing here imports torch until
it runs."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from trainer.errors import TrainerError, need_torch
from trainer.posttraining.round_commands import add_generator, add_sampling, open_generator


def add_synthesize(subparsers: argparse._SubParsersAction) -> None:
    """Adds ``synthesize back-translate`` and ``synthesize execute``."""
    parser = subparsers.add_parser("synthesize", help="make dialogs for sft whose answers were checked")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    back = commands.add_parser(
        "back-translate",
        help="describe code, write it again from the description alone, keep what came out the same",
        description='Reads functions, {"code", "name"?, "tests"?} a line. Run again, it asks for the rest.',
    )
    back.add_argument(
        "--keep", type=float, default=0.25, metavar="SHARE", help="of those with a score, the best (default: 0.25)"
    )
    _add_common(back)
    back.set_defaults(run=run_back_translate)
    execute = commands.add_parser(
        "execute",
        help="solve problems, run the tests, show the model its errors once",
        description='Reads problems, {"problem", "tests"} a line. Run again, it asks for the rest.',
    )
    _add_common(execute)
    execute.set_defaults(run=run_execute)


def _add_common(parser: argparse.ArgumentParser) -> None:
    add_generator(parser)
    parser.add_argument("--from", required=True, nargs="+", dest="files", metavar="FILE", help="JSON Lines or Parquet")
    parser.add_argument("--output", required=True, metavar="DIR")
    parser.add_argument("--evaluation", nargs="+", default=[], metavar="FILE",
                        help="evaluation sets: what shares 13 words in a row with them is left out")  # fmt: skip
    parser.add_argument("--allow-execution", action="store_true",
                        help="run code that the model wrote, against the tests, on this machine")  # fmt: skip
    add_sampling(parser)


def run_back_translate(args: argparse.Namespace) -> int:
    """``synthesize back-translate``: prints counts as one JSON object."""
    need_torch()
    from trainer.posttraining.synthesize.back_translation import back_translate
    from trainer.posttraining.synthesize.snippets import EvaluationSets, read_snippets

    snippets = _kept(read_snippets(args.files))
    _warn(args)
    evaluation = EvaluationSets(args.evaluation)
    generator = open_generator(args)
    counts = back_translate(generator, snippets, Path(args.output), args.keep, args.allow_execution, evaluation)
    print(json.dumps(counts, indent=1))
    return 0


def run_execute(args: argparse.Namespace) -> int:
    """``synthesize execute``: prints counts as one JSON object."""
    need_torch()
    from trainer.posttraining.synthesize.execution_feedback import read_problems, solve_with_feedback
    from trainer.posttraining.synthesize.sandbox import WARNING
    from trainer.posttraining.synthesize.snippets import EvaluationSets

    if not args.allow_execution:
        raise TrainerError(f"synthesize execute runs code and needs --allow-execution. {WARNING}")
    problems = _kept(read_problems(args.files))
    _warn(args)
    evaluation = EvaluationSets(args.evaluation)
    counts = solve_with_feedback(open_generator(args), problems, Path(args.output), evaluation)
    print(json.dumps(counts, indent=1))
    return 0


def _kept(records: Iterable[Any]) -> list[Any]:
    from trainer.posttraining.refusals import Refusals

    refusals = Refusals()
    kept = list(refusals.kept(records))
    for sentence in refusals.sentences():
        print(sentence)
    if not kept:
        raise TrainerError("Every row was refused. Write others.")
    return kept


def _warn(args: argparse.Namespace) -> None:
    if args.allow_execution:
        from trainer.posttraining.synthesize.sandbox import WARNING

        print(WARNING)
