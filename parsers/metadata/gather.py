"""The parts of a page's markup that state something about the page, and what they state."""

from __future__ import annotations

import numpy as np

from parsers.markup.names import TAG
from parsers.markup.tokens import attributes
from parsers.metadata.metadata import Metadata, read_metadata
from parsers.metadata.page_type import stated_types
from parsers.scanner.page import END, INNER, LAST, OPEN, TAG_, Page, start_tag
from text.jit.options import inner, kernel

_SCRIPT, _HEAD, _HTML = (TAG[name] for name in ("script", "head", "html"))
# Elements that are read: title, meta and time in the head, scripts of JSON-LD anywhere.
_STATES = np.zeros(len(TAG), np.bool_)
_STATES[[TAG[name] for name in ("title", "meta", "time", "script")]] = True
_LINKED = np.frombuffer(b"ld+json", np.uint8)


def gather_metadata(markup: bytes, page: Page, url: str) -> Metadata:
    """What the page states about itself. ``markup`` is its normal form in UTF-8, ``page`` the scanner's tables of it,
    ``url`` its address (which may hold a date)."""
    elements, language, head = page.elements, "", -1
    for element, row in enumerate(elements[:2].tolist()):  # the normal form begins with html and head
        if row[TAG_] == _HTML:
            language = attributes(start_tag(markup, page, element)[len("<html") : -1]).get("lang", "")
        elif row[TAG_] == _HEAD:
            head = row[LAST]
    parts = _stating(np.frombuffer(markup, np.uint8), elements, head, _STATES, _LINKED).tolist()
    stated = b"".join([markup[start:stop] for start, stop in parts]).decode("utf-8", "replace")
    return read_metadata(stated, language, url, stated_types(page, markup))


@kernel
def _stating(data, elements, head, states, linked):
    """``int32[k, 2]``: where the elements that state something begin and end, up to the row ``head`` all that may, behind
    it scripts alone, and of scripts those that have ``linked`` in their start tag."""
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
        found[count, 0], found[count, 1] = elements[e, OPEN], elements[e, END]
        count += 1
    return found[:count]


@inner
def _holds(data, start, stop, name):
    for at in range(start, stop - len(name) + 1):
        same = 0
        while same < len(name) and data[at + same] == name[same]:
            same += 1
        if same == len(name):
            return True
    return False
