"""Dates as crawls and corpora write them, as ``YYYY-MM-DDTHH:MM:SSZ``, so that text order is time order.

W3C-DTF at any precision (WARC 1.1, 5.4), the three forms of RFC 9110 (5.6.7) and those of RFC 5322 (3.3), digits without
separators (ARC, CDX), and seconds, milliseconds, microseconds or nanoseconds since 1970. What is less precise means the
beginning of its span.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

_W3C = re.compile(
    r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})(?:[Tt ,]{1,2}(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s*"
    r"(?:[Zz]|UTC|GMT|([+-])(\d\d):?(\d\d)?)?)?)?)?",
    re.ASCII,
)
_NORMAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_DIGITS = re.compile(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:\d{3})?)?)?)?", re.ASCII)
_NUMBER = re.compile(r"(\d{1,19})(?:\.\d*)?(?:[eE]\+?(\d{1,2}))?", re.ASCII)
_HTTP = re.compile(
    r"(?:[A-Za-z]{3,9},? +)?(?:(?P<day>\d{1,2})[ -](?P<month>[A-Za-z]{3})[ -](?P<year>\d{2}|\d{4})"
    r" (?P<time>\d\d:\d\d:\d\d) (?:GMT|UTC?|Z|(?P<zone>[+-]\d{4})(?: \([\w ]+\))?)"
    r"|(?P<month2>[A-Za-z]{3}) {1,2}(?P<day2>\d{1,2}) (?P<time2>\d\d:\d\d:\d\d) (?:(?:GMT|UTC) )?(?P<year2>\d{4}))",
    re.ASCII,
)
_MONTHS = {
    name: number
    for number, name in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1)
}  # fmt: skip
# By digits: seconds, milliseconds, microseconds, nanoseconds.
_UNITS = {9: 1, 10: 1, 12: 10**3, 13: 10**3, 15: 10**6, 16: 10**6, 18: 10**9, 19: 10**9}
# A capture is no older than the web.
_FIRST_YEAR = 1990
_EPOCH = datetime(1970, 1, 1)


def normalise_date(value: Any) -> str:
    """A date of any of these forms, or a number, as ``YYYY-MM-DDTHH:MM:SSZ``.

    What can't be read as a date becomes the empty string, older than every date. Never raises.
    """
    try:
        if (
            isinstance(value, str) and len(value) == 20 and _NORMAL.fullmatch(value)
        ):  # nearly all: what it shall be already
            datetime.fromisoformat(value)
            return value
    except ValueError:
        pass  # the 60th second, or no date
    try:
        moment = _parse(value)
        # Not strftime: its %Y writes years before 1000 without their zeros.
        return "" if moment is None else moment.replace(microsecond=0).isoformat() + "Z"
    except (ValueError, OverflowError):
        return ""


def _parse(value: Any) -> datetime | None:
    """The moment in UTC, without a time zone."""
    if isinstance(value, datetime):
        return value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    if isinstance(value, int | float):
        value = str(int(value))
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    text = str(value).strip()
    if text[4:5] == "/":  # the year first: no other order is meant
        text = text.replace("/", "-", 2)
    if match := _W3C.fullmatch(text):
        return _w3c(match)
    if match := _DIGITS.fullmatch(text):
        moment = _of(*match.groups())
        # Ten digits may be seconds since 1970 too: those of 2033 begin with 1990 to 1999.
        if moment is not None and (len(text) != 10 or _FIRST_YEAR <= moment.year <= 2099):
            return moment
    if match := _NUMBER.fullmatch(text):
        return _since_1970(int(float(text)) if match[2] else int(match[1]))
    if match := _HTTP.fullmatch(text):
        return _http(match)
    if "T" in text.upper() and not text.isdigit():  # ISO 8601's other forms: 20240506T070809Z
        return _parse(datetime.fromisoformat(text))
    return None


def _of(year: str, month: str | None, day: str | None, *time: str | None) -> datetime | None:
    hour, minute, second = (int(part or 0) for part in (*time, *(None,) * (3 - len(time))))
    # A leap second (RFC 3339, 5.6) comes after the 59th, and 24:00 (ISO 8601, 4.2.3) after 23:59: what follows they are.
    later = timedelta(seconds=second == 60, days=(hour, minute, second) == (24, 0, 0))
    try:
        moment = datetime(
            int(year),
            int(month or 1),
            int(day or 1),
            0 if later.days else hour,
            minute,
            59 if second == 60 else second,
        )
    except ValueError:
        return None
    return moment + later if later else moment


def _w3c(match: re.Match[str]) -> datetime | None:
    moment = _of(*match.groups()[:6])
    if moment is None or match[7] is None:
        return moment
    offset = timedelta(hours=int(match[8]), minutes=int(match[9] or 0))
    return moment - offset if match[7] == "+" else moment + offset


def _since_1970(number: int) -> datetime | None:
    # From 1973 to 2286: nothing was on the web before, and other numbers of digits fit no unit.
    unit = _UNITS.get(len(str(number)))
    return None if unit is None or number < 0 else _EPOCH + timedelta(seconds=number // unit)


def _http(match: re.Match[str]) -> datetime | None:
    part = match.groupdict()
    month = _MONTHS.get((part["month"] or part["month2"]).lower())
    year = part["year"] or part["year2"]
    if len(year) == 2:  # RFC 9110: the last year that ends so and isn't fifty years ahead; no web before 1970
        year = ("19" if year >= "70" else "20") + year
    hour, minute, second = (part["time"] or part["time2"]).split(":")
    moment = None if month is None else _of(year, str(month), part["day"] or part["day2"], hour, minute, second)
    if moment is None or part["zone"] is None:
        return moment
    return moment - int(part["zone"][:1] + "1") * timedelta(
        hours=int(part["zone"][1:3]), minutes=int(part["zone"][3:])
    )
