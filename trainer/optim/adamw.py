"""AdamW whose state is complete from the start, and the guard that leaves out updates that would do harm.

Neither makes the host wait for the device: what is decided, is decided in tensors.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.distributed.tensor import DTensor

from trainer.model.llama import Llama
from trainer.config.schema import OptimizerConfig

WINDOW = 128
"""Norms that the guard compares with."""


def make_optimizer(model: Llama, config: OptimizerConfig) -> torch.optim.AdamW:
    """AdamW over all weights; norms are not decayed, because pulling a gain towards 0 regularises nothing."""
    decayed = [parameter for parameter in model.parameters() if parameter.ndim >= 2]
    others = [parameter for parameter in model.parameters() if parameter.ndim < 2]
    optimizer = torch.optim.AdamW(
        [{"params": decayed}, {"params": others, "weight_decay": 0.0}],
        lr=0.0,  # set before each step
        betas=(config.beta1, config.beta2),
        eps=config.eps,
        weight_decay=config.weight_decay,
        fused=True,
    )
    # Made now and not in the first step, so that there is something to load a checkpoint into.
    for parameter in model.parameters():
        optimizer.state[parameter] = {
            "step": torch.zeros((), device=parameter.device),
            "exp_avg": torch.zeros_like(parameter, requires_grad=False),
            "exp_avg_sq": torch.zeros_like(parameter, requires_grad=False),
        }
    return optimizer


def optimizer_tensors(model: Llama, optimizer: torch.optim.AdamW) -> dict[str, Tensor]:
    """The optimizer's state under the names of the weights: what a checkpoint keeps and is loaded into."""
    return {
        f"{name}.{moment}": tensor
        for name, parameter in model.named_parameters()
        for moment, tensor in optimizer.state[parameter].items()
    }


class Guard:
    """Skips an update whose gradient is no number or far larger than the last ones.

    Far larger: ``sigmas`` standard deviations above the mean of the last :data:`WINDOW` norms, once half of them are
    there (OLMo-core, ``optim/skip_step_optimizer.py``). The fused AdamW reads a flag on the device, as it does for
    torch's gradient scaler, and leaves weights, moments and step count alone where it is set.
    """

    def __init__(self, sigmas: float, device: torch.device) -> None:
        self._sigmas = sigmas
        self.tensors = {
            "norms": torch.full((WINDOW,), torch.nan, device=device),
            "skipped": torch.zeros((), device=device),
            "in_a_row": torch.zeros((), device=device),
        }
        """The norms of the last updates taken, and how many were skipped, in all and up to now in a row."""

    def step(self, optimizer: torch.optim.AdamW, norm: Tensor) -> Tensor:
        """Takes or skips the update of gradients with Euclidean norm ``norm``; returns whether it was skipped."""
        norms = self.tensors["norms"]
        known = norms.isfinite()
        count = known.sum()
        mean = norms.nan_to_num(0).sum() / count.clamp_min(1)
        deviation = (torch.where(known, norms - mean, 0).square().sum() / (count - 1).clamp_min(1)).sqrt()
        skip = ~norm.isfinite() | ((count >= WINDOW // 2) & (norm > mean + self._sigmas * deviation))
        optimizer.found_inf = skip.float()
        optimizer.step()
        self.tensors["norms"] = torch.where(skip, norms, torch.cat((norms[1:], norm.float().reshape(1))))
        self.tensors["skipped"] = self.tensors["skipped"] + skip
        self.tensors["in_a_row"] = torch.where(skip, self.tensors["in_a_row"] + 1, 0.0)
        return skip


def clip(model: Llama, most: float) -> Tensor:
    """Scales the gradients down to the Euclidean norm ``most``; returns the norm they had, a scalar in fp32."""
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), most, foreach=True)
    return norm.full_tensor() if isinstance(norm, DTensor) else norm
