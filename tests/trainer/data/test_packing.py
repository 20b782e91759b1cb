from __future__ import annotations

import numpy as np

from tokens.index import Documents
from tokens.shards import CLASSES
from trainer.data.packing import concatenate, pack
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


def test_documents_lie_end_to_end_in_their_order_with_their_source_and_class():
    values, offsets = np.arange(10, 19, dtype=np.int32), np.array([0, 3, 3, 7, 9])
    classes = np.array([2, 0, 1, len(CLASSES)], dtype=np.int8)
    documents = Documents(["a", "b", "c", "d"], values, offsets, np.ones(4, np.float32), classes)
    found = concatenate(documents, np.array([3, 0, 1, 0]), source=3)
    assert found.tokens.tolist() == [17, 18, 10, 11, 12, 10, 11, 12]
    assert np.flatnonzero(found.starts).tolist() == [0, 2, 5]
    first = 3 * (len(CLASSES) + 1)
    assert found.groups.tolist() == [first + len(CLASSES)] * 2 + [first + 2] * 6
    assert concatenate(documents, np.array([2])).groups.tolist() == [1] * 4
