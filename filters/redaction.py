"""Personal data in a document replaced by placeholders that say of what kind they were: ``[EMAIL]``, ``[PHONE]``.

What is replaced is what :mod:`filters.pii` counts, everywhere in the text, and national ids (:mod:`filters.national_ids`):
where a kind has a check digit (cards, IBANs, most ids) only what passes it. Addresses of a function (``info@``), numbers that
cost the caller nothing and the other impersonal values of :mod:`filters.pii` stay. Spans are moved along.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from filters.national_ids import national_ids
from filters.pii import KINDS as PII_KINDS
from filters.pii import PiiCounter
from text.document import Document, Span

KINDS = (*PII_KINDS, "national_id")
PLACEHOLDERS = {
    "email": "[EMAIL]", "phone": "[PHONE]", "card": "[CARD]", "iban": "[IBAN]", "ssn": "[ID]", "ip": "[IP]", "national_id": "[ID]",
}  # fmt: skip
# Of stretches that overlap the earlier kind wins: a check digit says more than a form.
_ORDER = ("email", "iban", "card", "national_id", "ssn", "ip", "phone")


class Redacted(NamedTuple):
    """The document without personal data, and how many stretches of each kind were replaced."""

    document: Document
    counts: Counter[str]


class Redactor:
    """Replaces personal data of ``kinds``; ``regions`` as for :class:`filters.pii.PiiCounter`. Picklable."""

    def __init__(self, regions: Sequence[str] | None = None, kinds: Sequence[str] = KINDS) -> None:
        unknown = [kind for kind in kinds if kind not in KINDS]
        if unknown or not kinds:
            raise ValueError(
                f"kinds is {list(kinds)!r}; there are {', '.join(KINDS)}, and at least one must be named."
            )
        self._kinds = frozenset(kinds)
        # Cards are looked for also where they stay: a part of one must not be taken for a telephone number.
        self._finder = PiiCounter() if regions is None else PiiCounter(regions)

    def __call__(self, document: Document) -> Redacted:
        """The document with placeholders, its spans moved along; the same one where there is nothing to replace."""
        places = self._places(document.text)
        if not places:
            return Redacted(document, Counter())
        text, counts, kept = [], Counter[str](), 0
        for start, stop, kind in places:
            text += [document.text[kept:start], PLACEHOLDERS[kind]]
            counts[kind] += 1
            kept = stop
        text.append(document.text[kept:])
        moved = _Moved(places)
        spans = tuple(Span(moved.start(span.start), moved.stop(span.end), span.kind) for span in document.spans)
        return Redacted(replace(document, text="".join(text), spans=spans), counts)

    def _places(self, text: str) -> list[tuple[int, int, str]]:
        """What is replaced, in the order of the text: start, end and kind, without overlaps."""
        found: dict[str, set[str]] = {}
        for kind, stretch in self._finder.stretches(text):
            found.setdefault(kind, set()).add(stretch)
        found["national_id"] = set(national_ids(text))
        taken: list[tuple[int, int, str]] = []
        free = bytearray(len(text))
        for kind in _ORDER:
            stretches = sorted(found.get(kind, ()), key=lambda stretch: (-len(stretch), stretch))
            if not stretches:
                continue
            # Longest first, whole words alone: one number may begin another.
            for match in re.finditer("|".join(map(_whole, stretches)), text):
                if not any(free[match.start() : match.end()]):
                    free[match.start() : match.end()] = b"\1" * (match.end() - match.start())
                    taken.append((match.start(), match.end(), kind))
        return sorted(place for place in taken if place[2] in self._kinds)


def _whole(stretch: str) -> str:
    before = r"(?<!\w)" if stretch[0].isalnum() else ""
    after = r"(?!\w)" if stretch[-1].isalnum() else ""
    return before + re.escape(stretch) + after


class _Moved:
    """Where offsets of the old text lie in the new one. Within what was replaced a start goes to its beginning, an end to its
    end."""

    def __init__(self, places: list[tuple[int, int, str]]) -> None:
        self._places = places
        self._starts = [start for start, _, _ in places]
        self._shifts = [0]  # of the text behind so many placeholders
        for start, stop, kind in places:
            self._shifts.append(self._shifts[-1] + len(PLACEHOLDERS[kind]) - (stop - start))

    def start(self, offset: int) -> int:
        number = bisect_right(self._starts, offset)
        if number and offset < self._places[number - 1][1]:
            return self._places[number - 1][0] + self._shifts[number - 1]
        return offset + self._shifts[number]

    def stop(self, offset: int) -> int:
        number = bisect_right(self._starts, offset - 1)
        if number and offset < self._places[number - 1][1]:
            return self._places[number - 1][1] + self._shifts[number]
        return offset + self._shifts[number]
