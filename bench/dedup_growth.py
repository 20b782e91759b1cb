"""Growth of the phase documents: more documents of the same kind, one worker, each size in a process of its own."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
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
    from recipes import load

    run_dir = Path(folder) / f"run-{parts}"
    (run_dir / "work").mkdir(parents=True)
    os.symlink(Path(folder) / "parts" / "work" / "extract", run_dir / "work" / "extract")
    recipe = load("llama3")
    state = RunState(str(run_dir), recipe, {PARTS: listed(str(run_dir), parts)})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started, started_cpu = time.perf_counter(), time.process_time()
    with pipeline_maker([], 1)() as pipeline:
        documents.build(pipeline, state, recipe.documents)
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - started_cpu
    candidates = read_manifest(str(run_dir), "documents-candidates")
    done = write_manifest(str(run_dir), "documents", documents.units(state))
    shingles = [path for path in storage.list_files(f"{run_dir}/work/documents") if path.endswith(".shingles")]
    return {
        "documents": sum(part.rows for part in state.parts()),
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "before_mib": before / 1024,
        "entries": candidates.total("entries"),
        "entry_bytes": 24 + packed_width(recipe.documents.bands * recipe.documents.rows),
        "edges": candidates.total("edges"),
        "shingle_bytes": sum(storage.size(path) for path in shingles),
        "rejected": done.total("rejected"),
    }


if __name__ == "__main__":
    print(json.dumps(_measure(sys.argv[1], int(sys.argv[2]))))
