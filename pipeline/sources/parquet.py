"""Rows from Parquet files."""

# pyarrow.compute makes its functions when it is imported, fsspec says too little of what it opens.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.sources.captures import Limits
from pipeline.sources.compressed import DAMAGE as PACKED_DAMAGE
from pipeline.sources.compressed import spooled
from pipeline.sources.layouts import COLUMNS, judge_row
from pipeline.sources.records import Record, failed

# What pyarrow raises for a damaged Parquet file, a name that isn't UTF-8 among it.
_DAMAGE = (pa.ArrowException, OSError, ValueError, OverflowError)
_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_FIRST_SECOND, _LAST_SECOND = -62_135_596_800, 253_402_300_799  # of the years 1 and 9999


def read_parquet(stream: BinaryIO, path: str, limits: Limits) -> Iterator[Record]:
    """The page or text of each row, row group by row group."""
    try:
        file = pq.ParquetFile(spooled(stream))
        schema = file.schema_arrow
    except (*_DAMAGE, *PACKED_DAMAGE) as error:
        _raise_if_of_the_disk(error)
        yield failed(path, None, f"the file is not valid Parquet: {error}")
        return
    names = [name for name in schema.names if name in COLUMNS]
    row_number = 0
    for group in range(file.num_row_groups):
        try:
            for batch in file.iter_batches(batch_size=256, row_groups=[group], columns=names):
                for row in _rows(batch):
                    row_number += 1
                    yield replace(judge_row(row, f"{path}, row {row_number}", limits), row=row_number)
        except _DAMAGE as error:
            _raise_if_of_the_disk(error)
            yield failed(path, None, f"row group {group} can't be read: {error}")


def _rows(batch: pa.RecordBatch) -> list[dict]:
    values = [_values(_python_can_read(column)) for column in batch.columns]
    if not values:
        return [{}] * batch.num_rows
    return [dict(zip(batch.schema.names, row, strict=True)) for row in zip(*values, strict=True)]


def _values(column: pa.Array) -> list[Any]:
    """A column's values. Of strings that aren't UTF-8 (old writers checked none) the bytes, for other values that Python
    has no form for ``None``: one of them mustn't cost its row group."""
    try:
        return column.to_pylist()
    except _DAMAGE:
        return [_value(value) for value in column]


def _value(value: pa.Scalar) -> Any:
    try:
        return value.as_py()
    except _DAMAGE:
        return value.as_buffer().to_pybytes() if isinstance(value, pa.StringScalar) else None


def _python_can_read(column: pa.Array) -> pa.Array:
    """Moments by the second, and none outside the years that Python has: of nanoseconds it has none at all (pyarrow
    asks for pandas there), and one value that it hasn't would cost its whole row group."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _python_can_read(column.dictionary_decode())
    if pa.types.is_struct(kind):
        fields = [_python_can_read(column.field(index)) for index in range(kind.num_fields)]
        names = [kind.field(index).name for index in range(kind.num_fields)]
        return pa.StructArray.from_arrays(fields, names, mask=column.is_null())
    if pa.types.is_map(kind):  # what has no key can't be asked for
        items = _python_can_read(column.items)
        return pa.MapArray.from_arrays(_offsets(column), column.keys, items)
    if pa.types.is_timestamp(kind):
        seconds = pc.divide(column.cast(pa.int64()), _PER_SECOND[kind.unit])
    elif pa.types.is_date32(kind):
        seconds = pc.multiply(column.cast(pa.int32()).cast(pa.int64()), 86_400)
    elif pa.types.is_date64(kind):
        seconds = pc.divide(column.cast(pa.int64()), 1000)
    else:
        return column
    possible = pc.and_(pc.greater_equal(seconds, _FIRST_SECOND), pc.less_equal(seconds, _LAST_SECOND))
    return pc.if_else(possible, seconds, None).cast(pa.timestamp("s"))


def _offsets(column: pa.MapArray) -> pa.Array:
    """Where each map begins in its keys, and where the last one ends; ``null`` for what is no map."""
    valid = pa.concat_arrays([column.is_valid(), pa.array([True])])
    return pc.if_else(valid, column.offsets, pa.scalar(None, pa.int32()))


def _raise_if_of_the_disk(error: Exception) -> None:
    """Arrow reports damaged files as ``OSError`` too; what has a number is the disk's or network's, to try again."""
    if isinstance(error, OSError) and error.errno is not None:
        raise error
