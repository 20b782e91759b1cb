"""A calendar date out of what a page states in its metadata."""

from __future__ import annotations

import re
from datetime import date

_MONTHS = {
    name[:3]: number
    for number, name in enumerate(
        ("january february march april may june july august september october november december").split(), start=1
    )
}
_MONTH = (
    r"\b(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
# Year first, the one order of figures that means the same everywhere; the separator is the same twice.
_YEAR_FIRST = re.compile(r"(?<!\d)((?:19|20|21)\d\d)([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_EAST_ASIAN = re.compile(r"(?<!\d)((?:19|20|21)\d\d)\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]")
# The basic format of ISO 8601, alone or before a time.
_COMPACT = re.compile(r"^\s*((?:19|20|21)\d\d)(\d\d)(\d\d)(?=T|\s|$|\d{6}\b)")
_MONTH_FIRST = re.compile(_MONTH + r"\s*(\d{1,2})(?:st|nd|rd|th)?\s*,?\s+((?:19|20|21)\d\d)(?!\d)", re.IGNORECASE)
_DAY_FIRST = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th)?[\s-]*(?:of\s+)?" + _MONTH + r"[\s,-]*((?:19|20|21)\d\d)(?!\d)", re.IGNORECASE
)
# asctime and JavaScript: the year comes after the time of day.
_YEAR_LAST = re.compile(
    _MONTH + r"\s+(\d{1,2})\s+\d\d:\d\d(?::\d\d)?\s+(?:[A-Z]{3,5}\s+)?((?:19|20)\d\d)", re.IGNORECASE
)
_PATH = re.compile(r"/((?:19|20)\d\d)[/-](\d{1,2})[/-](\d{1,2})(?=[/._-]|$)")
_LONGEST = 100


def iso_date(text: str) -> str:
    """The date that ``text`` states, as ``YYYY-MM-DD``; the empty string where there is none for certain.

    Reads ISO 8601 (RFC 3339), RFC 2822, asctime, ``2021/03/14``, ``20210314``, ``2021年3月14日``, ``March 14, 2021``
    and ``14 March 2021``. ``03/04/2021`` is not read: half of the world means April. The date is the one written
    down, in the writer's own time zone. Years 1990 to 2100; the first 100 characters count.
    """
    if not text:
        return ""
    text = text[:_LONGEST]
    if match := _YEAR_FIRST.search(text):
        return _checked(match[1], match[3], match[4])
    if match := _COMPACT.search(text) or _EAST_ASIAN.search(text):
        return _checked(match[1], match[2], match[3])
    if match := _DAY_FIRST.search(text):
        return _checked(match[3], _MONTHS[match[2][:3].lower()], match[1])
    if match := _MONTH_FIRST.search(text) or _YEAR_LAST.search(text):
        return _checked(match[3], _MONTHS[match[1][:3].lower()], match[2])
    return ""


def date_in_url(url: str) -> str:
    """The date in a URL's path, as in ``/2021/03/14/title``; the empty string where there is none."""
    match = _PATH.search(url)
    return _checked(match[1], match[2], match[3]) if match else ""


def _checked(year: str, month: str | int, day: str) -> str:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return ""
    return found.isoformat() if 1990 <= found.year <= 2100 else ""
