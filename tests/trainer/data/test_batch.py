from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import torch

from tokens.shards import CLASSES
from trainer.data.batch import Batch, group_number
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
    # A document of its own, of which every token is the first.
    assert not any(getattr(shares[1], name)[1].any() for name in ("tokens", "positions", "groups"))
    assert [share.tokens.shape for share in shares] == [(2, 4)] * 2
    assert sum(share.num_labels() for share in shares) == batch.num_labels() == 12


def test_groups_are_numbered_by_directory_and_class():
    classes = len(CLASSES) + 1
    numbers = [group_number(source, class_) for source in range(3) for class_ in range(classes)]
    assert numbers == [*range(3 * classes)]


def test_rows_to_be_filled_have_the_types_of_tokens_and_groups():
    batch = Batch.empty(3, 5)
    assert [(part.shape, part.dtype) for part in batch] == [((3, 5), torch.int64)] * 3 + [((3, 5), torch.int16)]
