"""``python -m bench.fuzz TARGET --seconds N``: random bytes for one of the readers, and what it does that it never may.

    python -m bench.fuzz warc --seconds 60
    python -m bench.fuzz html --seconds 60 --corpus pages/ --atheris

Inputs that were found are written to ``fuzz-findings/`` (``--findings``), and each becomes a test; the input at work is there too, as
``TARGET-running``, which is left where it ends the process or never ends itself. Without ``--atheris``
sound inputs are changed at random; with it (``pip install atheris``; Linux) the inputs that reach new code are changed
further, as far as code is Python: the parser's kernels and FastWARC show it nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import random
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.fuzz.mutator import mutated

if "--atheris" in sys.argv:  # it sees what is imported in its presence
    import atheris

    # Not the parser, which numba compiles.
    with atheris.instrument_imports(include=["bench.fuzz", "pipeline.sources", "dedup", "blocklists", "text"]):
        from bench.fuzz.targets import TARGETS, Target, with_seeds
else:
    from bench.fuzz.targets import TARGETS, Target, with_seeds

_SLOW_SECONDS = 5.0


def fuzz(target: Target, seconds: float, seed: int, findings: Path | None = None) -> tuple[int, dict[str, bytes]]:
    """How often the target was run, and what was found: one input for each place that raised or took too long."""
    rng = random.Random(seed)
    found: dict[str, bytes] = {}
    target.prepare()
    with _running(target, findings) as note:
        for data in target.seeds:
            note(data)
            _try(target, data, found, findings)
        count, until = len(target.seeds), time.monotonic() + seconds
        while time.monotonic() < until:
            data = mutated(target.seeds, rng)
            note(data)
            _try(target, data, found, findings)
            count += 1
    return count, found


@contextlib.contextmanager
def _running(target: Target, findings: Path | None) -> Iterator[Callable[[bytes], None]]:
    """Writes down each input before it is tried: who crashes or hangs can't do so behind it."""
    if findings is None:
        yield lambda data: None
        return
    findings.mkdir(parents=True, exist_ok=True)
    path = findings / f"{target.name}-running"
    with open(path, "wb", buffering=0) as file:

        def note(data: bytes) -> None:
            os.pwrite(file.fileno(), data, 0)
            os.ftruncate(file.fileno(), len(data))

        yield note
    path.unlink()


def _try(target: Target, data: bytes, found: dict[str, bytes], findings: Path | None) -> None:
    began = time.process_time()  # of this process alone, however busy the machine is
    try:
        target.check(data)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        frame = traceback.extract_tb(error.__traceback__)[-1]
        what = f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"
    else:
        if time.process_time() - began < _SLOW_SECONDS:
            return
        what = "too slow"
    if what not in found:
        found[what] = data
        where = ""
        if findings is not None:
            where = str(findings / f"{target.name}-{hashlib.sha256(data).hexdigest()[:12]}")
            Path(where).write_bytes(data)
        print(f"{target.name}: {what} {where}")


def _with_atheris(target: Target, seconds: float) -> None:
    """Hands over to libFuzzer, which ends the process: with status 77 where it has found something."""
    target.prepare()
    corpus = Path("fuzz-corpus", target.name)
    corpus.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(target.seeds):
        (corpus / f"seed-{number}").write_bytes(data)
    atheris.Setup([sys.argv[0], str(corpus), f"-max_total_time={int(seconds)}", "-max_len=65536"], target.check)
    atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.fuzz", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("target", choices=[*TARGETS, "all"])
    parser.add_argument("--seconds", type=float, default=60, help="of each target (60)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpus", type=Path, help="a folder of inputs to begin from too")
    parser.add_argument("--findings", type=Path, default=Path("fuzz-findings"))
    parser.add_argument("--atheris", action="store_true", help="let coverage guide (one target)")
    arguments = parser.parse_args()
    names = list(TARGETS) if arguments.target == "all" else [arguments.target]
    targets = [
        TARGETS[name] if arguments.corpus is None else with_seeds(TARGETS[name], arguments.corpus) for name in names
    ]
    if arguments.atheris:
        _with_atheris(targets[0], arguments.seconds)
    findings = 0
    for target in targets:
        count, found = fuzz(target, arguments.seconds, arguments.seed, arguments.findings)
        print(f"{target.name}: {count:,} executions, {len(found)} findings", flush=True)
        findings += len(found)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
