"""What tests of whole runs share."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pyarrow.parquet as pq


def output_hashes(run_dir: Path) -> dict[str, list[str]]:
    """The sha256 of every file of a finished run's outputs, in the order of their shards. Names differ by attempt."""
    hashes = {
        folder: [_sha256(run_dir / folder / file["path"]) for file in manifest(run_dir, folder)]
        for folder in ("documents", "tokens", "rejected", "failed", "rejected_texts")
    }
    hashes["duplicates"] = [_sha256(run_dir / "duplicates" / file["path"]) for file in manifest(run_dir, "duplicates")]
    hashes["domains"] = [_sha256(run_dir / "domains.parquet")]
    return hashes


def manifest(run_dir: Path, folder: str) -> list[dict]:
    return json.loads((run_dir / folder / "_manifest.json").read_text("utf-8"))["files"]


def rows(run_dir: Path, folder: str) -> list[dict]:
    """All rows of an output folder."""
    return [
        row for file in manifest(run_dir, folder) for row in pq.read_table(run_dir / folder / file["path"]).to_pylist()
    ]


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
