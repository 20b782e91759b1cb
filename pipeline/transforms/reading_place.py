"""How far a worker has read into its unit: for whoever watches."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline import storage
from pipeline.input_units import InputUnit, Stretch
from pipeline.sources.records import Record


class ReadingPlace:
    """How far a worker has read into a unit, in bytes of its files; remote files without an end count when they are read."""

    def __init__(self, unit: InputUnit) -> None:
        self._sizes = {one: _bytes_of(one) for one in unit.stretches}
        self._whole = sum(self._sizes.values())
        self._before = self._bytes = self._told = 0

    @property
    def share(self) -> float:
        return self._bytes / self._whole if self._whole else 0.0

    def advance(self) -> int:
        """Bytes read since this was asked last."""
        told, self._told = self._told, self._bytes
        return self._bytes - told

    def following(self, records: Iterator[Record], one: Stretch) -> Iterator[Record]:
        """The records of a stretch, behind each of which the place is where it begins."""
        for record in records:
            if record.offset is not None and record.file in (None, one.name):
                here = self._before + min(max(0, record.offset - one.start), self._sizes[one])
                self._bytes = max(self._bytes, here)
            yield record
        self._before += self._sizes[one]
        self._bytes = self._before


def _bytes_of(one: Stretch) -> int:
    if one.end is not None:
        return one.end - one.start
    return 0 if storage.is_remote(one.path) else max(0, (storage.size(one.path) or 0) - one.start)
