"""Activation checkpointing: recompute in the backward pass what would take much memory to keep."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.attention.varlen  # registers one of the operations below
from torch import Tensor
from torch.utils.checkpoint import CheckpointPolicy, checkpoint, create_selective_checkpoint_contexts

from trainer.model.llama import Block


def recompute_block(block: Block, selective: bool) -> None:
    """Makes ``block`` keep only its input for the backward pass or, if ``selective``, also what :func:`_policy` says.

    In place, before its first forward pass.
    """
    forward = block.forward
    options: dict[str, Any] = {"use_reentrant": False, "preserve_rng_state": False}
    if selective:
        options["context_fn"] = lambda: create_selective_checkpoint_contexts(_policy())

    def recomputing(*args: Any) -> Tensor:
        return checkpoint(forward, *args, **options)

    block.forward = recomputing  # type: ignore[method-assign, assignment]


_ATTENTION = {
    torch.ops.aten._scaled_dot_product_flash_attention.default,
    torch.ops.aten._scaled_dot_product_flash_attention_for_cpu.default,
    torch.ops.aten._scaled_dot_product_efficient_attention.default,
    torch.ops.aten._scaled_dot_product_cudnn_attention.default,
    torch.ops.torch_attn._varlen_attn.default,
    torch.ops.higher_order.flex_attention,
}


_PRODUCTS = {torch.ops.aten.mm.default, torch.ops.aten._scaled_mm.default}


def _policy() -> Callable[..., CheckpointPolicy]:
    """Keep the attention and every second matrix product, recompute the rest (torchtitan's "selective op")."""
    seen: dict[bool, int] = defaultdict(int)

    def decide(context: Any, op: Any, *args: Any, **kwargs: Any) -> CheckpointPolicy:
        if op in _PRODUCTS:
            seen[context.is_recompute] += 1
            keep = seen[context.is_recompute] % 2 == 1
        else:
            keep = op in _ATTENTION
        return CheckpointPolicy.MUST_SAVE if keep else CheckpointPolicy.PREFER_RECOMPUTE

    return decide
