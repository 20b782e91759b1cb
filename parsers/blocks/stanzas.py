"""Lines that the author typed one by one, each in a ``div`` of its own: verse, songs, addresses.

An editor makes a ``div`` of each line, and one with nothing but a line break of an empty line. Where a container holds at
least four such lines, with an empty line among them, and they are as short as verse, each stretch between two empty
lines is one: its lines stand on neighbouring lines. Stanzas may also be elements of their own, whose lines are ``div`` or
``p`` elements. Other things are built like that: they must have two lines a stanza, and two of three lines must not end as a
sentence does.
"""

from __future__ import annotations

from parsers.markup.names import TAG
from parsers.scanner import page as s
from text.jit.options import kernel

_DIV, _P = TAG["div"], TAG["p"]
_LINES, _WORDS, _LINE_WORDS = 4, 12 * s.WORD, 25 * s.WORD  # at least so many; on average and at most so long
_LEAST = 3 * s.WORD  # words of a line on average, where paragraphs or containers are to be verse
_OPEN = 3  # and one line of so many ends as a sentence does, at most
_GAP = 4  # elements of empty lines between two lines
_PARAGRAPH, _ROLE, _GROUP = 0, 0, 2  # see parsers.blocks.roles


@kernel
def mark_stanzas(elements, blocks, roles):
    """Writes the column ``GROUP`` of ``roles`` for paragraphs that are lines of one stanza: the element of its first."""
    first, m = 0, len(blocks)
    while first < m:
        stop = first + 1
        if _is_line(elements, blocks, roles, first):
            words, gaps, sentences = blocks[first, s.WORDS], 0, int(blocks[first, s.LAST_CHARACTER] == s.STOP_MARK)
            loose = False
            while stop < m and _is_line(elements, blocks, roles, stop):
                follows = _follows(elements, blocks, stop)
                if not follows:
                    break
                words += blocks[stop, s.WORDS]
                sentences += blocks[stop, s.LAST_CHARACTER] == s.STOP_MARK
                loose = loose or follows > 1
                gaps += _is_gap(elements, blocks, stop)
                stop += 1
            lines = stop - first
            verse = not loose or (
                2 * (gaps + 1) <= lines and words >= _LEAST * lines and _OPEN * sentences <= lines
            )  # fmt: skip
            if lines >= _LINES and gaps and words <= _WORDS * lines and verse:
                begun = first
                for b in range(first, stop):
                    if b > first and _is_gap(elements, blocks, b):
                        begun = b
                    roles[b, _GROUP] = blocks[begun, s.ELEMENT]
        first = stop


@kernel
def _is_line(elements, blocks, roles, b):
    """Whether a block is all that stands in a ``div`` or ``p``, and as short as a line."""
    e = blocks[b, s.ELEMENT]
    if e < 0 or roles[b, _ROLE] != _PARAGRAPH or blocks[b, s.LINK_WORDS]:
        return False
    if elements[e, s.TAG_] != _DIV and elements[e, s.TAG_] != _P:
        return False
    if blocks[b, s.KIND] == s.CODE_BLOCK or not 0 < blocks[b, s.WORDS] <= _LINE_WORDS:
        return False
    before = b == 0 or blocks[b - 1, s.ELEMENT] < e
    return before and (b + 1 == len(blocks) or blocks[b + 1, s.ELEMENT] > elements[e, s.LAST])


@kernel
def _follows(elements, blocks, b):
    """1 if a line stands beside the one before it, at most a few empty elements between; 2 if it is the first of the
    container next to the one that ends with that line; else 0."""
    e, other = blocks[b, s.ELEMENT], blocks[b - 1, s.ELEMENT]
    container, last = elements[e, s.PARENT], elements[other, s.PARENT]
    if container == last:
        paragraphs = elements[e, s.TAG_] == _P
        if elements[e, s.TAG_] != elements[other, s.TAG_] or (paragraphs and e - elements[other, s.LAST] > 1):
            return 0  # a paragraph among lines, or an empty one between paragraphs
        return 1 if e - elements[other, s.LAST] - 1 <= _GAP else 0
    if container < 0 or last < 0 or elements[container, s.PARENT] != elements[last, s.PARENT]:
        return 0
    ends = elements[other, s.LAST] == elements[last, s.LAST] and e == container + 1
    return 2 if ends and container - elements[last, s.LAST] - 1 <= _GAP else 0


@kernel
def _is_gap(elements, blocks, b):
    return blocks[b, s.ELEMENT] > elements[blocks[b - 1, s.ELEMENT], s.LAST] + 1
