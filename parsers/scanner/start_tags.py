"""The kernel that reads one start tag of the normal form: its name, and what its attributes say of the element.

Names are never cut out as strings: they are hashed while they are read (FNV-1a, 64 bits) and looked up in a table of
what :mod:`parsers.markup.names` and :mod:`parsers.scanner.atom_roots` know.
"""

from __future__ import annotations

import numpy as np

from parsers.jit.byte_search import find
from parsers.jit.hash_table import value_of
from parsers.markup import names
from parsers.markup.names import TAG, fnv
from parsers.scanner import never_text
from parsers.scanner.atom_roots import FORMULA_BIT, root_entries
from text.hashing import FNV_OFFSET, FNV_PRIME
from text.jit.options import inner

OFFSET, PRIME, ONE = np.uint64(FNV_OFFSET), np.uint64(FNV_PRIME), np.uint64(1)
_AS_ATTRIBUTE, _AS_FAMILY, _AS_ROLE, _AS_CLASS = (
    np.uint64(start) for start in (names.AS_ATTRIBUTE, names.AS_FAMILY, names.AS_ROLE, names.AS_CLASS)
)
_CLASS, _ID, _ROLE, _STYLE, _HIDDEN, _ARIA_HIDDEN, _ITEMPROP, _ITEMTYPE, _HREF, _TYPE, _ALT, _SRC, _COLSPAN, _ROWSPAN, _SHADOW, _OLD_SHADOW, _FACE = (
    np.uint64(fnv(name, names.AS_ATTRIBUTE))
    for name in (
        "class", "id", "role", "style", "hidden", "aria-hidden", "itemprop", "itemtype", "href", "type", "alt", "src",
        "colspan", "rowspan", "shadowrootmode", "shadowroot", "face",
    )
)  # fmt: skip
_HIDDEN_BIT = names.BIT[names.HIDDEN]
_CONTEXT_BITS, _ROLE_SHIFT = np.uint64((1 << names.COLUMN_SPAN) - 1), np.uint64(names.ROLE_SHIFT)
_COLUMN_SPAN, _ROW_SPAN = np.uint64(names.COLUMN_SPAN), np.uint64(names.ROW_SPAN)
_MOST_COLUMNS, _MOST_ROWS = names.MOST_COLUMNS, names.MOST_ROWS
_NO_SPAN = _CONTEXT_BITS | names.HAS_ITEM_TYPE
_SCRIPT, _TEMPLATE, _TD, _TH = (TAG[name] for name in ("script", "template", "td", "th"))

# What an element is by its attributes, beside the bits of atom_roots and never_text: a template that shows as the content
# of the element around it; and elements that are drawn as parts of a table, for which a role says so.
SHADOW_ROOT, TABLE_ROLE, ROW_ROLE, CELL_ROLE, HEAD_ROLE, MONOSPACED = (
    np.uint64(1 << place) for place in range(8, 14)
)  # MONOSPACED: a style sets it in the letters of a typewriter
GROUP_ROLE = np.uint64(1 << 15)  # the bit between is never_text's
TABLE_ROLES = {
    "table": TABLE_ROLE, "grid": TABLE_ROLE, "treegrid": TABLE_ROLE, "rowgroup": GROUP_ROLE, "row": ROW_ROLE,
    "cell": CELL_ROLE, "gridcell": CELL_ROLE, "columnheader": HEAD_ROLE, "rowheader": HEAD_ROLE,
}  # fmt: skip
# The same by class: of generators of tables without table elements, in lower case.
_TABLE_CLASSES = {
    "divtable": TABLE_ROLE, "rtable": TABLE_ROLE, "divtableheading": GROUP_ROLE, "divtablebody": GROUP_ROLE,
    "divtablefoot": GROUP_ROLE, "divtablerow": ROW_ROLE, "rtablerow": ROW_ROLE, "divtablecell": CELL_ROLE,
    "rtablecell": CELL_ROLE, "divtablehead": HEAD_ROLE, "rtablehead": HEAD_ROLE,
}  # fmt: skip
# What forum programs and sites of questions and answers call the body of a post, and what stands beside it about its author.
_POST, _POSTER = np.uint64(1 << 16), np.uint64(1 << 17)
_POST_CLASSES = {
    _POST: "js-post-body post-text cooked postbody post_body bbwrapper messagetext cpost_contentwrap js-comment-body edit-comment-hide usertext-body "
    "bbp-reply-content bbp-topic-content usercontent lia-message-body-content answer-body post-body jive-rendered-content "
    "post__content note-text",
    _POSTER: "postprofile author_information author_statistics post_author postgroup postcount membergroup message-user "
    "message-userdetails message-userextras usertitle userinfo_extra cauthorpane cauthorpane_info author_info bbp-author-role "
    "profile-rank user-title author-rank poster-rank",
}  # fmt: skip
# Lines of code in the letters of a typewriter, by class: GeSHi's.
_TYPED_CLASSES = ("de1", "de2")
_ANY_TABLE_ROLE = TABLE_ROLE | GROUP_ROLE | ROW_ROLE | CELL_ROLE | HEAD_ROLE
# Elements that say nothing by themselves: there, and on custom elements, a role decides.
_LATE = MONOSPACED | _POST | _POSTER
_NEUTRAL = np.zeros(len(TAG), np.bool_)
_NEUTRAL[[0, *(TAG[name] for name in ("div", "span", "section", "article", "ul", "ol", "li", "p"))]] = True
_TABLE, _TBODY, _TR = TAG["table"], TAG["tbody"], TAG["tr"]

# Which bytes end the names of elements and of attributes. A NUL stands behind the page.
_ENDS_NAME = np.arange(256) <= 32
_ENDS_NAME[[ord(">"), ord("/")]] = True
_ENDS_ATTRIBUTE = _ENDS_NAME.copy()
_ENDS_ATTRIBUTE[ord("=")] = True

# What names mean: one hash table for all kinds of names.
_ENTRIES = names.name_entries()
_TABLE_ENTRIES = {fnv(name, names.AS_ROLE): int(bit) << names.ROLE_SHIFT for name, bit in TABLE_ROLES.items()}
_TABLE_ENTRIES |= {fnv(name, names.AS_CLASS): int(bit) for name, bit in _TABLE_CLASSES.items()}
_TABLE_ENTRIES |= {
    fnv(name, names.AS_CLASS): int(bit) for bit, classes in _POST_CLASSES.items() for name in classes.split()
}
_TABLE_ENTRIES |= {fnv(name, names.AS_CLASS): int(MONOSPACED) for name in _TYPED_CLASSES}
for _key, _value in (*root_entries().items(), *_TABLE_ENTRIES.items()):  # a role may mean two things: tooltip, row
    _ENTRIES[_key] = _ENTRIES.get(_key, 0) | _value
KEYS, VALUES = names.build_hash_table(_ENTRIES)


@inner
def _class(data, start, stop, keys, values, signature):
    """Of a class: the families of its words, split where letters end and where camelCase begins a new one; the kinds
    of root that any of its blank-separated tokens names; and ``signature`` hashed on with all but its digits. One
    loop, in which the three hashes, each a chain of multiplications, are computed side by side."""
    bits, roots_named = np.uint64(0), np.uint64(0)
    word, length, lower_before = _AS_FAMILY, 0, False
    token, token_length = _AS_CLASS, 0
    for at in range(start, stop + 1):
        byte = data[at] if at < stop else np.uint8(32)
        upper = 65 <= byte <= 90
        letter = upper or 97 <= byte <= 122
        if (not letter or (upper and lower_before)) and length:
            bits |= value_of(keys, values, word)
            word, length = _AS_FAMILY, 0
        if letter:
            word = (word ^ np.uint64(byte | 32)) * PRIME
            length += 1
        lower_before = letter and not upper
        if byte > 32:
            token = (token ^ np.uint64(byte | 32 if upper else byte)) * PRIME
            token_length += 1
        elif token_length:
            roots_named |= value_of(keys, values, token)
            token, token_length = _AS_CLASS, 0
        if at < stop and not 48 <= byte <= 57:
            signature = (signature ^ np.uint64(byte)) * PRIME
    return bits, roots_named, signature


@inner
def _role(data, start, stop, keys, values):
    value = _AS_ROLE
    for at in range(start, stop):
        value = (value ^ np.uint64(data[at])) * PRIME
    return value_of(keys, values, value)


@inner
def _number(data, start, stop):
    """The number that an attribute begins with, up to some 10,000."""
    value = 0
    while start < stop and 48 <= data[start] <= 57 and value < 1_000:
        value = 10 * value + np.int64(data[start]) - 48
        start += 1
    return value


@inner
def _hides(data, start, stop):
    """1 if a style holds anything hidden, visibility or overflow, or moved by thousands of pixels, and 2 for display:none;
    else 0."""
    for at in range(start, stop - 3):
        first, second, third, fourth = data[at] | 32, data[at + 1] | 32, data[at + 2] | 32, data[at + 3] | 32
        if first == 104 and second == 105 and third == 100 and fourth == 100:
            return 1
        if (
            first == 45
            and 48 <= second <= 57
            and 48 <= third <= 57
            and 48 <= fourth <= 57
            and 48 <= data[at + 4] <= 57
        ):
            return 1
        if first == 110 and second == 111 and third == 110 and fourth == 101:
            back = at - 1  # "none": of display?
            while back > start and (data[back] == 32 or data[back] == 58):
                back -= 1
            if data[back] | 32 == 121:
                return 2
    return 0


@inner
def _is_monospaced(data, start, stop):
    """Whether a style names letters of a typewriter (:data:`parsers.code_blocks.lines.MONOSPACE` decides): it has "mono",
    "cour" or "cons" in it."""
    for at in range(start, stop - 6):
        first, second, third, fourth = data[at] | 32, data[at + 1] | 32, data[at + 2] | 32, data[at + 3] | 32
        if second == 111 and (
            (first == 109 and third == 110 and fourth == 111)
            or (first == 99 and third == 117 and fourth == 114)
            or (first == 99 and third == 110 and fourth == 115)
        ):
            return True
    return False


@inner
def draws_formula(data, start, stop, hints, hint_rows):
    """Whether an image's address has any of the hints in it (:func:`parsers.scanner.atom_roots.image_hints`)."""
    if stop - start > 5 and data[start] == 100 and data[start + 4] == 58:  # data: holds the drawing itself
        return False
    for at in range(start, stop):
        byte = data[at]
        byte = byte | 32 if 65 <= byte <= 90 else byte
        for hint in range(hint_rows[byte], hint_rows[np.int64(byte) + 1]):
            length = 1
            while hints[hint, length]:
                byte = data[at + length] if at + length < stop else np.uint8(0)
                if (byte | 32 if 65 <= byte <= 90 else byte) != hints[hint, length]:
                    break
                length += 1
            if hints[hint, length] == 0:
                return True
    return False


@inner
def read(data, words, size, at, keys, values, contexts):
    """The start tag at ``at`` of a page of ``size`` bytes: offset of what follows it, tag number, context bits,
    root bits, signature, whether it has a ``href``, an ``alt`` text, whether it has attributes at all, and where its
    ``src`` begins and ends."""
    end = at + 1
    name = OFFSET
    while not _ENDS_NAME[data[end]]:
        name = (name ^ np.uint64(data[end])) * PRIME
        end += 1
    tag = np.int64(value_of(keys, values, name))
    bits = contexts[tag]
    signature = (OFFSET ^ name) * PRIME
    root = np.uint64(0)
    is_link = has_alt = attributed = False
    source_start = source_stop = 0
    columns = rows = np.uint64(0)
    while end < size and data[end] != 62:
        while end < size and (data[end] <= 32 or data[end] == 47):
            end += 1
        if end >= size or data[end] == 62:
            break
        attributed = True
        attribute = (_AS_ATTRIBUTE ^ np.uint64(data[end])) * PRIME
        end += 1
        while not _ENDS_ATTRIBUTE[data[end]]:
            attribute = (attribute ^ np.uint64(data[end])) * PRIME
            end += 1
        start = stop = end
        if end + 1 < size and data[end] == 61 and data[end + 1] == 34:
            start = stop = end + 2
            stop = find(data, words, size, stop, 34)
            end = stop + 1
        elif end < size and data[end] == 61:
            end += 1
        if attribute == _CLASS:
            families, roots_named, signature = _class(data, start, stop, keys, values, signature)
            bits |= families
            root |= roots_named
        elif attribute == _ID or attribute == _ITEMPROP:
            bits |= _class(data, start, stop, keys, values, signature)[0]  # only a class names roots and templates
            if attribute == _ITEMPROP:
                bits |= names.HAS_ITEM_PROPERTY
        elif attribute == _ROLE:
            role = _role(data, start, stop, keys, values)
            bits |= role & _CONTEXT_BITS
            root |= role >> _ROLE_SHIFT
        elif attribute == _STYLE:
            hides = _hides(data, start, stop)
            if hides:
                bits |= _HIDDEN_BIT
                if hides == 2:
                    root |= never_text.HIDDEN
            if _is_monospaced(data, start, stop):
                root |= MONOSPACED
        elif attribute == _HIDDEN:
            bits |= _HIDDEN_BIT
            root |= never_text.HIDDEN
        elif attribute == _COLSPAN:
            columns = np.uint64(min(max(_number(data, start, stop), 1), _MOST_COLUMNS + 1) - 1)
        elif attribute == _ROWSPAN:
            number = _number(data, start, stop)
            if stop > start and data[start] == 48 and number == 0:  # all the rows that follow
                number = _MOST_ROWS + 1
            rows = np.uint64(min(max(number, 1), _MOST_ROWS + 1) - 1)
        elif attribute == _SHADOW or attribute == _OLD_SHADOW:
            if tag == _TEMPLATE:
                root |= SHADOW_ROOT
        elif attribute == _ARIA_HIDDEN:
            if stop - start == 4:
                bits |= _HIDDEN_BIT
        elif attribute == _ITEMTYPE:
            bits |= names.HAS_ITEM_TYPE
        elif attribute == _FACE:
            if _is_monospaced(data, start, stop):
                root |= MONOSPACED
        elif attribute == _HREF:
            is_link = stop > start
        elif attribute == _TYPE:
            # math/tex, math/mml, math/asciimath: MathJax's scripts
            if tag == _SCRIPT and data[start] | 32 == 109 and data[start + 1] | 32 == 97 and data[start + 2] == 116:
                root |= FORMULA_BIT
        elif attribute == _ALT:
            has_alt = stop > start
        elif attribute == _SRC:
            source_start, source_stop = start, stop
        else:
            root |= value_of(keys, values, attribute)
    if root & _ANY_TABLE_ROLE and _NEUTRAL[tag]:
        tag = (
            _TABLE if root & TABLE_ROLE else _TR if root & ROW_ROLE else _TH if root & HEAD_ROLE
            else _TD if root & CELL_ROLE else _TBODY
        )  # fmt: skip
        bits |= contexts[tag]
    if tag == _TD or tag == _TH:
        bits = bits & _NO_SPAN | columns << _COLUMN_SPAN | rows << _ROW_SPAN
    elif root & _LATE:
        if root & MONOSPACED:
            bits |= names.IS_MONOSPACED
        if root & _POST:
            bits |= names.IS_POST
        if root & _POSTER:
            bits |= names.IS_POSTER
    # The lowest bit of the signature says whether an <a> leads anywhere.
    signature = (signature & ~ONE) | (ONE if is_link else np.uint64(0))
    return (min(end + 1, size), tag, bits, root, signature, is_link, has_alt, attributed, source_start, source_stop)
