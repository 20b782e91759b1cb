"""ARC files of both versions: every sound record is found, every damaged stretch is one failed record."""

from __future__ import annotations

import gzip
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources.arc import read_arc
from pipeline.sources.captures import Limits
from pipeline.sources.records import FailedRecord, PageRecord, Record, RejectedRecord

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
JUNK = b"these words belong to no record at all " * 30


def line(url: str, length: int, version: int = 1, content_type: str = "text/html") -> bytes:
    more = " 200 - - 1234 crawl.arc" if version == 2 else ""
    return f"{url} 192.0.2.7 20040506070809 {content_type}{more} {length}\n".encode()


def record(number: int, version: int = 1, url: str | None = None) -> bytes:
    block = HEAD + b"<html><p>Page %d</p></html>" % number
    return line(url or f"http://mill.example/{number}", len(block), version) + block + b"\n"


def about(version: int = 1) -> bytes:
    block = b"%d 0 Mill\nURL IP-address Archive-date Content-type Archive-length\n" % version
    return line("filedesc://crawl.arc", len(block), version, "text/plain") + block + b"\n"


def read(data: bytes) -> list[Record]:
    return list(read_arc(io.BytesIO(data), "crawl.arc", Limits(100_000, keep_truncated=False)))


def outline(data: bytes) -> str:
    marks = {FailedRecord: lambda _: "!", RejectedRecord: lambda _: "-", PageRecord: lambda page: page.url[-1]}
    return "".join(marks[type(found)](found) for found in read(data))


FORMS = {
    "plain": b"".join,
    "gzip": lambda parts: b"".join(map(gzip.compress, parts)),
    "one member": lambda parts: gzip.compress(b"".join(parts), mtime=0),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("version", [1, 2])
def test_sound_archives(form: str, version: int) -> None:
    data = FORMS[form]([about(version), *(record(number, version) for number in range(1, 6))])
    assert outline(data) == "-12345"
    page = read(data)[1]
    assert isinstance(page, PageRecord)
    assert (page.date, page.content_type, page.html) == (
        "2004-05-06T07:08:09Z",
        "text/html",
        b"<html><p>Page 1</p></html>",
    )


def test_other_records_and_addresses_with_blanks() -> None:
    dns = line("dns:mill.example", 5, content_type="text/dns") + b"a b c\n"
    found = read(about() + dns + record(1, url="http://mill.example/a b 1.2.3.4 c"))
    assert [getattr(one, "reason", "") for one in found] == ["record_type_filedesc", "not_a_web_address", ""]
    assert found[2].url == "http://mill.example/a b 1.2.3.4 c"


@pytest.mark.parametrize("form", ["plain", "gzip"])
def test_damage_is_one_failure_and_costs_no_other_record(form: str) -> None:
    parts = [FORMS[form]([record(number)]) for number in range(1, 6)]
    assert outline(b"".join([*parts[:2], JUNK + b"\n", *parts[2:]])) == "12!345"
    assert outline(b"".join([*parts[:2], parts[2][:60], b"\n", *parts[3:]])).replace("!", "") == "1245"
    assert outline(b"".join([*parts[:2], parts[2][:60]])) == "12!"
    assert outline(JUNK + b"\n" + b"".join(parts)) == "!12345"


@pytest.mark.parametrize(
    "data", [b"", JUNK, gzip.compress(b"", mtime=0), gzip.compress(JUNK, mtime=0), b"\x1f\x8b\x08"]
)
def test_what_is_no_archive_is_one_failure(data: bytes) -> None:
    assert outline(data) == "!"


parts = st.lists(
    st.one_of(
        st.binary(max_size=40),
        st.sampled_from([record(1), gzip.compress(record(2), mtime=0), about(), b"\x1f\x8b\x08"]),
    ),
    max_size=5,
)


@given(parts.map(b"".join))
def test_any_bytes_give_at_least_one_record_and_never_raise(data: bytes) -> None:
    assert read(data) and read(data) == read(data)
