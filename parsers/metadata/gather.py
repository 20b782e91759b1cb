"""The parts of a page's markup that state something about the page, and what they state."""

from __future__ import annotations

import numpy as np

from parsers.jit.hash_table import value_of
from parsers.markup.names import HAS_ITEM_TYPE, TAG, build_hash_table, fnv
from parsers.markup.tokens import attributes
from parsers.metadata.metadata import METAS, Metadata, read_metadata
from parsers.metadata.page_type import stated_types
from parsers.scanner.page import END, INNER, LAST, OPEN, TAG_, Page, start_tag
from text.hashing import FNV_OFFSET, FNV_PRIME
from text.jit.options import inner, kernel

_SCRIPT, _HEAD, _HTML, _META = (TAG[name] for name in ("script", "head", "html", "meta"))
# Elements that are read: title, meta and time in the head, scripts of JSON-LD anywhere.
_STATES = np.zeros(len(TAG), np.bool_)
_STATES[[TAG[name] for name in ("title", "meta", "time", "script")]] = True
_LINKED = np.frombuffer(b"ld+json", np.uint8)
_KEYS, _VALUES = build_hash_table({fnv(name): 1 for name in METAS})
_HAS_ITEM_TYPE = np.uint64(HAS_ITEM_TYPE)


def gather_metadata(markup: bytes, page: Page, url: str) -> Metadata:
    """What the page states about itself. ``markup`` is its normal form in UTF-8, ``page`` the scanner's tables of it,
    ``url`` its address (which may hold a date)."""
    elements, language, head = page.elements, "", -1
    for element, row in enumerate(elements[:2].tolist()):  # the normal form begins with html and head
        if row[TAG_] == _HTML:
            language = attributes(start_tag(markup, page, element)[len("<html") : -1]).get("lang", "")
        elif row[TAG_] == _HEAD:
            head = row[LAST]
    data = np.frombuffer(markup, np.uint8)
    parts = _stating(data, elements, page.context, head, _STATES, _LINKED, _KEYS, _VALUES).tolist()
    stated = b"".join([markup[start:stop] for start, stop in parts]).decode("utf-8", "replace")
    return read_metadata(stated, language, url, stated_types(page, markup))


@kernel
def _stating(data, elements, context, head, states, linked, keys, values):
    """``int32[k, 2]``: where the elements that state something begin and end, up to the row ``head`` all that may, behind
    it scripts alone, and of scripts those that have ``linked`` in their start tag. Of meta elements those that have a name
    of ``keys`` and ``values`` (:data:`parsers.metadata.metadata.METAS`), which is half of them, or a type."""
    found = np.empty((len(elements), 2), np.int32)
    count = 0
    for e in range(len(elements)):
        tag = elements[e, TAG_]
        if not states[tag]:
            continue
        if tag == _SCRIPT:
            if not _holds(data, elements[e, OPEN], elements[e, INNER], linked):
                continue
        elif e > head:
            continue
        elif tag == _META and not (
            context[e] & _HAS_ITEM_TYPE or _is_of_use(data, elements[e, OPEN], elements[e, INNER], keys, values)
        ):
            continue
        found[count, 0], found[count, 1] = elements[e, OPEN], elements[e, END]
        count += 1
    return found[:count]


@inner
def _is_of_use(data, start, stop, keys, values):
    """Whether the value of an attribute is one of these names, in either case."""
    at = start + 1
    while at < stop:
        if data[at] != 34 or data[at - 1] != 61:
            at += 1
            continue
        at += 1
        value = np.uint64(FNV_OFFSET)
        while at < stop and data[at] != 34:
            byte = data[at]
            value = (value ^ np.uint64(byte | 32 if 65 <= byte <= 90 else byte)) * np.uint64(FNV_PRIME)
            at += 1
        if value_of(keys, values, value):
            return True
        at += 1
    return False


@inner
def _holds(data, start, stop, name):
    for at in range(start, stop - len(name) + 1):
        same = 0
        while same < len(name) and data[at + same] == name[same]:
            same += 1
        if same == len(name):
            return True
    return False
