from __future__ import annotations

import numpy as np

from trainer.data.packing import pack
from trainer.labels import IGNORE

BOS, EOS = 62, 63  # of the tokenizer in conftest.py


def test_labels_and_positions_end_with_their_document():
    tokens = np.array([62, 1, 2, 63, 62, 3, 63, 62, 4], dtype=np.int32)
    batch = pack((tokens, tokens == BOS), rows=2, length=4)
    assert batch.tokens.tolist() == [[62, 1, 2, 63], [62, 3, 63, 62]]
    assert batch.labels.tolist() == [[1, 2, 63, IGNORE], [3, 63, IGNORE, 4]]
    assert batch.positions.tolist() == [[0, 1, 2, 3], [0, 1, 2, 0]]
    assert batch.num_labels() == 6
    # A row that begins within a document counts from 0 as well.
    assert pack((tokens[1:], tokens[1:] == BOS), 1, 7).positions.tolist() == [[0, 1, 2, 0, 1, 2, 0]]
