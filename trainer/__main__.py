"""``python -m trainer COMMAND``: the trainer's commands where only the trainer is installed."""

from __future__ import annotations

import argparse
import sys

import gristmill_installation


def main() -> int:
    """Runs one command. Returns the exit status: 0, 1 for an error that its sentence explains, 2 for a bad call."""
    try:
        gristmill_installation.check("trainer", "tokens")
    except gristmill_installation.ForeignPackageError as error:
        print(f"trainer: {error}", file=sys.stderr)
        return 1
    # After the check: they may be another's.
    from tokens.info import TokenizerError
    from tokens.shards import ShardError
    from trainer.cli import add_commands
    from trainer.errors import TrainerError

    parser = argparse.ArgumentParser(prog="trainer", description="Trains Llama 3 models on gristmill's token shards.")
    add_commands(parser.add_subparsers(title="commands", metavar="COMMAND", required=True))
    args = parser.parse_args()
    try:
        return args.run(args)
    except (TrainerError, ShardError, TokenizerError) as error:
        print(f"trainer: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
