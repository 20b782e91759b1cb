"""How a table of features declares its columns, so that names, numbers and meanings are said in one place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple


class Feature(NamedTuple):
    """One column: the name that the data files use, the unit of its numbers, and what they say of a block."""

    name: str
    unit: str
    meaning: str


class Columns:
    """The columns of a table in the order of their declaration, the first one being number ``start``."""

    def __init__(self, start: int = 0) -> None:
        self.start = start
        self._features: list[Feature] = []

    def add(self, name: str, unit: str, meaning: str) -> int:
        """Declares the next column; its number."""
        self._features.append(Feature(name, unit, meaning))
        return self.stop - 1

    def add_all(self, features: Iterable[Feature]) -> int:
        """Declares the next columns; the number of the first."""
        first = self.stop
        self._features.extend(features)
        return first

    @property
    def stop(self) -> int:
        """The number behind the last column."""
        return self.start + len(self._features)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(feature.name for feature in self._features)

    def __iter__(self) -> Iterator[Feature]:
        return iter(self._features)

    def __len__(self) -> int:
        return len(self._features)
