"""What of a page's markup costs a parser more than time linear in its bytes, counted without building anything.

Parsers that build a tree take quadratic time for some markup, and the memory for elements that the HTML standard makes them
repeat. One pass over the bytes counts what costs; it reads tags alone, and takes linear time. Where a page may be read in
two ways, in comments and scripts for example, tags count.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from parsers.jit.byte_search import find
from parsers.jit.hash_table import slot, value_of
from parsers.markup.names import build_hash_table, fnv
from text.hashing import FNV_OFFSET, FNV_PRIME
from text.jit.options import inner, kernel

# Elements that stay open until their end tag; br, img, p, li and the like close by themselves.
_NESTING = (
    "a abbr address article aside b bdo big blockquote button center code del details dir div dl em fieldset figure font "
    "footer form h1 h2 h3 h4 h5 h6 header i ins kbd label main map menu nav object ol pre q s samp section select small "
    "span strike strong sub summary sup svg table tt u ul var"
).split()
# Those that :func:`depth` has not counted from the start, but that count where a page's end tags are looked at one by one.
_NESTING_TOO = "applet cite dfn marquee math nobr ruby template time".split()
# Elements that are opened again in each block that follows, until their end tag (HTML standard, section 13.2.4.3).
_FORMATTING = frozenset("a b big code em font i nobr s small strike strong tt u".split())
_NAMES = (*_NESTING, *_NESTING_TOO, "html", "body", "select", "option", "optgroup", "script", "style")
_NUMBER = {name: number for number, name in enumerate(_NAMES, 1)}  # of two equal names the latter
_KEYS, _VALUES = build_hash_table({fnv(name): number for name, number in _NUMBER.items()})
_COUNTED = np.zeros(len(_NAMES) + 1, np.int64)  # 1: by depth; 2: where end tags are looked at; 0: not at all
for _name in (*_NESTING_TOO, *_NESTING):
    _COUNTED[_NUMBER[_name]] = 1 if _name in _NESTING else 2
_REOPENED = np.array([False, *(name in _FORMATTING for name in _NAMES)])
_HTML, _BODY, _SELECT, _OPTION, _OPTGROUP, _SCRIPT, _STYLE = (
    _NUMBER[name] for name in ("html", "body", "select", "option", "optgroup", "script", "style")
)
# Which bytes end the name of an attribute; and of those that names of elements consist of, each in lower case, else 0.
_ENDS_NAME = np.array([byte <= 32 or chr(byte) in "/>=" for byte in range(256)])
_WORD = np.array(
    [ord(chr(byte).lower()) if byte < 128 and (chr(byte).isalnum() or byte == 95) else 0 for byte in range(256)], np.uint64
)  # fmt: skip
_ALIKE = 3  # so many formatting elements with equal attributes are open at most (section 13.2.4.3)
_ELEMENT_STEPS = 100  # what an element costs that is made again, beside a comparison of two names
_DEPTH, _MATCHED, _STEPS = range(3)


class Cost(NamedTuple):
    """``depth``: see :func:`depth`. ``open_elements``: the same where an end tag closes elements of its own name alone.
    ``steps``: what attributes, options and repeated elements cost."""

    depth: int
    open_elements: int
    steps: int


def cost(html: bytes, tags: int | None = None) -> Cost:
    """What of a page costs a parser more than time linear in its bytes; ``tags``: its ``<``, where they are counted."""
    data, words = np.frombuffer(html, np.uint8), np.frombuffer(html, np.uint64, len(html) // 8)
    found = _cost(data, words, html.count(b"<") if tags is None else tags, _KEYS, _VALUES)
    return Cost(int(found[_DEPTH]), int(found[_MATCHED]), int(found[_STEPS]))


def depth(html: bytes) -> int:
    """The most elements that are open at once, by their tags alone: a page that forgets end tags counts as deep. Any end
    tag takes one away."""
    return cost(html).depth


@inner
def _attributes(data, words, at):
    """Offset of the end of the tag whose name ends at ``at``, and its number of attributes (section 13.2.5.32)."""
    size, count = len(data), 0
    while True:
        while at < size and (data[at] <= 32 or data[at] == 47):
            at += 1
        if at >= size or data[at] == 62:
            return at, count
        count += 1
        at += 1  # a name may begin with "="
        while at < size and not _ENDS_NAME[data[at]]:
            at += 1
        after = at
        while after < size and data[after] <= 32:
            after += 1
        if after >= size or data[after] != 61:
            continue
        at = after + 1
        while at < size and data[at] <= 32:
            at += 1
        if at < size and (data[at] == 34 or data[at] == 39):
            quote = data[at]
            at = find(data, words, size, at + 1, quote) + 1
        else:
            while at < size and data[at] > 32 and data[at] != 62:
                at += 1


@inner
def _hash(data, start, stop):
    """FNV-1a over every fourth byte, four times, and over these: no multiplication waits for the one before."""
    first = second = third = fourth = np.uint64(FNV_OFFSET)
    at, stop = start, min(stop, len(data))
    prime = np.uint64(FNV_PRIME)
    while at + 4 <= stop:
        first = (first ^ np.uint64(data[at])) * prime
        second = (second ^ np.uint64(data[at + 1])) * prime
        third = (third ^ np.uint64(data[at + 2])) * prime
        fourth = (fourth ^ np.uint64(data[at + 3])) * prime
        at += 4
    while at < stop:
        first = (first ^ np.uint64(data[at])) * prime
        at += 1
    return (((first * prime ^ second) * prime ^ third) * prime ^ fourth) * prime


@kernel
def _cost(data, words, tags, keys, values):
    size, at = len(data), 0
    out = np.zeros(3, np.int64)
    opened = np.zeros(len(_COUNTED), np.int64)
    kinds = np.zeros(len(_COUNTED), np.int64)  # formatting elements of each name, as far as their attributes differ
    room = 16
    while room < 4 * tags:
        room *= 2
    seen = np.zeros(room, np.uint64)
    depth = matched = repeated = inherited = options = 0
    raw, read_to = 0, 0  # the script or style that is read, and the end of the last tag whose attributes were counted
    while True:
        at = find(data, words, size, at, 60)
        if at >= size:
            return out
        end = at + 1
        closing = end < size and data[end] == 47
        end += closing
        name = np.uint64(FNV_OFFSET)
        start = end
        while end < size and _WORD[data[end]]:
            name = (name ^ _WORD[data[end]]) * np.uint64(FNV_PRIME)
            end += 1
        if end == start:
            at += 1
            continue
        number = np.int64(value_of(keys, values, name))
        counted = _COUNTED[number]
        if closing:
            if counted == 1:
                depth -= 1
            if counted and opened[number]:
                opened[number] -= 1
                matched -= 1
                if _REOPENED[number] and opened[number] < _ALIKE * kinds[number]:
                    repeated -= 1
            if number == raw:
                raw = 0
            if number == _SELECT:
                options = 0
        else:
            if at >= read_to and not raw:
                read_to, attributes = _attributes(data, words, end)
                out[_STEPS] += attributes * attributes
                if number == _HTML or number == _BODY:  # a second one's go to the first
                    out[_STEPS] += inherited * attributes
                    inherited += attributes
            if number == _SCRIPT or number == _STYLE:
                raw = number
            elif number == _SELECT:
                options = 0
            elif number == _OPTION or number == _OPTGROUP:
                out[_STEPS] += options
                options += 1
            if counted == 1:
                depth += 1
            if counted:
                opened[number] += 1
                matched += 1
                if _REOPENED[number]:
                    before = min(opened[number] - 1, _ALIKE * kinds[number])
                    sign = _hash(data, start, read_to) | np.uint64(1)
                    place = slot(seen, sign)
                    if seen[place] == 0:
                        seen[place] = sign
                        kinds[number] += 1
                    repeated += min(opened[number], _ALIKE * kinds[number]) - before
            out[_DEPTH] = max(out[_DEPTH], depth)
            out[_MATCHED] = max(out[_MATCHED], matched)
        if not _REOPENED[number]:
            out[_STEPS] += _ELEMENT_STEPS * repeated
        at = end
