"""Listed hosts and addresses as one file that all workers of a machine map into memory.

Layout, little endian, each part padded to 8 bytes: the magic, the length of a JSON header, the header; ``uint64[n]`` sorted
hashes of what is listed; ``uint32[b + 1]`` where the hashes of each bucket begin (a bucket: equal leading bits); ``uint8[n]``
flags; ``uint8[n]`` the category of each; ``uint8[2 b]`` one bit for each possible value of the leading bits and four more, set
where a hash begins so: it says no at once for fifteen in sixteen hosts that are not listed. Five million entries take 57 MB.

Hashes are 64 bits of XXH3: with ten million entries the chance that a host which is not listed meets any of them is
5·10⁻¹³ (n / 2⁶⁴). Files of equal entries are equal byte for byte.
"""

from __future__ import annotations

import itertools
import json
import mmap
from bisect import bisect_left
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from xxhash import xxh3_64_intdigest as _hash

MAGIC = b"GMHOSTS1"
# Flags of an entry. Below a host with PATHS, addresses are listed; a host without HOST is there for these alone. What is an
# EXCEPTION is good, whatever stands above it.
HOST, WHOLE_SUFFIX, PATHS, ADDRESS, EXCEPTION, TOP_LEVEL = 1, 2, 4, 8, 16, 32
MAX_CATEGORIES = 256
# Entries a bucket, on average: the search takes two or three steps then.
_PER_BUCKET = 4
_NOT_LISTED = (0, 0)


class HostIndex:
    """A built index, searched where it lies. Picklable if it lies in a file: the copy maps the file anew."""

    def __init__(self, data: bytes | mmap.mmap, path: Path | None = None) -> None:
        """``data`` as :func:`build` makes it. Raises ``ValueError`` for anything else."""
        view = memoryview(data)
        size = int.from_bytes(view[8:16], "little") if view[:8] == MAGIC else -1
        if size < 0 or len(view) < 16 + size:
            raise ValueError(f"{path or 'The data'} is no index of a block list; build it again.")
        header = json.loads(bytes(view[16 : 16 + size]))
        self.categories: tuple[str, ...] = tuple(header["categories"])
        self.about: dict = header["about"]
        self._n, buckets = header["entries"], header["buckets"]
        places = _places(16 + size, self._n, buckets)
        if len(view) != places[-1]:
            raise ValueError(f"{path or 'The data'} is cut short: {len(view)} bytes instead of {places[-1]}.")
        hashes, starts, flags, codes, bits = (view[start:stop] for start, stop in itertools.pairwise(places))
        self._hashes, self._starts = hashes.cast("Q"), starts.cast("I")
        self._flags, self._codes, self._bits = flags, codes, bits
        self._shift = 64 - (buckets.bit_length() - 1)
        self.top_levels: bool = header["top_levels"]
        self._data, self.path = data, path

    @classmethod
    def open(cls, path: Path) -> HostIndex:
        """Maps the file at ``path``: milliseconds, whatever its size, and one copy in memory for all processes."""
        with path.open("rb") as file:
            return cls(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), path)

    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Hashes, flags and codes, as :func:`build` takes them."""
        return (
            np.frombuffer(self._hashes, "<u8"),
            np.frombuffer(self._flags, np.uint8)[: self._n],
            np.frombuffer(self._codes, np.uint8)[: self._n],
        )

    def __len__(self) -> int:
        return self._n

    def __reduce__(self) -> tuple:
        return (HostIndex.open, (self.path,)) if self.path else (HostIndex, (bytes(self._data),))

    def find(self, key: str) -> tuple[int, int]:
        """Flags and category (an index into :attr:`categories`) of a host or address, as :func:`build` was given it;
        ``(0, 0)`` where it isn't listed."""
        wanted = _hash(key.encode("utf-8", "surrogatepass"))
        shift = self._shift
        if not self._bits[wanted >> shift - 1] >> (wanted >> shift - 4 & 7) & 1:
            return _NOT_LISTED
        bucket = wanted >> shift
        stop = self._starts[bucket + 1]
        place = bisect_left(self._hashes, wanted, self._starts[bucket], stop)
        if place < stop and self._hashes[place] == wanted:
            return self._flags[place], self._codes[place]
        return _NOT_LISTED


def hashed(keys: Iterable[str]) -> np.ndarray:
    """``uint64`` hashes of hosts or addresses."""
    return np.fromiter((_hash(key.encode("utf-8", "surrogatepass")) for key in keys), np.uint64)


def build(hashes: np.ndarray, flags: np.ndarray, codes: np.ndarray, categories: Iterable[str], about: dict) -> bytes:
    """The index as bytes. ``hashes`` (``uint64``), ``flags`` and ``codes`` (``uint8``) go together, one row an entry, in the
    order of the lists: flags of equal hashes join, the first ``HOST`` or ``ADDRESS`` among them gives the category."""
    names = list(categories)
    if len(names) > MAX_CATEGORIES:
        raise ValueError(f"{len(names)} categories are named; an index holds at most {MAX_CATEGORIES}.")
    # Lists come in order: a stable sort keeps, of equal hashes, those first that block something themselves.
    lists_something = (flags & (HOST | ADDRESS)) == 0
    order = np.lexsort((np.arange(hashes.size), lists_something, hashes))
    ordered = hashes[order]
    first = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if ordered.size else np.zeros(0, np.int64)
    distinct = ordered[first]
    joined = np.bitwise_or.reduceat(flags[order], first).astype(np.uint8) if first.size else np.zeros(0, np.uint8)
    kept = codes[order][first].astype(np.uint8)
    buckets = 2 << max(0, int(distinct.size // _PER_BUCKET).bit_length() - 1)
    shift = 64 - (buckets.bit_length() - 1)
    starts = np.searchsorted(distinct >> np.uint64(shift), np.arange(buckets + 1, dtype=np.uint64)).astype("<u4")
    present = np.zeros(16 * buckets, np.uint8)
    present[distinct >> np.uint64(shift - 4)] = 1
    described = {
        "entries": int(distinct.size),
        "buckets": buckets,
        "categories": names,
        "about": about,
        "top_levels": bool((joined & TOP_LEVEL).any()),
    }
    header = json.dumps(described, sort_keys=True, ensure_ascii=False).encode()
    header += b" " * (-len(header) % 8)
    parts = [MAGIC, len(header).to_bytes(8, "little"), header]
    for array in (distinct.astype("<u8"), starts, joined, kept, np.packbits(present, bitorder="little")):
        data = array.tobytes()
        parts.append(data + bytes(-len(data) % 8))
    return b"".join(parts)


def _places(start: int, entries: int, buckets: int) -> list[int]:
    places = [start]
    for size in (8 * entries, 4 * (buckets + 1), entries, entries, 2 * buckets):
        places.append(places[-1] + size + -size % 8)
    return places
