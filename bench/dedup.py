"""Near-duplicate detection measured: speed beside peers, what is found and what is wrong, and growth.

    python -m bench.dedup TEXTS...                       all three, on Parquet files with columns text and language
    python -m bench.dedup --only signatures TEXTS...     one of signatures, quality, growth

Texts of one's own come from a run with ``--set output.keep_work=true``: OUT/work/extract/*.text.parquet. Peers
(datatrove, text-dedup, rensa) take part where the interpreter can import them, and are passed over with a sentence
where it can't.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from glob import glob
from statistics import median
from tempfile import gettempdir
from time import process_time

import pyarrow.parquet as pq

from bench import dedup_growth, dedup_quality
from dedup.minhash import signature
from dedup.shingles import Shingling, shingle_hashes
from text.segment import words
from text.view import TextView

PLACES = 112
_ROUNDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("texts", nargs="+", metavar="TEXTS", help="Parquet files or globs")
    parser.add_argument("--only", choices=["signatures", "quality", "growth"])
    parser.add_argument("--documents", type=int, default=2000, help="real documents for all-pairs truth (2000)")
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[10_000, 40_000, 160_000], help="documents, for growth"
    )
    arguments = parser.parse_args()
    texts = read_texts(arguments.texts)
    if arguments.only in (None, "signatures"):
        signatures([text for text, language in texts if language == "en"][:400])
    if arguments.only in (None, "quality"):
        dedup_quality.report(texts, arguments.documents)
    if arguments.only in (None, "growth"):
        dedup_growth.report([text for text, language in texts if language == "en"], arguments.sizes)


def read_texts(patterns: list[str]) -> list[tuple[str, str]]:
    """(text, language) of every document in the files."""
    found = []
    for path in sorted(path for pattern in patterns for path in glob(pattern)):
        table = pq.read_table(path, columns=["text", "language"])
        found += zip(table["text"].to_pylist(), table["language"].to_pylist(), strict=True)
    return found


def signatures(texts: list[str]) -> None:
    """Documents per CPU second from text to signature: 5-word shingles, 112 places, all in turn in each round."""
    contestants = {"gristmill": _gristmill(), "datasketch": _datasketch()}
    for name, make in (("datatrove", _datatrove), ("text-dedup", _text_dedup), ("rensa", _rensa)):
        try:
            contestants[name] = make()
        except ImportError as error:
            print(f"{name} takes no part: {error}")
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(_ROUNDS + 1):
        for name, sign in contestants.items():
            started = process_time()
            for text in texts:
                sign(text)
            if number:  # the first round warms up
                seconds[name].append(process_time() - started)
    mean = sum(len(words(text)) for text in texts) / len(texts)
    print(f"signatures: {len(texts)} real English documents, {mean:.0f} words on average, median of {_ROUNDS} rounds")
    for name, times in seconds.items():
        factor = median(times) / median(seconds["gristmill"])
        print(
            f"    {name:<12} {len(texts) / median(times):9,.0f} documents per CPU second   "
            f"gristmill is {factor:5.1f} x as fast"
        )


def _gristmill() -> Callable[[str], object]:
    rule = Shingling()

    def sign(text: str) -> object:
        found = shingle_hashes(TextView(text), "en", rule)
        return [signature(hashes, PLACES) for hashes in found.values()]

    return sign


def _datasketch() -> Callable[[str], object]:
    from datasketch import MinHash

    def sign(text: str) -> object:
        found = [word.casefold() for word in words(text)]
        sketch = MinHash(num_perm=PLACES, seed=1)
        sketch.update_batch({" ".join(found[n : n + 5]).encode() for n in range(max(1, len(found) - 4))})
        return sketch

    return sign


def _datatrove() -> Callable[[str], object]:
    from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupSignature
    from datatrove.utils.hashing import HashConfig

    step = MinhashDedupSignature(gettempdir(), MinhashConfig(hash_config=HashConfig(precision=64)))

    def sign(text: str) -> object:
        found = step.get_shingles(text)
        return step.get_signature(found) if found.size else None

    return sign


def _text_dedup() -> Callable[[str], object]:
    import numpy as np
    from text_dedup.minhash import embed_func
    from text_dedup.utils.hashfunc import xxh3_32hash

    random = np.random.RandomState(42)
    prime = np.uint64((1 << 61) - 1)
    permutations = tuple(random.randint(low, prime, size=(PLACES,), dtype=np.uint64) for low in (1, 0))
    ranges = [(start, start + 8) for start in range(0, PLACES, 8)]
    return lambda text: embed_func(
        text, 0, num_perm=PLACES, ngram_size=5, min_length=5, hashranges=ranges, permutations=permutations,
        hash_func=xxh3_32hash, dtype=np.uint64, max_hash=np.uint32((1 << 32) - 1), modulo_prime=prime,
    )  # fmt: skip


def _rensa() -> Callable[[str], object]:
    from rensa import RMinHash

    def sign(text: str) -> object:
        found = [word.casefold() for word in words(text)]
        sketch = RMinHash(num_perm=PLACES, seed=42)
        sketch.update([" ".join(found[n : n + 5]) for n in range(max(1, len(found) - 4))])
        return sketch.digest()

    return sign


if __name__ == "__main__":
    main()
