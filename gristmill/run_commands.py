"""``gristmill run`` and ``gristmill status``, and how every command that mills begins and ends."""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import Any

from gristmill import interruption, logs, options
from pipeline.worker import import_with_beam, quieten
from recipes import Recipe, load

NOT_CONTENT = 3
"""The exit status of a run that worked, but kept no document or had more failures than it was allowed."""


def register(subparsers: argparse._SubParsersAction) -> None:
    """Adds the commands to the command line."""
    run = subparsers.add_parser(
        "run",
        help="mill a crawl into documents and token shards",
        description="Mills a crawl by a recipe. Started again with the same words it continues where it was stopped.",
        epilog="All other options go to Beam, such as --runner=PortableRunner --job_endpoint=HOST:PORT for Spark.",
        allow_abbrev=False,
    )
    run.add_argument("recipe", metavar="RECIPE", help="a shipped recipe's name (llama3) or the path of a YAML file")
    run.add_argument(
        "--input", nargs="+", action="extend", required=True, metavar="GLOB",
        help="files, folders or globs: WARC, WET, ARC, WACZ, Parquet or JSONL; or cc:CRAWL/warc#0-99; may be given several times",
    )  # fmt: skip
    run.add_argument(
        "--select", action="append", default=[], metavar="NAME=VALUE",
        help="of inputs such as cc:CC-MAIN-2026-30/warc#0-99, the records that Common Crawl's index says have this "
        "language, domain, host, tld, mime, status or url (with *); may be given several times",
    )  # fmt: skip
    run.add_argument(
        "--output", required=True, metavar="DIR", help="where the run is written; new, or the run to continue"
    )
    options.add_workers(run)
    run.add_argument(
        "--limit", type=int, metavar="N", help="read some N pages only, from the start of every input file"
    )
    options.add_changes(run)
    options.add_watching(run)
    run.set_defaults(run=_run)

    status = subparsers.add_parser("status", help="say how far a run has come, also one that works elsewhere")
    status.add_argument("dir", metavar="DIR", help="the folder of the run")
    status.set_defaults(run=_status)
    options.WITH_BEAM_OPTIONS.append(_run)


def prepare(arguments: argparse.Namespace, recipe: Recipe | None = None) -> None:
    """What commands that mill do first, up to importing Beam, which logs. A new run's ``recipe``: what such a run begins with
    is started before that."""
    interruption.stop_with_a_sentence()
    quieten()
    options.check_workers(arguments)
    if getattr(arguments, "log", None):
        logs.log_to(arguments.log, arguments.log_level)
    if recipe is None:
        import_with_beam("pipeline.driver", flags=arguments.runner_flags)
        return
    from pipeline import early_start  # with it comes numpy, and only this command needs it

    early_start.begin(recipe, arguments.workers, arguments.runner_flags)
    import_with_beam("pipeline.driver", flags=arguments.runner_flags)
    early_start.fork_workers()


def _run(arguments: argparse.Namespace) -> int:
    if arguments.limit is not None and arguments.limit < 1:
        raise ValueError(f"--limit is {arguments.limit}, and must be at least 1")
    recipe = load(arguments.recipe, arguments.changes)
    prepare(arguments, recipe)
    # After logging is set up, and only for this command: Beam takes seconds to load.
    from gristmill.progress import phase_progress
    from pipeline.driver import run as run_recipe
    from pipeline.sources.common_crawl import with_choice

    inputs = [with_choice(pattern, arguments.select) for pattern in arguments.input]
    if arguments.select and inputs == arguments.input:
        raise ValueError("--select chooses from inputs such as cc:CC-MAIN-2026-30/warc, and no --input is one")
    began = time.monotonic()
    with phase_progress(arguments.progress) as (progress, said):
        ledger = run_recipe(
            recipe,
            inputs,
            arguments.output,
            arguments.workers,
            arguments.limit,
            arguments.runner_flags,
            progress,
            said,
        )
        said(f"{ledger['records']['read']:,} records; this start took {time.monotonic() - began:,.0f} s")
    return finish(ledger, arguments.output, arguments.max_failed)


def finish(ledger: dict[str, Any], output: str, max_failed: options.FailureLimit | None = None) -> int:
    """Writes a finished run's card and report, prints its books and what they cost, and returns the exit status."""
    # After logging is set up, and only for commands that mill: Beam takes seconds to load.
    from gristmill import display
    from pipeline import storage, timings
    from review.dataset_card import write_card
    from review.published import about
    from review.report.document import NAME, write_report

    write_card(output)
    display.print_ledger(ledger, output)
    spent = storage.join(output, timings.NAME)
    if storage.size(spent) is not None:
        display.print_costs(json.loads(storage.read_bytes(spent)), ledger)
    report = storage.join(output, NAME)
    if about(output)["recipe"].get("output", {}).get("report"):
        if storage.size(report) is None:
            write_report(output)
        display.print_report(report)
    records = ledger["records"]
    if max_failed is not None and records["failed"] > max_failed.allowed(records["read"]):
        print(
            f"gristmill: {records['failed']:,} of {records['read']:,} records failed, and --max-failed allows "
            f"{max_failed}; {output}/failed says why, one by one",
            file=sys.stderr,
        )
        return NOT_CONTENT
    return 0 if records["kept"] else NOT_CONTENT


def _status(arguments: argparse.Namespace) -> int:
    quieten()
    import_with_beam()
    # After logging is set up, and only for this command: Beam takes a second to load.
    from pipeline.run_status import status as status_of

    for phase in status_of(arguments.dir):
        print(phase)
    return 0
