"""Reading record by record, on an archive as simple as can be: ``REC n url`` and n bytes."""

from __future__ import annotations

import gzip
import io
import re

import pytest

from pipeline.sources.captures import Limits
from pipeline.sources.members import Members
from pipeline.sources.records import FailedRecord, PageRecord, Record, RejectedRecord
from pipeline.sources.sequential import Format, Head, Standing, read_sequentially

LINE = re.compile(rb"REC (\d+) (\S+)\n")
LIMITS = Limits(max_record_bytes=50, keep_truncated=False)


def read_head(line: bytes, members: Members) -> Head | None:
    match = LINE.fullmatch(line)
    return Head("resource", match[2].decode(), "", "text/html", int(match[1])) if match else None


FORM = Format("REC", read_head, LINE, LINE, 64)


def record(name: str, size: int = 12, there: int | None = None) -> bytes:
    page = b"<p>" + b"x" * (size - 3)
    return (
        b"REC %d https://mill.example/%s\n" % (size, name.encode()) + page[: size if there is None else there] + b"\n"
    )


A, B, C = map(record, "abc")


def read(data: bytes, **settings) -> tuple[list[Record], Standing]:
    reading = read_sequentially(io.BytesIO(data), "crawl.rec", LIMITS, FORM, **settings)
    found: list[Record] = []
    while True:
        try:
            found.append(next(reading))
        except StopIteration as ended:
            return found, ended.value


def outline(data: bytes, **settings) -> str:
    marks = {FailedRecord: "!", RejectedRecord: "-"}
    return "".join(marks.get(type(one)) or one.url[-1] for one in read(data, **settings)[0])


def test_records_have_their_places() -> None:
    found, standing = read(b"\n \n" + A + b"\n\n" + B)
    assert [(one.url[-1], one.offset, one.file) for one in found] == [
        ("a", 3, "crawl.rec"), ("b", 3 + len(A) + 2, "crawl.rec"),
    ]  # fmt: skip
    assert all(isinstance(one, PageRecord) for one in found) and standing == Standing(None)


def test_those_that_begin_before_the_end_of_a_stretch_are_read() -> None:
    data = A + B + C
    for until, read_ones, standing in (
        (1, "a", len(A)),
        (len(A), "a", len(A)),
        (len(A) + 1, "ab", len(A + B)),
        (len(data), "abc", None),
    ):
        assert outline(data, until=until) == read_ones
        assert read(data, until=until)[1] == Standing(standing)
    assert outline(data, start=len(A)) == "bc"
    assert read(data, start=len(A), until=len(A)) == ([], Standing(len(A)))
    assert read(data, start=None) == ([], Standing(None))


def test_one_stretch_after_the_other_gives_what_one_reading_gives() -> None:
    data = A + b"junk\n" * 9 + B + C + b"more junk"
    whole = read(data)[0]
    for middle in range(len(data)):
        first, standing = read(data, until=middle)
        rest = read(data, start=standing.next, any_record=bool(first), reported=standing.reported)[0]
        assert [*first, *rest] == whole


def test_damage_is_one_failure_and_reading_goes_on_behind_it() -> None:
    found, _ = read(A + b"junk\n" + B + C)
    assert [type(one) for one in found] == [PageRecord, FailedRecord, PageRecord, PageRecord]
    failure = found[1]
    assert isinstance(failure, FailedRecord) and failure.offset == 0
    assert failure.error == (
        "the archive is damaged after this record: what follows is no REC record (crawl.rec at byte 0)"
    )
    assert outline(b"junk\n" + A) == "!a" and outline(A + b"junk") == "a!"
    (begun, _), _ = read(b"junk\n" + A)
    assert isinstance(begun, FailedRecord) and begun.error.startswith("the file does not begin with a record: ")
    assert outline(b"junk\n" + A, reported=True) == "a", "who read what is before has said so"
    (later, _), _ = read(b"junk\n" + A, any_record=True)
    assert isinstance(later, FailedRecord) and later.error.startswith("the archive is damaged after this record")


def test_a_record_that_claims_too_much_has_swallowed_others_which_are_found() -> None:
    assert outline(record("a", 48, there=10) + B + C) == "a!bc"
    found, _ = read(record("a", 40, there=10) + B)
    assert any(one.url.endswith("/b") for one in found)


def test_a_file_that_ends_in_a_record_says_so_once() -> None:
    found, standing = read(A + record("b", 40, there=10)[:-1])
    assert isinstance(found[1], FailedRecord) and "the record is cut off: 10 of 40 bytes" in found[1].error
    assert len(found) == 2 and standing == Standing(None, reported=False)


@pytest.mark.parametrize("data", [b"", b"\n\n"])
def test_an_empty_file_is_a_failure_unless_something_was_read_before(data: bytes) -> None:
    (failure,) = read(data)[0]
    assert isinstance(failure, FailedRecord) and failure.error == "the file is empty (crawl.rec at byte 0)"
    assert read(data, any_record=True)[0] == read(data, reported=True)[0] == []


def test_large_records_are_passed_over_and_the_next_is_read() -> None:
    for size in (50, 51, 70_000, 200_000):
        (first, second), _ = read(record("a", size) + B)
        assert isinstance(first, PageRecord if size == 50 else RejectedRecord), size
        assert second.url.endswith("/b")
        assert size == 50 or (first.reason, first.score) == ("too_large", size)


def test_a_packed_archive_is_read_and_its_damage_passed() -> None:
    members = [gzip.compress(one, mtime=0) for one in (A, B, C)]
    found, _ = read(b"".join(members))
    assert [one.offset for one in found] == [0, len(members[0]), len(members[0] + members[1])]
    assert outline(members[0] + members[1][:-9] + members[2]) == "a!c"
    assert outline(members[0] + members[1][:20]) == "a!"
