"""Growth of the phase documents: more documents of the same kind, one worker, each size in a process of its own.

Beside it, where it is installed, rensa's deduplicator (Rust) finds near-duplicates of the same texts in the memory of
one process: no files, no verdicts, no survivors by date, no shingles compared.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

_SOURCE_TEXTS = 500


def report(texts: list[str], sizes: list[int]) -> None:
    """Prints a line a size. ``texts`` are real ones to recombine, ``sizes`` whole parts of 5,000 documents."""
    from pipeline.worker import quieten

    quieten()
    from bench.recombined import DUPLICATES, PART_ROWS, WORDS, write_parts
    from pipeline.transforms.measures import shingling
    from recipes import load

    settings = load("llama3").documents
    with tempfile.TemporaryDirectory(prefix="gristmill-bench-") as folder:
        started = time.perf_counter()
        parts = -(-max(sizes) // PART_ROWS)
        places = settings.bands * settings.rows
        write_parts(f"{folder}/parts", texts[:_SOURCE_TEXTS], shingling(settings), places, parts)
        print(
            f"growth: documents of {WORDS} words recombined from real ones "
            f"(in {time.perf_counter() - started:.0f} s), {DUPLICATES:.0%} of them edited copies; one worker"
        )
        for size in sizes:
            command = [sys.executable, "-m", "bench.dedup_growth", folder, str(-(-size // PART_ROWS))]
            result = json.loads(
                subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1]
            )
            documents = result["documents"]
            print(
                f"    {documents:>8,} documents: {1e6 * result['seconds'] / documents:6.0f} us a document "
                f"({result['seconds']:.1f} s, {1e6 * result['cpu_seconds'] / documents:.0f} us of CPU), "
                f"peak {result['peak_mib']:,.0f} MiB, {result['before_mib']:,.0f} of them before; "
                f"a document: {result['entries'] / documents:.1f} entries of {result['entry_bytes']} bytes "
                f"shuffled, {result['edges'] / documents:.2f} edges and "
                f"{result['shingle_bytes'] / documents:.0f} bytes of shingles in files; "
                f"{result['rejected']:,} duplicates"
            )
            signing = 1e6 * result["signing_seconds"] / documents
            print(f"        from text, with signatures: {signing + 1e6 * result['cpu_seconds'] / documents:.0f} us of CPU, "
                  f"{signing:.0f} of them for signatures", end="; ")  # fmt: skip
            _print_peer(command, documents)


def _print_peer(command: list[str], documents: int) -> None:
    process = subprocess.run([*command, "rensa"], check=False, capture_output=True, text=True)
    if process.returncode:
        print(f"rensa takes no part: {process.stderr.splitlines()[-1]}")
    else:
        peer = json.loads(process.stdout.splitlines()[-1])
        print(f"rensa in memory, from text: {1e6 * peer['cpu_seconds'] / documents:.0f} us of CPU, "
              f"peak {peer['peak_mib']:,.0f} MiB, {peer['rejected']:,} duplicates")  # fmt: skip


def _measure(folder: str, parts: int) -> dict:
    from pipeline.worker import quieten

    quieten()
    from bench.recombined import listed
    from dedup.buckets import packed_width
    from pipeline import storage
    from pipeline.listing import read_manifest, write_manifest
    from pipeline.phases import documents
    from pipeline.run_state import PARTS, RunState
    from pipeline.runners import pipeline_maker
    from pipeline.transforms.measures import signatures
    from recipes import load
    from text.document import Document

    run_dir = Path(folder) / f"run-{parts}"
    (run_dir / "work").mkdir(parents=True)
    os.symlink(Path(folder) / "parts" / "work" / "extract", run_dir / "work" / "extract")
    recipe = load("llama3")
    state = RunState(str(run_dir), recipe, {PARTS: listed(str(run_dir), parts)})
    signatures(Document("kernels are loaded " * 30, "en"), recipe)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started, started_cpu = time.perf_counter(), time.process_time()
    with pipeline_maker([], 1)() as pipeline:
        documents.build(pipeline, state, recipe.documents)
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - started_cpu
    started_cpu = time.process_time()
    for text in _texts(folder, parts):
        signatures(Document(text, "en"), recipe)
    signing_seconds = time.process_time() - started_cpu
    candidates = read_manifest(str(run_dir), "documents-candidates")
    done = write_manifest(str(run_dir), "documents", documents.units(state))
    shingles = [path for path in storage.list_files(f"{run_dir}/work/documents") if path.endswith(".shingles")]
    return {
        "documents": sum(part.rows for part in state.parts()),
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "signing_seconds": signing_seconds,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "before_mib": before / 1024,
        "entries": candidates.total("entries"),
        "entry_bytes": 24 + packed_width(recipe.documents.bands * recipe.documents.rows),
        "edges": candidates.total("edges"),
        "shingle_bytes": sum(storage.size(path) for path in shingles),
        "rejected": done.total("rejected"),
    }


def _measure_rensa(folder: str, parts: int) -> dict:
    """From text to duplicates: shingles of five of our words, as many bands and places as the recipe has."""
    from rensa import RMinHash, RMinHashDeduplicator

    from recipes import load
    from text.view import TextView

    settings = load("llama3").documents
    places = settings.bands * settings.rows
    found = RMinHashDeduplicator(
        threshold=settings.min_similarity, num_perm=places, use_lsh=True, num_bands=settings.bands
    )
    TextView("kernels are loaded").folded_hashes  # noqa: B018
    started, rejected = time.process_time(), 0
    for number, text in enumerate(_texts(folder, parts)):
        words = TextView(text).folded
        sketch = RMinHash(num_perm=places, seed=42)
        sketch.update([" ".join(words[n : n + 5]) for n in range(max(1, len(words) - 4))])
        rejected += not found.add(str(number), sketch)
    return {
        "cpu_seconds": time.process_time() - started,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "rejected": rejected,
    }


def _texts(folder: str, parts: int) -> Iterator[str]:
    from bench.recombined import listed
    from pipeline import storage

    for path in listed(f"{folder}/run-{parts}", parts).paths("text"):
        yield from storage.read_table(path, ["text"])["text"].to_pylist()


if __name__ == "__main__":
    measure = _measure_rensa if "rensa" in sys.argv[3:] else _measure
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
