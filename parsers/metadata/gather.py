"""The parts of a page's markup that state something about the page, and what they state."""

from __future__ import annotations

import numpy as np

from parsers.markup.names import TAG
from parsers.markup.tokens import attributes
from parsers.metadata.metadata import Metadata, read_metadata
from parsers.metadata.page_type import stated_types
from parsers.scanner.page import END, INNER, LAST, OPEN, TAG_, Page, start_tag

_SCRIPT, _HEAD, _HTML = (TAG[name] for name in ("script", "head", "html"))
# Elements that are read: title, meta and time in the head, scripts of JSON-LD anywhere.
_STATES = np.zeros(len(TAG), np.bool_)
_STATES[[TAG[name] for name in ("title", "meta", "time", "script")]] = True
_COLUMNS = [OPEN, INNER, END, TAG_]


def gather_metadata(markup: bytes, page: Page, url: str) -> Metadata:
    """What the page states about itself. ``markup`` is its normal form in UTF-8, ``page`` the scanner's tables of it,
    ``url`` its address (which may hold a date)."""
    elements, language, head = page.elements, "", -1
    for element, row in enumerate(elements[:2].tolist()):  # the normal form begins with html and head
        if row[TAG_] == _HTML:
            language = attributes(start_tag(markup, page, element)[len("<html") : -1]).get("lang", "")
        elif row[TAG_] == _HEAD:
            head = row[LAST]
    parts = []
    stating = np.flatnonzero(_STATES[elements[:, TAG_]])
    for element, (start, inner, stop, tag) in zip(
        stating.tolist(), elements[stating][:, _COLUMNS].tolist(), strict=True
    ):
        if tag == _SCRIPT:
            if b"ld+json" in markup[start:inner]:
                parts.append(markup[start:stop])
        elif element <= head:
            parts.append(markup[start:stop])
    stated = b"".join(parts).decode("utf-8", "replace")
    return read_metadata(stated, language, url, stated_types(page, markup))
