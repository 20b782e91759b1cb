"""``python -m bench.kills [--kills 20] [--runs 4] [--workers 2] [--seed 0] [--set KEY=VALUE] [CRAWL...]``: runs that are killed and run again.

One run goes undisturbed. Others, of the same crawl (the sample crawl, or files that are named), are killed by SIGKILL
again and again, the driver or one of its workers, and started again by the same command; in the end every file and the
ledger must have the bytes of the undisturbed run. Moments are drawn for each phase in turn, within the time that it took
undisturbed. Prints what was hit when, what the driver then said and how it ended; the exit status is 1 where bytes differ.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

_LONGEST = 1800.0
_LOOKED = 0.01
# Passes of merging take part, shards and units are several.
_CHANGES = ["shards.fan_in=4", "shards.shard_bytes=300000", "read.unit_bytes=100000"]


class Moment(NamedTuple):
    """When to kill what: so many seconds into a phase."""

    phase: str
    seconds: float
    victim: str


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("crawl", nargs="*", metavar="CRAWL", help="WARC files; the sample crawl where none is named")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--runs", type=int, default=4, help="how many runs the kills are dealt to")
    parser.add_argument("--workers", type=int, default=2, help="with one there is only a driver to kill")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--set", action="append", default=[], dest="changes", metavar="KEY=VALUE", help="of the recipe"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gristmill-kills-") as name:
        folder = Path(name)
        crawl = arguments.crawl or _sample(folder / "crawl")
        changes = [*_CHANGES, *arguments.changes]
        lasted = _run_undisturbed(_command(crawl, folder / "whole", arguments.workers, changes), folder / "whole")
        print("undisturbed: " + ", ".join(f"{phase} {seconds:.1f} s" for phase, seconds in lasted.items()), flush=True)
        expected = _outcome(folder / "whole")
        draws = random.Random(arguments.seed)
        dealt = _moments(draws, arguments.kills, lasted, arguments.workers)
        landed = wrong = 0
        for number in range(arguments.runs):
            output = folder / f"killed-{number}"
            command = _command(crawl, output, arguments.workers, changes)
            order = list(lasted)
            moments = sorted(dealt[number :: arguments.runs], key=lambda moment: order.index(moment.phase))
            landed += sum(_killed(command, output, moment, draws) for moment in moments)
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=_LONGEST)
            different = _differences(expected, _outcome(output))
            wrong += bool(different)
            print(f"run {number + 1} of {arguments.runs}: " + (", ".join(different) or "equal bytes"), flush=True)
    print(f"{landed} kills in {arguments.runs} runs, {wrong} runs with other bytes than the undisturbed one")
    return 1 if wrong else 0


def _sample(folder: Path) -> list[str]:
    from gristmill.sample import write_sample

    write_sample(folder)
    return [str(path) for path in sorted(folder.glob("*.warc.gz"))]


def _command(crawl: list[str], output: Path, workers: int, changes: list[str]) -> list[str]:
    command = [sys.executable, "-m", "gristmill", "run", "llama3", "--input", *crawl, "--output", str(output)]
    command += ["--workers", str(workers), "--progress", "none"]
    return command + [part for change in changes for part in ("--set", change)]


def _run_undisturbed(command: list[str], output: Path) -> dict[str, float]:
    """Seconds of each phase, in order."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    begins: dict[str, float] = {}
    while process.poll() is None:
        for phase in _begun(output):
            begins.setdefault(phase, time.monotonic())
        time.sleep(_LOOKED)
    if process.returncode:
        raise RuntimeError(f"the run failed with {process.returncode} where nobody had killed it")
    ends = [*list(begins.values())[1:], time.monotonic()]
    return {phase: end - begin for (phase, begin), end in zip(begins.items(), ends, strict=True)}


def _begun(output: Path) -> list[str]:
    """Phases that have written something."""
    from pipeline.stages import PHASES

    return [phase for phase in PHASES if any((output / "work").glob(f"{phase}*"))]


def _moments(draws: random.Random, kills: int, lasted: dict[str, float], workers: int) -> list[Moment]:
    """Each phase has its turn before one comes again."""
    found: list[Moment] = []
    while len(found) < kills:
        for phase in draws.sample(list(lasted), len(lasted)):
            victim = draws.choice(["driver", "worker"]) if workers > 1 else "driver"
            found.append(Moment(phase, draws.uniform(0, lasted[phase]), victim))
    return found[:kills]


def _killed(command: list[str], output: Path, moment: Moment, draws: random.Random) -> bool:
    """Runs the command and kills it at a moment, or a little earlier where its phase ends before; whether it did."""
    said = output.parent / "said"
    with open(said, "wb") as errors:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors)
    manifest = output / "work" / moment.phase / "manifest.json"
    began = None
    while process.poll() is None:
        now = time.monotonic()
        if began is None and moment.phase in _begun(output):
            began = now
        if began is not None and (now - began >= moment.seconds or manifest.exists()):
            break
        time.sleep(_LOOKED)
    done = [phase for phase in _begun(output) if (output / "work" / phase / "manifest.json").exists()]
    workers = _workers(process.pid)
    victim = draws.choice(workers) if moment.victim == "worker" and workers else process.pid
    if process.poll() is not None:
        print(f"  {moment.phase}: the run had ended ({process.returncode}) before its kill", flush=True)
        return False
    os.kill(victim, signal.SIGKILL)
    status = process.wait(_LONGEST)
    last = said.read_text("utf-8", "replace").strip().splitlines()[-1:] or ["nothing"]
    what = "driver" if victim == process.pid else "worker"
    print(
        f"  {what} killed in {moment.phase}, {moment.seconds:.2f} s, {len(done)} phases done; status {status}, "
        f"{len(said.read_text('utf-8', 'replace').splitlines())} lines, the last: {last[0][:150]}",
        flush=True,
    )
    return True


def _workers(process: int) -> list[int]:
    """The workers of a driver: what the server that it has started has forked."""
    from pipeline.stopwatch import running_children

    servers = (child for child in running_children(process) if b"pipeline.worker_server" in _command_of(child))
    return [worker for server in servers for worker in running_children(server)]


def _command_of(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""


def _outcome(output: Path) -> dict[str, list[str]]:
    """The sha256 of every file of each output in its order, and of what is one file."""
    found = {
        name: [_sha256(output / name)] for name in ("ledger.json", "mix.json", "domains.parquet")
    }  # fmt: skip
    for manifest in sorted(output.glob("*/_manifest.json")):
        files = json.loads(manifest.read_text("utf-8"))["files"]
        found[manifest.parent.name] = [_sha256(manifest.parent / file["path"]) for file in files]
    return found


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _differences(one: dict[str, list[str]], other: dict[str, list[str]]) -> list[str]:
    return [f"{name} differs" for name in sorted({*one, *other}) if one.get(name) != other.get(name)]


if __name__ == "__main__":
    sys.exit(main())
