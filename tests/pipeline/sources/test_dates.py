"""Dates in every form that crawls and corpora write, and nothing taken for a date that is none."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources.dates import normalise_date


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2024-05-06T07:08:09Z", "2024-05-06T07:08:09Z"),
        ("2024-05-06T07:08:09.123456Z", "2024-05-06T07:08:09Z"),
        ("2024-05-06T07:08:09.123456789+00:00", "2024-05-06T07:08:09Z"),
        ("2024-05-06T09:08:09+02:00", "2024-05-06T07:08:09Z"),
        ("2024-05-06T02:08:09-05:00", "2024-05-06T07:08:09Z"),
        ("2024-05-06 07:08:09", "2024-05-06T07:08:09Z"),
        ("2024-05-06 07:08:09 UTC", "2024-05-06T07:08:09Z"),
        ("2024-05-06t07:08:09z", "2024-05-06T07:08:09Z"),
        ("2024-05-06T07:08Z", "2024-05-06T07:08:00Z"),
        ("20240506T070809Z", "2024-05-06T07:08:09Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        ("2016-12-31T18:59:60.5-05:00", "2017-01-01T00:00:00Z"),
        ("2024-02-29T24:00:00Z", "2024-03-01T00:00:00Z"),
        ("2024/05/06", "2024-05-06T00:00:00Z"),
        ("2024/5/6 07:08:09", "2024-05-06T07:08:09Z"),
        ("2024/05", "2024-05-01T00:00:00Z"),
        ("2024-05-06", "2024-05-06T00:00:00Z"),
        ("2024-05", "2024-05-01T00:00:00Z"),
        ("2024", "2024-01-01T00:00:00Z"),
        (" 20240506070809 ", "2024-05-06T07:08:09Z"),
        ("202405060708", "2024-05-06T07:08:00Z"),
        ("2024050607", "2024-05-06T07:00:00Z"),
        ("20240506", "2024-05-06T00:00:00Z"),
        (20240506070809, "2024-05-06T07:08:09Z"),
        (b"2024-05-06T07:08:09Z", "2024-05-06T07:08:09Z"),
        ("Mon, 06 May 2024 07:08:09 GMT", "2024-05-06T07:08:09Z"),
        ("Monday, 06-May-24 07:08:09 GMT", "2024-05-06T07:08:09Z"),
        ("Mon May  6 07:08:09 2024", "2024-05-06T07:08:09Z"),
        ("Mon May  6 07:08:09 UTC 2024", "2024-05-06T07:08:09Z"),
        ("Mon, 06 May 2024 09:08:09 +0200", "2024-05-06T07:08:09Z"),
        ("6 May 2024 02:38:09 -0430 (VET)", "2024-05-06T07:08:09Z"),
        ("6 May 2024 07:08:09 UT", "2024-05-06T07:08:09Z"),
        ("Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z"),
        ("Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37Z"),
        (1714979289, "2024-05-06T07:08:09Z"),
        (1714979289.75, "2024-05-06T07:08:09Z"),
        ("1714979289", "2024-05-06T07:08:09Z"),
        ("1714979289.75", "2024-05-06T07:08:09Z"),
        ("1.714979289e9", "2024-05-06T07:08:09Z"),
        ("1714979289999999999", "2024-05-06T07:08:09Z"),  # more digits than a float has
        (1714979289123, "2024-05-06T07:08:09Z"),
        ("1612010112000", "2021-01-30T12:35:12Z"),
        ("1714979289123456", "2024-05-06T07:08:09Z"),
        ("1714979289123456789", "2024-05-06T07:08:09Z"),
        # Before 2001 each has a digit less.
        *((167_706_489 * unit, "1975-04-26T01:08:09Z") for unit in (1, 10**3, 10**6, 10**9)),
        (datetime(2024, 5, 6, 7, 8, 9, 5), "2024-05-06T07:08:09Z"),
        (date(2024, 5, 6), "2024-05-06T00:00:00Z"),
        ("0999-01-01T00:00:00Z", "0999-01-01T00:00:00Z"),
    ],
)
def test_dates(value: Any, expected: str) -> None:
    assert normalise_date(value) == expected


@pytest.mark.parametrize(
    "value",
    ["", "yesterday", "2024-13-01T00:00:00Z", "2024-02-30", "0001-01-01T00:00:00+14:00", "²0240506070809", "20241301",
     "20240506250000", "-5", "12", "1234567", 7, -1714979289, True, None, [], {}, float("nan"), float("inf"), "9" * 400,
     "Mon, 99 May 2024 07:08:09 GMT", "Mon, 06 Foo 2024 07:08:09 GMT", "2024-05-06T07:08:61Z", "T", "06/05/2024", "2024-05-06T24:00:01Z",
     "2024-02-30T23:59:60Z", "9999-12-31T23:59:60Z", "2024-05-06T25:00"],
)  # fmt: skip
def test_what_is_no_date_is_older_than_every_date(value: Any) -> None:
    assert normalise_date(value) == ""


moments = st.datetimes(datetime(2001, 9, 10), datetime(2033, 5, 1)).map(lambda moment: moment.replace(microsecond=0))


@given(moments, st.integers(0, 3), st.integers(-14, 14))
def test_every_form_of_a_moment_is_the_same_moment(moment: datetime, thousands: int, hours: int) -> None:
    expected = moment.isoformat() + "Z"
    utc = moment.replace(tzinfo=UTC)
    seconds = int(utc.timestamp()) * 1000**thousands
    zoned = utc.astimezone(timezone(timedelta(hours=hours)))
    forms = [seconds, str(seconds), format_datetime(utc, usegmt=True), utc.strftime("%a %b %e %H:%M:%S %Y"), zoned]
    forms += [zoned.isoformat(), moment.strftime("%Y%m%d%H%M%S"), expected.lower(), moment.isoformat(" ")]
    assert [normalise_date(form) for form in forms] == [expected] * len(forms)


@given(moments, st.integers(1, 5))
def test_a_less_precise_date_is_the_beginning_of_its_span(moment: datetime, fields: int) -> None:
    text = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    short = {1: text[:4], 2: text[:7], 3: text[:10], 4: text[:16] + "Z", 5: text}[fields]
    assert normalise_date(short) <= normalise_date(text) and text.startswith(short.removesuffix("Z"))


@given(st.datetimes(), st.datetimes())
def test_the_order_of_dates_as_text_is_their_order_in_time(one: datetime, other: datetime) -> None:
    one, other = one.replace(microsecond=0), other.replace(microsecond=0)
    dates = normalise_date(one.isoformat()), normalise_date(other.isoformat())
    assert (dates[0] < dates[1]) == (one < other) and normalise_date("") < min(dates)


@given(st.text(max_size=30) | st.from_regex(r"[0-9TZ:.+ -]{1,25}", fullmatch=True) | st.integers() | st.floats())
def test_anything_is_a_date_or_none(value: Any) -> None:
    found = normalise_date(value)
    assert found == "" or normalise_date(found) == found


@pytest.mark.parametrize("text", ["2024-W19-1", "2024W191", "2024-W19"])
def test_days_of_weeks_are_no_dates_of_documents(text: str) -> None:
    assert normalise_date(text) == ""
