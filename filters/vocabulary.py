"""Lists of words and phrases, and counting them in a text.

A list is a UTF-8 text file, one entry a line, ``#`` starting a comment. An entry is one word or a phrase of several;
it is split by the same segmentation as the documents and compared case-folded, word by word. So ``Scunthorpe`` holds
no entry of four letters, while in scripts written without spaces, where each character is a word, an entry is found
wherever its characters stand together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from text.segment import words

DATA = Path(__file__).with_name("data")


def folded_words(text: str) -> list[str]:
    """The words of ``text``, case-folded: what entries are compared with."""
    return words(text.casefold())


class Vocabulary:
    """A set of words and phrases that can be counted in a list of words."""

    def __init__(self, entries: Iterable[str]) -> None:
        """``entries`` in any case; raises ``ValueError`` for an entry without a word or for no entries at all."""
        tails: dict[str, set[tuple[str, ...]]] = {}
        for entry in entries:
            parts = tuple(folded_words(entry))
            if not parts:
                raise ValueError(f"The entry {entry!r} of a vocabulary holds no word.")
            tails.setdefault(parts[0], set()).add(parts)
        if not tails:
            raise ValueError("A vocabulary has no entries, so no document could ever match it.")
        # Longest first: where a phrase and its beginning are both entries, the phrase is what was said.
        self._by_first = {first: sorted(group, key=lambda p: (-len(p), p)) for first, group in tails.items()}

    def __len__(self) -> int:
        return sum(len(group) for group in self._by_first.values())

    def count(self, folded: list[str]) -> Counter[str]:
        """How often each entry occurs in a document's :func:`folded_words`, overlaps counted once, from the left."""
        found: Counter[str] = Counter()
        by_first, free = self._by_first, 0
        for start, word in enumerate(folded):
            if word not in by_first or start < free:
                continue
            for entry in by_first[word]:
                end = start + len(entry)
                if len(entry) == 1 or tuple(folded[start:end]) == entry:
                    found[" ".join(entry)] += 1
                    free = end
                    break
        return found


def read_vocabulary(path: Path) -> Vocabulary:
    """The vocabulary in the file ``path``; ``ValueError`` naming the file where it holds no entry."""
    lines = (line.partition("#")[0].strip() for line in path.read_text("utf-8").splitlines())
    try:
        return Vocabulary(line for line in lines if line)
    except ValueError as error:
        raise ValueError(f"The word list {path} cannot be used: {error}") from error


@lru_cache(maxsize=32)
def read_vocabularies(folder: Path) -> dict[str, Vocabulary]:
    """``<language>.txt`` files of ``folder`` as vocabularies by language code.

    Raises ``FileNotFoundError`` where the folder is missing or holds no such file.
    """
    paths = sorted(folder.glob("*.txt")) if folder.is_dir() else []
    if not paths:
        raise FileNotFoundError(f"The folder {folder} holds no word list; expected files such as {folder}/en.txt.")
    return {path.stem: read_vocabulary(path) for path in paths}
