"""How many tokens a row group gives in an epoch, from its footer alone where that can be known.

A rank that knows the sizes of the groups before its own rows need not read them.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.parquet as pq
from fsspec import AbstractFileSystem

from tokens.index import GroupRef


class GroupSizes:
    """The sizes of row groups; the footer of each file is read once, when one of its groups is first asked for."""

    def __init__(self, groups: Sequence[GroupRef]) -> None:
        self._groups = groups
        self._plain: dict[str, list[bool]] = {}

    def known(self, number: int) -> int | None:
        """Tokens of the group with this number; ``None`` where its documents have weights other than 1, come more or
        less often than once an epoch, and so must be read to be counted. So must other people's Parquet, which does
        not say how many of its lists are empty."""
        group = self._groups[number]
        if not isinstance(group, GroupRef):
            return None
        if group.path not in self._plain:
            self._plain[group.path] = _weights_are_one(group.fs, group.path)
        flags = self._plain[group.path]
        return group.tokens if group.number < len(flags) and flags[group.number] else None


def _weights_are_one(fs: AbstractFileSystem, path: str) -> list[bool]:
    """Whether all weights of each row group are 1, by the statistics in the footer."""
    try:
        with fs.open(path, "rb") as file:
            metadata = pq.read_metadata(file)
    except (OSError, pa.ArrowException):
        return []  # whoever reads the group says what is wrong
    flags = []
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        columns = [group.column(place) for place in range(group.num_columns)]
        found = [column.statistics for column in columns if column.path_in_schema == "weight"]
        flags.append(bool(found) and bool(found[0]) and found[0].has_min_max and found[0].min == found[0].max == 1)
    return flags
