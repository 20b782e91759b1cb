from __future__ import annotations

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from trainer.config.model_config import ModelConfig
from trainer.config.run_config import RunConfig
from trainer.distributed.parallelize import parallelize_model
from trainer.distributed.ranks import connect
from trainer.model.llama import Llama


class CountProducts(TorchDispatchMode):
    """Counts matrix products and attentions while entered."""

    def __init__(self) -> None:
        super().__init__()
        self.products = self.attentions = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.products += func == torch.ops.aten.mm.default
        self.attentions += func == torch.ops.aten._scaled_dot_product_flash_attention_for_cpu.default
        return func(*args, **(kwargs or {}))


def test_recomputation_repeats_what_it_says_and_changes_nothing():
    config = ModelConfig(dim=16, num_layers=2, num_heads=4, num_kv_heads=2, vocab_size=50, ffn_multiple_of=8)
    tokens = torch.randint(50, (2, 20), generator=torch.Generator().manual_seed(0))
    positions = torch.arange(20).expand(2, -1)
    gradients, counts = {}, {}
    for name in ("none", "selective", "full"):
        run = RunConfig(device="cpu", activation_checkpointing=name)
        model = Llama(config)
        model.init_weights(0)
        parallelize_model(model, run, connect(run))
        with CountProducts() as count:
            model(tokens, positions, tokens).backward()
        gradients[name] = [parameter.grad for parameter in model.parameters()]
        counts[name] = count
    for name in ("selective", "full"):
        assert all(torch.equal(a, b) for a, b in zip(gradients["none"], gradients[name], strict=True))
    # A block has seven products and one attention; recomputing stops before what no gradient needs.
    none, selective, full = (counts[name].products for name in ("none", "selective", "full"))
    assert none < selective < full <= none + 2 * 7
    assert [counts[name].attentions for name in ("none", "selective", "full")] == [2, 2, 4]
