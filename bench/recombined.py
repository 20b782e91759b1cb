"""Any number of documents recombined from real ones, as extraction leaves them, fast enough to make a million.

Document ``n`` follows from ``n`` alone: two processes share the parts between them, and a larger collection begins
with all of a smaller one. Words are drawn as numbers and their hashes looked up, so that what a page costs an
extraction, cutting its text into words, is paid once for each word of the vocabulary.
"""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from multiprocessing import get_context

import numpy as np
import pyarrow as pa

from dedup.minhash import signature
from dedup.shingles import Shingling, shingle_hashes
from pipeline import storage, tables
from pipeline.commit import Attempt, read_receipts, receipts_folder, write_receipts
from pipeline.listing import Manifest, write_listing
from pipeline.run_state import PARTS, part_unit
from text.hashing import document_id, hash64s, hash128_hex, ngram_hashes
from text.segment import words
from text.view import TextView

PART_ROWS = 5000
WORDS = 260
DUPLICATES = 0.2
_CHUNK_WORDS = 25
_CHUNKS = WORDS // (_CHUNK_WORDS + 1)
# Copies are of documents at most so far back, so that clusters have the same size however many documents there are.
_RECENT = PART_ROWS
_MOST_EDITS = 11


def write_parts(run_dir: str, texts: list[str], rule: Shingling, places: int, parts: int) -> None:
    """Writes ``parts`` units of the phase extract, of :data:`PART_ROWS` documents each, on all cores.

    ``rule`` and ``places`` make their signatures.
    """
    jobs = [(run_dir, rule, places, part) for part in range(parts)]
    cores = len(os.sched_getaffinity(0))
    # Spawned: what a fork copies would be counted among the memory of the process that is measured later.
    with ProcessPoolExecutor(cores, get_context("spawn"), _start_worker, (texts,)) as pool:
        for _ in pool.map(_write_part, jobs):
            pass


def listed(run_dir: str, parts: int) -> Manifest:
    """The listing of parts, as if the first ``parts`` were all there is."""
    files = storage.list_files(receipts_folder(run_dir, "extract"))
    found = {receipt.number: receipt for path in files for receipt in read_receipts(run_dir, path)}
    return write_listing(run_dir, PARTS, (found[part] for part in range(parts)))


class Vocabulary:
    """Tokens of real texts: each a word with what stands between it and the next, and the hash of that word.

    ``chunks`` holds numbers of tokens, shape (chunks, 25); the last tokens are the words that edits put in.
    """

    def __init__(self, texts: list[str]):
        numbers: dict[str, int] = {}
        chunks = [np.empty((0, _CHUNK_WORDS), np.int64)]
        for text in texts:
            found = np.array([numbers.setdefault(token, len(numbers)) for token in _tokens(text)], np.int64)
            chunks.append(found[: len(found) - len(found) % _CHUNK_WORDS].reshape(-1, _CHUNK_WORDS))
        self.chunks = np.concatenate(chunks)
        self.first_edit = len(numbers)
        self.tokens = np.array([*numbers, *(f"edit{place}" for place in range(WORDS))], object)
        self.hashes = hash64s([words(token)[0].casefold() for token in self.tokens])


def _tokens(text: str) -> list[str]:
    """``text`` cut before each word, white space gone: joined by spaces the tokens have the very same words."""
    starts, end = [], 0
    for word in words(text):
        starts.append(text.index(word, end))
        end = starts[-1] + len(word)
    return ["".join(text[start:after].split()) for start, after in zip(starts, [*starts[1:], len(text)], strict=True)]


_vocabulary: Vocabulary


def _start_worker(texts: list[str]) -> None:
    global _vocabulary  # noqa: PLW0603 - a worker process is given it once
    _vocabulary = Vocabulary(texts)


@lru_cache(8)  # a part copies from the one before it, whose documents may be copies too
def _drawn(part: int, chunks: int) -> tuple[np.ndarray, ...]:
    """What chance says of a part's documents: chunks, numbers after them, whom each copies (-1: nobody), edits."""
    rng = np.random.Generator(np.random.PCG64(part))
    chosen = rng.integers(chunks, size=(PART_ROWS, _CHUNKS))
    # Numbers between chunks, so that chunks alone make no near-duplicates.
    between = rng.integers(10**9, size=(PART_ROWS, _CHUNKS))
    of = part * PART_ROWS + np.arange(PART_ROWS) - rng.integers(1, _RECENT + 1, PART_ROWS)
    copied = np.where((rng.random(PART_ROWS) < DUPLICATES) & (of >= 0), of, -1)
    places = rng.integers(WORDS, size=(PART_ROWS, _MOST_EDITS))
    edits = rng.integers(_MOST_EDITS + 1, size=PART_ROWS)
    return chosen, between, copied, places, edits


def _document(number: int, vocabulary: Vocabulary) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of a document's tokens (-1 where a number stands) and its numbers: shapes (260,) and (10,)."""
    part, row = divmod(number, PART_ROWS)
    chosen, between, copied, places, edits = _drawn(part, len(vocabulary.chunks))
    if copied[row] < 0:
        found = np.full((_CHUNKS, _CHUNK_WORDS + 1), -1)
        found[:, :_CHUNK_WORDS] = vocabulary.chunks[chosen[row]]
        return found.reshape(-1), between[row]
    found, numbers = _document(int(copied[row]), vocabulary)
    edited = places[row, : edits[row]]
    found[edited] = vocabulary.first_edit + edited
    return found, numbers


def _write_part(job: tuple[str, Shingling, int, int]) -> None:
    run_dir, rule, places, part = job
    texts, hashes = _texts_and_hashes(part, _vocabulary)
    shingles = _shingles(hashes, rule.words)
    _check(texts[0], shingles[0], rule)
    found = [
        {
            "id": document_id(str(row), str(part), text.encode()), "text": text, "content_hash": hash128_hex(text),
            "signature_of_words": signature(shingles[row], places).tobytes(),
        }
        for row, text in enumerate(texts)
    ]  # fmt: skip
    found.sort(key=lambda row: row["id"])
    attempt = Attempt(run_dir, "extract", part_unit(part), part)
    attempt.write_table("text", _table(tables.TEXT, found))
    attempt.write_table("features", _table(tables.FEATURES, found))
    write_receipts(run_dir, "extract", [attempt.finish()])


def _texts_and_hashes(part: int, vocabulary: Vocabulary) -> tuple[list[str], np.ndarray]:
    """A part's texts, and the hashes of their words: ``uint64`` of shape (documents, 260)."""
    found = [_document(part * PART_ROWS + row, vocabulary) for row in range(PART_ROWS)]
    tokens = np.stack([tokens for tokens, _ in found])
    written, hashes = vocabulary.tokens[tokens], vocabulary.hashes[tokens]
    drawn = np.concatenate([numbers for _, numbers in found])
    number = tokens < 0
    # An edit may have struck a number.
    left = number[:, _CHUNK_WORDS :: _CHUNK_WORDS + 1].reshape(-1)
    numbers = [f"n{value}" for value in drawn[left].tolist()]
    written[number], hashes[number] = numbers, hash64s(numbers)
    return [" ".join(row) for row in written.tolist()], hashes


def _shingles(hashes: np.ndarray, length: int) -> np.ndarray:
    """Shingles of documents of equal length at once: runs that reach from one into the next are left out."""
    runs = ngram_hashes(hashes.reshape(-1), length)
    return np.lib.stride_tricks.sliding_window_view(runs, WORDS - length + 1)[::WORDS]


def _check(text: str, shingles: np.ndarray, rule: Shingling) -> None:
    """Holds the short way against a page's, or other documents would be measured than those written."""
    expected = shingle_hashes(TextView(text), "en", rule)
    if list(expected) != ["words"] or not np.array_equal(expected["words"], shingles):
        raise RuntimeError("recombined documents have other shingles than their texts; the vocabulary's cut is wrong")


def _table(schema: pa.Schema, rows: list[dict]) -> pa.Table:
    """Rows as a table; what all documents share is added, what is missing is null."""
    shared = {"url": "", "date": "", "language": "en", "words": WORDS}
    columns = [
        pa.array([row[field.name] for row in rows], field.type)
        if field.name in rows[0]
        else pa.repeat(pa.scalar(shared.get(field.name), field.type), len(rows))
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)
