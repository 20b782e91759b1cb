"""Checkpoints that are written while training goes on.

    saver.save(run_dir, step, facts, tensors, keep)   # returns at once
    ...                                               # the next forward and backward pass
    saver.wait_for_copy()                             # before anything changes the tensors
    saver.finish()                                    # it is on disk, or the reason why not is raised

A thread copies the tensors into host memory and writes the copies. Nothing changes weights or moments before the next
update, and so training waits only where copying takes longer than a forward and backward pass. The copies stay in
place for the next checkpoint: each rank's host needs room for its part of one.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed.tensor import DTensor

from trainer.checkpoint import store

Tensors = dict[str, dict[str, Tensor]]


class BackgroundSaver:
    """Saves one checkpoint at a time, by a thread. Every rank makes one and calls its methods in the same order; they
    agree over ``group``, which nothing else uses, since the training's groups are in use meanwhile."""

    def __init__(self, group: dist.ProcessGroup | None = None) -> None:
        self._group = group
        self._buffers: dict[tuple[str, str], Tensor] = {}
        self._copied = threading.Event()
        self._thread: threading.Thread | None = None
        self._failure: BaseException | None = None

    def save(self, run_dir: Path, step: int, facts: dict[str, Any], tensors: Tensors, keep: int) -> None:
        """Begins to save; the arguments are those of :func:`trainer.checkpoint.store.save`. ``tensors`` must not
        change until :meth:`wait_for_copy` returns. Waits for the save before, and raises what that one failed of."""
        self.finish()
        self._copied.clear()
        ready = None
        if any(tensor.is_cuda for group in tensors.values() for tensor in group.values()):
            ready = torch.cuda.Event()
            ready.record()  # behind the update that the device may still be at
        self._thread = threading.Thread(
            target=self._work, args=(run_dir, step, facts, tensors, keep, ready), name="checkpoint", daemon=True
        )
        self._thread.start()

    def wait_for_copy(self) -> None:
        """Returns when the tensors of the last :meth:`save` may change."""
        if self._thread is not None:
            self._copied.wait()

    def finish(self) -> None:
        """Returns when the last :meth:`save` is on disk; raises what it failed of, on all ranks."""
        if self._thread is not None:
            self._thread.join()
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    def _work(
        self,
        run_dir: Path,
        step: int,
        facts: dict[str, Any],
        tensors: Tensors,
        keep: int,
        ready: torch.cuda.Event | None,
    ) -> None:
        try:
            copies = self._copy(tensors, ready)
            self._copied.set()
            store.save(run_dir, step, facts, copies, keep, self._group)
        except BaseException as error:  # noqa: BLE001 (whatever it is, the trainer's own thread raises it)
            self._failure = error
        finally:
            self._copied.set()

    @torch.no_grad()
    def _copy(self, tensors: Tensors, ready: torch.cuda.Event | None) -> Tensors:
        stream = None
        if ready is not None:
            stream = torch.cuda.Stream()
            stream.wait_event(ready)
        copies: Tensors = {}
        with torch.cuda.stream(stream):  # no stream: it does nothing
            for kind, group in tensors.items():
                copies[kind] = {name: self._copy_one((kind, name), tensor) for name, tensor in group.items()}
        if stream is not None:
            stream.synchronize()
        return copies

    def _copy_one(self, key: tuple[str, str], tensor: Tensor) -> Tensor:
        own = tensor.to_local() if isinstance(tensor, DTensor) else tensor
        buffer = self._buffers.get(key)
        if buffer is None or buffer.shape != own.shape or buffer.dtype != own.dtype:
            buffer = torch.empty(own.shape, dtype=own.dtype, pin_memory=own.is_cuda)
            self._buffers[key] = buffer
        buffer.copy_(own, non_blocking=True)
        # The same part of the same whole: a DTensor's constructor keeps its memory where it is.
        return DTensor(buffer, tensor._spec, requires_grad=False) if isinstance(tensor, DTensor) else buffer
