"""From token shards to packed rows.

    footers -> row groups in the epoch's order -> documents in the epoch's order -> one endless stream -> rows

The order is a hash of (seed, epoch) and of a group's place or a document's id: nothing is drawn. The documents of a
shard are already shuffled over the whole crawl, so groups are permuted among each other and documents within their
group, and one decoded group (a million tokens) is all that is in memory. A rank reads the groups that its rows lie in,
and others only where their documents have weights. Where the stream stands is a
:class:`Cursor` of three integers; the same cursor gives the same rows, on any machine and any number of ranks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from tokens.index import Documents, GroupRef, ShardIndex
from tokens.shards import TRAIN, ShardError
from tokens.tokenizer import TokenizerInfo
from trainer.data.batch import Batch
from trainer.data.group_sizes import GroupSizes
from trainer.data.packing import Piece, concatenate, pack
from trainer.errors import TrainerError


class Cursor(NamedTuple):
    """A place in the stream: the epoch, the place of a row group in the epoch's order, a token within that group."""

    epoch: int = 0
    group: int = 0
    token: int = 0


class DocumentPart(NamedTuple):
    """A stretch of a document in a row of a batch: ``tokens`` of them from the place ``column`` on, which are the
    document's from its token ``first`` on."""

    id: str
    group: GroupRef
    row: int
    column: int
    tokens: int
    first: int


class TrainingStream:
    """The endless stream of training documents, cut into rows.

    Within an epoch a document of weight w comes floor(w) or ceil(w) times, over many epochs w times an epoch: copies
    in epoch e are floor(w (e + 1) + u) - floor(w e + u), where u in [0, 1) is a hash of the document's id.
    """

    def __init__(
        self,
        indices: Sequence[ShardIndex],
        seed: int,
        cursor: Cursor = Cursor(),  # noqa: B008 (an immutable tuple)
        sources: Sequence[int] | None = None,
    ) -> None:
        """``sources``: the numbers that ``indices`` are reported under, 0, 1, … without them."""
        self.cursor = cursor
        self._groups = [group for index in indices for group in index.split(TRAIN)]
        numbers = range(len(indices)) if sources is None else sources
        self._sources = [n for n, index in zip(numbers, indices, strict=True) for _ in index.split(TRAIN)]
        self._sizes = GroupSizes(self._groups)
        self._tokenizer = indices[0].tokenizer
        self._seed = seed
        self._orders: dict[int, np.ndarray] = {}
        self._decoded: tuple[tuple[int, int], Piece] | None = None
        if not any(group.tokens for group in self._groups):
            raise TrainerError(
                f"{', '.join(index.directory for index in indices)} holds no training documents"
                f" ({sum(index.documents for index in indices)} in all, all of them held out)."
            )

    @property
    def passes(self) -> float:
        """Passes over the documents so far, counted by row groups and within one by tokens."""
        cursor = self.cursor
        if cursor.group == len(self._groups):
            return cursor.epoch + 1.0
        within = cursor.token / max(1, self._size(cursor.epoch, cursor.group))
        return cursor.epoch + (cursor.group + within) / len(self._groups)

    def next_batch(self, rows: int, length: int, own: slice | None = None) -> Batch:
        """The next ``rows`` rows of ``length`` tokens, or those of them that are ``own``; moves the cursor on by
        ``rows * length`` tokens. Groups that none of its own rows lie in are not read, where their size is known."""
        first, last = (own.start, own.stop) if own else (0, rows)
        begin, end = first * length, last * length + 1  # the last label is the first token of the next row
        if first == last:
            end = begin
        pieces = []
        for cursor, _, taken in self._parts(rows * length, begin, end):
            group = self._group(cursor.epoch, cursor.group)
            part = slice(cursor.token, cursor.token + taken)
            pieces.append(Piece(*(array[part] for array in group)))
        if not pieces:
            return Batch.empty(0, length)
        return pack([np.concatenate(parts) for parts in zip(*pieces, strict=True)], last - first, length)

    def next_documents(
        self, rows: int, length: int, only: Container[tuple[str, int]] | None = None
    ) -> list[DocumentPart]:
        """Which documents the rows of :meth:`next_batch` are cut from, in their order; moves the cursor on as that
        does. Of groups (by path and number) that are not in ``only`` nothing is said, and they need not be read."""
        parts = []
        for cursor, place, taken in self._parts(rows * length, 0, rows * length):
            group = self._groups[self._number(cursor.epoch, cursor.group)]
            if only is not None and (group.path, group.number) not in only:
                continue
            documents = read_group(group, self._tokenizer)
            order = self._order(documents, cursor.epoch)
            ends = np.cumsum(np.diff(documents.offsets)[order])
            begins = np.concatenate(([0], ends[:-1]))
            shown = np.flatnonzero((ends > cursor.token) & (begins < cursor.token + taken))
            for begin, end, number in zip(begins[shown], ends[shown], order[shown], strict=True):
                first = place + max(int(begin) - cursor.token, 0)
                last = place + min(int(end) - cursor.token, taken)
                for row in range(first // length, (last - 1) // length + 1):
                    from_, to = max(first, row * length), min(last, (row + 1) * length)
                    within = cursor.token - place - int(begin)  # from places in the batch to places in the document
                    parts.append(
                        DocumentPart(
                            documents.ids[number], group, row, from_ - row * length, to - from_, from_ + within
                        )
                    )
        return parts

    def _parts(self, tokens: int, begin: int, end: int) -> Iterator[tuple[Cursor, int, int]]:
        """The stretches of groups that lie from ``begin`` to ``end`` in the next ``tokens`` tokens and the one behind
        them: where each begins in the stream and in these tokens, and how long it is. Then moves the cursor on."""
        cursor, place, total = self.cursor, 0, tokens + 1
        while place < total:
            cursor, size = self._within_a_group(cursor)
            wanted = begin <= place < end
            stop = end if wanted else begin if place < begin else total
            taken = min(stop - place, size - cursor.token)
            if wanted:
                yield cursor, place, taken
            cursor, place = cursor._replace(token=cursor.token + taken), place + taken
        # The last token was the next batch's first; it is always within a group.
        self.cursor = cursor._replace(token=cursor.token - 1)

    def _within_a_group(self, cursor: Cursor) -> tuple[Cursor, int]:
        """The place of the next token at or behind ``cursor``, and the size of its group."""
        passed = 0
        while True:
            if cursor.group == len(self._groups):
                cursor = Cursor(cursor.epoch + 1)
            size = self._size(cursor.epoch, cursor.group)
            if cursor.token < size:
                return cursor, size
            cursor = Cursor(cursor.epoch, cursor.group + 1)
            passed += 1
            if passed > 2 * len(self._groups):
                raise TrainerError("A whole epoch shows no document: the weights in the shards are (almost) all zero.")

    def _size(self, epoch: int, place: int) -> int:
        """The tokens that a group gives in an epoch; it is read if need be."""
        known = self._sizes.known(self._number(epoch, place))
        return len(self._group(epoch, place).tokens) if known is None else known

    def _number(self, epoch: int, place: int) -> int:
        """Which group has the place ``place`` in the order of the epoch."""
        if epoch not in self._orders:
            keys = np.arange(len(self._groups), dtype=np.uint64)
            self._orders = {epoch: np.argsort(_mix(keys, self._seed, epoch), kind="stable")}
        return int(self._orders[epoch][place])

    def _group(self, epoch: int, place: int) -> Piece:
        if self._decoded is None or self._decoded[0] != (epoch, place):
            number = self._number(epoch, place)
            group = self._groups[number]
            documents = read_group(group, self._tokenizer)
            piece = concatenate(documents, self._order(documents, epoch), self._sources[number])
            known = self._sizes.known(number)
            if known is not None and known != len(piece.tokens):
                raise ShardError(
                    f"Row group {group.number} of {group.path} holds {len(piece.tokens):,} tokens, and its footer says "
                    f"{known:,}. Write or copy the shard again."
                )
            self._decoded = (epoch, place), piece
        return self._decoded[1]

    def _order(self, documents: Documents, epoch: int) -> np.ndarray:
        """The numbers of a group's documents in the order in which the epoch shows them, and as often."""
        keys = np.array([_id_hash(id) for id in documents.ids], dtype=np.uint64)
        fraction = (keys >> np.uint64(11)) * 2.0**-53
        weights = documents.weights.astype(np.float64)
        copies = (np.floor(weights * (epoch + 1) + fraction) - np.floor(weights * epoch + fraction)).astype(np.int64)
        chosen = np.repeat(np.arange(len(keys)), copies)
        # Copies of a document are numbered, so that they don't end up behind one another.
        number = np.arange(len(chosen)) - np.repeat(np.cumsum(copies) - copies, copies)
        order = np.argsort(_mix(keys[chosen] + number.astype(np.uint64), self._seed, epoch), kind="stable")
        return chosen[order]


def read_group(group: GroupRef, tokenizer: TokenizerInfo) -> Documents:
    """The documents of a row group. Raises :class:`ShardError` for ids that the tokenizer doesn't have."""
    documents = group.read()
    values = documents.values
    if values.size and not 0 <= values.min() <= values.max() < tokenizer.vocab_size:
        raise ShardError(
            f"Row group {group.number} of {group.path} holds ids from {values.min()} to {values.max()}, but its "
            f"tokenizer {tokenizer.name} has {tokenizer.vocab_size}. Write the shard again."
        )
    return documents


def _id_hash(id: str) -> int:
    return int.from_bytes(hashlib.blake2b(id.encode(), digest_size=8, person=b"train").digest())


def _mix(keys: np.ndarray, seed: int, epoch: int) -> np.ndarray:
    """Keys that sort in another order for every (seed, epoch): SplitMix64's finalizer (Steele et al., 2014)."""
    salt = hashlib.blake2b(f"{seed} {epoch}".encode(), digest_size=8).digest()
    with np.errstate(over="ignore"):
        x = keys + np.uint64(int.from_bytes(salt))
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return x ^ (x >> np.uint64(31))
