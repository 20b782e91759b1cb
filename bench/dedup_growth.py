"""Growth of the phase documents: more documents of the same kind, one worker, each size in a process of its own."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

_PART_ROWS = 5000
_WORDS = 250
_CHUNK_WORDS = 25
_DUPLICATES = 0.2
_RECENT = 5000


def report(texts: list[str], sizes: list[int]) -> None:
    print(
        f"growth: documents of {_WORDS} words recombined from real ones, {_DUPLICATES:.0%} of them edited copies; "
        f"one worker"
    )
    with tempfile.TemporaryDirectory(prefix="gristmill-bench-") as folder:
        (Path(folder) / "words.json").write_text(json.dumps([text.split() for text in texts[:500]]))
        for size in sizes:
            command = [sys.executable, "-m", "bench.dedup_growth", folder, str(size)]
            result = json.loads(
                subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1]
            )
            print(
                f"    {size:>8,} documents: {1e6 * result['seconds'] / size:6.0f} us a document "
                f"({result['seconds']:.1f} s), peak {result['peak_mib']:,.0f} MiB; "
                f"a document: {result['entries'] / size:.1f} entries of {result['entry_bytes']} bytes "
                f"shuffled, {result['edges'] / size:.2f} edges and "
                f"{result['shingle_bytes'] / size:.0f} bytes of shingles in files; {result['rejected']:,} duplicates"
            )


def _measure(folder: str, size: int) -> dict:
    from pipeline.worker import quieten

    quieten()
    from dedup.buckets import packed_width
    from pipeline import storage
    from pipeline.commit import read_manifest, write_manifest
    from pipeline.phases import documents
    from pipeline.run_state import RunState
    from pipeline.runners import pipeline_maker
    from recipes import load

    run_dir = f"{folder}/run-{size}"
    recipe = load("llama3")
    _write_parts(folder, run_dir, size, recipe)
    state = RunState(run_dir, recipe, (), {"extract": write_manifest(run_dir, "extract", ["file-000000"])})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    with pipeline_maker([], 1)() as pipeline:
        documents.build(pipeline, state)
    seconds = time.perf_counter() - started
    candidates = read_manifest(run_dir, "documents-candidates")
    done = write_manifest(run_dir, "documents", documents.units(state))
    shingles = [path for path in storage.list_files(f"{run_dir}/work/documents") if path.endswith(".shingles")]
    return {
        "seconds": seconds,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "before_mib": before / 1024,
        "entries": candidates.total("entries"),
        "entry_bytes": 24 + packed_width(recipe.documents.bands * recipe.documents.rows),
        "edges": candidates.total("edges"),
        "shingle_bytes": sum(storage.size(path) for path in shingles),
        "rejected": done.total("rejected"),
    }


def _write_parts(folder: str, run_dir: str, size: int, recipe) -> None:
    from dedup.minhash import signature
    from dedup.shingles import shingle_hashes
    from pipeline import tables
    from pipeline.commit import Attempt
    from pipeline.phases.documents import shingling
    from text.hashing import document_id, hash128_hex
    from text.segment import words

    source = json.loads((Path(folder) / "words.json").read_text())
    chunks = [text[n : n + _CHUNK_WORDS] for text in source for n in range(0, len(text) - _CHUNK_WORDS, _CHUNK_WORDS)]
    rng = np.random.Generator(np.random.PCG64(size))
    attempt = Attempt(run_dir, "extract", "file-000000")
    earlier: list[str] = []
    for part in range(-(-size // _PART_ROWS)):
        rows = []
        for _ in range(min(_PART_ROWS, size - part * _PART_ROWS)):
            if earlier and rng.random() < _DUPLICATES:
                text = earlier[rng.integers(len(earlier))].split()
                for place in rng.integers(len(text), size=rng.integers(0, 12)):
                    text[place] = f"edit{place}"
            else:
                # Numbers between chunks, so that chunks alone make no near-duplicates.
                text = [
                    word
                    for n in rng.integers(len(chunks), size=_WORDS // _CHUNK_WORDS)
                    for word in (*chunks[n], f"n{rng.integers(10**9)}")
                ]
            joined = " ".join(text)
            # Copies are of recent documents, so that clusters have the same size however many documents there are.
            if len(earlier) < _RECENT:
                earlier.append(joined)
            else:
                earlier[rng.integers(_RECENT)] = joined
            found = [word.casefold() for word in words(joined)]
            places = recipe.documents.bands * recipe.documents.rows
            rows.append(
                {
                    "id": document_id(str(len(rows)), str(part), joined.encode()), "url": "", "date": "",
                    "language": "en",
                    "words": len(found), "content_hash": hash128_hex(joined), "text": joined, "spans": [],
                    "signature": signature(shingle_hashes(found, "en", shingling(recipe.documents)), places).tobytes(),
                }
            )  # fmt: skip
        rows.sort(key=lambda row: row["id"])
        attempt.write_table(
            "text", tables.table(tables.TEXT, ({k: row.get(k) for k in tables.TEXT.names} for row in rows)), part
        )
        features = ({k: row.get(k) for k in tables.FEATURES.names} for row in rows)
        attempt.write_table("features", tables.table(tables.FEATURES, features), part)
    attempt.finish()


if __name__ == "__main__":
    print(json.dumps(_measure(sys.argv[1], int(sys.argv[2]))))
