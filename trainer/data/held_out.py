"""The documents that are held out of training, as batches for evaluation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tokens.index import ShardIndex
from tokens.shards import HELD_OUT
from trainer.data.batch import Batch
from trainer.data.packing import concatenate, pack
from trainer.data.stream import read_group


def held_out_batches(indices: Sequence[ShardIndex], length: int, rows: int, max_tokens: int) -> Iterator[Batch]:
    """Held-out documents in the order of the files, at most ``max_tokens`` of them, as batches of ``rows`` rows.

    The last row is filled up with tokens that carry no label; weights are of no account. Nothing comes where no
    document is held out.
    """
    pieces, size = [], 0
    for index in indices:
        for group in index.split(HELD_OUT):
            if size >= max_tokens:
                break
            documents = read_group(group, index.tokenizer)
            pieces.append(concatenate(documents, np.arange(len(documents.ids))))
            size += len(pieces[-1].tokens)
    if not size:
        return
    size = min(size, max_tokens)
    tokens, starts, _ = (np.concatenate(parts)[:size] for parts in zip(*pieces, strict=True))
    for begin in range(0, size, rows * length):
        stop = min(begin + rows * length, size)
        count = -(-(stop - begin) // length)
        missing = count * length - (stop - begin)
        # Each filling token is a document of its own: it is no label, and no other token sees it.
        filling = np.full(missing + (stop == size), indices[0].tokenizer.eos_id)
        take = slice(begin, stop + (stop < size))
        yield pack(
            [np.append(tokens[take], filling), np.append(starts[take], np.ones(len(filling), dtype=bool))],
            count,
            length,
        )
