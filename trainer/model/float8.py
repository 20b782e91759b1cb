"""Matrix products in float8, each row with a scale of its own.

A product in float8 takes half the time of one in bf16 on GPUs that have it (H100 on). Eight bits hold a number to
about 6 %, between 2⁻⁹ and 448 (E4M3, Micikevicius et al., arXiv 2209.05433): each row of a matrix is divided by what
makes its largest entry 448, and one large entry spoils its own row alone. The sums are kept in more bits, and come out
in bf16. All three products of a layer are done so, forwards and for both gradients (the recipe "rowwise" of torchao).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

E4M3 = torch.float8_e4m3fn
LARGEST = torch.finfo(E4M3).max
MULTIPLE = 16
"""What the kernels demand of the sizes of a matrix."""


class Float8Linear(nn.Linear):
    """A linear layer without bias whose products are in float8 where gradients are wanted; evaluations are exact."""

    def forward(self, input: Tensor) -> Tensor:
        if not torch.is_grad_enabled():
            return super().forward(input)
        return _Product.apply(input, self.weight)


def use_float8(block: nn.Module) -> None:
    """Makes all linear layers of ``block`` compute in float8, in place; weights and their names stay as they are."""
    for module in block.modules():
        if type(module) is nn.Linear:
            module.__class__ = Float8Linear


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x: Tensor, weight: Tensor) -> Tensor:
        ctx.save_for_backward(x, weight)
        return scaled_product(x.flatten(0, -2), weight).unflatten(0, x.shape[:-1])

    @staticmethod
    def backward(ctx, *grad_outputs: Tensor):
        (grad,) = grad_outputs
        x, weight = ctx.saved_tensors
        grad = grad.flatten(0, -2)
        # Rows are what is summed over: each side is turned so that they are.
        grad_x = scaled_product(grad, weight.T).unflatten(0, x.shape[:-1])
        grad_weight = scaled_product(grad.T, x.flatten(0, -2).T)
        return grad_x, grad_weight


def scaled_product(a: Tensor, b: Tensor) -> Tensor:
    """``a @ b.T`` of ``a`` (M, K) and ``b`` (N, K), in the type of ``a``, with entries rounded to float8."""
    a8, a_scale = to_float8(a)
    b8, b_scale = to_float8(b)
    return torch._scaled_mm(  # pyright: ignore[reportPrivateImportUsage] (what torchao calls, too)
        a8, b8.T, scale_a=a_scale, scale_b=b_scale.T, out_dtype=torch.bfloat16, use_fast_accum=True
    ).to(a.dtype)


def to_float8(x: Tensor) -> tuple[Tensor, Tensor]:
    """``x`` (M, K) in float8, and the (M, 1) by which each row must be multiplied again, in fp32."""
    wide = x.float()
    scale = wide.abs().amax(dim=1, keepdim=True).clamp_min(1e-12) / LARGEST
    return (wide / scale).clamp(-LARGEST, LARGEST).to(E4M3).contiguous(), scale
