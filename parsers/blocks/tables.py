"""Which tables hold data, where each of their cells stands, and which of their rows are headers.

Tables are used for layout as often as for content. One that holds data has no other table in it and at least two rows
with two cells that hold text (one is enough where it has a ``th``, ``thead`` or ``caption``). Nine in ten of these cells
have at most two blocks and 50 words, none has more than 300 words; a list counts as one block where the table has one of
these. Rows by their role that stand in no table make one of the element around them; a row of up to five
cells is one where the first is the number of the others, as in acts of the European Union and amendments of schedules. Browsers use a similar test to tell assistive
technology which tables hold data (``isDataTable`` in WebKit and Chromium); theirs looks at styles, too.

Cells are put into columns as the HTML standard has it (section 4.9.12, "forming a table"): a cell that spans rows takes
its place in the rows below, a cell that spans columns moves those behind it. Header rows are those of a ``thead``, or,
where there is none, the first rows whose cells, at least two, are all ``th``.
"""

from __future__ import annotations

import numpy as np

from parsers.markup.names import COLUMN_SPAN, MOST_COLUMNS, MOST_ROWS, ROW_SPAN, TAG
from parsers.scanner import page as s
from text.jit.options import inner, kernel

_TABLE, _TR, _TD, _TH, _HEADED, _TABLE_CAPTION, _BODY, _FOOT, _LI = (
    TAG[name] for name in ("table", "tr", "td", "th", "thead", "caption", "tbody", "tfoot", "li")
)
_SHORT_CELL_BLOCKS, _SHORT_CELL_WORDS, _CELL_WORDS = 2, 50 * s.WORD, 300 * s.WORD
_NUMBER_BYTES = 6
_NUMBERED_CELLS = 5
_WIDEST = 200  # columns in which spans count: a page may claim any number of them
_COLUMNS, _ROWS = (np.uint64(place) for place in (COLUMN_SPAN, ROW_SPAN))
_COLUMN_BITS, _ROW_BITS = np.uint64(MOST_COLUMNS), np.uint64(MOST_ROWS)


@kernel
def read_tables(elements, context, blocks, words):
    """``int32[n, 3]``: of each element its table, row and cell (-1: none). ``int32[n]``: the column of each cell.
    ``uint8[n]``: which tables hold data, and which rows are headers. ``words``: of each element with all that it
    holds."""
    n = len(elements)
    inside = np.full((n, 3), -1, np.int32)
    column = np.zeros(n, np.int32)
    cells = np.zeros(n, np.int32)  # of a row: its cells with text
    headed, nested = np.zeros(n, np.uint8), np.zeros(n, np.uint8)
    for e in range(n):
        parent, tag = elements[e, s.PARENT], elements[e, s.TAG_]
        if parent >= 0:
            inside[e] = inside[parent]
        table = inside[e, 0]
        if tag == _TR and table < 0 and parent >= 0:  # rows that no table holds are one with their neighbours
            grouped = elements[parent, s.TAG_] == _BODY and elements[parent, s.PARENT] >= 0
            table = elements[parent, s.PARENT] if grouped else parent
            inside[table, 0] = inside[parent, 0] = table
            inside[e, 0] = table
        if tag == _TABLE:
            if table >= 0 and words[e]:
                nested[table] = 1
            inside[e, 0] = e
            inside[e, 1] = inside[e, 2] = -1
        elif table >= 0:
            if tag == _TR:
                inside[e, 1], inside[e, 2] = e, -1
            elif (tag == _TD or tag == _TH) and inside[e, 1] >= 0:
                inside[e, 2] = e
            if tag == _HEADED or tag == _TH or tag == _TABLE_CAPTION:
                headed[table] = 1
    counted = np.zeros(n, np.uint8)
    numbered = np.zeros(n, np.uint8)  # tables whose first cell with text begins with the number of a paragraph
    held = np.zeros((n, 2), np.int64)  # of a cell: blocks and words
    sums = np.zeros((n, 4), np.int64)  # of a table: cells with text, short ones, rows with two, words in the longest
    for b in range(len(blocks)):
        e = blocks[b, s.ELEMENT]
        if e >= 0 and inside[e, 2] >= 0 and blocks[b, s.KIND] != s.CODE_BLOCK:
            cell = inside[e, 2]
            # The items of a list are one block of their cell.
            listed = headed[inside[e, 0]] and elements[e, s.TAG_] == _LI and held[cell, 0] > 1
            held[cell, 0] += 0 if listed else 1
            held[cell, 1] += blocks[b, s.WORDS]
            if not counted[cell]:
                if not cells[inside[e, 1]] and not sums[inside[e, 0], 0]:
                    numbered[inside[e, 0]] = _is_number(blocks[b])
                sums[inside[e, 0], 0] += 1
                counted[cell] = 1
                cells[inside[e, 1]] += 1
    tabulates = np.zeros(n, np.uint8)
    for e in range(n):
        if held[e, 0]:
            table = inside[e, 0]
            sums[table, 1] += held[e, 0] <= _SHORT_CELL_BLOCKS and held[e, 1] <= _SHORT_CELL_WORDS
            sums[table, 3] = max(sums[table, 3], held[e, 1])
        elif cells[e] > 1:
            sums[inside[e, 0], 2] += 1
    for e in range(n):
        tabulates[e] = (
            not nested[e]
            and sums[e, 2] >= (1 if headed[e] else 2)
            and 10 * sums[e, 1] >= 9 * sums[e, 0]
            and sums[e, 3] <= _CELL_WORDS
        ) or (
            numbered[e]
            and not nested[e]
            and sums[e, 0] <= _NUMBERED_CELLS
            and sums[e, 2] == 1
            and sums[e, 3] <= _CELL_WORDS
        )
    heads = np.zeros(n, np.uint8)
    taken = np.zeros(_WIDEST, np.int32)  # of each column: how many of the rows that follow it is taken in
    free = np.zeros(_WIDEST, np.bool_)
    for e in range(n):
        if tabulates[e]:
            _place_cells(elements, context, inside, e, column, taken, free)
            _mark_headers(elements, inside, e, heads)
    return inside, column, tabulates, heads


@inner
def _is_number(block):
    """Whether a block is the number of a paragraph: "(1)", "a)", "2."."""
    short = 0 < block[s.WORDS] <= s.WORD and block[s.STOP] - block[s.START] <= _NUMBER_BYTES
    short = short and block[s.ATOMS] == block[s.ATOMS_STOP] and block[s.LINKS] == 0
    first, last = block[s.FIRST], block[s.LAST_CHARACTER]
    return short and ((first != s.UPPERCASE and first != s.LOWERCASE) or (last != s.UPPERCASE and last != s.LOWERCASE))


@kernel
def _place_cells(elements, context, inside, table, column, taken, free):
    """Writes the column of each cell of a table."""
    width = at = 0
    for e in range(table + 1, elements[table, s.LAST] + 1):
        if inside[e, 0] != table:
            continue
        tag = elements[e, s.TAG_]
        if tag == _HEADED or tag == _BODY or tag == _FOOT:  # no cell spans rows of two groups
            for place in range(width):
                taken[place] = 0
        elif tag == _TR:
            at = 0
            for place in range(width):
                free[place] = taken[place] == 0
                taken[place] = max(taken[place] - 1, 0)
        elif (tag == _TD or tag == _TH) and inside[e, 1] >= 0 and inside[e, 2] == e:
            while at < width and not free[at]:
                at += 1
            column[e] = at
            if at >= _WIDEST:
                at += 1
                continue
            columns = int(np.int64(context[e] >> _COLUMNS & _COLUMN_BITS)) + 1
            rows = np.int32(context[e] >> _ROWS & _ROW_BITS)
            stop = min(at + columns, _WIDEST)
            while width < stop:
                free[width], taken[width] = True, 0
                width += 1
            for place in range(at, stop):
                taken[place] = max(taken[place], rows)
            at = stop
    for place in range(width):
        taken[place] = 0


@kernel
def _mark_headers(elements, inside, table, heads):
    """Marks the header rows of a table."""
    last = elements[table, s.LAST]
    row, cells, others, begun = -1, 0, 0, False
    thead = -1
    for e in range(table + 1, last + 1):
        if inside[e, 0] == table and elements[e, s.TAG_] == _HEADED:
            thead = e
            break
    for e in range(table + 1, last + 2):
        if e > last or (inside[e, 0] == table and elements[e, s.TAG_] == _TR):
            if row >= 0:
                if thead >= 0:
                    heads[row] = thead < row <= elements[thead, s.LAST]
                elif others == 0 and (cells > 1 or (cells and begun)):
                    heads[row] = 1
                    begun = True
                elif cells + others > 0:
                    return
            if e > last:
                return
            row, cells, others = e, 0, 0
        elif inside[e, 0] == table and inside[e, 2] == e:
            if elements[e, s.TAG_] == _TH:
                cells += 1
            else:
                others += 1
