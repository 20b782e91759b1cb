"""The command line: parses, loads a recipe, and imports what a command needs only when it is asked for."""

from __future__ import annotations

import argparse
import errno
import re
import sys

import gristmill_installation
from gristmill import (
    blocklist_commands,
    commands,
    derived_commands,
    estimate_command,
    export_commands,
    inspect_commands,
    options,
    quality_commands,
    review_commands,
    run_commands,
)
from pipeline import stages, storage_errors
from pipeline.worker import GONE

_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)
_FULL = re.compile(rf"\[Errno (?:{errno.ENOSPC}|{errno.EDQUOT}|{errno.EFBIG})\] [^\n:\[]*[^\s:\[]")
_BEAM_STEP = re.compile(r"\s*\[while running '[^']*'\]")
# What Beam says where a worker process is gone.
_WORKER_GONE = "Channel closed prematurely"
_RAISED = re.compile(r"[\w.]+(?:Error|Exception|Unbalanced|NotReady)\b")

DESCRIPTION = """\
gristmill grinds raw web crawls into the tokens that a Llama 3 model is trained on, and trains it.

  gristmill sample crawl/                                   write a small crawl to try things on
  gristmill run llama3 --input 'crawl/*.warc.gz' --output out/   mill it: documents, token shards, a ledger
  gristmill why out/ https://…                              what became of a page, and by which number
  gristmill train pretrain --config debug --data out/tokens --output model/
"""


def main(argv: list[str] | None = None) -> int:
    """Runs one command. Returns the exit status: 0; 1 for an error that its sentence explains; 2 for a bad call; 3 for
    a run that kept nothing or failed too often; 4 where a store can't be used; 130 or 143 when it was stopped (docs/running.md)."""
    try:
        gristmill_installation.check()
    except gristmill_installation.ForeignPackageError as error:
        print(f"gristmill: {error}", file=sys.stderr)
        return 1
    parser = _parser()
    arguments, unknown = parser.parse_known_args(argv)
    arguments.runner_flags = unknown  # for Beam, which has hundreds
    if unknown and arguments.run not in options.WITH_BEAM_OPTIONS:
        parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    try:
        return arguments.run(arguments) or 0
    except Exception as error:
        about_store = storage_errors.explain(error)
        of_the_disk = isinstance(error, OSError) and error.errno in _DISK
        if arguments.traceback or not (about_store or of_the_disk or isinstance(error, commands.EXPECTED)):
            raise
        print(f"gristmill: {_in_one_sentence(about_store or str(error))}", file=sys.stderr)
        return storage_errors.EXIT_STATUS if about_store else 1
    except KeyboardInterrupt:
        print("gristmill: stopped; the same command continues", file=sys.stderr)
        return 130


def _in_one_sentence(text: str) -> str:
    """What went wrong in a worker, of which Beam hands over the whole traceback, perhaps within others."""
    if _WORKER_GONE in text:
        return GONE
    if full := _FULL.search(text):
        return f"{full[0]}: the disk of --output is full, or a file may not grow; make room, and the same command continues"
    if "Traceback (most recent call last)" not in text:
        return _BEAM_STEP.sub("", text)
    lines = [_BEAM_STEP.sub("", line.strip()) for line in text.splitlines()]
    raised = next((line for line in reversed(lines) if _RAISED.match(line)), lines[-1])
    return f"a worker failed: {raised}; the same command continues, and --traceback shows where it was"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "gristmill", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--traceback", action="store_true", help="show where in the code an error comes from")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)

    run_commands.register(subparsers)
    derived_commands.register(subparsers)

    why = subparsers.add_parser(
        "why",
        help="say what became of pages, stage by stage",
        description="Every record of each page: what was measured, the limit it was held against, the setting that says so.",
    )
    why.add_argument("dir", metavar="DIR", help="the folder of a finished run")
    why.add_argument(
        "page", nargs="*", metavar="PAGE",
        help="a URL in any spelling that the run takes for the same, an id or how one begins, a domain or host",
    )  # fmt: skip
    why.add_argument("--file", metavar="FILE", help="pages from a file, one a line")
    why.add_argument("--json", action="store_true", help="print JSON instead of text")
    why.add_argument("--text", action="store_true", help="print the page's text as well, where the run still has it")
    why.set_defaults(run=commands.why)

    domains = subparsers.add_parser(
        "domains",
        help="rank a run's domains by how surely they are bad; explain one; take people's decisions",
        description="Without an option: the ranking. Decisions are added to a file, and a recipe that names it "
        "(decisions: [FILE]) follows them.",
    )
    domains.add_argument("dir", metavar="DIR", help="the folder of a finished run")
    domains.add_argument("--why", metavar="HOST", help="explain the verdict over one domain by its numbers")
    domains.add_argument("--queue", action="store_true", help="only those that people should look at")
    domains.add_argument("--number", type=int, default=50, metavar="N", help="how many (50)")
    domains.add_argument(
        "--review", metavar="CSV", help="a table with domain, decision (allow, deny, unsure), reviewer, date, note"
    )
    domains.add_argument("--decisions", metavar="FILE", help="the file that --review adds to (DIR/decisions.jsonl)")
    domains.set_defaults(run=commands.domains)

    duplicates = subparsers.add_parser("duplicates", help="show sample clusters of duplicates side by side")
    duplicates.add_argument("dir", metavar="DIR", help="the folder of a finished run")
    duplicates.add_argument("--level", choices=stages.LEVELS, help="of this level only")
    duplicates.add_argument("--clusters", type=int, default=5, metavar="N", help="how many, the weakest first (5)")
    duplicates.set_defaults(run=commands.duplicates)

    sample = subparsers.add_parser("sample", help="write a small crawl with planted pages of every kind")
    sample.add_argument("output", metavar="OUT", help="a folder for the WARC files")
    sample.add_argument("--seed", type=int, default=1, help="another seed writes other pages (1)")
    sample.set_defaults(run=commands.sample)

    demo = subparsers.add_parser("demo", help="sample, run and train in one go, with a summary")
    demo.add_argument("output", metavar="OUT", help="a folder for crawl, run and model")
    demo.add_argument("--workers", type=int, default=2, metavar="N")
    demo.set_defaults(run=commands.demo)

    tokenizer = subparsers.add_parser("tokenizer", help="train a tokenizer on finished documents")
    tokenizer_commands = tokenizer.add_subparsers(metavar="COMMAND", required=True)
    train = tokenizer_commands.add_parser("train", help="train a byte-level BPE on a sample of a run's documents")
    train.add_argument("dir", metavar="DIR", help="the folder of a finished run")
    train.add_argument("--output", required=True, metavar="FILE", help="the tokenizer.json to write")
    train.add_argument("--vocab-size", type=int, default=32_768, metavar="N")
    train.add_argument(
        "--sample-bytes", type=int, default=256 << 20, metavar="N", help="text to train on, at the most"
    )
    train.set_defaults(run=commands.train_tokenizer)

    import trainer.cli  # after the check: it may be another's

    blocklist_commands.register(subparsers)
    estimate_command.register(subparsers)
    review_commands.register(subparsers)
    quality_commands.register(subparsers)
    export_commands.register(subparsers)
    inspect_commands.register(subparsers)
    trainer.cli.register(subparsers)
    return parser


if __name__ == "__main__":
    sys.exit(main())
