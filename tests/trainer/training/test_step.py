from __future__ import annotations

import torch
from torch.testing import assert_close

from trainer.data.sources import open_data
from trainer.data.stream import TrainingStream
from trainer.model.llama import Llama
from trainer.training.preflight import with_vocabulary
from trainer.training.step import accumulate, micro_batches


def test_micro_batches_give_the_gradients_of_the_whole_batch(shards, make_config):
    sources = open_data([shards])
    config = with_vocabulary(make_config().model, sources)
    batch = TrainingStream([sources[0].shards], seed=0).next_batch(8, 32)
    # Micro-batches with very unequal numbers of labels are where a mean of means goes wrong.
    batch.labels[2:6, 3:] = -100
    model = Llama(config)
    model.init_weights(0)
    results = []
    for rows in (None, 4, 2, 1):
        model.zero_grad()
        whole = {name: tensor for name, tensor in batch._asdict().items() if name != "groups"}
        parts = micro_batches(whole, rows)
        assert len(parts) == (8 // rows if rows else 1)
        sums = accumulate(lambda part: {"loss": model(**part)}, parts, batch.num_labels(), torch.device("cpu"))
        results.append([sums["loss"], *(parameter.grad.clone() for parameter in model.parameters())])
    for result in results[1:]:
        assert_close(result, results[0], rtol=1e-4, atol=1e-7)


def test_every_sum_is_summed_over_micro_batches_and_the_last_is_announced():
    weight = torch.ones(2, requires_grad=True)
    batch = {"x": torch.arange(10.0).reshape(5, 2), "y": torch.arange(5)}
    told = []

    def loss(part):
        return {"loss": (part["x"] @ weight).sum(), "rows": torch.tensor(float(len(part["y"])))}

    sums = accumulate(loss, micro_batches(batch, 2), 5, torch.device("cpu"), ranks=3, before_each=told.append)
    assert {name: value.item() for name, value in sums.items()} == {"loss": 45.0, "rows": 5.0}
    assert not sums["loss"].requires_grad
    assert told == [False, False, True]
    assert_close(weight.grad, batch["x"].sum(0) * 3 / 5)
