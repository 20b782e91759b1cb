"""Groups of ranks that are not there: what one rank of many makes of its part, without the others.

Torch's "fake" backend makes process groups and meshes of any size in one process; its collectives move nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch.distributed as dist
from torch.testing._internal.distributed.fake_pg import FakeStore


@contextmanager
def as_rank(rank: int, size: int) -> Iterator[None]:
    """Within it, this process is rank ``rank`` of ``size``, as torchrun would have started it."""
    dist.init_process_group("fake", rank=rank, world_size=size, store=FakeStore())
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("RANK", str(rank))
            patch.setenv("WORLD_SIZE", str(size))
            yield
    finally:
        dist.destroy_process_group()
