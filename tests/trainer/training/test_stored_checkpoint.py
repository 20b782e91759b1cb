"""A checkpoint that an earlier version of the trainer wrote still resumes, as that version itself went on from it.

``stored/`` was written by the trainer of commit b73a8ec, before it had rooms: ``config.yaml``, the shards ``tokens/``,
the directory ``run/`` of a run that a SIGTERM stopped in step 11 of 18, within a stage whose weights are averaged and
with a line of metrics begun; and ``expected.json``, what the same trainer made of it when it was started again: all
lines of its metrics apart from times, the sha256 of its last weights, and the machine on which it ran.
"""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
from pathlib import Path

import pytest
import torch

from tests.trainer.runs import figures
from trainer.checkpoint.convert import load_model
from trainer.config.loader import load_config
from trainer.training.pretraining import pretrain

STORED = Path(__file__).parent / "stored"
EXPECTED = json.loads((STORED / "expected.json").read_text("utf-8"))


def machine() -> list[str]:
    """Where these are the same, so are the bits of sums."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    cpu = names[0] if names else platform.machine()
    return [cpu, torch.backends.cpu.get_cpu_capability(), torch.__version__]


def sha256_of_weights(run: Path) -> str:
    digest = hashlib.sha256()
    for name, parameter in load_model(run).model.named_parameters():
        digest.update(name.encode())
        digest.update(parameter.detach().numpy().tobytes())
    return digest.hexdigest()


def test_an_earlier_versions_checkpoint_goes_on_as_it_did(tmp_path):
    shutil.copytree(STORED / "run", tmp_path / "run")
    before = len((tmp_path / "run" / "metrics.jsonl").read_text().splitlines())
    summary = pretrain(load_config(str(STORED / "config.yaml")), [str(STORED / "tokens")], tmp_path / "run")
    assert summary.finished and summary.steps == 18
    # Later versions say more in a line.
    found = [
        {key: line[key] for key in line if key not in ("passes", "loss_by_class", "loss_by_source")}
        for line in figures(tmp_path / "run")
    ]
    assert len(found) == len(EXPECTED["metrics"]) > before
    for line, expected in zip(found, EXPECTED["metrics"], strict=True):
        assert line.keys() == expected.keys()
        for name, value in expected.items():
            assert line[name] == (pytest.approx(value, rel=1e-6) if isinstance(value, float) else value)
    if machine() == EXPECTED["machine"]:
        assert found == EXPECTED["metrics"]
        assert sha256_of_weights(tmp_path / "run") == EXPECTED["weights_sha256"]
