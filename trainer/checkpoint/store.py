"""Checkpoints that are whole or absent, and the last few of them.

    RUN/checkpoints/step-00000500/facts.json       counters, the data's place, the model's shape
    RUN/checkpoints/step-00000500/*.distcp         tensors: weights, optimizer, …; each rank writes its own part
    RUN/checkpoints/step-00000500/SHA256SUMS       of the files above, as sha256sum -c reads them
    RUN/checkpoints/tmp-step-00000600/             being written, or being removed

Tensors are in the format of torch.distributed.checkpoint, which any number of ranks reads back whatever number wrote
them. A checkpoint is written under a name that nobody reads, flushed to disk, and renamed: on a local disk that is one
atomic act. A kill at any moment leaves the checkpoints that were there, and perhaps a ``tmp-`` that the next save
clears away. Each file's hash is compared before it is used: a bit that a disk or a copy has turned would be a weight
of 1e37. Checkpoints of earlier versions have no hashes.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch.distributed as dist
import torch.distributed.checkpoint as dcp
from torch import Tensor
from torch.distributed.checkpoint.api import CheckpointException

from trainer.checkpoint.safe_reader import SafeReader
from trainer.errors import TrainerError

FOLDER, FACTS, SUMS = "checkpoints", "facts.json", "SHA256SUMS"
FORMAT = 2
"""The version that ``facts.json`` names: since 2 there are hashes. Without a version it is 1."""


class Checkpoint(NamedTuple):
    """One that lies on disk: where, and what it says of itself without its tensors."""

    path: Path
    facts: dict[str, Any]


def save(
    run_dir: Path,
    step: int,
    facts: dict[str, Any],
    tensors: dict[str, Any],
    keep: int,
    group: dist.ProcessGroup | None = None,
) -> None:
    """Writes the checkpoint of ``step`` and removes all but the ``keep`` latest and those whose facts say that they
    are ``permanent``. Every rank must call it.

    ``facts`` is what JSON can keep; of the ranks' it is the first one's that is written. ``tensors`` is a dictionary
    of dictionaries of tensors, those that are sharded as DTensors. The ranks agree over ``group``, a group of all of
    them, or over the default one. Raises :class:`TrainerError` where it cannot be
    written, as on a full disk; nothing of it stays there then.
    """
    folder = run_dir / FOLDER
    final, temporary = folder / f"step-{step:08d}", folder / f"tmp-step-{step:08d}"
    first = _rank() == 0
    if first:
        folder.mkdir(parents=True, exist_ok=True)
        for leftover in folder.glob("tmp-*"):
            shutil.rmtree(leftover)
    _wait(group)
    if not final.exists():
        failure = _write(temporary, {"format": FORMAT, **facts}, tensors, group)
        if failures := [found for found in _gathered(failure, group) if found]:
            _wait(group)  # no rank writes any more
            if first:
                shutil.rmtree(temporary, ignore_errors=True)
            raise TrainerError(
                f"The checkpoint of step {step}, {size_of(tensors):,} bytes, cannot be written to {final} "
                f"({failures[0]}); the disk has {free_bytes(folder):,} bytes free. Make room there, and the run goes "
                "on from the checkpoint before."
            )
        if first:
            temporary.rename(final)
            _flush(folder)
    if first:
        for old in [path for path in steps(run_dir)[:-keep] if not _is_permanent(path)]:
            # Renamed first: a half-removed directory must not pass for a checkpoint.
            doomed = folder / f"tmp-{old.name}"
            old.rename(doomed)
            shutil.rmtree(doomed)
    _wait(group)


def _write(
    temporary: Path, facts: dict[str, Any], tensors: dict[str, Any], group: dist.ProcessGroup | None
) -> str | None:
    """Writes all files of a checkpoint; returns why it could not."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that one process saves alone is meant
            # Flushes its files.
            options: dict[str, Any] = {"process_group": group} if group else {}
            dcp.save(tensors, checkpoint_id=temporary, **options)  # pyright: ignore[reportPrivateImportUsage]
    except CheckpointException as error:  # on all ranks, with what went wrong on any
        return _reason(next(iter(error.failures.values()))[0])
    own = [path for path in sorted(temporary.iterdir()) if path.name.startswith(f"__{_rank()}_")]
    hashes = {
        name: found
        for part in _gathered({path.name: _sha256(path) for path in own}, group)
        for name, found in part.items()
    }
    if _rank():
        return None
    try:
        _write_flushed(temporary / FACTS, json.dumps(facts, indent=1))
        for path in sorted(temporary.iterdir()):
            if path.name not in hashes:
                hashes[path.name] = _sha256(path)
        _write_flushed(temporary / SUMS, "".join(f"{found}  {name}\n" for name, found in sorted(hashes.items())))
        _flush(temporary)
    except OSError as error:
        return _reason(error)
    return None


def size_of(tensors: dict[str, dict[str, Tensor]]) -> int:
    """Bytes of a checkpoint of ``tensors``, those of all ranks together."""
    return sum(tensor.numel() * tensor.element_size() for group in tensors.values() for tensor in group.values())


def free_bytes(path: Path) -> int:
    """Bytes that may be written where ``path`` is, or will be."""
    while not path.exists():
        path = path.absolute().parent
    return shutil.disk_usage(path).free


def steps(run_dir: Path) -> list[Path]:
    """The directories of the checkpoints there are, the earliest first."""
    return sorted((run_dir / FOLDER).glob("step-*"))


def latest(run_dir: Path) -> Checkpoint | None:
    """The latest checkpoint, or ``None`` where there is none."""
    found = steps(run_dir)
    return read(found[-1]) if found else None


def read(path: Path) -> Checkpoint:
    """The checkpoint in the directory ``path``. Raises :class:`TrainerError` where its facts are damaged."""
    try:
        facts = json.loads((path / FACTS).read_text("utf-8"))
        if facts.get("format", 1) > FORMAT:
            raise ValueError(f"it is of format {facts['format']}, that of a later version: update gristmill")
        if facts.get("format", 1) > 1:
            _compare(path, [FACTS], _read_sums(path))
        return Checkpoint(path, facts)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None


def load(path: Path, tensors: dict[str, Any]) -> None:
    """Fills ``tensors`` in place from the checkpoint at ``path``. Every rank must call it; what the checkpoint holds
    beyond them is not read."""
    _verify(path)
    reader = SafeReader(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that one process loads alone is meant
            dcp.load(tensors, storage_reader=reader)  # pyright: ignore[reportPrivateImportUsage]
    except CheckpointException as error:  # what went wrong on any rank, whatever its kind
        raise _unreadable(path, reader.failure or next(iter(error.failures.values()))[0]) from None


def _verify(path: Path) -> None:
    """Compares all files with their hashes, each rank some of them, and raises on all ranks what one has found."""
    failure = None
    try:
        if (path / SUMS).exists() or ((path / FACTS).exists() and read(path).facts.get("format", 1) > 1):
            sums = _read_sums(path)
            size = dist.get_world_size() if dist.is_initialized() else 1
            _compare(path, sorted(sums)[_rank() :: size], sums)
    except (OSError, ValueError) as error:
        failure = _reason(error)
    if failures := [found for found in _gathered(failure) if found]:
        raise _unreadable(path, ValueError(failures[0]))


def _read_sums(path: Path) -> dict[str, str]:
    lines = (path / SUMS).read_text("utf-8").splitlines()
    return {name: found for found, _, name in (line.partition("  ") for line in lines)}


def _compare(path: Path, names: Sequence[str], sums: dict[str, str]) -> None:
    for name in names:
        if _sha256(path / name) != sums.get(name):
            raise ValueError(f"{name} is not what was written, by its sha256: a disk or a copy has changed it")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_permanent(path: Path) -> bool:
    try:
        return bool(json.loads((path / FACTS).read_text("utf-8")).get("permanent"))
    except (OSError, ValueError):
        return False


def _unreadable(path: Path, error: BaseException) -> TrainerError:
    return TrainerError(
        f"{path} cannot be read ({_reason(error)}). Remove it, and the run goes on from the checkpoint before."
    )


def _reason(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[-1]


def _rank() -> int:
    return dist.get_rank() if dist.is_initialized() else 0


def _gathered(value: Any, group: dist.ProcessGroup | None = None) -> list[Any]:
    """``value`` of every rank."""
    if not dist.is_initialized():
        return [value]
    found: list[Any] = [None] * dist.get_world_size()
    dist.all_gather_object(found, value, group)
    return found


def _write_flushed(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _wait(group: dist.ProcessGroup | None) -> None:
    if dist.is_initialized():
        dist.barrier(group)


def _flush(folder: Path) -> None:
    # Without it a power cut may forget the rename.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
