"""Quantised fastText models written number by number (format of fastText 0.9.2, version 12): any words, buckets and weights."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

SOFTMAX, TREE = 3, 1


@dataclass(frozen=True)
class Model:
    """``rows``, float32 (words and kept buckets, dim), ``output``, float32 (labels, dim). ``kept``: the buckets that have a
    row, in the order of their rows; ``None`` where all have one."""

    words: list[str]
    rows: np.ndarray
    output: np.ndarray
    counts: list[int]
    """How often each label came, which makes the tree."""
    bucket: int = 0
    kept: list[int] | None = None
    minn: int = 0
    maxn: int = 0
    word_ngrams: int = 1
    loss: int = SOFTMAX
    step: int = 2
    """Columns of a part of the quantisation."""
    norms: np.ndarray | None = None
    """What each row is multiplied with."""

    def write(self, path: Path) -> Path:
        dim = self.rows.shape[1]
        labels = [f"__label__{number}" for number in range(len(self.counts))]
        pruned = -1 if self.kept is None else len(self.kept)
        data = [
            struct.pack("<ii", 793712314, 12),
            struct.pack(
                "<12i", dim, 5, 5, 1, 5, self.word_ngrams, self.loss, 3, self.bucket, self.minn, self.maxn, 100
            ),
            struct.pack("<d", 1e-4),
            struct.pack("<iiiqq", len(self.words) + len(labels), len(self.words), len(labels), 99, pruned),
        ]
        data += [word.encode() + b"\0" + struct.pack("<qb", 9, 0) for word in self.words]
        data += [
            label.encode() + b"\0" + struct.pack("<qb", count, 1)
            for label, count in zip(labels, self.counts, strict=True)
        ]
        data += [struct.pack("<ii", bucket, place) for place, bucket in enumerate(self.kept or ())]
        data += [b"\1", _quantised(self.rows, self.step, self.norms)]
        data += [b"\0", struct.pack("<qq", *self.output.shape), self.output.astype("<f4").tobytes()]
        path.write_bytes(b"".join(data))
        return path


def _quantised(rows: np.ndarray, step: int, norms: np.ndarray | None) -> bytes:
    """Product quantisation with a centroid of each part for each row: nothing is rounded. At most 256 rows."""
    height, width = rows.shape
    parts = -(-width // step)
    codes = np.array([[(7 * row + 31 * part) % 256 for part in range(parts)] for row in range(height)], np.uint8)
    centroids = []
    for part in range(parts):
        values = rows[:, part * step : (part + 1) * step]
        table = np.zeros((256, values.shape[1]), "<f4")
        table[codes[:, part]] = values
        centroids.append(table.tobytes())
    found = struct.pack("<?qqi", norms is not None, height, width, codes.size) + codes.tobytes()
    found += _quantiser(width, step, b"".join(centroids))
    if norms is not None:
        scales = np.zeros(256, "<f4")
        scales[255 - np.arange(height)] = norms
        found += (255 - np.arange(height)).astype(np.uint8).tobytes() + _quantiser(1, 1, scales.tobytes())
    return found


def _quantiser(width: int, step: int, centroids: bytes) -> bytes:
    parts = -(-width // step)
    return struct.pack("<4i", width, parts, step, width - (parts - 1) * step) + centroids


def random_model(seed: int, words: list[str], labels: int, **options: object) -> Model:
    """A model with weights that make each row count. ``options`` are fields of :class:`Model`, and ``dim``."""
    source = np.random.default_rng(seed)
    dim = int(str(options.pop("dim", 5)))
    kept, bucket = options.get("kept"), int(str(options.get("bucket", 0)))
    height = len(words) + (len(kept) if isinstance(kept, list) else bucket)
    rows = source.normal(0, 1.5, (height, dim)).astype(np.float32)
    output = source.normal(0, 1.5, (labels, dim)).astype(np.float32)
    counts = sorted(source.integers(1, 1_000, labels).tolist(), reverse=True)
    return Model(words, rows, output, counts, **options)  # type: ignore[arg-type]  # checked when it is made
