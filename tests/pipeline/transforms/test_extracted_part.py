"""A part keeps the texts of the smallest ids of each reason, in whatever order records come."""

from __future__ import annotations

import tempfile

from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.extracted import Extracted
from pipeline import storage
from pipeline.commit import Attempt
from pipeline.sources.records import RejectedRecord
from pipeline.transforms.extracted_part import ExtractedPart, Rejection
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
