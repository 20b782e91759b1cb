"""Several devices, by torch's own means and out of the model's code: FSDP2, recomputation, compilation.

Under ``torchrun`` every process is a rank. Weights, gradients and optimizer are sharded over all ranks (ZeRO-3 in the
memory that lasts, as the paper, §3.3.2, has it: weights are gathered for the forward pass and by default kept for the
backward pass), or over those of each of several copies of the model (``run.data_parallel_replicas``, HSDP). Order matters: division of the matrices, then float8, then recomputation, then compilation, then sharding.

From the inside to the outside neighbouring ranks share the matrices (:mod:`trainer.distributed.tensor_parallel`), then
the rows (:mod:`trainer.distributed.context_parallel`), then the batch, because that is the order of how much they have
to send to one another.
"""

from __future__ import annotations

import itertools
from typing import Any

import torch
from torch import Tensor, nn
from torch.distributed.fsdp import FSDPModule, MixedPrecisionPolicy, fully_shard
from torch.distributed.tensor import DTensor
from torch.distributed.tensor._utils import compute_local_shape_and_global_offset

from trainer.config.run_config import RunConfig
from trainer.distributed.activation_checkpointing import recompute_block
from trainer.distributed.ranks import Ranks
from trainer.distributed.tensor_parallel import divide
from trainer.model.compile import compile_block
from trainer.model.float8 import use_float8
from trainer.model.init import Part
from trainer.model.llama import Llama


def parallelize_model(model: Llama, run: RunConfig, ranks: Ranks) -> None:
    """Makes ``model``, still without memory (on the meta device), what ``run`` asks for, in place."""
    model.context = ranks.context
    if ranks.mesh is not None and ranks.tensor_size > 1:
        divide(model, ranks.mesh["tensor"])
    for block in model.blocks:
        if run.float8:
            use_float8(block)
        if run.activation_checkpointing != "none":
            recompute_block(block, selective=run.activation_checkpointing == "selective")
        if run.compile:
            compile_block(block)
    if ranks.mesh is not None:
        dtype = torch.bfloat16 if run.precision == "bf16" else torch.float32
        # Inputs are left alone: the rotary tables stay in fp32.
        policy = MixedPrecisionPolicy(param_dtype=dtype, reduce_dtype=torch.float32, cast_forward_inputs=False)
        options: dict[str, Any] = {"mesh": ranks.shard_mesh, "mp_policy": policy}
        for block in model.blocks:
            fully_shard(block, reshard_after_forward=run.reshard_after_forward, **options)
        exact = MixedPrecisionPolicy(cast_forward_inputs=False)
        for module in model.exact_modules:
            fully_shard(module, mesh=ranks.shard_mesh, mp_policy=exact, reshard_after_forward=False)
        # Else the first block would wait for the weights of both ends. What is left to the root is small: the last
        # norm, or, where the head is the embedding, what the first block needs anyway.
        for end in model.ends_apart:
            fully_shard(end, reshard_after_forward=False, **options)
        fully_shard(model, reshard_after_forward=False, **options)
        _prefetch(model)


def _prefetch(model: Llama) -> None:
    """While a part of the model computes, the weights of the next are gathered, forwards and backwards."""
    ends, blocks = model.ends_apart, model.blocks
    parts: list[Any] = [*ends[:1], *blocks, *ends[1:]]
    for before, after in itertools.pairwise(parts):
        before.set_modules_to_forward_prefetch([after])
        after.set_modules_to_backward_prefetch([before])


def before_micro_batch(model: nn.Module, run: RunConfig, ranks: Ranks, last: bool) -> None:
    """Tells FSDP whether the next micro-batch is the ``last`` of its step. While it isn't, weights that stay gathered
    for the backward pass stay so for the next forward pass, and one rank alone leaves its gradients where they are."""
    if isinstance(model, FSDPModule):
        model.set_reshard_after_backward(last or run.reshard_after_forward)
        # With more ranks that would be 4 bytes a weight on each of them.
        model.set_requires_gradient_sync(last or ranks.size > 1)
        # Between copies of the model once a step is enough.
        model.set_requires_all_reduce(last)


def reshard(model: nn.Module) -> None:
    """Leaves each rank with its own part of the weights. To be called after evaluating: without a backward pass the
    gathered weights, which may have 16 bits, would stay and pass for the real ones in a checkpoint."""
    for module in model.modules():
        if isinstance(module, FSDPModule):
            module.reshard()


def local_part(parameter: Tensor) -> Part:
    """The part of a matrix that this rank holds."""
    if not isinstance(parameter, DTensor):
        return Part(parameter)
    _, (row, column) = compute_local_shape_and_global_offset(
        parameter.shape, parameter.device_mesh, parameter.placements
    )
    return Part(parameter.to_local(), (row, column))
