"""Where the hosts of a page's links stand in its bytes, compiled: the loop of :mod:`filters.linked_sites`."""

from __future__ import annotations

import numpy as np

from text.jit.options import inner, kernel

_NAME = b"href"
_SHORTEST = len("href=//a")
_BLOCK = 256  # bytes that are compared with the name together, in whole vectors
_MOST_OF_HOST, _MOST_OF_USER = 253, 80
_REMEMBERED = 256
_SPACE, _WORD, _HOST, _ENDS_USER = (1 << bit for bit in range(4))
_KINDS = np.zeros(0x100, np.uint8)
for _kind, _bytes in (
    (_SPACE | _ENDS_USER, b" \t\n\r\f\v"), (_ENDS_USER, b"/\"'<>?#@"), (_HOST, b".-"), (_HOST | _WORD, b"_0123456789"),
    (_HOST | _WORD, bytes(range(ord("a"), ord("z") + 1))), (_HOST | _WORD, bytes(range(ord("A"), ord("Z") + 1))),
    (_HOST, bytes(range(0x80, 0x100))),
):  # fmt: skip
    _KINDS[list(_bytes)] |= _kind
_H, _R, _E, _F = map(np.uint8, _NAME)
_T, _P, _S, _COLON, _SLASH, _EQUALS, _AT, _DOUBLE, _SINGLE = map(ord, "tps:/=@\"'")
_SMALL = np.uint8(0x20)  # of letters, the bit that makes small ones of capitals


@kernel
def hosts(page):
    """Where the hosts of absolute links begin and end in the bytes of a page (``uint8``): ``int64``, shape (links, 2), in
    their order, most of those that come again left out."""
    size = len(page)
    places = np.empty((size // _SHORTEST + 1, 2), np.int64)
    remembered = np.zeros((_REMEMBERED, 2), np.int64)
    found = free = 0
    last = max(0, size - 3)
    for begin in range(0, last, _BLOCK):
        # Whole blocks never stop, so that they are compared in vectors.
        if begin + _BLOCK <= last:
            is_there = np.uint8(0)
            for at in range(begin, begin + _BLOCK):
                same = ((page[at] | _SMALL) == _H) & ((page[at + 1] | _SMALL) == _R)
                same &= ((page[at + 2] | _SMALL) == _E) & ((page[at + 3] | _SMALL) == _F)
                is_there = np.uint8(is_there | np.uint8(same))
            if not is_there:
                continue
        for at in range(begin, min(begin + _BLOCK, last)):
            if at < free or not _is_name(page, at):
                continue
            free = at + 4
            if at and _KINDS[page[at - 1]] & _WORD:
                continue
            start, end = _host(page, free)
            if end == start:
                continue
            free = end
            if not _is_remembered(page, start, end, remembered):
                places[found, 0], places[found, 1] = start, end
                found += 1
    return places[:found].copy()


@inner
def _is_name(page, at):
    small = _SMALL
    return (
        page[at] | small == _H
        and page[at + 1] | small == _R
        and page[at + 2] | small == _E
        and page[at + 3] | small == _F
    )


@inner
def _byte(page, at):
    """The byte at a place, letters as small ones; 0 behind the end."""
    if at >= len(page):
        return 0
    byte = np.int64(page[at])
    return byte | 0x20 if ord("A") <= byte <= ord("Z") else byte


@inner
def _host(page, at):
    """Where the host of the link behind its name begins and ends; the same places where there is none."""
    at = _behind_space(page, at)
    if _byte(page, at) != _EQUALS:
        return at, at
    at = _behind_space(page, at + 1)
    if _byte(page, at) == _DOUBLE or _byte(page, at) == _SINGLE:
        at = _behind_space(page, at + 1)
    if _byte(page, at) == ord("h"):
        if _byte(page, at + 1) != _T or _byte(page, at + 2) != _T or _byte(page, at + 3) != _P:
            return at, at
        at += 4
        if _byte(page, at) == _S:
            at += 1
        if _byte(page, at) != _COLON:
            return at, at
        at += 1
    if _byte(page, at) != _SLASH or _byte(page, at + 1) != _SLASH:
        return at, at
    start = at + 2
    user = start
    while user < len(page) and user - start < _MOST_OF_USER and not _KINDS[page[user]] & _ENDS_USER:
        user += 1
    if _byte(page, user) == _AT and user + 1 < len(page) and _KINDS[page[user + 1]] & _HOST:
        start = user + 1
    end = start
    while end < len(page) and end - start < _MOST_OF_HOST and _KINDS[page[end]] & _HOST:
        end += 1
    return start, end


@inner
def _behind_space(page, at):
    while at < len(page) and _KINDS[page[at]] & _SPACE:
        at += 1
    return at


@inner
def _is_remembered(page, start, end, remembered):
    """Whether these bytes were the last ones with their hash; they are from now on."""
    slot = 0
    for at in range(start, end):
        slot = (slot * 31 + page[at]) & (_REMEMBERED - 1)
    before = remembered[slot, 0]
    is_same = remembered[slot, 1] - before == end - start
    for place in range(end - start):
        if not is_same:
            break
        is_same = page[before + place] == page[start + place]
    remembered[slot, 0], remembered[slot, 1] = start, end
    return is_same
