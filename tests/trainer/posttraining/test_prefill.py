from __future__ import annotations

import pytest
import torch

from tests.trainer.posttraining.conftest import MODEL
from trainer.model.llama import Llama
from trainer.posttraining.prefill import read_prompts

PROMPTS = [[5, 6, 7], [9], [1, 2, 3, 4, 5, 6, 7, 8]]


@torch.no_grad()
def test_prompts_that_are_read_together_are_as_if_alone() -> None:
    model = Llama(MODEL).eval()
    model.init_weights(0)
    found = read_prompts(model, PROMPTS, rows=4, length=8)
    assert found.lengths.tolist() == [3, 1, 8]
    assert found.logits.dtype == torch.float32 and len(found.caches) == MODEL.num_layers
    for row, ids in enumerate(PROMPTS):
        alone = model.logits(torch.tensor([ids]), torch.arange(len(ids))[None])[0, -1]
        torch.testing.assert_close(found.logits[row], alone)
        single = read_prompts(model, [ids], rows=1, length=len(ids))
        for together, own in zip(found.caches, single.caches, strict=True):
            assert together.keys.shape == (4, 2, 8, 4)
            torch.testing.assert_close(together.keys[row, :, : len(ids)], own.keys[0])
            torch.testing.assert_close(together.values[row, :, : len(ids)], own.values[0])


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_logits_are_in_fp32_whatever_the_model(dtype: torch.dtype) -> None:
    model = Llama(MODEL).eval()
    model.init_weights(0)
    with torch.no_grad():
        assert read_prompts(model.to(dtype), PROMPTS, 3, 8).logits.dtype == torch.float32
