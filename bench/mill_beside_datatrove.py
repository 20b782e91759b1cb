"""What a crawl costs the mill, and what it costs datatrove's FineWeb recipe: CPU seconds of both, in turns, start-up included.

    python -m bench.mill_beside_datatrove --datatrove PYTHON [--rounds 2] CRAWL...

PYTHON is an interpreter that has datatrove. Both keep English alone, as FineWeb's recipe does: ours is the recipe as it ships
with ``identify.languages=[en]``, and a third run is the recipe with all languages. Each run is a process of its own with one
worker, timed by the operating system with all the processes that it has started. The runs take turns, so that what else the
machine does falls on all of them; ratios are of runs of the same round. Before that, ours mills some pages: an installation by pip
compiles Python's modules, a checkout with its first run, and nothing of it (nor of compiling kernels) belongs to a crawl's costs.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from bench.ablation.corpora import DATATROVE_CHILD
from filters.language import find_model
from pipeline.sources.files import read_records
from pipeline.sources.inputs import find_inputs
from pipeline.sources.records import PageRecord
from recipes import load

# What its recipe imports on the way; without one of them its executor waits for ever.
_NEEDED = (
    "datatrove",
    "trafilatura",
    "spacy",
    "warcio",
    "cchardet",
    "magic",
    "orjson",
    "fasttext",
    "nltk",
    "tldextract",
    "xxhash",
)
MEND_DATATROVE = "pip install 'datatrove[processing,io]' lxml_html_clean spacy"
_TRY = """
import importlib, json, sys
failed = {}
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except Exception as error:
        failed[name] = f"{type(error).__name__}: {error}"
print(json.dumps(failed))
"""

OURS, THEIRS, WHOLE = "gristmill, English alone", "datatrove's FineWeb recipe", "gristmill, all languages"


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("crawl", nargs="+", metavar="CRAWL", help="WARC files or globs")
    parser.add_argument("--datatrove", required=True, metavar="PYTHON", help="a Python that has datatrove")
    parser.add_argument("--rounds", type=int, default=2, help="how often each runs (2)")
    arguments = parser.parse_args()
    if lacking := what_datatrove_lacks(arguments.datatrove):
        parser.error(lacking)
    files = find_inputs(arguments.crawl)
    with tempfile.TemporaryDirectory(prefix="gristmill-bench-") as folder:
        cpu_seconds_of([*commands(arguments.datatrove, files[:1], Path(folder))[WHOLE], "--limit", "40"])
    pages = sum(map(count_pages, files))
    print(f"{len(files)} files, {pages:,} pages")
    spent: defaultdict[str, list[float]] = defaultdict(list)
    for number in range(1, arguments.rounds + 1):
        with tempfile.TemporaryDirectory(prefix="gristmill-bench-") as folder:
            for name, command in commands(arguments.datatrove, files, Path(folder)).items():
                seconds = cpu_seconds_of(command)
                spent[name].append(seconds)
                print(
                    f"round {number}: {name:28}{seconds:8.1f} CPU s{pages / seconds:8.1f} pages per CPU second",
                    flush=True,
                )
    for name, seconds in spent.items():
        ratios = [theirs / ours for theirs, ours in zip(spent[THEIRS], seconds, strict=True)]
        told = ", ".join(f"{ratio:.1f}" for ratio in ratios)
        print(f"{name:28} datatrove takes {median(ratios):.1f} times as long ({told})")


def commands(datatrove: str, files: list[str], folder: Path) -> dict[str, list[str]]:
    """What is run, by what it is called."""
    ours = [sys.executable, "-m", "gristmill", "run", "llama3", "--workers", "1"]
    ours += [part for file in files for part in ("--input", file)]
    return {
        OURS: [*ours, "--output", str(folder / "english"), "--set", "identify.languages=[en]"],
        WHOLE: [*ours, "--output", str(folder / "whole")],
        THEIRS: [datatrove, str(DATATROVE_CHILD), str(folder / "datatrove"), str(find_model()), *files],
    }


def what_datatrove_lacks(python: str, needed: Sequence[str] = _NEEDED) -> str:
    """Why that Python can't run datatrove's recipe, in a sentence that says what to do; empty where it can."""
    try:
        tried = subprocess.run([python, "-c", _TRY, *needed], check=False, capture_output=True, text=True)
    except OSError as error:
        return f"--datatrove {python} can't be started ({error.strerror}); name the Python of an environment with datatrove"
    if tried.returncode:
        return f"--datatrove {python} is no Python that works: {tried.stderr.strip()[-300:]}"
    failed = json.loads(tried.stdout.splitlines()[-1])
    if not failed:
        return ""
    told = "; ".join(f"{name} ({error.splitlines()[0]})" for name, error in failed.items())
    return f"{python} can't import {told}. In its environment run: {MEND_DATATROVE}"


def cpu_seconds_of(command: list[str]) -> float:
    """User and system time of a command and of all that it starts and waits for. ``CalledProcessError`` where it fails. Modules
    that Python compiles are kept, as they are where it isn't told otherwise (``PYTHONDONTWRITEBYTECODE``)."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=kept)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def count_pages(file: str) -> int:
    """How many records of a file are pages that the mill looks at."""
    records = read_records(file, file, load("llama3", []).read)
    return sum(isinstance(record, PageRecord) for record in records)


if __name__ == "__main__":
    main()
