"""What near-duplicate removal loses, and what refusing it costs: both errors of ``documents.max_unique_share``.

    python -m bench.dedup_loss VERSIONS TEXTS...

VERSIONS holds pages as VERSION/NAME.html: pages of one name are releases of one page, and removing the older is right.
Templates are planted in texts (as :mod:`bench.dedup` takes them): 425 words of one English document of 850 or more, in
the midst of which other documents' words stand, and removing such a page is wrong.
"""

from __future__ import annotations

import argparse
from itertools import combinations
from pathlib import Path

import numpy as np

from bench.dedup import read_texts
from dedup.minhash import jaccard
from dedup.shingles import Shingling, common_kind, shingles
from dedup.unique_words import too_many, unique_words, vocabulary
from parsers import extract
from text.segment import words
from text.view import TextView

THRESHOLD = 0.7
BOUNDS = (0.03, 0.05, 0.08, 0.1, 0.15)
_TEMPLATE = 425  # words
_OWN = (0.02, 0.05, 0.08, 0.1, 0.12, 0.15)
_PAIRS = 200
_RULE = Shingling()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("versions", type=Path, metavar="VERSIONS")
    parser.add_argument("texts", nargs="+", metavar="TEXTS", help="Parquet files or globs")
    arguments = parser.parse_args()
    pages = [(path.name, path.parent.name, _words(extract(path.read_bytes()).text))
             for path in sorted(arguments.versions.glob("*/*.html"))]  # fmt: skip
    print("removals refused, by bound:" + "".join(f"{bound:8}" for bound in BOUNDS))
    _line("releases of one page", releases(pages))
    documents = [_words(text) for text, language in read_texts(arguments.texts) if language == "en"]
    documents = [found for found in documents if len(found) > 2 * _TEMPLATE]
    for own in _OWN:
        _line(f"template, {own:.0%} of its own", templates(documents, own))


def releases(pages: list[tuple[str, str, list[str]]]) -> list[tuple[int, int]]:
    """(words lost, words) of the older of every two releases of one page that are near-duplicates."""
    found = []
    for one, other in combinations(pages, 2):
        if one[0] == other[0]:
            older, newer = sorted((one, other), key=lambda page: page[1])
            found += _removal(older[2], newer[2])
    return found


def templates(documents: list[list[str]], own: float) -> list[tuple[int, int]]:
    """The same for pages that a template wrote, each with a share of words from elsewhere."""
    rng = np.random.Generator(np.random.PCG64(1))
    count = round(_TEMPLATE * own / (1 - own))

    def stretch(length: int) -> list[str]:
        document = documents[rng.integers(len(documents))]
        start = rng.integers(len(document) - length)
        return document[start : start + length]

    found = []
    for _ in range(_PAIRS):
        template = stretch(_TEMPLATE)
        head, tail = template[: _TEMPLATE // 2], template[_TEMPLATE // 2 :]
        found += _removal(*(head + stretch(count) + tail for _ in range(2)))
    return found


def _removal(document: list[str], survivor: list[str]) -> list[tuple[int, int]]:
    """(words lost, words) where the two are near-duplicates and not the same; nothing else."""
    one, other = (shingles(_view(found), "en", _RULE) for found in (document, survivor))
    kind = common_kind(one, other)
    if kind is None or document == survivor or jaccard(one[kind], other[kind]) < THRESHOLD:
        return []
    own = vocabulary(_view(document), "en", _RULE)
    return [(unique_words(own, vocabulary(_view(survivor), "en", _RULE)), own.words)]


def _view(words: list[str]) -> TextView:
    return TextView(" ".join(words))


def _line(name: str, removals: list[tuple[int, int]]) -> None:
    if removals:
        shares = [np.mean([too_many(lost, of, bound) for lost, of in removals]) for bound in BOUNDS]
        print(f"{name:<27}" + "".join(f"{share:8.3f}" for share in shares) + f"   of {len(removals)}")


def _words(text: str) -> list[str]:
    return [word.casefold() for word in words(text)]


if __name__ == "__main__":
    main()
