"""``gristmill export-shards``: token shards for other trainers."""

from __future__ import annotations

import argparse

FORMS = ("megatron", "olmo", "datatrove", "nanochat", "litgpt")


def register(subparsers: argparse._SubParsersAction) -> None:
    """Adds the command to the command line."""
    export = subparsers.add_parser(
        "export-shards",
        help="write token shards in the form that another trainer reads",
        description="Writes the token shards of a finished run for Megatron-LM, OLMo-core, datatrove (nanotron), litgpt "
        "or nanochat, and says what that form has no place for.",
    )
    export.add_argument("dir", metavar="DIR", help="the folder of a finished run, or its tokens/")
    export.add_argument("--to", required=True, choices=FORMS, help="the trainer that is to read them")
    export.add_argument("--output", required=True, metavar="OUT", help="a new folder")
    export.add_argument("--tokenizer", metavar="FILE", help="of the shards, for nanochat, which takes texts")
    export.set_defaults(run=_export)


def _export(arguments: argparse.Namespace) -> int:
    # Only for this command: numpy and pyarrow.
    from tokens.export.run import export_shards

    done = export_shards(arguments.dir, arguments.to, arguments.output, arguments.tokenizer)
    splits = ", ".join(
        f"{split}: {done.tokens[split]:,} tokens in {count:,}" for split, count in done.documents.items()
    )
    print(f"Wrote {arguments.output} ({splits} documents). sha256 of all ids: {done.tokens_sha256}")
    print("Not in it:")
    for lost in done.lost:
        print(f"  {lost}")
    return 0
