"""Rounds of post-training, killed at seeded moments and run again, against rounds that nobody disturbed.

    python -m bench.posttraining_kills /tmp/kills                    # 20 kills of rounds-toy, some ten minutes
    python -m bench.posttraining_kills /tmp/kills --kills 3 --set rounds=1

Each session is a process of its own and each kill a SIGKILL, at a moment drawn from the time that the undisturbed run took. At the end all manifests (with the
hashes of whatever the stages wrote, the weights of models among them) and ``rounds.jsonl`` must have the same bytes.
Prints one JSON object; exits with 1 where they differ.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from rich.console import Console

from trainer.config.loader import load_settings
from trainer.posttraining.round_settings import RoundsConfig
from trainer.posttraining.round_start import open_setting
from trainer.posttraining.rounds import run_rounds


def state(output: Path) -> dict[str, str]:
    """The sha256 of each manifest and of ``rounds.jsonl``, and the names of what a killed session would leave."""
    kept = [*output.rglob("manifest.json"), *output.glob("rounds.jsonl"), *output.rglob("begun.json")]
    kept += output.rglob("unfinished.jsonl")
    return {str(path.relative_to(output)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(kept)}


def run_undisturbed(config: str, overrides: Sequence[str], output: Path) -> float:
    """Seconds that rounds take to fill ``output``."""
    begin = time.monotonic()
    process = _start(config, overrides, output)
    process.join()
    if process.exitcode:
        raise RuntimeError(f"It failed with {process.exitcode} where nobody had killed it.")
    return time.monotonic() - begin


def run_with_kills(
    config: str, overrides: Sequence[str], output: Path, kills: int, seconds: float, seed: int
) -> list[float]:
    """Kills rounds so many times, then lets them end. Returns how long each killed session lasted.

    The moments are drawn so that the sessions together get about as far as ``seconds`` of an undisturbed run; one that
    ends before its kill leaves fewer.
    """
    draw, lasted = random.Random(seed), []
    for _ in range(kills):
        begin = time.monotonic()
        process = _start(config, overrides, output)
        process.join(draw.uniform(0, 2 * seconds / kills))
        if process.exitcode is not None:
            if process.exitcode:
                raise RuntimeError(f"It failed with {process.exitcode} where nobody had killed it.")
            return lasted
        process.kill()
        process.join()
        lasted.append(round(time.monotonic() - begin, 2))
    run_undisturbed(config, overrides, output)
    return lasted


def _start(config: str, overrides: Sequence[str], output: Path) -> multiprocessing.Process:
    # Forked: a fresh interpreter would spend seconds importing torch before each session.
    process: Any = multiprocessing.get_context("fork").Process(target=_rounds, args=(config, overrides, output))
    process.start()
    return process


def _rounds(config: str, overrides: Sequence[str], output: Path) -> None:
    torch.set_num_threads(1)
    console = Console(quiet=True)
    run_rounds(open_setting(load_settings(RoundsConfig, config, overrides), output, console), output, console)


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
    whole, killed = args.directory / "whole", args.directory / "killed"
    seconds = run_undisturbed(args.config, args.overrides, whole)
    lasted = run_with_kills(args.config, args.overrides, killed, args.kills, seconds, args.seed)
    one, two = state(whole), state(killed)
    different = sorted(name for name in {**one, **two} if one.get(name) != two.get(name))
    found: dict[str, Any] = {
        "seconds": round(seconds, 1), "kills": len(lasted), "sessions": lasted, "files": len(one), "different": different,
    }  # fmt: skip
    print(json.dumps(found, indent=2))
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
