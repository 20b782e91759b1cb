from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import torch

from trainer.data.batch import Batch
from trainer.data.packing import pack
from trainer.labels import IGNORE

REPOSITORY = Path(__file__).parents[3]
BOS, EOS = 62, 63  # of the tokenizer in conftest.py


def test_mean_length_is_that_of_the_document_around_a_token():
    tokens = np.array([BOS, 1, 2, EOS, BOS, EOS, BOS, 3, 4], dtype=np.int32)
    batch = pack((tokens, tokens == BOS), rows=1, length=8)
    assert batch.mean_length() == (4 * 4 + 2 * 2 + 2 * 2) / 8


def test_data_is_imported_without_a_model_and_what_compiles_it():
    script = "import sys, trainer.data.batch, trainer.data.prefetch; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    names = set(loaded.stdout.split())
    assert {"torch", "trainer.data.prefetch"} <= names
    assert not {"torch._dynamo", "torch.nn.attention.flex_attention", "trainer.model"} & names


def test_rows_that_ranks_do_not_divide_are_filled_up_without_labels():
    rows = torch.arange(12).reshape(3, 4)
    batch = Batch.ungrouped(rows, rows + 1, rows)
    shares = [batch.share(rank, 2) for rank in range(2)]
    assert torch.equal(torch.cat([share.tokens for share in shares])[:3], rows)
    assert shares[1].labels[1].tolist() == [IGNORE] * 4
    assert sum(share.num_labels() for share in shares) == batch.num_labels() == 12
