"""Checkpoints that are whole or absent, and the last few of them.

    RUN/checkpoints/step-00000500/facts.json       counters, the data's place, the model's shape
    RUN/checkpoints/step-00000500/*.distcp         tensors: weights, optimizer, …; each rank writes its own part
    RUN/checkpoints/tmp-step-00000600/             being written, or being removed

Tensors are in the format of torch.distributed.checkpoint, which any number of ranks reads back whatever number wrote
them. A checkpoint is written under a name that nobody reads, flushed to disk, and renamed: on a local disk that is one
atomic act. A kill at any moment leaves the checkpoints that were there, and perhaps a ``tmp-`` that the next save
clears away.
"""

from __future__ import annotations

import json
import os
import pickle
import shutil
import warnings
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import torch
import torch.distributed as dist
import torch.distributed.checkpoint as dcp
from torch.distributed.checkpoint.api import CheckpointException
from torch.distributed.checkpoint.filesystem import FileSystemReader
from torch.distributed.checkpoint.metadata import StorageMeta

from trainer.errors import TrainerError

FOLDER, FACTS = "checkpoints", "facts.json"


class Checkpoint(NamedTuple):
    """One that lies on disk: where, and what it says of itself without its tensors."""

    path: Path
    facts: dict[str, Any]


def save(run_dir: Path, step: int, facts: dict[str, Any], tensors: dict[str, Any], keep: int) -> None:
    """Writes the checkpoint of ``step`` and removes all but the ``keep`` latest. Every rank must call it.

    ``facts`` is what JSON can keep; of the ranks' it is the first one's that is written. ``tensors`` is a dictionary
    of dictionaries of tensors, those that are sharded as DTensors.
    """
    folder = run_dir / FOLDER
    final, temporary = folder / f"step-{step:08d}", folder / f"tmp-step-{step:08d}"
    first = not dist.is_initialized() or dist.get_rank() == 0
    if first:
        folder.mkdir(parents=True, exist_ok=True)
        for leftover in folder.glob("tmp-*"):
            shutil.rmtree(leftover)
    _wait()
    if not final.exists():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that one process saves alone is meant
            # Flushes its files.
            dcp.save(tensors, checkpoint_id=temporary)  # pyright: ignore[reportPrivateImportUsage]
        if first:
            with (temporary / FACTS).open("w", encoding="utf-8") as file:
                json.dump(facts, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            _flush(temporary)
            temporary.rename(final)
            _flush(folder)
    if first:
        for old in steps(run_dir)[:-keep]:
            # Renamed first: a half-removed directory must not pass for a checkpoint.
            doomed = folder / f"tmp-{old.name}"
            old.rename(doomed)
            shutil.rmtree(doomed)
    _wait()


def steps(run_dir: Path) -> list[Path]:
    """The directories of the checkpoints there are, the earliest first."""
    return sorted((run_dir / FOLDER).glob("step-*"))


def latest(run_dir: Path) -> Checkpoint | None:
    """The latest checkpoint, or ``None`` where there is none."""
    found = steps(run_dir)
    if not found:
        return None
    try:
        return Checkpoint(found[-1], json.loads((found[-1] / FACTS).read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise _unreadable(found[-1], error) from None


def load(path: Path, tensors: dict[str, Any]) -> None:
    """Fills ``tensors`` in place from the checkpoint at ``path``. Every rank must call it; what the checkpoint holds
    beyond them is not read."""
    reader = _Reader(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that one process loads alone is meant
            dcp.load(tensors, storage_reader=reader)  # pyright: ignore[reportPrivateImportUsage]
    except CheckpointException as error:  # what went wrong on any rank, whatever its kind
        raise _unreadable(path, reader.failure or next(iter(error.failures.values()))[0]) from None


class _Reader(FileSystemReader):
    """torch's reader, which unpickles an index, kept from running code that somebody has put there."""

    failure: Exception | None = None
    """Why the index cannot be read: torch 2.11 swallows what is raised here, later versions put it in other words."""

    def read_metadata(self, *args: Any, **kwargs: Any) -> Any:
        try:
            with (Path(self.path) / ".metadata").open("rb") as file:
                metadata = _Unpickler(file).load()
        except Exception as error:
            self.failure = error
            raise
        if metadata.storage_meta is None:
            metadata.storage_meta = StorageMeta()
        metadata.storage_meta.load_id = self.load_id
        return metadata


class _Unpickler(pickle.Unpickler):
    # No BytesStorageMetadata among them: an entry that claims to be bytes would be unpickled by torch without limits.
    _KNOWN: ClassVar = {
        ("torch", "Size"),
        ("torch.serialization", "_get_layout"),
        ("collections", "OrderedDict"),
        *(("torch.distributed.checkpoint.metadata", name) for name in (
            "Metadata", "TensorStorageMetadata", "ChunkStorageMetadata", "TensorProperties", "_MEM_FORMAT_ENCODING",
            "MetadataIndex", "StorageMeta",
        )),
        ("torch.distributed.checkpoint.filesystem", "_StorageInfo"),
        *((module, name) for module in ("pathlib", "pathlib._local") for name in ("PosixPath", "WindowsPath")),
    }  # fmt: skip

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in self._KNOWN or (module == "torch" and isinstance(getattr(torch, name), torch.dtype)):
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"its index names {module}.{name}, which no checkpoint needs")


def _unreadable(path: Path, error: BaseException) -> TrainerError:
    reason = (str(error).strip() or type(error).__name__).splitlines()[-1]
    return TrainerError(
        f"{path} cannot be read ({reason}). Remove it, and the run goes on from the checkpoint before."
    )


def _wait() -> None:
    if dist.is_initialized():
        dist.barrier()


def _flush(folder: Path) -> None:
    # Without it a power cut may forget the rename.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
