"""What is compiled by torch.compile: one graph for each shape that it meets."""

from __future__ import annotations

import functools
from collections.abc import Callable

import torch
from torch import nn

GRAPHS = 64
"""The most graphs of one function: those of a run with many stages, whose rows have their own lengths, with gradients
and without. At torch's limit, 8, blocks would fail, and FlexAttention would fall back to T x T products."""


@functools.cache
def compiled(function: Callable) -> Callable:
    """``function`` compiled, once a process."""
    _allow_graphs()
    return torch.compile(function, dynamic=False)


def compile_block(block: nn.Module) -> None:
    """Compiles ``block`` as a whole, in place. Blocks of one class share their graphs."""
    _allow_graphs()
    block.compile(fullgraph=True, dynamic=False)


def _allow_graphs() -> None:
    torch._dynamo.config.recompile_limit = GRAPHS
