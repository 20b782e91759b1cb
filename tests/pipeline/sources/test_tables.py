"""Rows of Parquet and lines of JSON become pages, texts, rejections and failures; no damage stops a file."""

from __future__ import annotations

import gzip
import io
import json
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.sources.records import FailedRecord, PageRecord, Record, RejectedRecord
from pipeline.sources.tables import read_jsonl, read_parquet

LIMIT = 1000


def lines(*rows: Any) -> bytes:
    """Rows as JSON, or bytes as they are, one a line."""
    return b"".join((row if isinstance(row, bytes) else json.dumps(row).encode()) + b"\n" for row in rows)


def from_jsonl(data: bytes) -> list[Record]:
    return list(read_jsonl(io.BytesIO(data), "crawl.jsonl", LIMIT))


def parquet(columns: dict[str, Any], rows_a_group: int = 100) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink, row_group_size=rows_a_group)
    return sink.getvalue()


def from_parquet(data: bytes) -> list[Record]:
    return list(read_parquet(io.BytesIO(data), "crawl.parquet", LIMIT))


def test_html_and_text_rows() -> None:
    html, text = from_jsonl(
        lines(
            {"url": "https://mill.example/1", "html": "<p>grün</p>", "date": "2024-05-06T07:08:09Z", "title": "One"},
            {"url": " https://mill.example/2 ", "text": "plain grün"},
        )
    )
    assert (html.url, html.date, html.title) == ("https://mill.example/1", "2024-05-06T07:08:09Z", "One")
    assert (html.html, html.content_type, html.text) == ("<p>grün</p>".encode(), "text/html; charset=utf-8", None)
    assert (text.url, text.text, text.html, text.date) == ("https://mill.example/2", "plain grün", b"", "")


@pytest.mark.parametrize("url", ["url", "source_url", "warc_target_uri", "WARC-Target-URI"])
@pytest.mark.parametrize("body", ["html", "raw_html", "text", "content", "raw_content"])
@pytest.mark.parametrize("date", ["date", "timestamp", "crawl_date"])
def test_other_tools_names_for_the_same_things(url: str, body: str, date: str) -> None:
    row = {url: "https://mill.example/", body: "words", date: "2024-05-06"}
    (page,) = from_jsonl(lines(row))
    assert (page.url, page.text or page.html.decode(), page.date) == (
        "https://mill.example/", "words", "2024-05-06T00:00:00Z"
    )  # fmt: skip
    assert from_parquet(parquet({name: [value] for name, value in row.items()})) == [page]


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.ZstdCompressor().compress], ids=["gzip", "zstd"])
def test_compressed_files_of_one_piece_and_of_several(compress) -> None:
    rows = [{"url": f"https://mill.example/{n}", "text": f"page {n}"} for n in range(6)]
    plain = from_jsonl(lines(*rows))
    assert from_jsonl(compress(lines(*rows))) == plain
    assert from_jsonl(compress(lines(*rows[:4])) + compress(lines(*rows[4:]))) == plain


GOOD = {"url": "https://mill.example/", "text": "words"}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{broken", "not valid JSON"),
        (b"\xff\xfe", "not valid JSON"),
        (b"[" * 100_000, "longer than"),
        (b"[" * 50_000, "not valid JSON"),
        (b"9" * 5000, "not valid JSON"),
        (b'["a list"]', "no JSON object"),
        (b"3", "no JSON object"),
        (b"null", "no JSON object"),
        (b"{}", "has no URL"),
        (b'{"url": "", "text": "words"}', "has no URL"),
        (b'{"url": null, "text": "words"}', "has no URL"),
        (b'{"url": "https://mill.example/"}', "has no page"),
        (b'{"url": "https://mill.example/", "text": 3}', "has no page"),
        (b'{"url": "https://mill.example/", "html": null, "text": null}', "has no page"),
        (b'{"url": "https://mill.example/", "text": "' + b"x" * 100_000 + b'"}', "longer than"),
    ],
)
def test_a_bad_line_is_one_failure_at_its_place_and_the_rest_goes_on(line: bytes, said: str) -> None:
    first, bad, blank_passed = from_jsonl(lines(GOOD, line, b"", GOOD))
    assert isinstance(first, PageRecord) and isinstance(blank_passed, PageRecord)
    assert isinstance(bad, FailedRecord) and said in bad.error and "crawl.jsonl, line 2" in bad.error


def test_the_last_line_needs_no_line_feed() -> None:
    assert len(from_jsonl(lines(GOOD, GOOD)[:-1])) == 2


def test_empty_and_too_large_pages_are_rejected_with_their_number() -> None:
    url = "https://mill.example/"
    bodies = ({"text": " \n"}, {"html": "x" * 1001}, {"html": "é" * 501})
    records = from_jsonl(lines(*({"url": url} | body for body in bodies)))
    assert [(r.reason, r.score) for r in records] == [("empty", 0), ("too_large", 1001), ("too_large", 1002)]


def test_half_a_surrogate_pair_does_not_reach_the_tables() -> None:
    (page,) = from_jsonl(rb'{"url": "https://mill.example/\ud800", "title": "\udfff!", "text": "half \ud83d"}')
    assert all(value.encode() for value in (page.url, page.title, page.text))


@pytest.mark.parametrize("cut", [0.5, 0.9])
def test_a_gzip_file_that_is_cut_ends_in_one_failure(cut: float) -> None:
    rows = ({"url": f"https://mill.example/{n * n}", "text": f"page {n**5}"} for n in range(5000))
    data = gzip.compress(lines(*rows))
    *pages, last = from_jsonl(data[: int(len(data) * cut)])
    assert isinstance(last, FailedRecord) and "damaged" in last.error
    assert 1000 < len(pages) < 5000 and all(isinstance(page, PageRecord) for page in pages)


def test_parquet_rows_across_row_groups() -> None:
    urls = [f"https://mill.example/{n}" for n in range(600)]
    columns = {"url": urls, "html": [f"<p>{n}</p>".encode() for n in range(600)], "noise": list(range(600))}
    pages = from_parquet(parquet(columns, 250))
    assert [page.url for page in pages] == urls
    assert (pages[-1].html, pages[-1].content_type) == (b"<p>599</p>", "text/html")


def test_parquet_dates_of_arrow_s_own_types() -> None:
    moment = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    for kind in (pa.timestamp("us"), pa.timestamp("s", "UTC"), pa.timestamp("ms", "UTC")):
        dates = pa.array([moment if kind.tz else moment.replace(tzinfo=None)], kind)
        (page,) = from_parquet(parquet({"url": ["https://mill.example/"], "text": ["words"], "timestamp": dates}))
        assert page.date == "2024-05-06T07:08:09Z"


def test_a_date_out_of_range_is_a_failure() -> None:
    dates = pa.array([2**62], pa.timestamp("us"))
    (found,) = from_parquet(parquet({"url": ["https://mill.example/"], "text": ["words"], "date": dates}))
    assert isinstance(found, FailedRecord)


def test_a_table_without_known_columns_fails_row_by_row() -> None:
    records = from_parquet(parquet({"name": ["a", "b"]}))
    assert [type(record) for record in records] == [FailedRecord, FailedRecord]
    assert "row 2" in records[1].error and records[0].id != records[1].id


def test_a_damaged_row_group_is_one_failure() -> None:
    urls = [f"https://mill.example/{n}" for n in range(6)]
    data = parquet({"url": urls, "text": [f"text {n}" for n in range(6)]}, 2)
    column = pq.ParquetFile(io.BytesIO(data)).metadata.row_group(1).column(1)
    start = column.dictionary_page_offset or column.data_page_offset
    records = from_parquet(data[:start] + b"\xff" * 12 + data[start + 12 :])
    assert [type(record) for record in records] == [PageRecord, PageRecord, FailedRecord, PageRecord, PageRecord]
    assert "row group 1 can't be read" in records[2].error


@pytest.mark.parametrize("data", [b"", b"PAR1", b"junk", parquet(GOOD | {"url": ["u"], "text": ["t"]})[:-9]])
def test_what_is_no_parquet_is_one_failure(data: bytes) -> None:
    (record,) = from_parquet(data)
    assert isinstance(record, FailedRecord) and "not valid Parquet" in record.error


def test_the_same_row_has_the_same_id_in_every_format() -> None:
    (one,), (other,) = from_jsonl(lines(GOOD)), from_parquet(parquet({key: [value] for key, value in GOOD.items()}))
    assert one == other


@given(st.binary(max_size=300))
def test_any_bytes_as_jsonl_give_a_record_for_each_line_with_something_on_it(data: bytes) -> None:
    records = from_jsonl(data)
    if data[:2] != b"\x1f\x8b" and data[:4] != b"\x28\xb5\x2f\xfd":
        assert len(records) == sum(bool(line.strip()) for line in data.split(b"\n"))


WHOLE = parquet({"url": ["https://mill.example/1", "https://mill.example/2"], "text": ["one", "two"]})


@given(st.integers(4, len(WHOLE) - 13), st.binary(min_size=1, max_size=8))
@example(246, b"\x80")  # a column's name that is no UTF-8
def test_a_parquet_file_with_wrong_bytes_never_raises(place: int, wrong: bytes) -> None:
    records = from_parquet(WHOLE[:place] + wrong + WHOLE[place + len(wrong) :])
    assert all(isinstance(record, PageRecord | RejectedRecord | FailedRecord) for record in records)
