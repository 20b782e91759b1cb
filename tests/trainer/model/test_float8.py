from __future__ import annotations

import pytest
import torch
from torch import nn

from trainer.config.run_config import RunConfig
from trainer.config.validation import ConfigError
from trainer.model.float8 import Float8Linear, scaled_product, to_float8, use_float8


def relative_error(a: torch.Tensor, b: torch.Tensor) -> float:
    return float((a.double() - b.double()).norm() / b.double().norm())


def test_each_row_has_a_scale_of_its_own():
    torch.manual_seed(0)
    x = torch.randn(8, 64) * torch.logspace(-6, 6, 8)[:, None]
    x[3] = 0
    x8, scale = to_float8(x)
    assert (x8.dtype, scale.shape) == (torch.float8_e4m3fn, (8, 1))
    again = x8.float() * scale
    for row, exact in zip(again, x, strict=True):
        # Half of the last of four significant bits.
        assert torch.all((row - exact).abs() <= exact.abs() * 2**-4 + exact.abs().max() * 2**-18)
    a, b = torch.randn(48, 64), torch.randn(32, 64)
    a[5, 7] = 1e4  # spoils its own row alone
    product, exact = scaled_product(a, b), a.double() @ b.double().T
    others = torch.arange(48) != 5
    assert relative_error(product[others], exact[others]) < 0.05


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_layer_and_its_gradients_are_those_of_a_plain_one(dtype):
    torch.manual_seed(0)
    plain = nn.Linear(64, 96, bias=False).to(dtype)
    layer = nn.Linear(64, 96, bias=False).to(dtype)
    layer.load_state_dict(plain.state_dict())
    use_float8(layer)
    assert isinstance(layer, Float8Linear)
    x = torch.randn(4, 16, 64, dtype=dtype)
    inputs = [x.clone().requires_grad_() for _ in range(2)]
    outs = [module(own) for module, own in zip((plain, layer), inputs, strict=True)]
    assert outs[1].shape == (4, 16, 96) and outs[1].dtype == dtype
    weights = torch.randn_like(outs[0])
    for out in outs:
        (out * weights).sum().backward()
    assert relative_error(outs[1], outs[0]) < 0.05
    assert relative_error(inputs[1].grad, inputs[0].grad) < 0.05
    assert relative_error(layer.weight.grad, plain.weight.grad) < 0.05
    assert not torch.equal(outs[1], outs[0])
    with torch.no_grad():
        assert torch.equal(layer(x), plain(x))


def test_float8_needs_bf16_and_matrices_that_are_whole():
    with pytest.raises(ConfigError, match="float8 is true, which needs precision bf16"):
        RunConfig(float8=True)
    with pytest.raises(ConfigError, match="float8 is true, which cannot be had with tensor_parallel"):
        RunConfig(float8=True, precision="bf16", tensor_parallel=2)
