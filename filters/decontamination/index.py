"""The questions of several test sets as one file, which all workers of a machine map into memory.

A question is the sequence of its words and then of its choices' (:mod:`text.segment`, case-folded, so that case, white
space and marks don't matter), with what each of them tells, in bits. Runs of :data:`RUN` words within the question or
one choice are looked up by hash. A run that stands in more than :data:`MAX_QUESTIONS` questions is a phrase of the set
("which of the following is", "Options: (A)") and tells nothing: words of the question that lie in no other run are not
looked for.

What a word tells is -log2 of how often it occurs in that language among those of :mod:`filters.background` where it is
most frequent, so that no language's plain words count as rare.

Layout, little endian: magic, length of a JSON header, the header, then the arrays that it names, each padded to 8 bytes.
"""

from __future__ import annotations

import json
import mmap
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from filters.background import WORDS, background_counts, background_languages
from filters.decontamination.questions import Question
from filters.token_counts import BUCKETS, buckets
from text.hashing import GOLDEN, ngram_hashes, splitmix64
from text.view import TextView

RUN = 4
MAX_QUESTIONS = 10
_MAGIC = b"GMTESTS1"
_FILTER_BITS = 22  # half a megabyte, which stays in a core's cache


class QuestionIndex:
    """A built index. Arrays, of q questions, s stretches (a question, or one choice), w words, r runs and p places of runs:

    ``words`` (uint64, w) hashes of all words, stretch j from ``stretches[j]`` (int64, s + 1); question i is the stretch
    ``starts[i]``, its choices those up to ``starts[i + 1]`` (int64, q + 1); ``bits`` (uint8, w) what a word tells, 0 where it
    isn't looked for; ``question_of`` (int32, w) whose it is; ``sets`` (uint16, q) which set a question is of; ``runs`` (uint64,
    r) sorted hashes, the places of run k from ``run_starts[k]`` (int64, r + 1) in ``places`` (int64, p): indices into ``words``.
    """

    def __init__(self, data: bytes | mmap.mmap) -> None:
        view = memoryview(data)
        size = int.from_bytes(view[8:16], "little") if view[:8] == _MAGIC else -1
        if size < 0 or len(view) < 16 + size:
            raise ValueError("These bytes are no index of test questions; remove the file, and it is built again.")
        header = json.loads(bytes(view[16 : 16 + size]))
        self.names: list[str] = header["names"]
        arrays, position = {}, 16 + _padded(size)
        for name, dtype, length in header["arrays"]:
            # frombuffer takes no empty stretch.
            arrays[name] = np.frombuffer(view, dtype, length, position) if length else np.empty(0, dtype)
            position += _padded(arrays[name].nbytes)
        self.words, self.bits, self.question_of = arrays["words"], arrays["bits"], arrays["question_of"]
        self.stretches, self.starts, self.sets = arrays["stretches"], arrays["starts"], arrays["sets"]
        self.runs, self.run_starts, self.places = arrays["runs"], arrays["run_starts"], arrays["places"]
        self._filter = arrays["filter"]

    @classmethod
    def open(cls, path: Path) -> QuestionIndex:
        """Maps the file at ``path``: one copy in memory for all processes of a machine."""
        with path.open("rb") as file:
            return cls(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))

    def hits(self, folded_hashes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where runs of a page's words (``uint64`` hashes) stand in questions: ``(words of the page, indices into
        words)``, both ``int64``, by place in the page."""
        found = ngram_hashes(folded_hashes, RUN)
        short = (found >> np.uint64(64 - _FILTER_BITS)).astype(np.int64)
        maybe = np.flatnonzero(self._filter[short >> 3] >> (short & 7).astype(np.uint8) & 1)
        at = np.searchsorted(self.runs, found[maybe])
        at[at == self.runs.size] = 0
        known = self.runs[at] == found[maybe] if self.runs.size else np.zeros(maybe.size, bool)
        maybe, at = maybe[known], at[known]
        counts = self.run_starts[at + 1] - self.run_starts[at]
        ends = np.cumsum(counts)
        inner = np.arange(int(counts.sum())) - np.repeat(ends - counts, counts)
        return np.repeat(maybe, counts), self.places[np.repeat(self.run_starts[at], counts) + inner]


def build(sets: Mapping[str, Sequence[Question]]) -> bytes:
    """The index of questions by set, the same bytes for the same questions."""
    texts: list[str] = []
    starts, owners = [0], []
    for number, questions in enumerate(sets.values()):
        for question in questions:
            texts += [question.text, *question.choices]
            starts.append(len(texts))
            owners.append(number)
    parts = [TextView(text).folded_hashes for text in texts]
    lengths = np.fromiter(map(len, parts), np.int64, len(parts))
    flat = np.concatenate(parts) if parts else np.empty(0, np.uint64)
    stretch = np.repeat(np.arange(len(parts)), lengths)
    question_of_stretch = np.repeat(np.arange(len(owners)), np.diff(starts))
    question_of = question_of_stretch[stretch]
    # Every run that lies within one stretch.
    hashes = ngram_hashes(flat, RUN)
    places = np.flatnonzero(stretch[: hashes.size] == stretch[RUN - 1 :]) if hashes.size else np.empty(0, np.int64)
    order = np.lexsort((places, hashes[places]))
    places = places[order]
    runs, counts = np.unique(hashes[places], return_counts=True)
    # One number a (run, question), so that a run counts once a question.
    pairs = np.unique(np.repeat(np.arange(runs.size), counts) * max(len(owners), 1) + question_of[places])
    telling = np.bincount(pairs // max(len(owners), 1), minlength=runs.size) <= MAX_QUESTIONS
    places = places[np.repeat(telling, counts)]
    runs, counts = runs[telling], counts[telling]
    looked_for = np.zeros(flat.size + 1, np.int64)
    np.add.at(looked_for, places, 1)
    np.add.at(looked_for, places + RUN, -1)
    # Choices are also looked for where their question was found, in their order, those of a word or two as well.
    is_choice = np.isin(stretch, starts[:-1], invert=True)
    bits = np.where((np.cumsum(looked_for)[:-1] > 0) | is_choice, information(flat), 0)
    # A word tells what it has to tell once: a matrix of ones, a refrain in code.
    _, first = np.unique(splitmix64(flat + stretch.astype(np.uint64) * GOLDEN), return_index=True)
    bits[np.isin(np.arange(flat.size), first, invert=True)] = 0
    short = (runs >> np.uint64(64 - _FILTER_BITS)).astype(np.int64)
    filter_ = np.zeros(1 << _FILTER_BITS, bool)
    filter_[short] = True
    return _packed(
        list(sets),
        {
            "words": flat,
            "bits": bits.astype(np.uint8),
            "question_of": question_of.astype(np.int32),
            "stretches": np.concatenate(([0], np.cumsum(lengths))),
            "starts": np.asarray(starts, np.int64),
            "sets": np.asarray(owners, np.uint16),
            "runs": runs,
            "run_starts": np.concatenate(([0], np.cumsum(counts))),
            "places": places,
            "filter": np.packbits(filter_, bitorder="little"),
        },
    )


def information(hashes: np.ndarray) -> np.ndarray:
    """What each word tells, in bits from 0 to 21, ``int64``, by its hash."""
    most = np.zeros(BUCKETS, np.int64)
    for language in sorted(background_languages()):
        np.maximum(most, background_counts(language), out=most)
    return np.rint(-np.log2((most[buckets(hashes)] + 0.5) / WORDS)).astype(np.int64).clip(0, 21)


def _padded(size: int) -> int:
    return -(-size // 8) * 8


def _packed(names: list[str], arrays: Mapping[str, np.ndarray]) -> bytes:
    little = {name: array.astype(array.dtype.newbyteorder("<")) for name, array in arrays.items()}
    listed = [(name, array.dtype.str, len(array)) for name, array in little.items()]
    header = json.dumps({"names": names, "arrays": listed}).encode()
    parts = [_MAGIC, len(header).to_bytes(8, "little"), header.ljust(_padded(len(header)))]
    parts += [array.tobytes().ljust(_padded(array.nbytes), b"\0") for array in little.values()]
    return b"".join(parts)
