"""``python -m bench.mutations [PATH …]``: which small changes to the decisions of a module do its tests not notice?

    python -m bench.mutations --only filters dedup --sample 200
    python -m bench.mutations pipeline/ledger.py

Each change is made alone, in a copy of the tree, and the module's own tests are run
(:func:`bench.mutations.trial.mirrored_tests`). What they notice is killed; what they don't end with is ``slow`` and counts
as killed; the rest has survived. numba's kernels are compiled anew for each change, which takes minutes; with
``NUMBA_DISABLE_JIT=1`` they run as they are written, and a change takes seconds. Mutants that change nothing anyone could see are listed in ``equivalent.txt`` with the
reason, and left out. The same seed draws the same sample from the same sources.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from bench.mutations.mutants import Mutant, mutants
from bench.mutations.trial import Trial

ROOT = Path(__file__).parents[2]
PACKAGES = ("filters", "dedup", "pipeline", "parsers", "trainer")
EQUIVALENT = Path(__file__).with_name("equivalent.txt")


def read_equivalent(text: str) -> dict[tuple[str, str], str]:
    """``(module, change)`` to the reason why nobody can see it. Blocks of two lines: ``MODULE: CHANGE``, then the
    reason, indented. Lines that begin with # are comments."""
    reasons: dict[tuple[str, str], list[str]] = {}
    entry = None
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if not line.startswith(" "):
            module, _, change = line.partition(": ")
            entry = module, change.strip()
            reasons[entry] = []
        elif entry is None:
            raise ValueError(f"line {number} of the list of equivalent mutants is a reason without a mutant: {line!r}")
        else:
            reasons[entry].append(line.strip())
    for (module, change), given in reasons.items():
        if not given:
            raise ValueError(f"no reason is given for {module}: {change} in the list of equivalent mutants")
    return {entry: " ".join(given) for entry, given in reasons.items()}


def modules(root: Path, paths: Sequence[str]) -> list[str]:
    """The modules below some paths relative to ``root``, sorted. ``FileNotFoundError`` for a path without any."""
    found: set[str] = set()
    for path in paths:
        files = [root / path] if path.endswith(".py") else sorted((root / path).rglob("*.py"))
        if not files or not files[0].exists():
            raise FileNotFoundError(f"{path} is no module and no package of {root}")
        found |= {str(file.relative_to(root)) for file in files if file.name != "__init__.py"}
    return sorted(found)


def draw(
    root: Path, names: Sequence[str], equivalent: dict[tuple[str, str], str], sample: int | None, seed: int
) -> list[tuple[str, Mutant]]:
    """``(module, mutant)``, a sample of them all or everything, in the order of modules and places."""
    found = [
        (name, mutant)
        for name in names
        for mutant in mutants((root / name).read_text("utf-8"))
        if (name, mutant.change) not in equivalent
    ]
    if sample is not None and sample < len(found):
        found = [found[place] for place in sorted(random.Random(seed).sample(range(len(found)), sample))]
    return found


def _gone(root: Path, equivalent: dict[tuple[str, str], str]) -> set[tuple[str, str]]:
    """Entries of the list that no mutant answers to any more."""
    there = [name for name in {name for name, _ in equivalent} if (root / name).exists()]
    return set(equivalent) - {(name, mutant.change) for name, mutant in draw(root, there, {}, None, 0)}


def main(argv: Sequence[str] | None = None) -> int:
    """Prints each mutant with its fate, then the rates; returns 0 where nine of ten were killed."""
    parser = argparse.ArgumentParser(prog="python -m bench.mutations", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("paths", nargs="*", help="modules or folders; all of the packages by default")
    parser.add_argument("--only", nargs="+", choices=PACKAGES, default=[], help="packages instead of paths")
    parser.add_argument("--sample", type=int, help="how many mutants to draw; all by default")
    parser.add_argument("--seed", type=int, default=0, help="of the sample (0)")
    parser.add_argument("--list", action="store_true", help="print the mutants and run nothing")
    arguments = parser.parse_args(argv)
    names = modules(ROOT, [*arguments.paths, *arguments.only] or PACKAGES)
    equivalent = read_equivalent(EQUIVALENT.read_text("utf-8"))
    chosen = draw(ROOT, names, equivalent, arguments.sample, arguments.seed)
    for name, change in sorted(_gone(ROOT, equivalent)):
        print(f"equivalent.txt names a mutant that is no more: {name}: {change}")
    if arguments.list:
        for name, mutant in chosen:
            print(f"{name}:{mutant.line}: {mutant.change}")
        return 0
    killed, all_of = Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory(prefix="mutations-") as folder:
        trial = Trial(ROOT, Path(folder))
        for name, mutant in chosen:
            tested = bool(trial.mirrored_tests(name))
            if tested and not all_of[name]:
                trial.check(name)
            all_of[name] += 1
            fate = trial.fate(name, mutant) if tested else "untested"
            killed[name] += fate in ("killed", "slow")
            print(f"{fate:9}{name}:{mutant.line}: {mutant.change}", flush=True)
    for name in all_of:
        print(f"{killed[name]:5} of {all_of[name]:4} killed  {name}")
    total = all_of.total()
    print(f"{killed.total():5} of {total:4} killed  {killed.total() / max(total, 1):.1%}")
    return 0 if 10 * killed.total() >= 9 * total else 1


if __name__ == "__main__":
    raise SystemExit(main())
