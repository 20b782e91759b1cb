"""``python -m trainer COMMAND``: the trainer's commands where only the trainer is installed."""

from __future__ import annotations

import argparse
import sys

from trainer.cli import add_commands


def main() -> int:
    parser = argparse.ArgumentParser(prog="trainer", description="Trains Llama 3 models on gristmill's token shards.")
    add_commands(parser.add_subparsers(title="commands", metavar="COMMAND", required=True))
    args = parser.parse_args()
    return args.run(args)


if __name__ == "__main__":
    sys.exit(main())
