"""A part is full by rows or text, sorts what it holds, and keeps the texts of the smallest ids of each reason."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.extracted import Extracted
from pipeline import storage
from pipeline.commit import Attempt
from pipeline.input_units import Stretch
from pipeline.sources.records import FailedRecord, RejectedRecord
from pipeline.transforms.extracted_part import ExtractedPart, Measured, Rejection, noting_places, words_of
from text.hashing import hash128_hex


def rejection(number: int, reason: str) -> Rejection:
    record = RejectedRecord(hash128_hex(str(number)), f"https://{number}.example/", "2024-05-01", reason)
    return Rejection(record, "extract", reason, extracted=Extracted(f"text {number}"))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.sampled_from("ab")), max_size=60), st.integers(0, 5))
def test_the_texts_of_the_smallest_ids(records: list[tuple[int, str]], texts: int) -> None:
    part = ExtractedPart(texts)
    for number, reason in records:
        part.add(rejection(number, reason))
    with tempfile.TemporaryDirectory() as folder:
        attempt = Attempt(folder, "extract", "unit-000000", 0)
        part.write(attempt, 0, [])
        receipt = attempt.finish()
        found = storage.read_table(receipt.file("rejected_texts").at(folder)).to_pylist()
        assert receipt.file("rejected").rows == len(records)
    expected = [
        (reason, identity)
        for reason in "ab"
        for identity in sorted({hash128_hex(str(number)) for number, given in records if given == reason})[:texts]
    ]
    assert [(row["reason"], row["id"]) for row in found] == expected
    assert all(hash128_hex(row["text"].split()[1]) == row["id"] for row in found)


def measured(characters: int, number: int = 0) -> Measured:
    row = {"id": hash128_hex(str(number)), "text": "x" * characters, "words": 7}
    return Measured(row, row)


MIB = 1 << 20


@pytest.mark.parametrize(
    ("characters", "rejected", "is_full"),
    [
        ([16 * MIB - 1], [], False),  # two bytes for each
        ([16 * MIB], [], True),
        ([8 * MIB, 8 * MIB - 1], [], False),
        ([8 * MIB, 8 * MIB], [], True),
        ([8 * MIB], [8 * MIB], True),
        ([8 * MIB], [8 * MIB - 1], False),
    ],
)
def test_a_part_is_full_with_32_mebibytes_of_text_kept_or_shown(
    characters: list[int], rejected: list[int], is_full: bool
) -> None:
    part = ExtractedPart(3)
    assert part.is_empty()
    for each in characters:
        part.add(measured(each))
    for each in rejected:
        record = RejectedRecord("0" * 32, "", "", "short")
        part.add(Rejection(record, "extract", "short", extracted=Extracted("y" * each)))
    assert part.is_full() is is_full and not part.is_empty()


def test_a_text_that_is_not_kept_any_more_counts_no_more() -> None:
    """Of one reason that of the smallest id is kept."""
    part = ExtractedPart(1)
    for number in range(40, 0, -1):
        record = RejectedRecord(f"{number:032x}", "", "", "short")
        part.add(Rejection(record, "extract", "short", extracted=Extracted("y" * (MIB + number))))
        assert not part.is_full()
    larger = RejectedRecord("1" * 32, "", "", "short")
    part.add(Rejection(larger, "extract", "short", extracted=Extracted("y" * (20 * MIB))))
    assert not part.is_full()


@pytest.mark.parametrize("kind", ["measured", "rejected", "failed"])
def test_a_part_is_full_with_20_000_rows_of_any_kind(kind: str) -> None:
    row: Any = {
        "measured": measured(0),
        "rejected": Rejection(RejectedRecord("0" * 32, "", "", "empty"), "read", "empty"),
        "failed": FailedRecord("0" * 32, "", "broken"),
    }[kind]
    part = ExtractedPart(0)
    for _ in range(6000):
        part.add(measured(0))
        part.add(Rejection(RejectedRecord("0" * 32, "", "", "empty"), "read", "empty"))
        part.add(FailedRecord("0" * 32, "", "broken"))
    for _ in range(1999):
        part.add(row)
    assert not part.is_full()
    part.add(row)
    assert part.is_full()


def test_words_are_counted_of_what_was_kept_and_of_what_was_rejected() -> None:
    rejected = Rejection(RejectedRecord("0" * 32, "", "", "x"), "extract", "too_short", 3, 3)
    assert [words_of(each) for each in (measured(9), rejected, FailedRecord("0" * 32, "", "x"))] == [7, 3, 0]


def test_a_place_is_a_byte_or_a_row_of_a_file_or_of_one_within_it() -> None:
    """Numbered by its input; what an archive of archives names is told without the outer one's name."""

    def record(file: str | None, offset: int | None, row: int | None = None) -> RejectedRecord:
        return RejectedRecord("a" * 32, "", "", "empty", None, file, offset, row)

    records = [
        record(None, 5), record("a.wacz", 0), record("a.wacz, in/b.warc", 7), record("a.wacz", None, 3), record(None, None)
    ]  # fmt: skip
    places: list[dict[str, Any]] = []
    assert list(noting_places(iter(records), Stretch(4, "/crawl/a.wacz", "a.wacz", None), places)) == records
    assert [(place["member"], place["offset"]) for place in places] == [
        (None, 5), (None, 0), ("in/b.warc", 7), (None, 3), (None, None)
    ]  # fmt: skip
    assert {(place["id"], place["file"]) for place in places} == {("a" * 32, 4)}


def test_tables_are_sorted_whatever_the_order_of_records(tmp_path: Path) -> None:
    part = ExtractedPart(1)
    for error in ("b", "a"):
        part.add(FailedRecord("1" * 32, "u", error))
    part.add(FailedRecord("0" * 32, "u", "c"))
    links = [("b.example", "c.example"), ("b.example", "a.example")]
    part.add(Rejection(RejectedRecord("2" * 32, "u", "", "x"), "block", "adult", links=tuple(links)))
    part.add(Rejection(RejectedRecord("1" * 32, "u", "", "x"), "block", "adult", links=(("a.example", "b.example"),)))
    attempt = Attempt(str(tmp_path), "extract", "unit-000000", 0)
    places = [{"id": identity * 32, "file": 0, "member": None, "offset": 1} for identity in "310"]
    part.write(attempt, 5, places)
    receipt = attempt.finish()
    assert {file.part for file in receipt.files} == {5}
    found = {file.role: storage.read_table(file.at(str(tmp_path))).to_pylist() for file in receipt.files}
    assert [(row["id"][0], row["error"]) for row in found["failed"]] == [("0", "c"), ("1", "a"), ("1", "b")]
    assert [row["id"][0] for row in found["rejected"]] == ["1", "2"] and [row["id"][0] for row in found["places"]] == [
        "0",
        "1",
        "3",
    ]
    assert [tuple(row.values()) for row in found["listed_links"]] == sorted([*links, ("a.example", "b.example")])
    assert found["rejected"][0]["removed_words"] == 0 and found["text"] == found["features"] == []
