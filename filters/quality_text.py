"""What classifiers of quality are shown of a text: passages of some fifty words, and words as they were trained on."""

from __future__ import annotations

import re

from text.view import TextView

CHUNK_WORDS = 50
_TOKEN = re.compile(r"\w+|[^\w\s]")
_NUMBER = re.compile(r"\d+")


def chunks(view: TextView) -> list[tuple[str, int]]:
    """``(chunk, words)``: consecutive lines joined until they have at least 50 words; a short rest stands alone."""
    made: list[tuple[str, int]] = []
    part: list[str] = []
    size = 0
    for line, words in zip(view.rows, view.row_word_counts.tolist(), strict=True):
        if not line or line.isspace():
            continue
        part.append(line)
        size += words
        if size >= CHUNK_WORDS:
            made.append(("\n".join(part), size))
            part, size = [], 0
    if size:
        made.append(("\n".join(part), size))
    return made


def features(chunk: str) -> str:
    """What the model sees of a chunk: lower-case words and marks, numbers as ``0``, line ends as ``|``."""
    joined = " | ".join(" ".join(_TOKEN.findall(line.lower())) for line in chunk.split("\n"))
    return _NUMBER.sub("0", joined)
