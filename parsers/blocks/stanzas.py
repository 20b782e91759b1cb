"""Lines that the author typed one by one, each in a ``div`` of its own: verse, songs, addresses.

An editor makes a ``div`` of each line, and one with nothing but a line break of an empty line. Where a container holds at
least four such lines, with an empty line among them, and they are as short as verse, each stretch between two empty
lines is one: its lines stand on neighbouring lines.
"""

from __future__ import annotations

from parsers.jit.options import kernel
from parsers.markup.names import TAG
from parsers.scanner import page as s

_DIV = TAG["div"]
_LINES, _WORDS, _LINE_WORDS = 4, 12 * s.WORD, 25 * s.WORD  # at least so many; on average and at most so long
_GAP = 4  # elements of empty lines between two lines
_PARAGRAPH, _ROLE, _GROUP = 0, 0, 2  # see parsers.blocks.roles


@kernel
def mark_stanzas(elements, blocks, roles):
    """Writes the column ``GROUP`` of ``roles`` for paragraphs that are lines of one stanza: the element of its first."""
    first, m = 0, len(blocks)
    while first < m:
        stop = first + 1
        if _is_line(elements, blocks, roles, first):
            words, gaps = blocks[first, s.WORDS], 0
            while stop < m and _is_line(elements, blocks, roles, stop) and _follows(elements, blocks, stop):
                words += blocks[stop, s.WORDS]
                gaps += _is_gap(elements, blocks, stop)
                stop += 1
            if stop - first >= _LINES and gaps and words <= _WORDS * (stop - first):
                begun = first
                for b in range(first, stop):
                    if b > first and _is_gap(elements, blocks, b):
                        begun = b
                    roles[b, _GROUP] = blocks[begun, s.ELEMENT]
        first = stop


@kernel
def _is_line(elements, blocks, roles, b):
    """Whether a block is all that stands in a ``div``, and as short as a line."""
    e = blocks[b, s.ELEMENT]
    if e < 0 or roles[b, _ROLE] != _PARAGRAPH or elements[e, s.TAG_] != _DIV or blocks[b, s.LINK_WORDS]:
        return False
    if blocks[b, s.KIND] == s.CODE_BLOCK or not 0 < blocks[b, s.WORDS] <= _LINE_WORDS:
        return False
    before = b == 0 or blocks[b - 1, s.ELEMENT] < e
    return before and (b + 1 == len(blocks) or blocks[b + 1, s.ELEMENT] > elements[e, s.LAST])


@kernel
def _follows(elements, blocks, b):
    """Whether a line stands beside the one before it, at most a few empty elements between."""
    e, other = blocks[b, s.ELEMENT], blocks[b - 1, s.ELEMENT]
    return elements[e, s.PARENT] == elements[other, s.PARENT] and e - elements[other, s.LAST] - 1 <= _GAP


@kernel
def _is_gap(elements, blocks, b):
    return blocks[b, s.ELEMENT] > elements[blocks[b - 1, s.ELEMENT], s.LAST] + 1
