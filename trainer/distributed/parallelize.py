"""Several devices, by torch's own means and out of the model's code: FSDP2, recomputation, compilation.

Under ``torchrun`` every process is a rank. Weights, gradients and optimizer are sharded over all ranks (ZeRO-3 in the
memory that lasts, as the paper, §3.3.2, has it: weights are gathered for the forward pass and by default kept for the
backward pass). Order matters: division of the matrices, then recomputation, then compilation, then sharding.

From the inside to the outside neighbouring ranks share the matrices (:mod:`trainer.distributed.tensor_parallel`), then the rows
(:mod:`trainer.distributed.context_parallel`), then the batch, because that is the order in which they have much to say to one another.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed.device_mesh import DeviceMesh, init_device_mesh
from torch.distributed.fsdp import FSDPModule, MixedPrecisionPolicy, fully_shard
from torch.distributed.tensor import DTensor
from torch.distributed.tensor._utils import compute_local_shape_and_global_offset
from torch.utils.checkpoint import CheckpointPolicy, checkpoint, create_selective_checkpoint_contexts

from trainer.model.compile import compile_block
from trainer.distributed.context_parallel import Context
from trainer.data.stream import Batch
from trainer.errors import TrainerError
from trainer.model.init import Part
from trainer.model.llama import Block, Llama
from trainer.config.schema import RunConfig
from trainer.distributed.tensor_parallel import divide

# The first step may compile for minutes while other ranks wait.
TIMEOUT = timedelta(minutes=30)


class Ranks(NamedTuple):
    """This process among all, and its device."""

    rank: int
    size: int
    device: torch.device
    mesh: DeviceMesh | None
    """Over all ranks, its dimension "shard" that of FSDP and, where ranks share matrices, "tensor" theirs; ``None``
    where one process works alone and in fp32."""
    context: Context | None = None
    """The ranks that share this one's rows."""
    context_size: int = 1
    tensor_size: int = 1
    """Ranks that share each matrix."""

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

    def sum(self, value: Tensor) -> Tensor:
        """``value`` summed over all tokens: those who share matrices have the same ones, and count once."""
        if self.shard_size > 1:
            value = value.clone()
            dist.all_reduce(value, group=self.mesh.get_group("shard"))
        return value


def connect(run: RunConfig) -> Ranks:
    """Joins the process group of ``torchrun``, or makes one of a single rank where mixed precision needs it."""
    size, rank = int(os.environ.get("WORLD_SIZE", 1)), int(os.environ.get("RANK", 0))
    device = choose_device(run, int(os.environ.get("LOCAL_RANK", 0)))
    if device.type == "cuda":
        torch.cuda.set_device(device)
    rows, matrices = run.context_parallel, run.tensor_parallel
    for key, wanted in (("context_parallel", rows), ("tensor_parallel", matrices)):
        if size == 1 and wanted > 1:
            raise TrainerError(f"run.{key} is {wanted}, but there is one rank. Use torchrun.")
    if size % (rows * matrices):
        raise TrainerError(
            f"run.context_parallel ({rows}) times run.tensor_parallel ({matrices}) does not divide {size} ranks. "
            f"Start torchrun with a multiple of {rows * matrices}."
        )
    if size == 1 and run.precision == "fp32":
        return Ranks(0, 1, device, None)
    if not dist.is_initialized():
        backend = "cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo"
        alone = {} if size > 1 else {"store": dist.HashStore(), "rank": 0, "world_size": 1}
        dist.init_process_group(backend, timeout=TIMEOUT, **alone)
    if matrices > 1:
        mesh = init_device_mesh(device.type, (size // matrices, matrices), mesh_dim_names=("shard", "tensor"))
        mesh._flatten("all")  # sums over both dimensions, such as the gradients' norm, then take one call
    else:
        mesh = init_device_mesh(device.type, (size,), mesh_dim_names=("shard",))
    context = None
    if rows > 1:
        shape = (size // rows // matrices, rows, matrices)
        grid = init_device_mesh(device.type, shape, mesh_dim_names=("data", "context", "tensor"))
        context = Context(grid.get_group("context"))
    return Ranks(rank, size, device, mesh, context, rows, matrices)


def choose_device(run: RunConfig, local_rank: int = 0) -> torch.device:
    """The device that ``run.device`` names; ``auto`` takes a GPU where there is one."""
    available = torch.cuda.is_available()
    if run.device == "cuda" and not available:
        raise TrainerError(
            "run.device is cuda, but torch finds no GPU. Install a driver and a CUDA build of torch, or set it to cpu."
        )
    return torch.device("cuda", local_rank) if available and run.device != "cpu" else torch.device("cpu")


def parallelize(model: Llama, run: RunConfig, ranks: Ranks) -> None:
    """Makes ``model``, still without memory (on the meta device), what ``run`` asks for, in place."""
    model.context = ranks.context
    if ranks.tensor_size > 1:
        divide(model, ranks.mesh["tensor"])
    for block in model.layers:
        if run.activation_checkpointing != "none":
            _recompute(block, selective=run.activation_checkpointing == "selective")
        if run.compile:
            compile_block(block)
    if ranks.mesh is not None:
        dtype = torch.bfloat16 if run.precision == "bf16" else torch.float32
        # Inputs are left alone: the rotary tables stay in fp32.
        policy = MixedPrecisionPolicy(param_dtype=dtype, reduce_dtype=torch.float32, cast_forward_inputs=False)
        options: dict[str, Any] = {"mesh": ranks.mesh["shard"], "mp_policy": policy}
        for block in model.layers:
            fully_shard(block, reshard_after_forward=run.reshard_after_forward, **options)
        # The root holds embedding, last norm and head together, and so works for tied weights as well.
        fully_shard(model, reshard_after_forward=False, **options)


def announce(model: Llama, run: RunConfig, ranks: Ranks, last: bool) -> None:
    """Says whether the micro-batch that comes is the last of its step. Before it is, weights that stay gathered for
    the backward pass stay so for the next forward pass, and one rank alone leaves its gradients where they are."""
    if isinstance(model, FSDPModule):
        model.set_reshard_after_backward(last or run.reshard_after_forward)
        # With more ranks that would be 4 bytes a weight on each of them.
        model.set_requires_gradient_sync(last or ranks.size > 1)


def give_back(model: Llama) -> None:
    """Leaves each rank with its own part of the weights. To be called after evaluating: without a backward pass the
    gathered weights, which may have 16 bits, would stay and pass for the real ones in a checkpoint."""
    for module in model.modules():
        if isinstance(module, FSDPModule):
            module.reshard()


def own_part(parameter: Tensor) -> Part:
    """The part of a matrix that this rank holds."""
    if not isinstance(parameter, DTensor):
        return Part(parameter)
    _, begin = compute_local_shape_and_global_offset(parameter.shape, parameter.device_mesh, parameter.placements)
    return Part(parameter.to_local(), begin)


def _recompute(block: Block, selective: bool) -> None:
    forward = block.forward
    options: dict[str, Any] = {"use_reentrant": False, "preserve_rng_state": False}
    if selective:
        options["context_fn"] = lambda: create_selective_checkpoint_contexts(_policy())

    def recomputing(*args: Any) -> Tensor:
        return checkpoint(forward, *args, **options)

    block.forward = recomputing


_ATTENTION = {
    torch.ops.aten._scaled_dot_product_flash_attention.default,
    torch.ops.aten._scaled_dot_product_flash_attention_for_cpu.default,
    torch.ops.aten._scaled_dot_product_efficient_attention.default,
    torch.ops.aten._scaled_dot_product_cudnn_attention.default,
    torch.ops.torch_attn._varlen_attn.default,
    torch.ops.higher_order.flex_attention,
}


def _policy() -> Callable[..., CheckpointPolicy]:
    """Keep the attention and every second matrix product, recompute the rest (torchtitan's "selective op")."""
    seen: dict[bool, int] = defaultdict(int)

    def decide(context: Any, op: Any, *args: Any, **kwargs: Any) -> CheckpointPolicy:
        if op == torch.ops.aten.mm.default:
            seen[context.is_recompute] += 1
            keep = seen[context.is_recompute] % 2 == 1
        else:
            keep = op in _ATTENTION
        return CheckpointPolicy.MUST_SAVE if keep else CheckpointPolicy.PREFER_RECOMPUTE

    return decide
