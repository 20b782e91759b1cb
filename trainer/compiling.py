"""Functions compiled for a GPU, each once a process."""

from __future__ import annotations

import functools
from collections.abc import Callable

import torch


@functools.cache
def compiled(function: Callable) -> Callable:
    """``function`` by torch.compile, one kernel for each shape it meets."""
    return torch.compile(function, dynamic=False)
