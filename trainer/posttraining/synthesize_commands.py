"""``synthesize``: dialogs that a model wrote and tests or the model itself have checked, and rows whose user says the
same in other words. Nothing here imports torch until it runs."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from typing import Any

from trainer.errors import TrainerError, need_torch
from trainer.outputs import check_output_directory
from trainer.posttraining.round_commands import add_generator, add_sampling, open_generator


def add_synthesize(subparsers: argparse._SubParsersAction) -> None:
    """Adds ``synthesize back-translate``, ``execute``, ``paraphrase`` and ``synonyms``."""
    parser = subparsers.add_parser("synthesize", help="make rows out of others: checked answers, other words")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    back = commands.add_parser(
        "back-translate",
        help="describe code, write it again from the description alone, keep what came out the same",
        description='Reads functions, {"code", "name"?, "tests"?} a line. Run again, it asks for the rest.',
    )
    back.add_argument(
        "--keep", type=float, default=0.25, metavar="SHARE", help="of those with a score, the best (default: 0.25)"
    )
    _add_generated(back)
    _add_execution(back)
    back.set_defaults(run=run_back_translate)
    execute = commands.add_parser(
        "execute",
        help="solve problems, run the tests, show the model its errors once",
        description='Reads problems, {"problem", "tests"} a line. Run again, it asks for the rest.',
    )
    _add_generated(execute)
    _add_execution(execute)
    execute.set_defaults(run=run_execute)
    words = commands.add_parser(
        "paraphrase",
        help="say the user's turns in other words, or in another language and back",
        description="Reads rows with messages or prompts: dialogs, preferences, prompts. Only turns of the user "
        "change, and only their words: numbers, names, code, links and quotes stay. Run again, it asks for the rest.",
    )
    words.add_argument("--pivot", metavar="LANGUAGE", help="by way of this language and back, as in --pivot French")
    words.add_argument("--language", default="English", help="what the rows are written in (default: English)")
    _add_generated(words)
    words.set_defaults(run=run_paraphrase)
    synonyms = commands.add_parser(
        "synonyms",
        help="replace words of the user's turns by others that a lexicon has for them",
        description="Reads rows as paraphrase does. Needs no model; the same seed gives the same rows.",
    )
    synonyms.add_argument(
        "--lexicon", required=True, nargs="+", metavar="FILE",
        help='JSON Lines of {"lemma", "count"?, "senses": [{"share", "synonyms"}]}',
    )  # fmt: skip
    synonyms.add_argument("--rate", type=float, default=0.1, help="share of words that are replaced (default: 0.1)")
    synonyms.add_argument("--seed", type=int, default=0)
    _add_files(synonyms)
    synonyms.set_defaults(run=run_synonyms)


def _add_generated(parser: argparse.ArgumentParser) -> None:
    add_generator(parser)
    _add_files(parser)
    add_sampling(parser)


def _add_files(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from", required=True, nargs="+", dest="files", metavar="FILE", help="JSON Lines or Parquet")
    parser.add_argument("--output", required=True, metavar="DIR")
    parser.add_argument("--evaluation", nargs="+", default=[], metavar="FILE",
                        help="evaluation sets: what shares 13 words in a row with them is left out")  # fmt: skip


def _add_execution(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--allow-execution", action="store_true",
                        help="run code that the model wrote, against the tests, on this machine")  # fmt: skip


def run_back_translate(args: argparse.Namespace) -> int:
    """``synthesize back-translate``: prints counts as one JSON object."""
    need_torch()
    from trainer.posttraining.synthesize.back_translation import back_translate
    from trainer.posttraining.synthesize.snippets import EvaluationSets, read_snippets

    snippets = _kept(read_snippets(args.files))
    _warn(args)
    evaluation = EvaluationSets(args.evaluation)
    generator = open_generator(args)
    counts = back_translate(
        generator, snippets, check_output_directory(args.output), args.keep, args.allow_execution, evaluation
    )
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
    counts = solve_with_feedback(open_generator(args), problems, check_output_directory(args.output), evaluation)
    print(json.dumps(counts, indent=1))
    return 0


def run_paraphrase(args: argparse.Namespace) -> int:
    """``synthesize paraphrase``: prints counts as one JSON object."""
    need_torch()
    from trainer.posttraining.synthesize.paraphrasing import paraphrase
    from trainer.posttraining.synthesize.rewriting import read_sources
    from trainer.posttraining.synthesize.snippets import EvaluationSets

    sources = _kept(read_sources(args.files))
    evaluation = EvaluationSets(args.evaluation)
    output = check_output_directory(args.output)
    counts = paraphrase(open_generator(args), sources, output, args.pivot, args.language, evaluation)
    print(json.dumps(counts, indent=1))
    return 0


def run_synonyms(args: argparse.Namespace) -> int:
    """``synthesize synonyms``: prints counts as one JSON object."""
    need_torch()
    from trainer.posttraining.synthesize.rewriting import read_sources
    from trainer.posttraining.synthesize.snippets import EvaluationSets
    from trainer.posttraining.synthesize.synonyms import add_synonyms, read_lexicon

    sources, lexicon = _kept(read_sources(args.files)), read_lexicon(args.lexicon)
    evaluation = EvaluationSets(args.evaluation)
    counts = add_synonyms(sources, lexicon, check_output_directory(args.output), args.rate, args.seed, evaluation)
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
