"""What a run was asked for, in this session and those before.

RUN/config.json                       the settings of the latest session
RUN/data.json                         its directories of shards
RUN/config-until-00000500.json        settings that were in force until step 500
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from trainer.config.loader import parse
from trainer.config.schema import StageConfig
from trainer.files import replace_file
from trainer.optim.lr_schedule import learning_rate

NEVER_SAID = ("run.log_every", "run.tensorboard", "run.wandb")


def write_config(run_dir: Path, settings: dict[str, Any], step: int) -> list[str]:
    """Writes ``config.json`` of a session that begins after ``step`` updates, and keeps the one before where it
    differs. Returns the differences, as "optimizer.peak_lr is 0.1 and was 0.2"."""
    path = run_dir / "config.json"
    text = json.dumps(settings, indent=2) + "\n"
    before: dict[str, Any] = {}
    with contextlib.suppress(OSError, ValueError):  # a new run, or one whose file an earlier version was killed in
        before = json.loads(path.read_text("utf-8"))
    now = json.loads(text)
    if before and before != now and step:
        replace_file(run_dir / f"config-until-{step:08d}.json", json.dumps(before, indent=2) + "\n")
    replace_file(path, text)
    old, new = _flat(before), _flat(now)
    return [
        f"{key} is {json.dumps(new.get(key))} and was {json.dumps(old.get(key))}"
        for key in sorted(old.keys() | new.keys())
        if before and old.get(key) != new.get(key) and key not in NEVER_SAID
    ]


def write_data(run_dir: Path, data: Sequence[str]) -> None:
    """Writes ``data.json``: the directories as they were given, and from where."""
    text = json.dumps({"data": [*data], "directory": os.getcwd()}, indent=2)
    replace_file(run_dir / "data.json", text + "\n")


def rate_before(run_dir: Path, tokens: int) -> float | None:
    """The learning rate after ``tokens`` by the settings of the session before, which ``config.json`` has until
    :func:`write_config` is called; ``None`` where they cannot be had."""
    try:
        before = json.loads((run_dir / "config.json").read_text("utf-8"))
        stages = [parse(StageConfig, stage) for stage in before["stages"]]
        return learning_rate(tokens, stages) * before["optimizer"]["peak_lr"]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _flat(value: Any, path: str = "") -> dict[str, Any]:
    if isinstance(value, dict | list) and value:
        entries = value.items() if isinstance(value, dict) else enumerate(value)
        return {k: v for key, part in entries for k, v in _flat(part, f"{path}.{key}" if path else str(key)).items()}
    return {path: value}
