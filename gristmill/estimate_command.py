"""``gristmill estimate``: what a crawl would take, before it is milled."""

from __future__ import annotations

import argparse
import dataclasses
import json

from gristmill import options
from pipeline.worker import import_with_beam, quieten


def register(subparsers: argparse._SubParsersAction) -> None:
    """Adds the command ``estimate`` to the command line."""
    parser = subparsers.add_parser(
        "estimate",
        help="say what a crawl would take: hours, disk, tokens, requests, from a pilot of it",
        description="Draws a small part of a crawl evenly, runs it three times below the system's temporary folder, and "
        "says what the whole would take. docs/scale.md says how near that comes.",
    )
    parser.add_argument("recipe", metavar="RECIPE", help="a shipped recipe's name (llama3) or the path of a YAML file")
    parser.add_argument(
        "--input", nargs="+", action="extend", required=True, metavar="GLOB", help="as for gristmill run"
    )
    options.add_workers(parser, "hours are told for so many workers")
    parser.add_argument(
        "--share", type=float, metavar="S", help="of the crawl's bytes (0.001, but at least 500 pages, at most 20,000)"
    )
    options.add_changes(parser)
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")
    parser.set_defaults(run=_estimate)


def _estimate(arguments: argparse.Namespace) -> int:
    quieten()
    import_with_beam()
    # After logging is set up, and only for this command: Beam takes a second to load.
    from pipeline.estimate import estimate
    from recipes import load

    options.check_workers(arguments)
    if arguments.share is not None and not 0 < arguments.share <= 1:
        raise ValueError(f"--share is {arguments.share}; give a part of the crawl between 0 and 1, such as 0.01")
    said = (lambda what: None) if arguments.json else print
    found = estimate(load(arguments.recipe, arguments.changes), arguments.input, arguments.share, said)
    hours = found.hours(arguments.workers)
    if arguments.json:
        told = dataclasses.asdict(found)
        del told["pilot"]["page_bytes"]  # of thousands of pages
        told["phases"] = {name: cost._asdict() for name, cost in found.phases.items()}
        print(json.dumps({**told, "workers": arguments.workers, "hours": hours}, indent=1))
        return 0
    print(f"\n{'phase':<12}{'CPU hours':>12}{'share':>8}{'GB written':>12}{'files opened':>15}{'files written':>15}")
    total = found.total()
    for name, cost in [*found.phases.items(), ("all", total)]:
        print(
            f"{name:<12}{cost.cpu / 3600:>12,.2f}{cost.cpu / max(total.cpu, 1e-9):>8.1%}{cost.bytes / 1e9:>12,.2f}"
            f"{cost.opened:>15,.0f}{cost.written:>15,.0f}"
        )
    print(
        f"\n{found.pages:,} pages, {found.parts:,} parts; kept {found.kept:,} documents, {found.tokens:,} tokens in "
        f"{found.shards:,} shards"
        f"\n{hours:,.2f} hours on {arguments.workers:,} workers that are never idle ({found.start:.0f} s of it to start)"
        f"\n{total.bytes / 1e9:,.2f} GB on disk or in the store while it runs, {found.outputs / 1e9:,.2f} GB after it"
    )
    if found.only_capture is None:
        print("Duplicates and frequent lines are found in the whole crawl only: fewer documents and tokens will stay.")
    else:
        print(
            f"Older captures are counted by all addresses ({found.only_capture:.1%} of what a pilot keeps stays); texts that "
            f"are alike under other addresses, and frequent lines, are found by a run alone: somewhat fewer documents stay."
        )
    return 0
