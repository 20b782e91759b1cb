"""A row as a record: which of its names counts, and what stands for nothing."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.sources.captures import Limits
from pipeline.sources.layouts import judge_row, text_and_url
from pipeline.sources.records import FailedRecord, PageRecord, Record, RejectedRecord

HERE, THERE = "https://mill.example/", "https://other.example/"
LIMITS = Limits(max_record_bytes=20, keep_truncated=False)


def judged(**columns: Any) -> Record:
    return judge_row({name.replace("__", "."): value for name, value in columns.items()}, "crawl, row 3", LIMITS)


def page(**columns: Any) -> PageRecord:
    found = judged(**{"url": HERE, "text": "corn"} | columns)
    assert isinstance(found, PageRecord), found
    return found


def test_the_first_name_with_a_value_counts() -> None:
    assert page(url=HERE, source_url=THERE).url == page(url=" ", source_url=HERE).url == HERE
    assert page(text="corn", content="rye").text == page(text="NaN", content="corn").text == "corn"
    assert page(title="One", metadata={"title": "Two"}).title == page(metadata={"title": "One"}).title == "One"
    assert page(date="nothing", crawl_date="2024-05-06", timestamp=None).date == "2024-05-06T00:00:00Z"
    html = page(html="<p>corn</p>", text="rye")
    assert (html.html, html.text, html.content_type) == (b"<p>corn</p>", None, "text/html; charset=utf-8")
    assert page(html=b"<p>corn</p>").content_type == "text/html"


def test_bytes_are_decoded_and_text_is_not() -> None:
    assert page(text=b"caf\xe9 corn").text == page(text="café corn").text == "café corn"
    assert page(text="caf\xc3\xa9").text == "caf\xc3\xa9"


def test_an_id_is_an_address_only_where_it_looks_like_one() -> None:
    assert page(url="", id="17", source=HERE).url == HERE
    assert page(url="", id=THERE, source=HERE).url == THERE
    assert isinstance(judged(id="17", text="corn"), FailedRecord)


@pytest.mark.parametrize(
    "value", ["", " ", "nan", "NONE", "Null", "nil", "NaT", "<NA>", "\\N", "\ufeff", "\u200b nan\u2060", b"", b"nan"]
)
def test_what_stands_for_nothing_is_passed_over(value: Any) -> None:
    assert page(text=value, content="corn").text == "corn"


@pytest.mark.parametrize("value", ["nano", "nan nan", "none.", b"nano", b"\xff", b" " * 63 + b"x", b" " * 80 + b"x"])
def test_what_only_looks_so_is_a_text(value: Any) -> None:
    assert text_and_url({"text": value, "content": "corn"}) != ("corn", "")


@pytest.mark.parametrize(
    ("record", "found"),
    [
        ({"url": HERE}, HERE), ('{"url": "https://mill.example/"}', HERE), ("{'url': 'https://mill.example/'}", HERE),
        (b'{"url": "https://mill.example/"}', HERE), ([("url", HERE)], HERE), ([("url", HERE), 3], ""), ([], ""),
        ("{broken", ""), ("[1]", ""), ('{"url": "x"}' + " " * (1 << 16), ""), (3, ""), (None, ""),
    ],
)  # fmt: skip
def test_records_inside_a_row(record: Any, found: str) -> None:
    assert text_and_url({"text": "corn", "metadata": record}) == ("corn", found)


def test_records_inside_records_and_names_with_dots() -> None:
    deep = {"warc_headers": {"warc-target-uri": HERE}}
    assert page(url=None, metadata=deep).url == HERE
    assert page(url=None, metadata__url=HERE, metadata={"url": THERE}).url == HERE, "a column of that very name"
    assert page(url=None, metadata__url=None, metadata={"url": THERE}, u=HERE).url == HERE
    assert page(url=None, meta={"warc_headers": "{'warc-target-uri': 'https://mill.example/'}"}).url == HERE


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"text": "corn"}, "the row has no URL"), ({"url": "nan", "text": "corn"}, "the row has no URL"),
        ({"url": HERE}, "the row has no page"), ({"url": HERE, "text": 3}, "the row has no page"),
        ({"url": HERE, "text": None}, "the row has no page"),
    ],
)  # fmt: skip
def test_rows_without_address_or_page_fail_at_their_place(columns: dict[str, Any], said: str) -> None:
    found = judge_row(columns, "crawl, row 3", LIMITS)
    assert isinstance(found, FailedRecord) and found.error.startswith(said) and found.error.endswith("(crawl, row 3)")


@pytest.mark.parametrize(
    ("columns", "reason", "score"),
    [
        ({"url": "ftp://mill.example/", "text": "corn"}, "not_a_web_address", None),
        ({"text": " "}, "empty", 0), ({"text": ""}, "empty", 0), ({"html": "nan"}, "empty", 0),
        ({"text": "x" * 21}, "too_large", 21), ({"text": "é" * 11}, "too_large", 22),
    ],
)  # fmt: skip
def test_rows_that_go_have_a_reason(columns: dict[str, Any], reason: str, score: float | None) -> None:
    found = judged(**{"url": HERE} | columns)
    assert isinstance(found, RejectedRecord) and (found.reason, found.score) == (reason, score)
    assert page(text="x" * 20).text == "x" * 20


def test_texts_to_learn_from_need_no_address() -> None:
    assert text_and_url({"content": "corn"}) == ("corn", "")
    assert text_and_url({"content": b"corn\xff", "url": f" {HERE} "}) == ("corn\ufffd", HERE)
    assert text_and_url({"html": "<p>corn</p>", "url": HERE}) is text_and_url({"text": " "}) is None
