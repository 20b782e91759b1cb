"""Changes to a page's markup before it is scanned again: what a style draws in another way than its tags say."""

from __future__ import annotations

from typing import NamedTuple


class Edit(NamedTuple):
    """Bytes ``start`` to ``stop`` of the markup become ``text``."""

    start: int
    stop: int
    text: bytes


def edited(markup: bytes, edits: list[Edit]) -> bytes:
    """``markup`` with the edits made, of those that overlap the first; the same object where there are none."""
    if not edits:
        return markup
    out, at = [], 0
    for edit in sorted(edits):
        if edit.start >= at:
            out += [markup[at : edit.start], edit.text]
            at = edit.stop
    return b"".join([*out, markup[at:]])
