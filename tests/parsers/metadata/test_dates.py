"""Dates out of metadata: the many machine-readable forms, and none that could mean two days."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.metadata.dates import date_in_url, iso_date


@pytest.mark.parametrize(
    "text",
    [
        "2021-03-14",
        "2021-03-14T23:59:59+09:00",
        " 2021-03-14T10:00Z ",
        "2021-03-14 10:00:00.000",
        "2021-3-14",
        "2021/03/14",
        "2021.03.14",
        "20210314",
        "20210314T100000Z",
        "20210314100000",
        "Sun, 14 Mar 2021 10:00:00 GMT",
        "Sun Mar 14 2021 10:00:00 GMT+0100 (CET)",
        "Sun Mar 14 10:00:00 UTC 2021",
        "March 14, 2021",
        "Mar. 14th, 2021 at noon",
        "14 March 2021",
        "Published on 14th of march 2021",
        "14-Mar-2021",
        "2021年3月14日",
        "2021년 3월 14일",
    ],
)
def test_forms_that_mean_one_day(text: str) -> None:
    assert iso_date(text) == "2021-03-14"


@pytest.mark.parametrize(
    "text",
    ["", "03/04/2021", "14.03.2021", "2021-02-30", "2021-13-01", "1989-12-31", "2101-01-01", "2021", "2021-03",
     "March 2021", "1615716000", "120210314", "14 Marble 2021", "x" * 200 + "2021-03-14"],
)  # fmt: skip
def test_what_is_no_certain_day_is_no_date(text: str) -> None:
    assert iso_date(text) == ""


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://a.example/2021/03/14/title", "2021-03-14"),
        ("https://a.example/news/2021-3-14.html", "2021-03-14"),
        ("https://a.example/2021/03/", ""),
        ("https://a.example/2021/31/14/title", ""),
        ("https://a.example/item/12021/03/14", ""),
    ],
)
def test_dates_in_paths(url: str, found: str) -> None:
    assert date_in_url(url) == found


@given(st.dates(date(1990, 1, 1), date(2100, 12, 31)))
def test_every_day_survives_its_own_forms(day: date) -> None:
    for form in ("%Y-%m-%dT%H:%M:%SZ", "%Y%m%d", "%B %d, %Y", "%d %b %Y", "%a, %d %b %Y 00:00:00 +0000"):
        assert iso_date(day.strftime(form)) == day.isoformat()


@given(st.text(alphabet="0123456789-/. TZmarchjun年月日,:", max_size=40) | st.text(max_size=40))
def test_a_date_is_a_calendar_date_or_nothing(text: str) -> None:
    found = iso_date(text)
    assert found == "" or (re.fullmatch(r"\d{4}-\d\d-\d\d", found) and date.fromisoformat(found))
