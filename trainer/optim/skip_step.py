"""Skipping updates that would do harm. All is decided in tensors: the host does not wait for the device."""

from __future__ import annotations

import torch
from torch import Tensor

WINDOW = 128
"""Norms that the guard compares with."""


class Guard:
    """Skips an update whose gradient is no number or far larger than the last ones.

    Far larger: ``sigmas`` standard deviations above the mean of the last :data:`WINDOW` norms, once half of them are
    there (OLMo-core, ``optim/skip_step_optimizer.py``). As there, the norms of skipped updates are among them unless
    they are no numbers: otherwise norms that have changed for good would be refused for good. The fused AdamW reads
    a flag on the device, as it does for torch's gradient scaler, and leaves weights, moments and step count alone
    where it is set.
    """

    def __init__(self, sigmas: float, device: torch.device) -> None:
        self._sigmas = sigmas
        self.tensors = {
            "norms": torch.full((WINDOW,), torch.nan, device=device),
            "skipped": torch.zeros((), device=device),
            "in_a_row": torch.zeros((), device=device),
        }
        """The last finite norms, and how many updates were skipped, in all and up to now in a row."""

    def begin_stage(self) -> None:
        """Forgets the norms: another batch size, length of rows or RoPE scaling has others, and rightly so."""
        self.tensors["norms"] = torch.full_like(self.tensors["norms"], torch.nan)

    def step(self, optimizer: torch.optim.AdamW, norm: Tensor) -> Tensor:
        """Takes or skips the update of gradients with Euclidean norm ``norm``; returns whether it was skipped."""
        norms = self.tensors["norms"].double()  # the square of a norm may be too large for fp32
        known = norms.isfinite()
        count = known.sum()
        # Of none or one they are no numbers, which nothing is larger than.
        mean = norms.nan_to_num(0).sum() / count
        deviation = (torch.where(known, norms - mean, 0).square().sum() / (count - 1)).sqrt()
        skip = ~norm.isfinite() | ((count >= WINDOW // 2) & (norm > mean + self._sigmas * deviation))
        optimizer.found_inf = skip.float()  # type: ignore[attr-defined]  # of torch's gradient scaler
        optimizer.step()
        seen = torch.cat((self.tensors["norms"][1:], norm.float().reshape(1)))
        self.tensors["norms"] = torch.where(norm.isfinite(), seen, self.tensors["norms"])
        self.tensors["skipped"] = self.tensors["skipped"] + skip
        self.tensors["in_a_row"] = torch.where(skip, self.tensors["in_a_row"] + 1, 0.0)
        return skip
