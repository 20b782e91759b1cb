"""What one rank of two has of a model whose matrices are shared, on a mesh without the other rank."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.tensor import DTensor

from tests.trainer.distributed.pretended import as_rank
from trainer.config.model_config import ModelConfig
from trainer.distributed.tensor_parallel import divide
from trainer.model.llama import Llama

# Every size is another, so that shapes tell which dimension was divided.
SHAPE: dict[str, Any] = {
    "dim": 24, "num_layers": 2, "num_heads": 6, "num_kv_heads": 2, "ffn_size": 40, "vocab_size": 50,
}  # fmt: skip
HALVES = {
    "embed_tokens.weight": (25, 24), "lm_head.weight": (25, 24), "self_attn.q_proj.weight": (12, 24),
    "self_attn.k_proj.weight": (4, 24), "self_attn.v_proj.weight": (4, 24), "self_attn.o_proj.weight": (24, 12),
    "mlp.gate_proj.weight": (20, 24), "mlp.up_proj.weight": (20, 24), "mlp.down_proj.weight": (24, 20),
}  # fmt: skip


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("rank", [0, 1])
def test_matrices_are_halved_norms_are_whole_and_every_layer_is_divided(rank: int, tied: bool) -> None:
    with as_rank(rank, 2), torch.device("meta"):
        model = Llama(ModelConfig(**SHAPE, tied_embeddings=tied))
        divide(model, init_device_mesh("cpu", (2,)))
        for name, parameter in model.named_parameters():
            assert isinstance(parameter, DTensor), name
            tail = name if not name.startswith("layers.") else name.split(".", 2)[2]
            assert tuple(parameter.to_local().shape) == HALVES.get(tail, (24,)), name
        names = [name for name, _ in model.named_parameters()]
        assert ("lm_head.weight" in names) != tied


def test_between_products_a_rank_has_half_of_each_row_s_tokens() -> None:
    with as_rank(1, 2):
        model = Llama(ModelConfig(**SHAPE))
        divide(model, init_device_mesh("cpu", (2,)))
        seen: dict[str, tuple[int, ...]] = {}
        watched = {"norm": model.norm, "first": model.layers[0].input_layernorm, "last": model.layers[1].mlp.down_proj}
        for name, module in watched.items():

            def note(module: Any, given: Any, hidden: Any, name: str = name) -> None:
                local = hidden.to_local() if isinstance(hidden, DTensor) else hidden
                seen[name] = tuple(local.shape)

            module.register_forward_hook(note)
        with torch.no_grad():
            model.hidden_states(
                torch.zeros(3, 8, dtype=torch.long), torch.arange(8).expand(3, 8), torch.ones(1, 1, 8, 8) > 0
            )
    assert seen == dict.fromkeys(watched, (3, 4, 24))
