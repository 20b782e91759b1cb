"""Special tokens that a base model has never seen: their weights get a beginning from which they can be learnt.

Pre-training has neither headers nor turns' ends. Softmax pushes the head's rows of ids that never come all the same
way, and so they lie on one ray, far from likely (cosines of .90 and .99 in two models of ours, at logits of -7.5 and
-11.4 where the likeliest have +3 and +4); fine-tuning would have to bring them back one small step at a time, all of
them together. Public users meet the same as models that write reserved tokens and never stop.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor
from torch.distributed.tensor import DTensor

from trainer.distributed.parallelize import local_part
from trainer.model.llama import Llama

COSINE = 0.8
"""Rows of the head with a larger cosine belong to ids that were never seen. Ours."""
NOISE = 0.01
"""Standard deviation of what is added to the mean, as a share of the other rows'. Ours."""


def find_unseen(head: Tensor, candidates: Iterable[int]) -> list[int]:
    """Those of the ids ``candidates`` whose rows in ``head`` (vocabulary, D) lie on one ray: the largest set around one
    of them in which each has a cosine above :data:`COSINE` with it, rows of zeros included. None where no two do.

    The ids that frame a document must not be among the candidates: the one that begins a text never follows anything,
    so that its row of the head looks unseen, and its embedding is not.
    """
    ids = sorted(candidates)
    if not ids:
        return []
    rows = head[ids].float()
    norms = rows.norm(dim=-1)
    empty = norms < 1e-6 * head.float().norm(dim=-1).median()
    units = rows / norms.clamp_min(1e-30)[:, None]
    alike = ((units @ units.T) > COSINE) & ~empty & ~empty[:, None]
    alike[alike.sum(-1).argmax(), empty] = True
    found = alike[alike.sum(-1).argmax()]
    return [id for id, is_found in zip(ids, found.tolist(), strict=True) if is_found] if found.sum() > 1 else []


@torch.no_grad()
def set_to_mean(model: Llama, ids: list[int], seed: int) -> None:
    """Sets the rows of ``ids`` in embedding and head to the mean of the other rows, with a little noise. Every rank must
    call it, and all compute the same."""
    weights = dict(model.named_parameters())
    for number, name in enumerate(("embed_tokens.weight", "lm_head.weight")):
        if name in weights:
            _set_rows(weights[name], ids, np.random.default_rng([seed, number]))


def _whole(weight: Tensor) -> Tensor:
    return (weight.full_tensor() if isinstance(weight, DTensor) else weight).detach()


def _set_rows(weight: Tensor, ids: list[int], draw: np.random.Generator) -> None:
    whole = _whole(weight).float()
    others = torch.ones(len(whole), dtype=torch.bool, device=whole.device)
    others[ids] = False
    mean, std = whole[others].mean(0), whole[others].std(0)
    noise = torch.from_numpy(draw.standard_normal((len(ids), whole.shape[1]), dtype=np.float32)).to(whole.device)
    stored, (first, left) = local_part(weight)
    rows = (mean + NOISE * std * noise)[:, left : left + stored.shape[1]]
    for row, id in zip(rows, ids, strict=True):
        if first <= id < first + len(stored):
            stored[id - first].copy_(row)
