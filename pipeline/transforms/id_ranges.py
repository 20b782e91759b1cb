"""Ranges of ids: how workers share what is spread over all parts, without sorting the whole.

Ids are hashes, so equal ranges of them hold about equally many; a table sorted by an id column is read only where its
row groups meet the range.
"""

# pyarrow.compute makes its functions when it is imported:
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline import storage


class IdRange(NamedTuple):
    """Range ``number`` ``of`` so many: ids from ``low`` (included) to ``high`` (left out), as hexadecimal prefixes."""

    number: int
    of: int

    def low(self) -> str:
        return f"{self.low_number():08x}"

    def high(self) -> str:
        bound = self.high_number()
        return "g" if bound == 2**32 else f"{bound:08x}"  # "g" sorts behind every digit

    def low_number(self) -> int:
        """``low`` as a number of 32 bits."""
        return -(-self.number * 2**32 // self.of)

    def high_number(self) -> int:
        """``high`` as a number; 2 ** 32 of the last range."""
        return -(-(self.number + 1) * 2**32 // self.of)


def overlapping_row_groups(path: str, ids: IdRange, column: str = "id") -> list[int]:
    """The row groups of a table, sorted by ``column``, in which ids of the range may be."""
    with storage.open_parquet(path) as file:
        return _overlapping(file, ids, column)


def rows_between(path: str, ids: IdRange, column: str = "id", columns: list[str] | None = None) -> pa.Table:
    """The rows of a table, sorted by ``column``, whose id there lies in the range; of ``columns`` or of all."""
    with storage.open_parquet(path) as file:
        table = file.read_row_groups(_overlapping(file, ids, column), columns=columns)
    inside = pc.and_(pc.greater_equal(table[column], ids.low()), pc.less(table[column], ids.high()))
    return table.filter(inside)


def _overlapping(file: pq.ParquetFile, ids: IdRange, column: str) -> list[int]:
    groups = [file.metadata.row_group(number) for number in range(file.num_row_groups)]
    id_column = file.schema_arrow.names.index(column)
    bounds = [group.column(id_column).statistics for group in groups]
    # An empty table has one row group, without bounds.
    return [n for n, bound in enumerate(bounds) if bound and bound.min < ids.high() and bound.max >= ids.low()]
