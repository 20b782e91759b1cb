"""Rounds of post-training, killed at seeded moments and run again, against rounds that nobody disturbed.

    python -m bench.posttraining_kills /tmp/kills                    # 20 kills of rounds-toy, some ten minutes
    python -m bench.posttraining_kills /tmp/kills --kills 3 --set rounds=1

Each kill is a SIGKILL, at a moment drawn from the time that the undisturbed run took. At the end all manifests (with the
hashes of whatever the stages wrote, the weights of models among them) and ``rounds.jsonl`` must have the same bytes.
Prints one JSON object; exits with 1 where they differ.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def state(output: Path) -> dict[str, str]:
    """The sha256 of each manifest and of ``rounds.jsonl``, and the names of what a killed session would leave."""
    kept = [*output.rglob("manifest.json"), *output.glob("rounds.jsonl"), *output.rglob("begun.json")]
    kept += output.rglob("unfinished.jsonl")
    return {str(path.relative_to(output)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(kept)}


def run_undisturbed(command: Sequence[str], output: Path) -> float:
    """Seconds that ``command`` takes to fill ``output``."""
    begin = time.monotonic()
    subprocess.run([*command, "--output", str(output)], check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - begin


def run_with_kills(command: Sequence[str], output: Path, kills: int, seconds: float, seed: int) -> list[float]:
    """Kills ``command`` so many times, then lets it end. Returns how long each session lasted.

    The moments are drawn so that the sessions together get about as far as ``seconds`` of an undisturbed run; one that
    ends before its kill leaves fewer.
    """
    draw, lasted = random.Random(seed), []
    for _ in range(kills):
        begin = time.monotonic()
        # Starting takes seconds of its own, in which nothing new is done.
        wait = _START + draw.uniform(0, 2 * seconds / kills)
        process = subprocess.Popen([*command, "--output", str(output)], stdout=subprocess.DEVNULL)
        try:
            if process.wait(wait):
                raise RuntimeError(f"It failed with {process.returncode} where nobody had killed it.")
            return lasted
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        lasted.append(round(time.monotonic() - begin, 2))
    run_undisturbed(command, output)
    return lasted


_START = 3.0


def rounds_command(config: str, overrides: Sequence[str]) -> list[str]:
    """The command of rounds without its output."""
    changes = [part for override in overrides for part in ("--set", override)]
    return [sys.executable, "-m", "trainer", "rounds", "--config", config, *changes]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path, help="an empty or new directory for both runs")
    parser.add_argument("--config", default="rounds-toy")
    parser.add_argument("--set", action="append", default=[], dest="overrides", metavar="KEY=VALUE")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(arguments)
    if args.kills < 1:
        parser.error("--kills must be at least 1")
    command = rounds_command(args.config, args.overrides)
    whole, killed = args.directory / "whole", args.directory / "killed"
    seconds = run_undisturbed(command, whole)
    lasted = run_with_kills(command, killed, args.kills, seconds, args.seed)
    one, two = state(whole), state(killed)
    different = sorted(name for name in {**one, **two} if one.get(name) != two.get(name))
    found: dict[str, Any] = {
        "seconds": round(seconds, 1), "kills": len(lasted), "sessions": lasted, "files": len(one), "different": different,
    }  # fmt: skip
    print(json.dumps(found, indent=2))
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
