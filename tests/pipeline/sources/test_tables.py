"""Rows of Parquet and lines of JSON become pages, texts, rejections and failures; no damage stops a file."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import json
import lzma
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.sources.captures import Limits
from pipeline.sources.jsonl import read_jsonl
from pipeline.sources.parquet import read_parquet
from pipeline.sources.records import FailedRecord, PageRecord, Record, RejectedRecord
from tests.pipeline.sources.breaking_disk import BreakingDisk

LIMIT = Limits(max_record_bytes=1000, keep_truncated=False)


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


WORDS, HERE, WHEN = "words", "https://mill.example/", "2024-05-06T07:08:09Z"


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
        (b'["a list"]', "a JSON array"),
        (b"3", "no JSON object"),
        (b"null", "no JSON object"),
        (b"{}", "has no URL"),
        (b'{"url": "", "text": "words"}', "has no URL"),
        (b'{"url": null, "text": "words"}', "has no URL"),
        (b'{"url": "https://mill.example/"}', "has no page"),
        (b'{"url": "https://mill.example/", "text": 3}', "has no page"),
        (b'{"url": "https://mill.example/", "html": null, "text": null}', "has no page"),
        (b'{"url": 7, "text": "words"}', "has no URL"),
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
    data = gzip.compress(lines(*rows), mtime=0)
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


@pytest.mark.parametrize("unit", ["ms", "us"])
@pytest.mark.parametrize("moment", [2**62, -(2**62)])
def test_a_date_out_of_range_costs_neither_its_row_nor_the_others(unit: str, moment: int) -> None:
    dates = pa.array([moment, None, 0], pa.timestamp(unit))
    columns = {"url": ["https://mill.example/"] * 3, "text": ["one", "two", "three"], "date": dates}
    assert [page.date for page in from_parquet(parquet(columns))] == ["", "", "1970-01-01T00:00:00Z"]


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (253_402_300_799, "9999-12-31T23:59:59Z"), (253_402_300_800, ""),
        (-62_135_596_800, "0001-01-01T00:00:00Z"), (-62_135_596_801, ""),
    ],
)  # fmt: skip
@pytest.mark.parametrize("unit", ["s", "ms", "us"])
def test_the_first_and_the_last_second_that_a_date_may_have(second: int, expected: str, unit: str) -> None:
    factor = {"s": 1, "ms": 1000, "us": 10**6}[unit]
    dates = pa.array([second * factor, 0], pa.timestamp(unit))
    columns = {"url": ["https://mill.example/"] * 2, "text": ["one", "two"], "date": dates}
    assert [page.date for page in from_parquet(parquet(columns))] == [expected, "1970-01-01T00:00:00Z"]


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


@pytest.mark.parametrize("reads", range(12))
def test_a_disk_that_breaks_is_no_damaged_file(reads: int) -> None:
    """The file may be whole: the work is to be tried again. What has been read is right."""
    urls = [f"https://mill.example/{n}" for n in range(6)]
    data = parquet({"url": urls, "text": [f"text {n}" for n in range(6)]}, 2)
    found: list[Record] = []
    disk = BreakingDisk(data, reads)
    with contextlib.suppress(OSError):
        found.extend(read_parquet(disk, "x.parquet", LIMIT))
    assert [one.url for one in found] == urls[: len(found)] and (reads or not found)
    assert (disk.left < 0) is (len(found) < 6)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("reads", range(4))
def test_a_disk_that_breaks_is_no_damaged_line(reads: int, packed: bool) -> None:
    data = lines(*({"url": f"https://mill.example/{n}", "text": f"text {n}"} for n in range(6)))
    disk = BreakingDisk(gzip.compress(data) if packed else data, reads)
    found: list[Record] = []
    with contextlib.suppress(OSError):
        found.extend(read_jsonl(disk, "x.jsonl", LIMIT))
    assert all(isinstance(one, PageRecord) for one in found)
    assert (disk.left < 0) is (len(found) < 6)


def test_days_and_moments_of_all_of_arrow_s_types_are_dates() -> None:
    day = date(2024, 5, 6)
    for kind in (pa.date32(), pa.date64()):
        columns = {"url": ["https://mill.example/"] * 2, "text": ["words"] * 2, "date": pa.array([day, None], kind)}
        assert [page.date for page in from_parquet(parquet(columns))] == ["2024-05-06T00:00:00Z", ""]


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


@pytest.mark.parametrize("value", ["", " ", None, "NaN", "None", "null", "\\N", "\u00a0\ufeff"])
@pytest.mark.parametrize("first", ["html", "raw_html", "text", "content"])
def test_an_empty_column_hides_no_full_one(first: str, value: str | None) -> None:
    row = {
        first: value,
        "raw_content": "words",
        "url": value,
        "WARC-Target-URI": "https://mill.example/",
        "date": value,
    }
    row |= {"timestamp": "not a date", "crawl_date": "2024-05-06"}
    (page,) = from_jsonl(lines(row))
    assert (page.url, page.text, page.date) == ("https://mill.example/", "words", "2024-05-06T00:00:00Z")
    assert from_parquet(parquet({name: pa.array([value], pa.string()) for name, value in row.items()})) == [page]


@pytest.mark.parametrize("value", [float("nan"), 0, False, [], {}, ["<p>"], {"a": "<p>"}])
def test_what_is_no_string_hides_no_page_and_no_address(value: Any) -> None:
    row = {"url": value, "page_url": HERE, "html": value, "text": WORDS, "title": value}
    (page,) = from_jsonl(lines(row))
    assert (page.url, page.text, page.title) == (HERE, WORDS, "")
    (failure,) = from_jsonl(lines({"url": HERE, "html": value}))
    assert isinstance(failure, FailedRecord) and "no page" in failure.error and failure.url == HERE


def test_records_that_pandas_has_flattened() -> None:
    row = {"metadata.url": HERE, "warc_headers.warc-date": WHEN, "text": WORDS, "meta.title": "t"}
    (page,) = from_jsonl(lines(row))
    assert (page.url, page.date, page.text, page.title) == (HERE, WHEN, WORDS, "t")
    assert from_parquet(parquet({name: [value] for name, value in row.items()})) == [page]


# As their authors publish them; docs/inputs.md has the list.
LAYOUTS: dict[str, dict[str, Any]] = {
    "datatrove": {"text": WORDS, "id": "x", "metadata": {"url": HERE, "date": WHEN, "dump": "CC-MAIN-2024-22"}},
    "FineWeb": {"text": WORDS, "id": "<urn:uuid:1>", "dump": "CC-MAIN-2024-22", "url": HERE, "date": WHEN},
    "Dolma": {"id": "x", "text": WORDS, "source": "common-crawl", "added": "2025", "created": WHEN, "metadata": {"url": HERE}},
    "Dolma by address": {"id": HERE, "text": WORDS, "added": "2025-01-01", "created": WHEN, "metadata": {"length": 5}},
    "OSCAR": {"content": WORDS, "warc_headers": {"warc-target-uri": HERE, "warc-date": WHEN}, "metadata": {"language": "en"}},
    "HPLT": {"f": "./a.warc.gz", "o": 1, "u": HERE, "c": "text/html", "ts": WHEN, "collection": "wide", "text": WORDS},
    "cc_net": {"url": HERE, "date_download": WHEN, "digest": "sha1:x", "title": "t", "raw_content": WORDS, "nlines": 1},
    "DCLM": {"text": WORDS, "url": HERE, "metadata": {"WARC-Date": WHEN, "WARC-Target-URI": HERE}},
    "DCLM without url": {"text": WORDS, "metadata": {"WARC-Date": WHEN, "WARC-Target-URI": HERE}},
    "RedPajama": {"text": WORDS, "meta": json.dumps({"url": HERE, "timestamp": WHEN, "source": "wiki"})},
    "RedPajama, Python": {"text": WORDS, "meta": str({"url": HERE, "timestamp": WHEN})},
    "RedPajama-V2": {"raw_content": WORDS, "doc_id": "x", "meta": json.dumps({"url": HERE, "date_download": WHEN})},
    "RefinedWeb": {"content": WORDS, "url": HERE, "timestamp": WHEN, "dump": "CC-MAIN-2024-22", "image_urls": []},
    "C4": {"text": WORDS, "url": HERE, "timestamp": WHEN},
    "TxT360": {"text": WORDS, "meta": {"url": HERE, "timestamp": WHEN}, "subset": "cc"},
    "Spark": {"url": HERE, "fetchTime": 1714979289000, "content": WORDS},
    "Common Crawl": {"WARC-Target-URI": HERE, "WARC-Date": WHEN, "text": WORDS},
    "Trafilatura": {"title": "t", "source": HERE, "source-hostname": "mill.example", "raw_text": WORDS, "date": WHEN[:10]},
}  # fmt: skip


@pytest.mark.parametrize("corpus", LAYOUTS)
def test_layouts_of_known_corpora_are_read_as_they_are_published(corpus: str) -> None:
    row = LAYOUTS[corpus]
    found = [*from_jsonl(lines(row)), *from_parquet(parquet({name: [value] for name, value in row.items()}))]
    for page in found:
        assert (page.url, page.text) == (HERE, WORDS) and page.date[:10] == WHEN[:10]
    assert len({page.id for page in found}) == 1


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Asia/Tokyo"])
@pytest.mark.parametrize("nested", [False, True])
def test_moments_of_every_unit_and_zone(unit: str, zone: str | None, nested: bool) -> None:
    dates = pa.array(
        [1714979289 * {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]] * 2, pa.timestamp(unit, zone)
    )
    columns = {"url": [HERE] * 2, "text": ["one", "two"]}
    inside = pa.StructArray.from_arrays([dates], ["WARC-Date"]) if nested else dates
    pages = from_parquet(parquet(columns | {"metadata" if nested else "timestamp": inside}))
    assert [page.date for page in pages] == [WHEN, WHEN]


def test_moments_in_a_map_and_values_that_nobody_asks_for_cost_no_row() -> None:
    moment = pa.timestamp("ns")
    maps = pa.array([[("WARC-Date", 1714979289 * 10**9 + 1)], None, [("x", 1)]], pa.map_(pa.string(), moment))
    for column in (maps, pa.concat_arrays([maps, maps])[3:]):
        pages = from_parquet(parquet({"url": [HERE] * 3, "text": ["one", "two", "three"], "metadata": column}))
        assert [page.date for page in pages] == [WHEN, "", ""]
    for kind in (pa.list_(moment), pa.duration("ns"), pa.time64("ns"), pa.list_(pa.struct([("date", moment)]))):
        column = pa.nulls(2, kind) if pa.types.is_list(kind) else pa.array([1, 10**9 + 1], kind)
        if pa.types.is_list(kind):
            values = pa.array([1, 2], moment)
            inner = values if kind.value_type == moment else pa.StructArray.from_arrays([values], ["date"])
            column = pa.ListArray.from_arrays([0, 1, 2], inner)
        pages = from_parquet(parquet({"url": [HERE] * 2, "text": ["one", "two"], "metadata": column, "date": column}))
        assert [page.text for page in pages] == ["one", "two"]


def test_strings_that_are_not_utf_8_cost_no_other_row() -> None:
    words = "Le café de la gare était fermé depuis l'été, forêt, garçon. " * 8
    values = [words.encode("cp1252"), b"words", None]
    column = pa.Array.from_buffers(pa.string(), 3, pa.array(values, pa.binary()).buffers())
    pages = from_parquet(parquet({"url": [HERE] * 3, "title": column, "text": column}))
    assert [page.text for page in pages[:2]] == [words, "words"] and isinstance(pages[2], FailedRecord)


@pytest.mark.parametrize(
    "kind", [pa.binary(), pa.large_binary(), pa.large_string(), pa.dictionary(pa.int8(), pa.string())]
)
def test_columns_that_are_not_marked_as_strings(kind: pa.DataType) -> None:
    values = {"url": HERE, "text": "grün", "date": WHEN, "title": "Mühle"}
    if pa.types.is_dictionary(kind):
        columns = {name: pa.array([value]).dictionary_encode() for name, value in values.items()}
    else:
        columns = {
            name: pa.array([value.encode() if "binary" in str(kind) else value], kind)
            for name, value in values.items()
        }
    (page,) = from_parquet(parquet(columns))
    assert (page.url, page.text, page.date, page.title) == (HERE, "grün", WHEN, "Mühle")


@pytest.mark.parametrize(
    "url", ["mill.example/a", "//mill.example/a", "www.mill.example", "/a", "ftp://mill.example/", "mailto:a@mill.example",
            "http:///a", "http://[::1", "https://", "about:blank", "http:mill.example"]
)  # fmt: skip
def test_what_names_no_host_of_the_web_is_no_web_address(url: str) -> None:
    (found,) = from_jsonl(lines({"url": url, "text": "words"}))
    assert isinstance(found, RejectedRecord) and found.reason == "not_a_web_address"


def test_text_in_bytes_is_decoded_as_responses_are() -> None:
    words = "Le café de la gare était fermé depuis l'été, forêt, garçon. " * 8
    (page,) = from_parquet(parquet({"url": [HERE], "text": [words.encode("cp1252")]}))
    assert page.text == words


@pytest.mark.parametrize(
    "start", ["<!DOCTYPE html>", "\ufeff\n<html lang=en>", "<?xml version='1.0'?><!-- x --><html>"]
)
def test_a_page_in_a_column_of_text_is_a_page(start: str) -> None:
    (page,) = from_jsonl(lines({"url": HERE, "content": f"{start}<p>words</p></html>"}))
    assert page.text is None and b"<p>words" in page.html and page.content_type == "text/html; charset=utf-8"
    (text,) = from_jsonl(lines({"url": HERE, "content": f"about {start}"}))
    assert text.text == f"about {start}"


compressions = pytest.mark.parametrize(
    "compress",
    [gzip.compress, zstandard.ZstdCompressor().compress, bz2.compress, lzma.compress],
    ids=["gzip", "zstd", "bz2", "xz"],
)


@compressions
@pytest.mark.parametrize("pieces", [1, 3])
def test_a_packed_file_that_is_cut_off_is_damaged_wherever_it_ends(compress, pieces: int) -> None:
    data = b"".join(
        compress(lines(*({"url": HERE + str(n), "text": f"page {n**5} {piece}"} for n in range(1500))))
        for piece in range(pieces)
    )
    whole = from_jsonl(data)
    assert len(whole) == 1500 * pieces and all(isinstance(page, PageRecord) for page in whole)
    for share in (0.05, 0.5, 0.9, 0.999):
        *pages, last = from_jsonl(data[: int(len(data) * share)])
        assert isinstance(last, FailedRecord) and "damaged" in last.error and pages == whole[: len(pages)]


@compressions
def test_zeros_behind_a_packed_file_are_padding_and_all_else_is_damage(compress) -> None:
    row = lines({"url": HERE, "text": "words"})
    assert len(from_jsonl(compress(row) + bytes(512))) == 1
    assert len(from_jsonl(compress(row) + bytes(512) + compress(row))) == 2
    assert len(from_jsonl(compress(b"") + compress(row))) == 1
    for behind in (b"no stream at all, and no line", row, b"\x01" * 3000):
        page, failure = from_jsonl(compress(row) + behind)
        assert isinstance(page, PageRecord) and isinstance(failure, FailedRecord) and "damaged" in failure.error


@compressions
def test_what_was_packed_twice_is_unpacked_twice(compress) -> None:
    rows = lines(*({"url": HERE + str(n), "text": f"page {n}"} for n in range(99)))
    assert len(from_jsonl(gzip.compress(compress(rows), mtime=0))) == 99
    assert len(from_jsonl(compress(compress(rows)))) == 99
    assert from_parquet(compress(compress(WHOLE))) == from_parquet(WHOLE)
    *_, failure = from_jsonl(compress(compress(rows)[:-9]))
    assert isinstance(failure, FailedRecord)


def test_lz4_is_one_failure_that_says_what_to_do() -> None:
    packed = b"\x04\x22\x4d\x18\x64\x40\xa7" + lines({"url": HERE, "text": "words"}) * 9
    for failures in (from_jsonl(packed), from_parquet(packed)):
        (failure,) = failures
        assert isinstance(failure, FailedRecord) and "lz4" in failure.error and "unpack it first" in failure.error


def test_zstd_with_a_long_window_and_frames_to_skip() -> None:
    row = lines({"url": HERE, "text": "words"})
    long = zstandard.ZstdCompressionParameters.from_level(3, window_log=30, enable_ldm=True)
    skipped = b"\x50\x2a\x4d\x18\x04\x00\x00\x00abcd"
    data = skipped + zstandard.ZstdCompressor(compression_params=long).compressobj().compress(b"")
    encoder = zstandard.ZstdCompressor(compression_params=long).compressobj()
    data += encoder.compress(row) + encoder.flush() + skipped + zstandard.ZstdCompressor().compress(row)
    assert len(from_jsonl(data)) == 2


@compressions
def test_parquet_that_somebody_has_packed_once_more(compress) -> None:
    assert from_parquet(compress(WHOLE)) == from_parquet(WHOLE)
    (found,) = from_parquet(compress(WHOLE)[:-20])
    assert isinstance(found, FailedRecord)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["url", "date", "WARC-Date", "x"]), inner, max_size=2)
    ),
    max_leaves=4,
)
names = st.sampled_from(
    ["url", "date", "timestamp", "html", "text", "content", "metadata", "meta", "warc_headers", "id", "title"]
)


@given(st.dictionaries(names, json_values, max_size=6))
def test_any_row_is_one_record(row: dict[str, Any]) -> None:
    (found,) = from_jsonl(lines(row))
    assert isinstance(found, PageRecord | RejectedRecord | FailedRecord)
