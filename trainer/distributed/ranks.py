"""This process among all: its rank, its device, and the groups of ranks that it works with."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import NamedTuple

import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed import distributed_c10d
from torch.distributed.device_mesh import DeviceMesh, init_device_mesh

from trainer.config.run_config import RunConfig
from trainer.data.batch import Batch
from trainer.distributed.context_parallel import Context
from trainer.errors import TrainerError

TIMEOUT = timedelta(minutes=30)
"""How long a rank waits for the others in the first step of a stage, in which they may compile."""
BACKGROUND, BACKGROUND_TIMEOUT = "background", timedelta(hours=2)


class Ranks(NamedTuple):
    """This process among all, and its device."""

    rank: int
    size: int
    device: torch.device
    mesh: DeviceMesh | None
    """Over all ranks: its dimension "shard" is that of FSDP; before it "replica" where the model has several copies,
    behind it "tensor" where ranks share matrices. ``None`` where one process works alone and in fp32."""
    context: Context | None = None
    """The ranks that share this one's rows."""
    context_size: int = 1
    tensor_size: int = 1
    """Ranks that share each matrix."""
    replicas: int = 1
    """Copies of the model, each sharded over ranks of its own."""

    @property
    def shard_mesh(self) -> DeviceMesh:
        """The part of :attr:`mesh` that FSDP works on."""
        assert self.mesh is not None, "one process alone shards nothing"
        return self.mesh["replica", "shard"] if self.replicas > 1 else self.mesh["shard"]

    @property
    def shard_size(self) -> int:
        """Groups of ranks, each of which has tokens of its own."""
        return self.size // self.tensor_size

    @property
    def shard_rank(self) -> int:
        return self.rank // self.tensor_size

    @property
    def data_size(self) -> int:
        """Groups of ranks, each of which has rows of its own."""
        return self.shard_size // self.context_size

    @property
    def data_rank(self) -> int:
        return self.shard_rank // self.context_size

    def part(self, batch: Batch) -> Batch:
        """This rank's tokens of the rows of its group."""
        return self.context.split(batch) if self.context else batch

    def any(self, flag: bool) -> bool:
        """Whether ``flag`` is set on any rank. Goes over the network of the hosts and makes no device wait."""
        flags = torch.tensor(int(flag))
        if self.size > 1:
            dist.all_reduce(flags)
        return bool(flags)

    def total(self, *counts: int) -> list[int]:
        """Each of ``counts``, which are of this rank's rows, for the rows of all. Goes over the network of the hosts."""
        if self.size == 1:
            return [*counts]
        sums = torch.tensor(counts)
        dist.all_reduce(sums)
        # Ranks that share rows, or matrices, have counted the same ones.
        return [int(count) // (self.context_size * self.tensor_size) for count in sums]

    def sum(self, value: Tensor) -> Tensor:
        """``value`` summed over all tokens: those who share matrices have the same ones, and count once."""
        if self.mesh is not None and self.shard_size > 1:
            value = value.clone()
            dist.all_reduce(value, group=self.mesh["batch" if self.replicas > 1 else "shard"].get_group())
        return value

    def wait_for_others(self, timeout: timedelta) -> None:
        """From now on a rank gives up after it has waited so long for the others."""
        if self.mesh is None:
            return
        # The first, public since torch 2.15, is deprecated there under the other name.
        set_timeout = getattr(dist, "set_timeout", None) or distributed_c10d._set_pg_timeout
        for group in [*distributed_c10d._world.pg_map]:
            if group.group_desc != BACKGROUND:
                set_timeout(timeout, group)

    def background_group(self) -> dist.ProcessGroup | None:
        """A new group of all ranks for what goes on beside the training, over the hosts' network and with patience;
        ``None`` for one process alone. Every rank must call it."""
        if self.mesh is None:
            return None
        group = dist.new_group(backend="gloo", timeout=BACKGROUND_TIMEOUT, group_desc=BACKGROUND)
        assert isinstance(group, dist.ProcessGroup), "every rank is in it"
        return group


def connect(run: RunConfig) -> Ranks:
    """Joins the process group of ``torchrun``, or makes one of a single rank where mixed precision needs it."""
    size, rank = int(os.environ.get("WORLD_SIZE", "1")), int(os.environ.get("RANK", "0"))
    device = choose_device(run, int(os.environ.get("LOCAL_RANK", "0")))
    if device.type == "cuda":
        torch.cuda.set_device(device)
    rows, matrices, replicas = run.context_parallel, run.tensor_parallel, run.data_parallel_replicas
    for key, wanted in (
        ("context_parallel", rows),
        ("tensor_parallel", matrices),
        ("data_parallel_replicas", replicas),
    ):
        if size == 1 and wanted > 1:
            raise TrainerError(f"run.{key} is {wanted}, but there is one rank. Use torchrun.")
    if size % (rows * matrices):
        raise TrainerError(
            f"run.context_parallel ({rows}) times run.tensor_parallel ({matrices}) does not divide {size} ranks. "
            f"Start torchrun with a multiple of {rows * matrices}."
        )
    if size % (replicas * matrices):
        raise TrainerError(
            f"run.data_parallel_replicas ({replicas}) times run.tensor_parallel ({matrices}) does not divide {size} "
            f"ranks. Start torchrun with a multiple of {replicas * matrices}."
        )
    if size == 1 and run.precision == "fp32":
        return Ranks(0, 1, device, None)
    if not dist.is_initialized():
        backend = "cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo"
        if size > 1:
            dist.init_process_group(backend, timeout=TIMEOUT)
        else:
            alone = dist.HashStore()  # pyright: ignore[reportPrivateImportUsage]
            dist.init_process_group(backend, timeout=TIMEOUT, store=alone, rank=0, world_size=1)
    shape = {"replica": replicas, "shard": size // matrices // replicas, "tensor": matrices}
    used = {name: length for name, length in shape.items() if length > 1 or name == "shard"}
    mesh = init_device_mesh(device.type, tuple(used.values()), mesh_dim_names=tuple(used))
    if replicas > 1:
        mesh["replica", "shard"]._flatten("batch")  # sums over all tokens then take one call
    if matrices > 1:
        mesh._flatten("all")  # and so do sums over all dimensions, such as the gradients' norm
    context = None
    if rows > 1:
        sizes = (size // rows // matrices, rows, matrices)
        grid = init_device_mesh(device.type, sizes, mesh_dim_names=("data", "context", "tensor"))
        context = Context(grid.get_group("context"))
    return Ranks(rank, size, device, mesh, context, rows, matrices, replicas)


def choose_device(run: RunConfig, local_rank: int = 0) -> torch.device:
    """The device that ``run.device`` names; ``auto`` takes a GPU where there is one."""
    available = torch.cuda.is_available()
    if run.device == "cuda" and not available:
        raise TrainerError(
            "run.device is cuda, but torch finds no GPU. Install a driver and a CUDA build of torch, or set it to cpu."
        )
    return torch.device("cuda", local_rank) if available and run.device != "cpu" else torch.device("cpu")
