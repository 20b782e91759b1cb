"""``gristmill train which``: what a step was trained on, and which steps saw a page."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from trainer.errors import need_torch


def add_which(subparsers: argparse._SubParsersAction) -> None:
    """Adds the command; nothing of it needs torch before it runs."""
    which = subparsers.add_parser(
        "which",
        help="the documents of a training step, or the steps that saw a page",
        description="Names the documents that a step of a run of pretrain was trained on, with URL, WARC file and "
        "offset, or every step that saw a page. Worked out from seed and shards: exact for every number of ranks.",
    )
    which.add_argument("source", metavar="RUN", help="the directory of the run")
    what = which.add_mutually_exclusive_group(required=True)
    what.add_argument("--step", type=int, metavar="N", help="the documents of this step, from 1")
    what.add_argument("--url", metavar="URL", help="the steps that saw this page")
    which.add_argument(
        "--data",
        nargs="+",
        metavar="[NAME=]DIR",
        help="the shards, where they lie elsewhere than they did in training",
    )
    which.add_argument("--json", action="store_true", help="print an object a line")
    which.set_defaults(run=run_which)


def run_which(args: argparse.Namespace) -> int:
    """``which``. Raises :class:`~trainer.errors.TrainerError` with a sentence to print."""
    need_torch()
    from trainer.training.lineage import Lineage

    lineage = Lineage(Path(args.source), args.data)
    found = lineage.of_url(args.url) if args.url else lineage.of_step(args.step)
    for seen in found:
        if args.json:
            print(json.dumps(seen.as_json(), ensure_ascii=False))
            continue
        part = seen.part
        place = f"  {seen.warc_file}:{seen.warc_offset}" if seen.warc_file else ""
        print(
            f"step {seen.step} ({seen.stage}) row {part.row} tokens {part.column}-{part.column + part.tokens}: "
            f"{part.id} {seen.url or 'without URL'}{place}"
        )
    documents, steps = len({seen.part.id for seen in found}), len({seen.step for seen in found})
    if not args.json:
        print(f"{documents:,} documents in {steps:,} of {lineage.steps:,} steps.")
    return 0
