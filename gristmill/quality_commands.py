"""``gristmill quality train``: a quality classifier out of documents that are good and documents that aren't."""

from __future__ import annotations

import argparse
from itertools import starmap
from pathlib import Path

READINGS = ("words", "document")


def register(subparsers: argparse._SubParsersAction) -> None:
    """Adds the commands about quality models to the command line."""
    quality = subparsers.add_parser("quality", help="train a quality classifier on documents of your own")
    commands = quality.add_subparsers(metavar="COMMAND", required=True)
    train = commands.add_parser(
        "train",
        help="train a fastText classifier, and measure it on documents that it hasn't seen",
        description="Learns to tell two kinds of documents apart and prints how well it does on a part of them that was "
        "held out. Documents are those of finished runs (their folders) or rows of JSONL and Parquet with a text.",
    )
    for kind, what in (("positive", "documents to find more of"), ("negative", "documents of the other kind")):
        train.add_argument(
            f"--{kind}", nargs="+", action="extend", required=True, metavar="GLOB", help=f"{what}: runs, files, globs"
        )
    train.add_argument(
        "--output", required=True, metavar="FILE", help="the model to write; .bin, or .ftz for a small one"
    )
    train.add_argument(
        "--held-out", type=float, default=0.2, metavar="SHARE", help="of sites that are measured on (0.2)"
    )
    train.add_argument(
        "--documents", type=int, default=20_000, metavar="N", help="of each kind, at the most, chosen by hash (20000)"
    )
    train.add_argument(
        "--reading", choices=READINGS, default="words",
        help="show the model lower-case words and marks, or the text as it stands, as DCLM does (words)",
    )  # fmt: skip
    train.add_argument("--epochs", type=int, metavar="N", help="fastText's (5 to 25, by the number of documents)")
    train.add_argument("--learning-rate", type=float, default=0.5, metavar="X", help="fastText's (0.5)")
    train.set_defaults(run=_train)


def _train(arguments: argparse.Namespace) -> int:
    # Beam comes in with pipeline, which takes a second that other commands don't need.
    from filters.train_classifier import POSITIVE, Text, Training, train
    from pipeline.sources.texts import read_texts

    output = Path(arguments.output)
    if output.suffix not in (".bin", ".ftz") or not output.absolute().parent.is_dir():
        raise ValueError(f"--output {output} must be the name of a .bin or .ftz file in a folder that exists")
    settings = Training(
        arguments.reading,
        arguments.held_out,
        arguments.documents,
        epochs=arguments.epochs,
        learning_rate=arguments.learning_rate,
    )
    positive, negative = (
        starmap(Text, read_texts(patterns, option))
        for patterns, option in ((arguments.positive, "--positive"), (arguments.negative, "--negative"))
    )
    found = train(positive, negative, output, settings)
    if found.in_both:
        print(f"{found.in_both} documents stand on both sides and were left out")
    print(f"learnt from    {found.learnt[0]} positive and {found.learnt[1]} negative documents")
    apart = "other sites than those" if found.by_site else "there are too few sites to hold whole ones out"
    print(f"measured on    {found.held_out[0]} positive and {found.held_out[1]} negative ones ({apart})")
    print(f"AUC {found.area_under_curve:.4f}, rank correlation {found.rank_correlation:.4f}")
    for threshold, precision, recall in found.at:
        print(f"from {threshold:<5g}  precision {precision:.4f}, recall {recall:.4f}")
    print(f"{output} is ready; in a recipe (reject_below: null only keeps the score):")
    print("quality:\n  models:")
    print(
        f"    mine: {{path: {output.absolute()}, label: {POSITIVE}, reading: {settings.reading}, reject_below: null}}"
    )
    return 0
