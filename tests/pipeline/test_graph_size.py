"""What travels to an engine doesn't grow with the crawl: a job's graph holds a run's folder, its recipe and names."""

from __future__ import annotations

import base64
import bz2
import contextlib
import json
import re
import sys
import tempfile
import uuid
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.portability import common_urns
from apache_beam.portability.api import beam_runner_api_pb2
from apache_beam.portability.common_urns import resource_hints
from apache_beam.runners.runner import PipelineRunner

from pipeline import stages, storage
from pipeline.listing import BLOCK_UNITS, Manifest, manifest_path
from pipeline.phases import PHASES
from pipeline.run_state import PARTS, RunState
from pipeline.transforms import subjobs
from recipes import load
from tests.filters.classifiers import onnx_classifier


class _Recorder(PipelineRunner):
    """Builds graphs and runs none."""

    def __init__(self) -> None:
        self.graphs: list[bytes] = []

    @property
    def sizes(self) -> list[int]:
        return [len(graph) for graph in self.graphs]

    def run_pipeline(self, pipeline: beam.Pipeline, options: Any) -> Any:
        self.graphs.append(pipeline.to_runner_api().SerializeToString())
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
    counts = dict.fromkeys(("records", "lines", "words", "kept_bytes", "edges", "members", "rejected"), units * 1000)
    counts |= {"languages": {"en": units}, "tokens": {"general": units}}  # no edge is "changed": stars end
    return {"phase": phase, "counts": counts, "rows": {"text": units * 1000}, "blocks": blocks}


def _graphs(
    folder: str, units: int, monkeypatch: pytest.MonkeyPatch, changes: Sequence[str] = (), flags: Sequence[str] = ()
) -> dict[str, _Recorder]:
    recipe = load("llama3", ["documents.edges_per_worker=0", "shards.fan_in=64", "shards.shard_bytes=1000", *changes])
    run = RunState(folder, recipe, {}, units)
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
        with beam.Pipeline(runner=recorder, options=PipelineOptions([*flags])) as pipeline:
            phase.build(pipeline, run, phase.settings(recipe))
    return found


def test_no_graph_grows_with_the_crawl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # From several blocks of units on: one block has a smaller graph.
    small = _graphs(str(tmp_path / "a"), 10_000, monkeypatch)
    large = _graphs(str(tmp_path / "b"), 1_000_000, monkeypatch)
    for phase, graphs in small.items():
        others = large[phase]
        # More parts may be merged in more passes, which are jobs like the first.
        assert len(graphs.sizes) >= {"documents": 7, "duplicates": 3, "shards": 3}.get(phase, 1)
        assert abs(max(graphs.sizes) - max(others.sizes)) < 1000 and max(others.sizes) < 1_000_000, phase
        assert abs(graphs.sizes[-1] - others.sizes[-1]) < 1000, phase


def _hints(graph: bytes) -> dict[str, dict[str, bytes]]:
    """Of each transform that workers run, by its name, the resources that its environment asks for."""
    components = beam_runner_api_pb2.Pipeline.FromString(graph).components
    return {
        transform.unique_name: dict(components.environments[transform.environment_id].resource_hints)
        for transform in components.transforms.values()
        if transform.environment_id
    }


def test_every_stage_asks_for_the_memory_of_the_command_line_and_models_for_what_the_recipe_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accelerator = "type:nvidia-tesla-t4;count:1;install-nvidia-driver"
    model = {
        "path": str(onnx_classifier(tmp_path / "model")), "label": "flour", "max_tokens": 64, "reject_below": {"quantile": 0.1},
        "resources": {"min_ram": "8GB", "accelerator": accelerator},
    }  # fmt: skip
    changes = [f"quality.models={json.dumps({'mine': model})}"]
    all_need = {resource_hints.MIN_RAM_BYTES.urn: b"2000000000"}
    models_need = {
        resource_hints.MIN_RAM_BYTES.urn: b"8000000000",
        resource_hints.ACCELERATOR.urn: accelerator.encode(),
    }
    graphs = _graphs(str(tmp_path / "a"), 100, monkeypatch, changes, ["--resource_hint=min_ram=2GB"])
    more: set[str] = set()
    for phase, recorder in graphs.items():
        for graph in recorder.graphs:
            assert len(graph) < 1_000_000
            for name, asked in _hints(graph).items():
                if asked != all_need:
                    assert (phase, asked) == ("inference", models_need), name
                    more.add(name)
    # Neither reading texts before it nor writing scores behind it needs an accelerator.
    assert more and {name.partition("/")[0] for name in more} == {"mine: infer"}


def _pickled(graph: bytes) -> bytes:
    """What a graph carries of functions, unpacked."""
    found = []
    for transform in beam_runner_api_pb2.Pipeline.FromString(graph).components.transforms.values():
        payload = transform.spec.payload
        if transform.spec.urn == common_urns.primitives.PAR_DO.urn:
            payload = beam_runner_api_pb2.ParDoPayload.FromString(payload).do_fn.payload
        try:
            payload = zlib.decompress(base64.b64decode(payload, validate=True))
        except (ValueError, zlib.error):
            with contextlib.suppress(ValueError, OSError):
                payload = bz2.decompress(base64.b64decode(payload, validate=True))
        found.append(payload)
    return b"\n".join(found)


def test_graphs_of_a_run_on_a_store_name_no_place_and_no_secret_of_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-of-this-machine")
    here = {str(Path(__file__).parents[2]), str(Path.home()), tempfile.gettempdir(), sys.prefix}
    run_dir = f"memory:///{uuid.uuid4().hex}"
    seen = b""
    for phase, recorder in _graphs(run_dir, 100, monkeypatch).items():
        for graph in recorder.graphs:
            seen += (pickled := _pickled(graph))
            assert b"secret-of-this-machine" not in pickled, phase
            for place in here:
                # But for the files that functions were written in, which are pickled along and opened nowhere.
                paths = re.findall(re.escape(place).encode() + rb"/[\w./-]*", pickled)
                assert [path for path in paths if not path.endswith(b".py")] == [], phase
    assert run_dir.encode() in seen  # it is looked at where it would be seen
