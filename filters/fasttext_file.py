"""Reads quantised fastText models of labels (``.ftz``) into arrays, for :mod:`filters.fasttext_kernels`.

The format is that of fastText 0.9.2, version 12 (https://github.com/facebookresearch/fastText, MIT; Joulin et al. 2016,
"FastText.zip", arXiv 1612.03651): header, arguments, dictionary, input matrix as product quantisation, output matrix.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import NamedTuple

import numpy as np

_MAGIC, _VERSION = 793712314, 12
_SUPERVISED, _HIERARCHICAL_SOFTMAX, _SOFTMAX = 3, 1, 3
_CENTROIDS = 256
_FNV_OFFSET, _FNV_PRIME = 2166136261, 16777619


class Tables(NamedTuple):
    """What inference reads of a model.

    ``numbers``: int64, how many words and buckets there are, the least and the most characters of an n-gram, the most words of
    one of words. ``slots``: int32, an open-addressing table of a power of two of slots: the number of the word with that hash,
    -1 where there is none. ``hashes``: uint32, of each word; its UTF-8 lies in ``letters`` from ``letters_end[i]`` to
    ``letters_end[i + 1]``. ``kept``: uint64, which buckets of n-grams have a
    row, a bit each; ``kept_before``: int32, for each 64 of them how many before have one.
    ``rows`` float32 (rows, dim), those of words and then those of buckets in order, and ``output`` float32 (dim, labels). ``left`` and ``right``: int32, the children of each node
    of the tree of labels, -1 at leaves; empty for a plain softmax.
    """

    numbers: np.ndarray
    slots: np.ndarray
    hashes: np.ndarray
    letters: np.ndarray
    letters_end: np.ndarray
    kept: np.ndarray
    kept_before: np.ndarray
    rows: np.ndarray
    output: np.ndarray
    left: np.ndarray
    right: np.ndarray


class QuantisedModel(NamedTuple):
    """``labels`` as the model gives them, in its order."""

    tables: Tables
    labels: list[str]


def read_quantised(path: Path) -> QuantisedModel | None:
    """The model in the file ``path``; ``None`` where it is of another kind: not called ``.ftz``, not quantised, without
    labels, or with a loss other than softmax and hierarchical softmax. ``ValueError`` for one that is cut or damaged:
    fastText itself would wait for its end forever."""
    if path.suffix != ".ftz":
        return None  # gigabytes, as a rule
    try:
        return _read(_Reader(path.read_bytes()))
    except (struct.error, ValueError, IndexError) as error:
        raise ValueError(f"{path} can't be opened as a fastText model: it is cut or damaged ({error}).") from error


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, form: str) -> tuple:
        found = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return found

    def array(self, kind: str, count: int) -> np.ndarray:
        found = np.frombuffer(self.data, kind, count, self.at)
        self.at += found.nbytes
        return found

    def text(self) -> bytes:
        end = self.data.index(b"\0", self.at)
        found = self.data[self.at : end]
        self.at = end + 1
        return found


def _read(reader: _Reader) -> QuantisedModel | None:
    if reader.data[:8] != struct.pack("<ii", _MAGIC, _VERSION):
        return None
    reader.at = 8
    dim, _, _, _, _, word_ngrams, loss, model, bucket, minn, maxn, _ = reader.take("12i")
    reader.take("d")
    if model != _SUPERVISED or loss not in (_HIERARCHICAL_SOFTMAX, _SOFTMAX):
        return None
    size, words, labels, _, pruned_size = reader.take("iiiqq")
    entries: list[bytes] = []
    counts: list[int] = []
    for _ in range(size):
        entries.append(reader.text())
        counts.append(reader.take("qb")[0])
    pairs = reader.array("<i4", 2 * max(0, pruned_size)).reshape(-1, 2)
    if bucket <= 0 and (maxn > 0 or word_ngrams > 1):
        raise ValueError("it has n-grams and no buckets for them")
    if not reader.take("?")[0]:
        return None
    rows = _quantised(reader)
    if reader.take("?")[0]:
        output = _quantised(reader)
    else:
        height, width = reader.take("qq")
        output = reader.array("<f4", height * width).reshape(height, width)
    if rows.shape[1] != dim or output.shape != (labels, dim):
        return None
    left, right = _tree(counts[words:]) if loss == _HIERARCHICAL_SOFTMAX else (np.empty(0, np.int32),) * 2
    is_kept = np.full(bucket + -bucket % 64, False)
    if pruned_size >= 0:
        buckets, order = np.unique(pairs[:, 0], return_index=True)
        rows = np.concatenate((rows[:words], rows[words + pairs[order, 1]]))
    else:
        buckets = np.arange(bucket)
    if len(rows) != words + len(buckets) or not np.all((buckets >= 0) & (buckets < bucket)):
        raise ValueError("its rows are not those of its words and buckets")
    is_kept[buckets] = True
    kept = np.packbits(is_kept, bitorder="little").view(np.uint64)
    kept_in_64 = is_kept.reshape(-1, 64).sum(axis=1)
    slots, hashes = _hashed(entries[:words])
    letters_end = np.concatenate(([0], np.cumsum([len(word) for word in entries[:words]], dtype=np.int64))).astype(
        np.int64
    )
    tables = Tables(
        np.array([words, bucket, minn, maxn, word_ngrams], np.int64),
        slots, hashes, np.frombuffer(b"".join(entries[:words]) or b"\0", np.uint8), letters_end, kept,
        (np.cumsum(kept_in_64) - kept_in_64).astype(np.int32), rows, np.ascontiguousarray(output.T, np.float32), left, right,
    )  # fmt: skip
    return QuantisedModel(tables, [label.decode("utf-8") for label in entries[words:]])


def _quantised(reader: _Reader) -> np.ndarray:
    """A matrix of product quantisation written out: each row's centroids, times its norm where norms stand apart. Rounded
    to float32 as fastText rounds each of these products."""
    has_norms, height, _, codes = reader.take("?qqi")
    chosen = reader.array("u1", codes).reshape(height, -1)
    width, parts, step, last, centroids = _quantiser(reader)
    found = np.empty((height, width), np.float32)
    for part in range(parts):
        wide = last if part == parts - 1 else step
        begin = part * _CENTROIDS * step
        table = centroids[begin : begin + _CENTROIDS * wide].reshape(_CENTROIDS, wide)
        found[:, part * step : part * step + wide] = table[chosen[:, part]]
    if has_norms:
        norms = reader.array("u1", height)
        *_, scales = _quantiser(reader)
        found *= scales[norms][:, None]
    return found


def _quantiser(reader: _Reader) -> tuple[int, int, int, int, np.ndarray]:
    """Columns, parts, columns of a part and of the last one, and centroids."""
    width, parts, step, last = reader.take("4i")
    return width, parts, step, last, reader.array("<f4", width * _CENTROIDS)


def _hash(data: bytes) -> int:
    """fastText's variant of FNV-1a in 32 bits: bytes are signed there, and widened with their sign."""
    found = _FNV_OFFSET
    for byte in data:
        found = ((found ^ (byte if byte < 128 else byte | 0xFFFFFF00)) * _FNV_PRIME) & 0xFFFFFFFF
    return found


def _hashed(words: list[bytes]) -> tuple[np.ndarray, np.ndarray]:
    size = 1 << max(4, (2 * len(words)).bit_length())
    slots, hashes = np.full(size, -1, np.int32), np.empty(len(words), np.uint32)
    for number, word in enumerate(words):
        hashes[number] = found = _hash(word)
        slot = found & (size - 1)
        while slots[slot] >= 0:
            slot = (slot + 1) & (size - 1)
        slots[slot] = number
    return slots, hashes


def _tree(counts: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """The Huffman tree of labels as fastText builds it: leaves are the first nodes, in descending order of counts."""
    leaves = len(counts)
    nodes = 2 * leaves - 1
    left, right = np.full(nodes, -1, np.int32), np.full(nodes, -1, np.int32)
    weights = [*counts, *([10**15] * (leaves - 1))]
    leaf, node = leaves - 1, leaves
    for parent in range(leaves, nodes):
        children = []
        for _ in range(2):
            if leaf >= 0 and weights[leaf] < weights[node]:
                children.append(leaf)
                leaf -= 1
            else:
                children.append(node)
                node += 1
        left[parent], right[parent] = children
        weights[parent] = weights[children[0]] + weights[children[1]]
    return left, right
