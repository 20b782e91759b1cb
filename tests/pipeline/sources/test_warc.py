"""Archives as the world writes them: every sound record is found, every damaged stretch is one failed record."""

from __future__ import annotations

import contextlib
import gzip
import io
import random
from collections.abc import Callable
from dataclasses import replace

import brotli
import pytest
import zstandard
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.sources.captures import Limits
from pipeline.sources.records import FailedRecord, PageRecord, Record, RejectedRecord
from pipeline.sources.warc import end_of_record, packing, read_warc
from tests.pipeline.sources.breaking_disk import BreakingDisk

OK = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
BOMB = gzip.compress(bytes(10**6), mtime=0)
NOISE = random.Random(3).randbytes(3000)
WORDS = b"these words belong to no record at all " * 30


def record(
    number: int = 1,
    body: bytes | None = None,
    head: str = OK,
    kind: str = "response",
    length: object = None,
    newline: str = "\r\n",
    **fields: str | None,
) -> bytes:
    """One WARC record of the page https://mill.example/``number``; a field that is ``None`` is left out."""
    block = head.encode("latin-1") + (b"<html><p>Page %d</p></html>" % number if body is None else body)
    header = {
        "WARC-Type": kind,
        "WARC-Record-ID": f"<urn:uuid:{number:036d}>",
        "WARC-Date": f"2024-01-01T00:00:{number:02d}Z",
        "WARC-Target-URI": f"https://mill.example/{number}",
        "Content-Type": "application/http; msgtype=response",
        "Content-Length": str(len(block) if length is None else length),
    } | {name.replace("_", "-"): value for name, value in fields.items()}
    written = "".join(f"{name}: {value}{newline}" for name, value in header.items() if value is not None)
    return f"WARC/1.0{newline}{written}{newline}".encode() + block + 2 * newline.encode()


def read(data: bytes, max_record_bytes: int = 100_000, keep_truncated: bool = False) -> list[Record]:
    return list(read_warc(io.BytesIO(data), "crawl.warc", Limits(max_record_bytes, keep_truncated)))


def outline(data: bytes) -> str:
    """Pages by their number, ``!`` for a failure, ``-`` for a rejection."""
    marks = {FailedRecord: lambda _: "!", RejectedRecord: lambda _: "-", PageRecord: lambda page: page.url[-1]}
    return "".join(marks[type(found)](found) for found in read(data))


PLAIN = [record(number) for number in range(1, 6)]
ZIPPED = [gzip.compress(one, mtime=0) for one in PLAIN]


@pytest.mark.parametrize(
    "data",
    [
        b"".join(PLAIN),
        b"".join(ZIPPED),
        gzip.compress(b"".join(PLAIN), mtime=0),
        b"".join(record(number, newline="\n") for number in range(1, 6)),
        b"".join(gzip.compress(record(number, newline="\n"), mtime=0) for number in range(1, 6)),
        b"".join(PLAIN) + b"\r\n\r\n",
        b"".join(PLAIN)[:-4],
    ],
    ids=["plain", "gzip", "one gzip member", "line feeds alone", "the same in gzip", "blank lines", "no blank lines"],
)
def test_sound_archives_have_no_failures(data: bytes) -> None:
    assert outline(data) == "12345"


def test_a_page_as_it_comes_out() -> None:
    (page,) = read(record(7, body=b"<html>\xe9</html>"))
    assert (page.url, page.date) == ("https://mill.example/7", "2024-01-01T00:00:07Z")
    assert (page.html, page.content_type, page.text) == (b"<html>\xe9</html>", "text/html", None)


def spliced(damage: Callable[[list[bytes]], list[bytes]]) -> list[bytes]:
    return [b"".join(damage(list(PLAIN))), b"".join(damage(list(ZIPPED)))]


@pytest.mark.parametrize("junk", [NOISE, WORDS, bytes(3000), WORDS + b"\r\n"], ids=["noise", "words", "zeros", "line"])
@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (lambda parts, junk: [*parts[:2], junk, *parts[2:]], "12!345"),
        (lambda parts, junk: [parts[0], junk, *parts[1:3], junk, *parts[3:]], "1!23!45"),
        (lambda parts, junk: [junk, *parts], "!12345"),
        (lambda parts, junk: [*parts, junk], "12345!"),
    ],
    ids=["between", "between twice", "at the start", "at the end"],
)
def test_junk_is_one_failure_and_costs_no_record(damage, expected: str, junk: bytes) -> None:
    for data in spliced(lambda parts: damage(parts, junk)):
        assert outline(data) == expected


@pytest.mark.parametrize("cut", [5, 30, 60, 120, 250])
def test_a_record_cut_in_the_middle_costs_itself_alone(cut: int) -> None:
    assert outline(b"".join([*PLAIN[:2], PLAIN[2][:cut], *PLAIN[3:]])) == "12!45"


def test_a_record_that_lost_its_last_bytes_takes_them_from_the_next_one_which_is_found_all_the_same() -> None:
    assert outline(b"".join([*PLAIN[:2], PLAIN[2][:-20], *PLAIN[3:]])) == "123!45"


@pytest.mark.parametrize("cut", [5, 12, 30, 100, -20, -6])
def test_a_gzip_member_cut_in_the_middle_costs_itself_alone(cut: int) -> None:
    assert outline(b"".join([*ZIPPED[:2], ZIPPED[2][:cut], *ZIPPED[3:]])) == "12!45"


@pytest.mark.parametrize("cut", [5, 30, 60, 120, 250, -20, -6])
def test_a_file_that_ends_too_early_says_so(cut: int) -> None:
    assert outline(b"".join([*PLAIN[:2], PLAIN[2][:cut]])) == "12!"


@pytest.mark.parametrize("cut", [5, 12, 30, 100, -20])
def test_a_gzip_file_that_ends_too_early_says_so(cut: int) -> None:
    assert outline(b"".join([*ZIPPED[:2], ZIPPED[2][:cut]])) == "12!"


@pytest.mark.parametrize("place", [12, 60, 100, -6])
def test_wrong_bytes_in_a_gzip_member_cost_it_alone(place: int) -> None:
    broken = bytearray(ZIPPED[2])
    broken[place] ^= 0xFF
    assert outline(b"".join([*ZIPPED[:2], bytes(broken), *ZIPPED[3:]])) == "12!45"


def test_empty_gzip_members_do_not_end_the_file() -> None:
    empty = gzip.compress(b"", mtime=0)
    assert outline(b"".join([*ZIPPED[:2], empty, *ZIPPED[2:4], empty, empty, ZIPPED[4], empty])) == "12345"


def test_a_gzip_member_that_is_no_record_is_one_failure() -> None:
    assert outline(b"".join([*ZIPPED[:2], gzip.compress(b"not a record", mtime=0), *ZIPPED[2:]])) == "12!345"


@pytest.mark.parametrize("length", [9000, 99_000, "many", "-5", "1²"])
def test_a_record_that_lies_about_its_length_swallows_no_other(length: object) -> None:
    liar = record(2, length=length)
    assert outline(b"".join([PLAIN[0], liar, *PLAIN[2:]])) == "1!345"
    assert outline(b"".join([ZIPPED[0], gzip.compress(liar, mtime=0), *ZIPPED[2:]])) == "1!345"


def test_a_record_without_its_version_line_is_one_failure() -> None:
    assert outline(b"".join([PLAIN[0], PLAIN[1][8:], *PLAIN[2:]])) == "1!345"


def test_failures_of_different_places_have_different_ids_and_say_where() -> None:
    records = read(ZIPPED[0] + NOISE + ZIPPED[1] + NOISE + ZIPPED[2])
    failures = [found for found in records if isinstance(found, FailedRecord)]
    assert len({found.id for found in failures}) == len(failures) == 2
    assert all("crawl.warc at byte " in found.error for found in failures)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "the file is empty"),
        (b"filedesc://crawl.arc 0.0.0.0 20240101000000 text/plain 9\n", "ARC file"),
        (gzip.compress(b"filedesc://crawl.arc 0.0.0.0 20240101000000 text/plain 9\n", mtime=0), "ARC file"),
        (b"PK\x03\x04rest of a zip", "zip"),
        (WORDS, "does not begin with a WARC record"),
        (NOISE, "does not begin with a WARC record"),
    ],
)
def test_a_file_that_is_no_archive_is_one_failure_that_says_what_it_is(data: bytes, said: str) -> None:
    (found,) = read(data)
    assert isinstance(found, FailedRecord) and said in found.error


@pytest.mark.parametrize(
    ("data", "reason", "score"),
    [
        (record(head="HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n"), "http_status", 404),
        (record(head="HTTP/1.1 301 Moved\r\nLocation: /\r\n\r\n"), "http_status", 301),
        (record(kind="revisit"), "record_type_revisit", None),
        (record(kind="request", head="GET / HTTP/1.1\r\n\r\n"), "record_type_request", None),
        (record(kind="warcinfo", WARC_Target_URI=None), "record_type_warcinfo", None),
        (record(kind="metadata"), "record_type_metadata", None),
        (record(head="HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n"), "content_type", None),
        (record(head="HTTP/1.1 200 OK\r\n\r\n", body=b"%PDF-1.7"), "content_type", None),
        (record(WARC_Target_URI="dns:mill.example"), "not_a_web_address", None),
        (record(WARC_Truncated="length"), "truncated", 26),
        (record(WARC_Segment_Number="1"), "truncated", 26),
        (record(Warc_Type="response", WARC_Type=None, warc_segment_number="1"), "truncated", 26),
        (record(kind="continuation", WARC_Segment_Number="2"), "record_type_continuation", None),
        (record(head=OK.replace("\r\n\r\n", "\r\nContent-Length: 99\r\n\r\n")), "truncated", 26),
        (record(body=b" \r\n "), "empty", 0),
        (record(body=b"x" * 100_001), "too_large", 100_001 + len(OK)),
        (record(body=b"x" * 300_000), "too_large", 300_000 + len(OK)),
        (record(head=OK[:-2] + "Content-Encoding: gzip\r\n\r\n", body=BOMB), "too_large", 100_000),
        (record(kind="conversion", head="", body=b" \n", Content_Type="text/plain"), "empty", 0),
        (record(kind="conversion", head="", body=b"x" * 200_000, Content_Type="text/plain"), "too_large", 200_000),
        (record(kind="conversion", head="", body=b"%PDF-1.4", Content_Type="application/pdf"), "content_type", None),
        (record(kind="conversion", head="", WARC_Target_URI="dns:mill.example"), "not_a_web_address", None),
        (record(WARC_Target_URI="http:///no-host"), "not_a_web_address", None),
        (record(WARC_Target_URI="http://[::1"), "not_a_web_address", None),
    ],
)
def test_what_is_no_page_is_rejected_with_its_reason(data: bytes, reason: str, score: float | None) -> None:
    (found,) = read(data)
    assert isinstance(found, RejectedRecord) and (found.reason, found.score) == (reason, score)
    assert outline(PLAIN[0] + data + PLAIN[2]) == "1-3"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (record(WARC_Target_URI=None), "no WARC-Target-URI"),
        (record(WARC_Target_URI=""), "no WARC-Target-URI"),
        (record(head="", body=b"<html></html>"), "does not begin with an HTTP status line"),
    ],
)
def test_what_is_no_sound_record_fails_alone(data: bytes, said: str) -> None:
    (found,) = read(data)
    assert isinstance(found, FailedRecord) and said in found.error
    assert outline(PLAIN[0] + data + PLAIN[2]) == "1!3"


@pytest.mark.parametrize(
    "data",
    [
        record(head="HTTP/1.1 200 OK\r\nContent-Type: Text/HTML; charset=utf-8\r\n\r\n"),
        record(head="HTTP/1.1 200 OK\r\nContent-Type: application/xhtml+xml\r\n\r\n"),
        record(head="HTTP/1.1 200 OK\r\n\r\n", body=b"\n<!-- x --><!DOCTYPE html><p>Page"),
        record(head="HTTP/1.0 200 OK\nContent-Type: text/html\n\n"),
        record(head=OK.replace("\r\n\r\n", "\r\nContent-Length: 1²\r\n\r\n")),
        record(head=OK.replace("\r\n\r\n", f"\r\nContent-Length: {'9' * 5000}\r\n\r\n")),
        record(head=OK[:-2] + "Content-Encoding: br\r\nContent-Length: 3\r\n\r\n", body=brotli.compress(b"<p>Page")),
        record(head="", body=b"<html><p>Page</p></html>", kind="resource", Content_Type="text/html"),
        record(WARC_Target_URI="<https://mill.example/1>"),
    ],
)
def test_pages_in_other_forms(data: bytes) -> None:
    (page,) = read(data)
    assert isinstance(page, PageRecord) and page.url == "https://mill.example/1" and b"Page" in page.html


def test_truncated_pages_are_kept_where_the_recipe_says_so() -> None:
    (page,) = read(record(WARC_Truncated="length"), keep_truncated=True)
    assert isinstance(page, PageRecord)


@pytest.mark.parametrize(
    "data",
    [
        record(kind="conversion", head="", body="Wörter".encode(), Content_Type="text/plain"),
        record(kind="conversion", head="", body="\ufeffWörter".encode(), Content_Type="text/plain"),
        record(head="HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n", body="Wörter".encode()),
    ],
)
def test_texts_come_out_as_texts(data: bytes) -> None:
    (page,) = read(data)
    assert (page.text, page.html) == ("Wörter", b"")


def test_an_id_tells_apart_url_date_and_payload_and_nothing_else() -> None:
    same = [
        record(1),
        gzip.compress(record(1), mtime=0),
        record(1, WARC_Record_ID="<urn:uuid:other>"),
        PLAIN[4] + record(1),
    ]
    assert len({read(data)[-1].id for data in same}) == 1
    url, date = "https://mill.example/other", "2024-01-01T00:00:02Z"
    others = [record(1, body=b"<p>x"), record(1, WARC_Date=date), record(1, WARC_Target_URI=url)]
    assert len({read(data)[0].id for data in [record(1), *others]}) == 4


parts = st.one_of(
    st.binary(max_size=60),
    st.sampled_from([*PLAIN, *ZIPPED, b"WARC/1.0\r\n", b"\x1f\x8b\x08"]),
    st.sampled_from([gzip.compress(b"", mtime=0), gzip.compress(b"WARC/1.0\r\nx:", mtime=0)]),
    st.tuples(st.sampled_from([PLAIN[0], ZIPPED[0]]), st.integers(0, 300)).map(lambda cut: cut[0][: cut[1]]),
)


@given(st.lists(parts, max_size=5).map(b"".join))
@example(b"WARC/1.0\r\n")
@example(gzip.compress(b"", mtime=0) * 3)
def test_any_bytes_give_at_least_one_record_and_never_raise(data: bytes) -> None:
    records = read(data)
    assert records and all(isinstance(found, PageRecord | RejectedRecord | FailedRecord) for found in records)
    assert read(data) == records


numbers_and_junk = st.tuples(st.integers(1, 9), st.sampled_from([b"", NOISE[:99], WORDS]))


@given(st.lists(numbers_and_junk, min_size=1, max_size=6), st.booleans())
def test_every_sound_record_is_found_and_every_stretch_of_junk_counted(entries: list, zipped: bool) -> None:
    data = b"".join(
        (gzip.compress(record(number), mtime=0) if zipped else record(number)) + junk for number, junk in entries
    )
    assert outline(data) == "".join(f"{number}{'!' if junk else ''}" for number, junk in entries)


def test_what_follows_a_zstd_record_with_names_in_another_case_is_read_on() -> None:
    """Where FastWARC alone can read, it goes on where it was: far behind what is looked at meanwhile."""
    draw = random.Random(5)
    bodies = [f"<p>{draw.randbytes(20_000).hex()}</p>".encode() for _ in range(6)]
    odd = record(7, bodies[0], head="").replace(b"WARC-Type:", b"warc-type:")
    parts = [odd, *(record(number, body) for number, body in enumerate(bodies[1:], 1))]
    data = b"".join(zstandard.compress(part) for part in parts)
    assert [found.url[-1] for found in read(data) if isinstance(found, PageRecord)] == list("12345")


def without_places(records: list[Record]) -> list[Record]:
    return [replace(record, offset=None) if isinstance(record, PageRecord) else record for record in records]


CASES: list[Callable[[str], str]] = [str.lower, str.upper, str.title, str.swapcase]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("zipped", [False, True])
def test_names_of_fields_in_any_case(case: Callable[[str], str], zipped: bool) -> None:
    """ISO 28500, section 4, and what some writers make of it, in the whole file or in some records alone."""

    def renamed(one: bytes) -> bytes:
        head, _, block = one.partition(b"\r\n\r\n")
        first, *fields = head.decode().split("\r\n")
        named = [f"{case(name)}:{value}" for name, _, value in (field.partition(":") for field in fields)]
        return "\r\n".join([first, *named]).encode() + b"\r\n\r\n" + block

    odd = [renamed(one) for one in PLAIN]
    for parts in (odd, [*PLAIN[:2], *odd[2:]], [*odd[:2], *PLAIN[2:]], [PLAIN[0], odd[1], PLAIN[2], odd[3], PLAIN[4]]):
        data = [gzip.compress(part, mtime=0) for part in parts] if zipped else parts
        assert outline(b"".join(data)) == "12345"
        assert outline(b"".join([*data[:2], NOISE, *data[2:]])) == "12!345"
        assert without_places(read(b"".join(data))) == without_places(read(b"".join(PLAIN)))


@pytest.mark.parametrize("kind", ["conversion", "response", "resource"])
def test_records_without_an_address_fail_whatever_they_are(kind: str) -> None:
    found = read(record(1, kind=kind, WARC_Target_URI=None) + record(2, kind=kind, WARC_Target_URI=None))
    assert [isinstance(one, FailedRecord) and "no WARC-Target-URI" in one.error for one in found] == [True, True]
    assert found[0].id != found[1].id


@pytest.mark.parametrize("date", ["2024", "2024-05", "2024-05-06", "2024-05-06T07:08Z", "2024-05-06t07:08:09z"])
def test_dates_of_any_precision(date: str) -> None:
    (page,) = read(record(1, WARC_Date=date))
    assert isinstance(page, PageRecord) and page.date.startswith("2024-0")


def test_a_line_without_a_colon_and_one_that_goes_on_from_it_are_no_field() -> None:
    odd = record(2).replace(b"WARC-Type", b"warc-type").replace(b"Content-L", b"content-l")
    odd = odd.replace(b"Content-Type: application", b"no colon\r\n and on\r\nContent-Type: application", 1)
    assert outline(record(1) + odd + record(3)) == "123"


def test_a_field_that_goes_on_over_lines_is_one() -> None:
    """Those that are read line by line, of which the next records are too, and those that FastWARC reads."""
    folded = record(2).replace(b"https://mill.example/2", b"https://mill.example\r\n\t /folded")
    (page,) = read(folded.replace(b"WARC-Type", b"warc-type"))
    assert isinstance(page, PageRecord) and page.url == "https://mill.example /folded"


@pytest.mark.parametrize("reads", range(4))
@pytest.mark.parametrize("data", [b"".join(PLAIN), b"".join(ZIPPED)], ids=["plain", "gzip"])
def test_a_disk_that_breaks_is_no_damaged_archive(data: bytes, reads: int) -> None:
    disk = BreakingDisk(data, reads)
    found: list[Record] = []
    raised = True
    with contextlib.suppress(OSError):
        found.extend(read_warc(disk, "crawl.warc", Limits(100_000, False)))
        raised = False
    assert all(isinstance(one, PageRecord) for one in found) and raised is (disk.left < 0)
    assert raised or len(found) == 5


FRAME = zstandard.compress(PLAIN[1])
NO_LENGTH = record(1, Content_Length=None)
HEAD_ALONE = b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 500\r\n"


@pytest.mark.parametrize(
    ("first", "end", "magic"),
    [
        (PLAIN[0], len(PLAIN[0]) - 4, b""),
        (b"\r\n" + PLAIN[0], len(PLAIN[0]) - 2, b""),
        (PLAIN[0].replace(b"Content-Length", b"content-length "), len(PLAIN[0]) - 3, b""),
        (record(1, newline="\n"), len(record(1, newline="\n")) - 2, b""),
        (ZIPPED[0], len(ZIPPED[0]), b"\x1f\x8b\x08"),
        (FRAME, len(FRAME), b"\x28\xb5\x2f"),
        (NO_LENGTH, NO_LENGTH.index(b"\r\n\r\n") + 4, b""),
        (record(1, length=10**6), record(1, length=10**6).index(b"\r\n\r\n") + 4 + 10**6, b""),
        (b"no record, and a blank line:\r\n\r\n", None, None),
    ],
)
def test_how_far_a_record_reaches_by_its_own_account_and_how_it_is_packed(
    first: bytes, end: int | None, magic: bytes | None
) -> None:
    for before in (b"", b"x" * 70):
        stream = io.BytesIO(before + first + PLAIN[2])
        assert end_of_record(stream, len(before)) == (None if end is None else len(before) + end)
        assert packing(stream, len(before)) == magic


def test_a_head_without_an_end_reaches_as_far_as_the_file() -> None:
    assert end_of_record(io.BytesIO(b"xx" + HEAD_ALONE), 2) == 2 + len(HEAD_ALONE)


def test_what_nobody_says_of_a_record_is_not_there() -> None:
    assert PageRecord("a", "b", "c") == PageRecord("a", "b", "c", b"", "", None, "", 0.0, None, None, None)
    assert RejectedRecord("a", "b", "c", "d") == RejectedRecord("a", "b", "c", "d", None, None, None, None)
    assert FailedRecord("a", "b", "c") == FailedRecord("a", "b", "c", None, None, None)
