"""What a phase has committed: blocks of receipts that workers read, sums that the driver reads, and nothing half."""

from __future__ import annotations

import json
import pickle
import tracemalloc
import uuid
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline import listing, storage
from pipeline.commit import CommittedFile, Receipt
from pipeline.listing import (
    add_counts,
    block_units_of,
    read_manifest,
    write_block,
    write_listing,
    write_manifest,
    write_summary,
)

PHASE = "lines"


@pytest.fixture(params=["disk", "store"])
def run_dir(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "run") if request.param == "disk" else f"memory:///{uuid.uuid4().hex}/run"


def receipt(number: int, unit: str = "range") -> Receipt:
    file = CommittedFile(f"work/lines/{number}.counts.parquet", "counts", number, 10, "0" * 64)
    counts = {"rows": number, "languages": {"en": 1, f"l{number % 2}": 2}, "sha256": "f" * 64, "read": [[0, 0, "x"]]}
    return Receipt(f"{unit}-{number:06d}", number, [file], counts)


@pytest.mark.parametrize("units", [1, 2, 3, 4, 7])
def test_a_listing_has_every_receipt_in_order_and_their_sums(
    run_dir: str, units: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "BLOCK_UNITS", 3)
    expected = [receipt(number) for number in range(units)]
    manifest = write_listing(run_dir, PHASE, expected)
    for found in (manifest, read_manifest(run_dir, PHASE), pickle.loads(pickle.dumps(manifest))):
        assert found == manifest and found is not None
        assert list(found.receipts()) == expected and found.units == units and found.blocks() == -(-units // 3)
        assert [found.receipt(number) for number in range(units)] == expected
        assert found.total("rows") == found.rows("counts") == sum(range(units)) and found.total("no such count") == 0
        assert found.totals("languages")["en"] == units and sum(found.totals("languages").values()) == 3 * units
        assert list(found.paths("counts")) == [storage.join(run_dir, one.files[0].path) for one in expected]
        assert not found.is_by_part


@pytest.mark.parametrize("at_once", [1, 4, 5, 100])
def test_receipts_with_many_files_are_read_some_at_a_time(
    run_dir: str, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(listing, "BLOCK_UNITS", 7)
    monkeypatch.setattr(listing, "_FILES_AT_ONCE", at_once)
    # One of them has four files, the others one.
    expected = [
        replace(receipt(number), files=receipt(number).files * (4 if number == 3 else 1)) for number in range(17)
    ]
    for found in (write_listing(run_dir, PHASE, expected), read_manifest(run_dir, PHASE)):
        assert found is not None and list(found.receipts()) == expected
        assert [found.receipt(number) for number in range(17)] == expected
        assert [list(found.each_of(number)) for number in range(3)] == [
            list(found.block(number)) for number in range(3)
        ]
        assert found.rows("counts") == sum(range(17)) + 9


def test_a_listing_of_many_files_takes_no_more_memory_to_read(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        many = [replace(receipt(number), files=receipt(number).files * 500) for number in range(count)]
        written = write_listing(str(tmp_path / f"{count}"), PHASE, many)
        tracemalloc.start()
        try:
            assert sum(len(one.files) for one in written.receipts()) == 500 * count
            assert len(written.receipt(count - 1).files) == 500
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(20)
    assert peak(120) - peak(40) < 200_000  # 40,000 files more, of 400 bytes each


def test_writing_a_block_takes_no_more_memory_for_files_of_its_units(tmp_path: Path) -> None:
    def peak(files: int) -> int:
        """Of writing one block, with receipts as they come from an engine: made one by one."""
        units = block_units_of(files)
        one = receipt(0).files[0]
        tracemalloc.start()
        try:
            made = (
                Receipt(f"merged-{n}", n, [replace(one, part=file) for file in range(files)]) for n in range(units)
            )
            write_block(str(tmp_path), PHASE, 0, made, units)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert block_units_of(1) == block_units_of(8) == listing.BLOCK_UNITS
    assert block_units_of(512) == 128 and block_units_of(1 << 20) == 1
    assert peak(512) < 80_000_000  # a block of 4,096 such units: 1 GB


def test_a_pickled_manifest_does_not_grow_with_its_phase(run_dir: str) -> None:
    sizes = [len(pickle.dumps(write_listing(run_dir, PHASE, map(receipt, range(count))))) for count in (1, 200)]
    assert sizes[0] == sizes[1] < 300


def test_of_two_receipts_of_a_unit_one_counts(run_dir: str) -> None:
    summary = write_block(run_dir, PHASE, 0, [receipt(1), receipt(0), receipt(1)], 4096)
    assert (summary["units"], summary["counts"]["rows"]) == (2, 1)


def test_a_block_that_came_twice_counts_once(run_dir: str) -> None:
    blocks = [write_block(run_dir, PHASE, 0, [receipt(0), receipt(1)], 4096) for _ in range(2)]
    write_summary(run_dir, PHASE, blocks)
    manifest = write_manifest(run_dir, PHASE, 2)
    assert manifest is not None and manifest.units == 2 and manifest.total("rows") == 1


def test_no_manifest_while_a_unit_is_missing(run_dir: str) -> None:
    assert write_manifest(run_dir, PHASE, 1) is None
    write_summary(run_dir, PHASE, [write_block(run_dir, PHASE, 0, [receipt(0), receipt(2)], 4096)])
    assert write_manifest(run_dir, PHASE, 3) is None and read_manifest(run_dir, PHASE) is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'{"phase": "lines"}', b"\xff"])
def test_torn_summaries_and_manifests_are_none_and_a_whole_one_is_found(run_dir: str, content: bytes) -> None:
    whole = write_listing(run_dir, PHASE, [receipt(0)])
    storage.write_bytes(storage.join(run_dir, "work", PHASE, "manifest.json"), content)
    storage.write_bytes(storage.join(run_dir, "work", PHASE, "summaries", "0.json"), content)
    assert read_manifest(run_dir, PHASE) is None
    assert write_manifest(run_dir, PHASE, 1) == whole == read_manifest(run_dir, PHASE)


def test_a_manifest_is_json_for_people_with_sorted_keys(run_dir: str) -> None:
    write_listing(run_dir, PHASE, [receipt(0)])
    data = storage.read_bytes(storage.join(run_dir, "work", PHASE, "manifest.json"))
    assert data == storage.dump_json(json.loads(data))


def test_a_listing_by_part_is_known(run_dir: str) -> None:
    assert write_listing(run_dir, "urls", [receipt(0, "part"), Receipt("table", 1)]).is_by_part


def test_counts_are_added_by_name_and_what_is_no_number_is_left_out() -> None:
    total: dict = {}
    for counts in ({"a": 1, "b": {"x": 1}, "c": "text"}, {"a": 2, "b": {"x": 3, "y": {"z": 4}}, "d": [1]}):
        add_counts(total, counts)
    assert total == {"a": 3, "b": {"x": 4, "y": {"z": 4}}}
