"""``gristmill compare``: what differs between two finished runs."""

from __future__ import annotations

import argparse
import json


def register(subparsers: argparse._SubParsersAction) -> None:
    """Adds the commands about finished runs to the command line."""
    compare = subparsers.add_parser(
        "compare",
        help="say what differs between two finished runs",
        description="Compares two finished runs: settings, ledgers, and every record that ended otherwise. The exit "
        "status is 0 where all records ended alike and 3 where some did not.",
    )
    compare.add_argument("one", metavar="RUN_A", help="the folder of a finished run")
    compare.add_argument("other", metavar="RUN_B", help="the folder of another one")
    compare.add_argument("--html", metavar="FILE", help="write a page, too")
    compare.add_argument("--json", action="store_true", help="print JSON instead of text")
    compare.set_defaults(run=_compare)


def _compare(arguments: argparse.Namespace) -> int:
    # Beam comes in with pipeline, which takes a second that other commands don't need.
    from pipeline import storage
    from review import compare_views
    from review.compare import compare_runs

    found = compare_runs(arguments.one, arguments.other)
    if arguments.json:
        print(json.dumps(compare_views.as_json(found), indent=1, ensure_ascii=False))
    else:
        for line in compare_views.lines(found):
            print(line)
    if arguments.html:
        storage.write_bytes(arguments.html, compare_views.as_page(found).encode("utf-8", "backslashreplace"))
    return 0 if found.equal else 3
