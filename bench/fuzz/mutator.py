"""Bytes changed at random: what is fuzzed with where coverage can't be seen."""

from __future__ import annotations

import random
from collections.abc import Sequence

_LONGEST = 1 << 16
# Now and then so often that what takes time by the square of a stretch's length is seen.
_REPEATS = (*[1] * 10, *[2] * 5, *[50] * 4, 4000)
# What parsers branch on: ends, signs, and the beginnings of packed data.
_TOKENS = (
    b"\r\n", b"\r\n\r\n", b"\n", b"\0", b"<", b">", b"</", b"&#x", b"<!--", b"]]>", b"\"", b"'", b"%", b"\xff", b"\xfe\xff",
    b"\xf0\x9f", b"WARC/1.0\r\n", b"Content-Length: ", b"HTTP/1.1 200\r\n", b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd",
    b"18446744073709551616", b"-1", b"0", b"ffffffffffffffff\r\n", b"://", b"xn--", b"[::", b"||", b"^$", b"<table><tr>",
    b"<template>", b"<svg>", b"<math>", b"<plaintext>", b"<script>",
)  # fmt: skip


def mutated(seeds: Sequence[bytes], rng: random.Random) -> bytes:
    """One of the seeds with one to eight changes: bits, bytes, stretches removed, doubled, moved, joined with another."""
    data = bytearray(rng.choice(seeds))
    for _ in range(rng.randint(1, 8)):
        kind, at = rng.randrange(7), rng.randint(0, len(data))
        length = min(len(data) - at, int(rng.expovariate(1 / 16)) + 1)
        if kind == 0 and at < len(data):
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            data[at : at + length] = rng.randbytes(length)
        elif kind == 2:
            del data[at : at + length]
        elif kind == 3:
            data[at:at] = data[at : at + length] * rng.choice(_REPEATS)
        elif kind == 4:
            data[at:at] = rng.choice(_TOKENS)
        elif kind == 5:
            other = rng.choice(seeds)
            data[at:] = other[rng.randint(0, len(other)) :]
        else:
            start = rng.randint(0, len(data))
            data[at:at] = data[start : start + length]
    return bytes(data[:_LONGEST])
