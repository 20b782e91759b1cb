"""``gristmill refilter``, ``extend`` and ``retokenise``: new runs from a finished one, without a second extraction."""

from __future__ import annotations

import argparse
from dataclasses import replace

from gristmill import erasing, options, run_commands


def register(subparsers: argparse._SubParsersAction) -> None:
    """Adds the commands that go on from finished runs to the command line."""
    refilter = subparsers.add_parser(
        "refilter",
        help="mill what a finished run has extracted by other settings",
        description="Writes the run that the changed recipe would give over the same inputs, and does only what the "
        "change asks for. The finished run must have kept its texts (output.keep_work: text).",
        allow_abbrev=False,
    )
    _add_common(refilter, needs_output=False)
    refilter.add_argument("--recipe", metavar="RECIPE", help="another recipe, by name or path (that of BASE)")
    options.add_changes(refilter)
    options.add_watching(refilter)
    refilter.add_argument(
        "--dry-run",
        action="store_true",
        help="print what the ledger would change by, from stored scores; write nothing",
    )
    refilter.add_argument(
        "--decisions",
        action="append",
        default=[],
        metavar="FILE",
        help="a file of decisions to follow, besides the recipe's",
    )
    refilter.add_argument(
        "--erase",
        action="store_true",
        help="say which pages, shards and training steps the decisions for erasure, opt-out or licence concern, with a line "
        "for the record",
    )
    refilter.add_argument(
        "--trained",
        nargs="+",
        default=[],
        metavar="DIR",
        help="with --erase: training runs that may have seen the pages",
    )
    refilter.add_argument("--who", default="", help="with --erase: who signs (the user of this machine)")
    refilter.set_defaults(run=_refilter)

    extend = subparsers.add_parser(
        "extend",
        help="mill a finished run's inputs together with new ones",
        description="Writes the run over the inputs of BASE and the new ones, and extracts the new ones alone. BASE must "
        "have kept its texts (output.keep_work: text).",
        allow_abbrev=False,
    )
    _add_common(extend)
    extend.add_argument("--input", nargs="+", action="extend", required=True, metavar="GLOB", help="the new inputs")
    options.add_changes(extend)
    options.add_watching(extend)
    extend.set_defaults(run=_extend)

    retokenise = subparsers.add_parser(
        "retokenise",
        help="write other tokens of a finished run's documents",
        description="Writes tokens/ of the documents of BASE by another tokenizer: the same ids, splits and classes.",
        allow_abbrev=False,
    )
    _add_common(retokenise)
    retokenise.add_argument(
        "--tokenizer", required=True, metavar="T", help="a shipped one's name, or a tokenizer.json or tokenizer.model"
    )
    retokenise.set_defaults(run=_retokenise)
    options.WITH_BEAM_OPTIONS.extend((_refilter, _extend, _retokenise))


def _add_common(parser: argparse.ArgumentParser, needs_output: bool = True) -> None:
    parser.add_argument("base", metavar="BASE", help="the folder of a finished run; nothing is written to it")
    parser.add_argument("--output", metavar="NEW", required=needs_output, help="a new folder, or the run to continue")
    options.add_workers(parser)


def _refilter(arguments: argparse.Namespace) -> int:
    run_commands.prepare(arguments)
    # After logging is set up, and only for this command: Beam takes seconds to load.
    from gristmill.progress import phase_progress
    from pipeline import derived
    from pipeline.taking_over import read_base
    from recipes import load, with_changes
    from review.erasure import demands_of

    base = read_base(arguments.base)
    recipe = (
        load(arguments.recipe, arguments.changes) if arguments.recipe else with_changes(base.recipe, arguments.changes)
    )
    recipe = replace(recipe, decisions=list(dict.fromkeys([*recipe.decisions, *arguments.decisions])))
    if arguments.trained and not arguments.erase:
        raise ValueError("--trained names training runs for --erase, which is not given")
    if arguments.erase:
        demands_of(recipe)  # before any work
    if arguments.dry_run:
        for line in derived.foresee(base, recipe):
            print(line)
        return 0
    if not arguments.output:
        raise ValueError("--output names no folder for the new run; --dry-run alone writes none")
    with phase_progress(arguments.progress) as (progress, said):
        ledger = derived.refilter(
            base, recipe, arguments.output, arguments.workers, arguments.runner_flags, progress, said
        )
    status = run_commands.finish(ledger, arguments.output, arguments.max_failed)
    if arguments.erase:
        erasing.tell(arguments.base, arguments.output, recipe, arguments.trained, arguments.who)
    return status


def _extend(arguments: argparse.Namespace) -> int:
    run_commands.prepare(arguments)
    # After logging is set up, and only for this command: Beam takes seconds to load.
    from gristmill.progress import phase_progress
    from pipeline import derived
    from pipeline.taking_over import read_base
    from recipes import with_changes

    base = read_base(arguments.base)
    recipe = with_changes(base.recipe, arguments.changes)
    with phase_progress(arguments.progress) as (progress, said):
        ledger = derived.extend(
            base,
            arguments.input,
            recipe,
            arguments.output,
            arguments.workers,
            arguments.runner_flags,
            progress,
            said,
        )
    return run_commands.finish(ledger, arguments.output, arguments.max_failed)


def _retokenise(arguments: argparse.Namespace) -> int:
    run_commands.prepare(arguments)
    # After logging is set up, and only for this command: Beam takes seconds to load.
    from pipeline.retokenising import retokenise

    ledger = retokenise(
        arguments.base, arguments.tokenizer, arguments.output, arguments.workers, arguments.runner_flags
    )
    print(f"{arguments.output}/tokens: {ledger['tokens']['all']:,} tokens, {ledger['tokens']['held_out']:,} held out")
    return 0
