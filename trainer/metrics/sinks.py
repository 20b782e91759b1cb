"""Where else a run's figures go, besides ``metrics.jsonl``: TensorBoard, Weights & Biases. Both are optional packages.

A sink has ``add(line)``, for a line of ``metrics.jsonl``, and ``close()``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from trainer.config.run_config import RunConfig
from trainer.errors import TrainerError


class Sink(Protocol):
    def add(self, line: dict[str, Any]) -> None: ...

    def close(self) -> None: ...


def open_sinks(run: RunConfig, run_dir: Path, step: int, config: dict[str, Any]) -> list[Sink]:
    """The sinks that ``run`` asks for, of a run that goes on from ``step`` with the settings ``config``. Raises
    :class:`TrainerError` where a package is missing or W&B refuses."""
    sinks: list[Sink] = []
    if run.tensorboard:
        sinks.append(TensorBoard(run_dir / "tensorboard", step))
    if run.wandb:
        sinks.append(Wandb(run.wandb, run_dir, config))
    return sinks


def figures(line: dict[str, Any]) -> dict[str, float]:
    """The numbers of ``line`` but its step, those of a dictionary under ``NAME/KEY``."""
    found: dict[str, float] = {}
    for name, value in line.items():
        parts = {f"{name}/{key}": part for key, part in value.items()} if isinstance(value, dict) else {name: value}
        found |= {key: part for key, part in parts.items() if isinstance(part, int | float) and key != "step"}
    return found


class TensorBoard:
    """Event files in ``folder``; what an earlier session wrote behind ``step`` is hidden, as it will come again."""

    def __init__(self, folder: Path, step: int) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            raise TrainerError(
                "run.tensorboard needs the package tensorboard: pip install tensorboard, or set it to false."
            ) from None
        self._writer = SummaryWriter(str(folder), purge_step=step + 1)

    def add(self, line: dict[str, Any]) -> None:
        for name, value in figures(line).items():
            self._writer.add_scalar(name, value, line["step"])

    def close(self) -> None:
        self._writer.close()


class Wandb:
    """A run of the project ``project`` at Weights & Biases; its files are in ``RUN/wandb``, among them the id under
    which later sessions go on with it. ``WANDB_MODE=offline`` sends nothing (``wandb sync`` does, later).

    The figures carry their step as a figure and not as W&B's own, which may never go back: steps that a kill undid
    come a second time, with the same values.
    """

    def __init__(self, project: str, run_dir: Path, config: dict[str, Any]) -> None:
        try:
            import wandb  # pyright: ignore[reportMissingImports]  # an extra
        except ImportError:
            raise TrainerError(
                "run.wandb needs the package wandb: pip install 'gristmill[wandb]', or leave the setting out."
            ) from None
        folder = run_dir / "wandb"
        folder.mkdir(parents=True, exist_ok=True)
        known = folder / "id"
        options = {"id": known.read_text("utf-8")} if known.exists() else {}
        # The run's own stop and error handling is in force; W&B's console capture would tear the progress bar.
        settings = wandb.Settings(console="off")
        try:
            self._run = wandb.init(
                project=project, name=run_dir.resolve().name, dir=str(run_dir), config=config, resume="allow",
                settings=settings, **options,
            )  # fmt: skip
        except wandb.Error as error:
            raise TrainerError(
                f"run.wandb: Weights & Biases refuses ({str(error).splitlines()[0]}). Log in with wandb login, or set "
                "WANDB_MODE=offline."
            ) from None
        known.write_text(self._run.id, "utf-8")
        self._run.define_metric("step")
        self._run.define_metric("*", step_metric="step")

    def add(self, line: dict[str, Any]) -> None:
        self._run.log({"step": line["step"], **figures(line)})

    def close(self) -> None:
        self._run.finish()
