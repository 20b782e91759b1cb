"""Whether bytes are UTF-8, found without decoding them: nine pages of ten are, and lexbor takes them as they come."""

from __future__ import annotations

import numpy as np

from text.jit.options import kernel

_HIGH_BITS = np.uint64(0x8080808080808080)


def continuations(data: bytes) -> int:
    """How many bytes of ``data`` continue a character; -1 where it isn't valid UTF-8 (RFC 3629: no overlong forms, no
    surrogates) or holds U+FFFD, which stands for what an earlier decoder lost."""
    if data.isascii():
        return 0
    array = np.frombuffer(data, np.uint8)
    return _continuations(array, array[: len(array) // 8 * 8].view(np.uint64))


@kernel
def _continuations(data, words):
    size, at, count = len(data), 0, 0
    while at < size:
        first = data[at]
        if first < 0x80:
            at += 1
            if at % 8 == 0:  # eight bytes a step, as long as all are ASCII
                word = at // 8
                while word < len(words) and not words[word] & _HIGH_BITS:
                    word += 1
                at = word * 8
            continue
        width = 2 if first < 0xE0 else 3 if first < 0xF0 else 4
        if not 0xC2 <= first <= 0xF4 or at + width > size:
            return -1
        second, last = data[at + 1], data[at + width - 1]
        for offset in range(1, width):
            if data[at + offset] & 0xC0 != 0x80:
                return -1
        overlong = (first == 0xE0 and second < 0xA0) or (first == 0xF0 and second < 0x90)
        no_character = (first == 0xED and second >= 0xA0) or (first == 0xF4 and second >= 0x90)
        if overlong or no_character or (first == 0xEF and second == 0xBF and last == 0xBD):
            return -1
        count += width - 1
        at += width
    return count
