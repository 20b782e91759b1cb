"""What classifiers of quality are shown of a text: passages of some fifty words, and words as they were trained on."""

from __future__ import annotations

from text.characters import characters
from text.view import TextView

CHUNK_WORDS = 50


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
    """What the model sees of a chunk: lower-case words and marks (of the module re, ``\\w+`` and ``[^\\w\\s]``) apart from each
    other, each run of digits as ``0``, line ends as ``|``."""
    from filters.quality_kernels import tokens  # imports numba

    return tokens(TextView(chunk.lower()).codes, characters().facts).tobytes().decode("utf-32-le", "surrogatepass")
