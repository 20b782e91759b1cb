"""``python -m bench.kills [--kills 20] [--runs 4] [--workers 2 | --spark] [--seed 0] [--set KEY=VALUE] [CRAWL...]``: runs that are killed and run again.

One run goes undisturbed. Others, of the same crawl (the sample crawl, or files that are named), are killed by SIGKILL
again and again, the driver or one of its workers, and started again by the same command; in the end every file and the
ledger must have the bytes of the undisturbed run. Moments are drawn for each phase in turn, within the time that it took
undisturbed. Prints what was hit when, what the driver then said and how it ended; the exit status is 1 where bytes differ.

``--spark`` does so on a Spark cluster of two workers (Java 17 and Maven needed), where executors are killed too, and
the bytes are those of the local runner. ``--kills 0 --spark-property spark.speculation=true`` tries the cluster alone.
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

from bench.victims import Engine, engine

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
    parser.add_argument("--spark", action="store_true", help="on a Spark cluster of two workers, not --workers")
    parser.add_argument("--spark-property", action="append", default=[], metavar="KEY=VALUE", help="of the cluster")
    parser.add_argument("--limit", type=int, help="so many pages from the start of the files, as gristmill run has it")
    parser.add_argument(
        "--set", action="append", default=[], dest="changes", metavar="KEY=VALUE", help="of the recipe"
    )
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="gristmill-kills-") as name,
        engine(arguments.spark, arguments.workers, arguments.spark_property) as where,
    ):
        folder = Path(name)
        command = _command(arguments.crawl or _sample(folder / "crawl"), arguments.limit, arguments.changes)
        whole = [*command, *where.options, "--output", str(folder / "whole")]
        lasted = _run_undisturbed(whole, folder / "whole")
        print("undisturbed: " + ", ".join(f"{phase} {seconds:.1f} s" for phase, seconds in lasted.items()), flush=True)
        expected = _outcome(folder / "whole")
        landed = wrong = 0
        if arguments.spark:
            local = [*command, "--output", str(folder / "local")]
            subprocess.run(local, check=True, stdout=subprocess.DEVNULL, timeout=_LONGEST)
            wrong += _compared("undisturbed, beside the local runner", _outcome(folder / "local"), expected)
        draws = random.Random(arguments.seed)
        dealt = _moments(draws, arguments.kills, lasted, where.kinds)
        for number in range(arguments.runs if arguments.kills else 0):
            output = folder / f"killed-{number}"
            again = [*command, *where.options, "--output", str(output)]
            order = list(lasted)
            moments = sorted(dealt[number :: arguments.runs], key=lambda moment: order.index(moment.phase))
            landed += sum(_killed(again, output, moment, where, draws) for moment in moments)
            subprocess.run(again, check=True, stdout=subprocess.DEVNULL, timeout=_LONGEST)
            wrong += _compared(f"run {number + 1} of {arguments.runs}", expected, _outcome(output))
    print(f"{landed} kills, {wrong} runs with other bytes than the undisturbed one")
    return 1 if wrong else 0


def _compared(what: str, expected: dict[str, list[str]], found: dict[str, list[str]]) -> bool:
    different = [f"{name} differs" for name in sorted({*expected, *found}) if expected.get(name) != found.get(name)]
    print(f"{what}: " + (", ".join(different) or "equal bytes"), flush=True)
    return bool(different)


def _sample(folder: Path) -> list[str]:
    from gristmill.sample import write_sample

    write_sample(folder)
    return [str(path) for path in sorted(folder.glob("*.warc.gz"))]


def _command(crawl: list[str], limit: int | None, changes: list[str]) -> list[str]:
    command = [sys.executable, "-m", "gristmill", "run", "llama3", "--input", *crawl, "--progress", "none"]
    command += [part for change in [*_CHANGES, *changes] for part in ("--set", change)]
    return command if limit is None else [*command, "--limit", str(limit)]


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


def _moments(draws: random.Random, kills: int, lasted: dict[str, float], kinds: tuple[str, ...]) -> list[Moment]:
    """Each phase has its turn before one comes again."""
    found: list[Moment] = []
    while len(found) < kills:
        for phase in draws.sample(list(lasted), len(lasted)):
            found.append(Moment(phase, draws.uniform(0, lasted[phase]), draws.choice(kinds)))
    return found[:kills]


def _killed(command: list[str], output: Path, moment: Moment, where: Engine, draws: random.Random) -> bool:
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
    victims = where.processes(moment.victim, process.pid)
    kind, victim = (moment.victim, draws.choice(victims)) if victims else ("driver", process.pid)
    if process.poll() is not None:
        print(f"  {moment.phase}: the run had ended ({process.returncode}) before its kill", flush=True)
        return False
    os.kill(victim, signal.SIGKILL)
    status = process.wait(_LONGEST)
    lines = said.read_text("utf-8", "replace").strip().splitlines()
    print(
        f"  {kind} killed in {moment.phase}, {moment.seconds:.2f} s, {len(done)} phases done; status {status}, "
        f"{len(lines)} lines, the last: {(lines or ['nothing'])[-1][:150]}",
        flush=True,
    )
    return True


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


if __name__ == "__main__":
    sys.exit(main())
