"""Words of an address that say what a site is, where no list knows it yet.

The rule is RefinedWeb's (arXiv 2306.01116, appendix G.1): one hard word condemns an address, soft words only several
different ones together. Ours compares whole words, never parts of them (``essex.ac.uk`` and ``/cockpit`` hold none), in
lower case, with percent-encoding and IDNA undone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

import idna

DATA = Path(__file__).with_name("data") / "url_words"
SOFT_COUNT = 2

_WORD = re.compile(r"[^\W_]+")
_PUNYCODE = re.compile(r"xn--[a-z0-9-]+")


class UrlWords:
    """Judges addresses by their words. ``hard`` and ``soft`` in lower case; ``soft_count`` different soft ones condemn."""

    def __init__(self, hard: Iterable[str], soft: Iterable[str] = (), soft_count: int = SOFT_COUNT) -> None:
        if soft_count < 1:
            raise ValueError(f"soft_count is {soft_count}, and must be at least 1.")
        self._hard, self._soft, self._count = frozenset(hard), frozenset(soft), soft_count
        if not self._hard and not self._soft:
            raise ValueError("There is neither a hard nor a soft word, so no address could ever be condemned.")

    def found(self, url: str) -> tuple[str, ...]:
        """The words that condemn ``url``, sorted; empty where nothing does. The query counts, the scheme doesn't."""
        words = set(_WORD.findall(_readable(url)))
        hard = words & self._hard
        if hard:
            return tuple(sorted(hard))
        soft = words & self._soft
        return tuple(sorted(soft)) if len(soft) >= self._count else ()


@lru_cache(maxsize=2)
def shipped(kind: str) -> tuple[str, ...]:
    """The words of ``hard`` or ``soft`` that come with the package: English, written by us."""
    return read(DATA / f"{kind}.txt")


def read(path: Path) -> tuple[str, ...]:
    """The words in a file, one a line, ``#`` for comments. Raises ``ValueError`` for a line that is no single word, since it
    could never be found."""
    words = []
    for number, line in enumerate(path.read_text("utf-8-sig").splitlines(), 1):
        word = line.partition("#")[0].strip().lower()
        if word and not _WORD.fullmatch(word):
            raise ValueError(f"{path}, line {number}: {word!r} is no single word, so no address could ever hold it.")
        if word:
            words.append(word)
    return tuple(words)


def _readable(url: str) -> str:
    rest = url.partition("://")[2] or url
    if "xn--" in rest:
        rest = _PUNYCODE.sub(lambda label: _decoded(label[0]), rest)
    if "%" in rest:
        rest = unquote(rest)
    return rest.lower()


def _decoded(label: str) -> str:
    try:
        return idna.decode(label)
    except idna.IDNAError:
        return label
