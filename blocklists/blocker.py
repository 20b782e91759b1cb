"""What a recipe blocks: listed sites and words of addresses, unless an allow list names the site."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from blocklists.lists import DATA, BlockList, Source, load, load_sources, locate
from blocklists.url_words import SOFT_COUNT, UrlWords, read, shipped

WORDS = "url_words"  # the reason of an address that its words condemn


class Blocked(NamedTuple):
    """Why an address is blocked: a list's category, or :data:`WORDS` with the words that were found."""

    reason: str
    words: tuple[str, ...] = ()


class Blocker:
    """Judges addresses: lists first, then words, and the allow lists win over both.

    ``lists`` and ``allow`` as :func:`blocklists.load` takes them (``allow`` may also be "trusted", the shipped one).
    ``hard_words`` and ``soft_words``: "shipped", the path of a file with one word a line, or ``None``. Raises as
    :func:`blocklists.load` does; made before work starts, it proves that all of it can be used.
    """

    def __init__(
        self,
        lists: Sequence[str],
        allow: Sequence[str] = (),
        hard_words: str | None = None,
        soft_words: str | None = None,
        soft_count: int = SOFT_COUNT,
    ) -> None:
        self._lists = load(lists) if lists else None
        self._allow = load_allowed(allow)
        self._words = None
        if hard_words or soft_words:
            self._words = UrlWords(_words("hard", hard_words), _words("soft", soft_words), soft_count)
        if self._lists is None and self._words is None:
            raise ValueError("No block list and no word of addresses is named, so nothing could ever be blocked.")

    def judge(self, url: str) -> Blocked | None:
        """Why ``url`` is blocked, or ``None``."""
        blocked = self._listed(url) or self._worded(url)
        if blocked and self._allow and self._allow.category(url):
            return None
        return blocked

    def _listed(self, url: str) -> Blocked | None:
        category = self._lists.category(url) if self._lists else None
        return Blocked(category) if category else None

    def _worded(self, url: str) -> Blocked | None:
        words = self._words.found(url) if self._words else ()
        return Blocked(WORDS, words) if words else None


def load_allowed(names: Sequence[str]) -> BlockList | None:
    """The sites of allow lists, or ``None`` where none is named."""
    return load_sources([locate_allowed(name) for name in names]) if names else None


def locate_allowed(name: str) -> Source:
    """The source of an allow list: a list's name or path, or "trusted" for the one that ships."""
    return locate(str(DATA / "allow" / "trusted.txt") if name == "trusted" else name)


def _words(kind: str, named: str | None) -> tuple[str, ...]:
    if named is None:
        return ()
    return shipped(kind) if named == "shipped" else read(Path(named))
