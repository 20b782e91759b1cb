from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F

from tests.trainer.evaluation.tiny import ALONE, make
from trainer.data.sources import open_data
from trainer.evaluation.held_out import held_out_losses, mean


@torch.no_grad()
def test_held_out_loss_of_each_source_is_that_of_its_documents(shards, tmp_path, write_shard):
    documents = [[5, 9, 5, 9], [7] * 6]
    write_shard(tmp_path / "b" / "x.parquet", documents, split="held_out")
    model = make(64)
    losses = held_out_losses(model, open_data([f"a={shards}", f"b={tmp_path / 'b'}"]), 8, 2, 1000, ALONE)
    assert set(losses) == {"a", "b"}
    assert losses["b"].labels == sum(len(tokens) + 1 for tokens in documents)
    total = 0.0
    whole = held_out_losses(model, open_data([f"b={tmp_path / 'b'}"]), 16, 1, 1000, ALONE)["b"]
    for tokens in documents:
        framed = torch.tensor([[62, *tokens, 63]])
        logits = model.logits(framed[:, :-1], torch.arange(framed.shape[1] - 1)[None])
        total += F.cross_entropy(logits[0], framed[0, 1:], reduction="sum").item()
    assert whole.total == pytest.approx(total, rel=1e-5)
    assert mean([whole, losses["a"]]) == (whole.total + losses["a"].total) / (whole.labels + losses["a"].labels)
    assert mean([]) is None


def test_perplexity_of_a_model_that_knows_nothing_is_the_vocabulary(shards):
    model = make(64)
    with torch.no_grad():
        model.lm_head.weight.zero_()
    losses = held_out_losses(model, open_data([f"a={shards}"]), 16, 3, 1000, ALONE)
    assert math.exp(mean([*losses.values()])) == pytest.approx(64, rel=1e-5)
