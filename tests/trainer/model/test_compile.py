from __future__ import annotations

import pytest
import torch
from torch import nn

from trainer.model.compile import GRAPHS, compile_block, compiled


@pytest.mark.parametrize("compiling", [compiled, compile_block])
def test_whatever_is_compiled_may_meet_many_shapes(compiling):
    with torch._dynamo.config.patch(recompile_limit=8):
        compiling(nn.Linear(2, 2))
        assert torch._dynamo.config.recompile_limit == GRAPHS
