"""What the ranks of a test run: ``torchrun ranks.py JOBS.json``, a list of {"config", "data", "output"}."""

from __future__ import annotations

import dataclasses
import functools
import json
import sys
from pathlib import Path

import torch
import torch.distributed as dist
from torch.distributed.tensor import DTensor

from trainer.config.loader import parse_config
from trainer.config.schema import Config
from trainer.data.batch import Batch
from trainer.distributed.parallelize import local_part, parallelize_model, reshard
from trainer.distributed.ranks import connect
from trainer.labels import IGNORE
from trainer.model.llama import Block, Llama
from trainer.training.pretraining import pretrain

torch.set_num_threads(1)


# The same capture and differentiation of blocks as for real, without the minutes that generating code takes.
Block.compile = functools.partialmethod(torch.nn.Module.compile, backend="aot_eager")


def check_model(config: Config) -> None:
    """However the model is divided, each rank draws its parts of the weights that one process draws, to the bit, and
    thinks of its tokens what one process thinks; of ids with equal logits the lowest is the likeliest."""
    shape = dataclasses.replace(config.model, vocab_size=50)
    whole, ranks = Llama(shape), connect(config.run)
    whole.init_weights(config.run.seed)
    with torch.device("meta"):
        model = Llama(shape)
    parallelize_model(model, config.run, ranks)
    model.to_empty(device="cpu")
    model.init_weights(config.run.seed, local_part)
    for expected, parameter in zip(whole.parameters(), model.parameters(), strict=True):
        assert isinstance(parameter, DTensor)
        divided = ranks.size > ranks.replicas  # a copy on one rank is whole, and norms may be on every rank
        assert parameter.ndim < 2 or not divided or parameter.to_local().numel() < parameter.numel()
        assert torch.equal(parameter.full_tensor(), expected)

    tokens, positions = torch.arange(32)[None], torch.arange(32)[None]
    labels = tokens.roll(-1).masked_fill(tokens % 5 == 0, IGNORE)
    own = ranks.part(Batch.ungrouped(tokens, labels, positions))
    scores = model(own.tokens, own.positions, own.labels, score=True)
    expected = ranks.part(Batch.ungrouped(*whole(tokens, positions, labels, score=True), positions))
    torch.testing.assert_close(scores.log_probs, expected[0], atol=1e-5, rtol=0)
    assert torch.equal(scores.best, expected[1])
    reshard(model)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    scores = model(own.tokens, own.positions, own.labels, score=True)
    assert torch.equal(scores.best, (own.labels == 0) | (own.labels == IGNORE))


for job in json.loads(Path(sys.argv[1]).read_text()):
    config = parse_config(job["config"])
    check_model(config)
    pretrain(config, job["data"], job["output"])
dist.destroy_process_group()
