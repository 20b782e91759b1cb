"""What travels to an engine doesn't grow with the crawl: a job's graph holds a run's folder, its recipe and names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.runners.runner import PipelineRunner

from pipeline import stages, storage
from pipeline.listing import BLOCK_UNITS, Manifest, manifest_path
from pipeline.phases import PHASES
from pipeline.run_state import PARTS, RunState
from pipeline.transforms import subjobs
from recipes import load


class _Recorder(PipelineRunner):
    """Builds graphs and runs none."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def run_pipeline(self, pipeline: beam.Pipeline, options: Any) -> Any:
        self.sizes.append(len(pipeline.to_runner_api().SerializeToString()))
        return _Done()


class _Done:
    def wait_until_finish(self, duration: Any = None) -> None:
        return None


def _manifest(phase: str, units: int) -> dict[str, Any]:
    """As a phase of so many units leaves it."""
    blocks = [
        {"path": f"work/{phase}/listing/{number:06d}.x.parquet", "units": BLOCK_UNITS, "by_part": phase != "extract"}
        for number in range(-(-units // BLOCK_UNITS))
    ]
    blocks[-1]["units"] = units - BLOCK_UNITS * (len(blocks) - 1)
    counts = dict.fromkeys(("records", "lines", "words", "kept_bytes", "edges", "rejected"), units * 1000)
    counts |= {"languages": {"en": units}, "tokens": {"general": units}}  # no edge is "changed": stars end
    return {"phase": phase, "counts": counts, "rows": {"text": units * 1000}, "blocks": blocks}


def _graphs(folder: Path, units: int, monkeypatch: pytest.MonkeyPatch) -> dict[str, _Recorder]:
    recipe = load("llama3", ["documents.edges_per_worker=0", "shards.fan_in=64"])
    run = RunState(str(folder), recipe, {}, units)
    for phase in (PARTS, *stages.PHASES):
        contents = _manifest(phase, units)
        storage.write_bytes(manifest_path(run.dir, phase), json.dumps(contents).encode())
        run.manifests[phase] = Manifest(run.dir, phase, contents)
    asked: set[str] = set()

    def write_manifest(run_dir: str, phase: str, count: int) -> Manifest | None:
        if phase in asked:
            return Manifest(run_dir, phase, _manifest(phase, units))
        asked.add(phase)
        return None

    monkeypatch.setattr(subjobs, "write_manifest", write_manifest)
    found = {}
    for phase in PHASES:
        found[phase.name] = recorder = _Recorder()
        with beam.Pipeline(runner=recorder) as pipeline:
            phase.build(pipeline, run, phase.settings(recipe))
    return found


def test_no_graph_grows_with_the_crawl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = _graphs(tmp_path / "a", 100, monkeypatch)
    large = _graphs(tmp_path / "b", 100_000, monkeypatch)
    for phase, graphs in small.items():
        others = large[phase]
        # More parts may be merged in more passes, which are jobs like the first.
        assert len(graphs.sizes) >= {"documents": 5, "duplicates": 3, "shards": 3}.get(phase, 1)
        assert abs(max(graphs.sizes) - max(others.sizes)) < 1000 and max(others.sizes) < 1_000_000, phase
        assert abs(graphs.sizes[-1] - others.sizes[-1]) < 1000, phase
