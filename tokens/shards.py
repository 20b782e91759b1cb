"""The shard format: Parquet files of token ids that a trainer can index by their footers alone.

A shard has the columns of :data:`SCHEMA`, one row a document, framed BOS … EOS. Rows are sorted by (split, id) with
the training split first. A row group holds documents of one split and at most :data:`ROW_GROUP_TOKENS` tokens (or a
single longer document). The footer's key-value metadata holds, under the key ``gristmill``, JSON of this shape::

    {"version": 1,
     "tokenizer": {"name": …, "sha256": …, "vocab_size": …, "bos_id": …, "eos_id": …},
     "documents": …, "tokens": …,
     "row_groups": [{"split": "train", "documents": …, "tokens": …}, …]}

Ids are stored plain and compressed with zstd, because every Parquet reader understands that. On ids with a Zipf
distribution that is 1.37 bytes a token and decodes at 80 million tokens a second on one core; a dictionary saves a
tenth of the bytes for three times the time, and BYTE_STREAM_SPLIT, better at both, is closed to Spark 3.5.
Equal documents give equal bytes (with one version of pyarrow), in whatever order the rows come.
"""

# pyarrow.compute makes its functions when it is imported:
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tokens.info import TokenizerInfo
from tokens.tokenizer import Tokenizer

VERSION = 1
METADATA_KEY = b"gristmill"
ROW_GROUP_TOKENS = 1 << 20
TRAIN, HELD_OUT = "train", "held_out"
CLASSES = ("general", "math", "code", "multilingual")

SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("tokens", pa.list_(pa.int32()), nullable=False),
        pa.field("url", pa.string()),
        pa.field("language", pa.string()),
        pa.field("class", pa.string()),  # one of CLASSES
        pa.field("source", pa.string()),
        pa.field("split", pa.string(), nullable=False),  # TRAIN or HELD_OUT
        pa.field("weight", pa.float32(), nullable=False),  # how often an epoch should show the document: 0.5, 1, 3, …
    ]
)


class ShardError(ValueError):
    """Shards that cannot be used; the message says which, why, and what to do."""


@dataclass(frozen=True)
class RowGroup:
    """What the footer says of one row group: documents of one ``split``, and how many ids they hold in all."""

    split: str
    documents: int
    tokens: int


@dataclass(frozen=True)
class Footer:
    """What the footer says of one shard."""

    tokenizer: TokenizerInfo
    documents: int
    tokens: int
    row_groups: tuple[RowGroup, ...]


def held_out(id: str, per_10k: int) -> bool:
    """Whether the document ``id`` belongs to the held-out split, of which there are ``per_10k`` in 10,000.

    Decided by a cryptographic hash of the id alone: a document stays on its side of the split when the crawl grows,
    and one that is held out at 5 in 10,000 is held out at 10 as well.
    """
    digest = hashlib.blake2b(id.encode(), digest_size=8, person=b"held_out").digest()
    return int.from_bytes(digest) * 10_000 >> 64 < per_10k


def encode_shard(table: pa.Table, tokenizer: Tokenizer | TokenizerInfo) -> bytes:
    """The bytes of the shard that holds the rows of ``table`` (the columns of :data:`SCHEMA`, in any order).

    Raises :class:`ShardError` for a missing column, an unknown split or class, a negative or infinite weight, an id
    that occurs twice, or a token outside the tokenizer's vocabulary.
    """
    if missing := [name for name in SCHEMA.names if name not in table.column_names]:
        raise ShardError(f"A shard needs the columns {', '.join(SCHEMA.names)}; {', '.join(missing)} is missing.")
    table = table.select(SCHEMA.names).cast(SCHEMA)
    # "train" sorts behind "held_out"; training rows come first.
    order = pc.sort_indices(table, sort_keys=[("split", "descending"), ("id", "ascending")])
    table = table.take(order).combine_chunks()
    _check_rows(table, tokenizer)

    lengths = pc.list_value_length(table["tokens"]).to_numpy()
    ranges = list(_ranges(table["split"].to_pylist(), lengths))
    footer = Footer(
        TokenizerInfo(**{field.name: getattr(tokenizer, field.name) for field in fields(TokenizerInfo)}),
        documents=table.num_rows,
        tokens=int(lengths.sum()),
        row_groups=tuple(
            RowGroup(table["split"][start].as_py(), stop - start, int(lengths[start:stop].sum()))
            for start, stop in ranges
        ),
    )
    described = json.dumps({"version": VERSION} | asdict(footer), sort_keys=True)
    sink = io.BytesIO()
    with pq.ParquetWriter(
        sink,
        SCHEMA.with_metadata({METADATA_KEY: described}),
        compression="zstd",
        use_dictionary=["language", "class", "source", "split"],  # pyright: ignore[reportArgumentType]  # documented
        write_page_checksum=True,  # a flipped bit would otherwise train as another token
    ) as writer:
        for start, stop in ranges:
            writer.write_table(table.slice(start, stop - start), row_group_size=stop - start)
    return sink.getvalue()


def _check_rows(table: pa.Table, tokenizer: Tokenizer | TokenizerInfo) -> None:
    ids = table["id"]
    if len(pc.unique(ids)) != len(ids):
        counts = pc.value_counts(ids)
        twice = next(count["values"] for count in counts.to_pylist() if count["counts"] > 1)
        raise ShardError(f"The document {twice} occurs twice in one shard.")
    for column, allowed in (("split", (TRAIN, HELD_OUT)), ("class", CLASSES)):
        for value in pc.unique(table[column]).to_pylist():
            if value not in allowed:
                raise ShardError(f"The {column} of a document is {value!r}; a shard knows {', '.join(allowed)}.")
    weights = table["weight"].to_numpy()
    if not (np.isfinite(weights) & (weights >= 0)).all():
        raise ShardError("The weight of a document must be a number of at least 0.")
    values = pc.list_flatten(table["tokens"]).to_numpy()
    if values.size and (values.min() < 0 or values.max() >= tokenizer.vocab_size):
        raise ShardError(
            f"Token ids run from {values.min()} to {values.max()}, but {tokenizer.name} has {tokenizer.vocab_size}. "
            "Were they made by another tokenizer?"
        )


def _ranges(splits: list[str], lengths: np.ndarray) -> Iterator[tuple[int, int]]:
    """Rows [start, stop) of each row group."""
    start, size = 0, 0
    for row, length in enumerate(lengths.tolist()):
        if row > start and (size + length > ROW_GROUP_TOKENS or splits[row] != splits[start]):
            yield start, row
            start, size = row, 0
        size += length
    if splits:
        yield start, len(splits)


def parse_footer(path: str, metadata: pq.FileMetaData) -> Footer:
    """The :class:`Footer` of the shard at ``path``. Raises :class:`ShardError` where it is not one of ours."""
    described = (metadata.metadata or {}).get(METADATA_KEY)
    if described is None:
        raise ShardError(
            f"{path} is a Parquet file but no token shard: its footer has no entry 'gristmill'. Point to the "
            "directory tokens/ of a finished run."
        )
    content = json.loads(described)
    if content.pop("version") != VERSION:
        raise ShardError(f"{path} was written in another version of the shard format. Update gristmill.")
    footer = Footer(
        TokenizerInfo(**content["tokenizer"]),
        content["documents"],
        content["tokens"],
        tuple(RowGroup(**group) for group in content["row_groups"]),
    )
    rows = [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)]
    if rows != [group.documents for group in footer.row_groups]:
        raise ShardError(
            f"{path} has been rewritten: its row groups are not those of its footer. Copy shards byte for byte."
        )
    return footer
