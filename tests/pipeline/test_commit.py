"""Committed or absent: what isn't handed in whole doesn't exist, however a worker dies."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

import pyarrow as pa
import pytest

from pipeline import storage
from pipeline.commit import Attempt, Receipt, read_manifest, receipts, write_manifest

PHASE = "lines"


@pytest.fixture(params=["disk", "store"])
def run_dir(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "run") if request.param == "disk" else f"memory:///{uuid.uuid4().hex}/run"


def hand_in(run_dir: str, unit: str, rows: int = 3) -> Receipt:
    attempt = Attempt(run_dir, PHASE, unit)
    attempt.write_table("counts", pa.table({"n": list(range(rows))}))
    attempt.write_bytes("notes", b"a note", 1, "txt", part=7)
    return attempt.finish({"rows": rows})


def receipt_paths(run_dir: str) -> list[str]:
    return storage.list_files(storage.join(run_dir, "work", PHASE, "receipts"))


def test_a_receipt_lists_files_with_rows_bytes_and_hashes(run_dir: str) -> None:
    receipt = hand_in(run_dir, "unit-1")
    assert receipts(run_dir, PHASE) == {"unit-1": receipt}
    assert [(file.role, file.rows, file.part) for file in receipt.files] == [("counts", 3, 0), ("notes", 1, 7)]
    for file in receipt.files:
        data = storage.read_bytes(storage.join(run_dir, file.path))
        assert (len(data), storage.sha256(data)) == (file.bytes, file.sha256)
    assert receipt.file("notes").path.endswith(".txt") and receipt.counts == {"rows": 3}


def test_an_attempt_that_is_not_finished_does_not_exist(run_dir: str) -> None:
    Attempt(run_dir, PHASE, "unit-1").write_table("counts", pa.table({"n": [1]}))
    assert receipts(run_dir, PHASE) == {}


def test_two_attempts_at_a_unit_write_different_names_and_one_counts(run_dir: str) -> None:
    one, other = hand_in(run_dir, "unit-1"), hand_in(run_dir, "unit-1")
    assert not {file.path for file in one.files} & {file.path for file in other.files}
    (found,) = receipts(run_dir, PHASE).values()
    assert found in (one, other)
    assert receipts(run_dir, PHASE)["unit-1"] == found


def test_a_file_in_a_folder_of_the_run_is_named_relative_to_it(run_dir: str) -> None:
    attempt = Attempt(run_dir, PHASE, "unit-1")
    attempt.write_table("shard", pa.table({"n": [1]}), folder="tokens")
    (file,) = attempt.finish().files
    assert file.path.startswith("tokens/unit-1.") and storage.size(storage.join(run_dir, file.path)) == file.bytes


@pytest.mark.parametrize("kept", [0, 1, 0.5, 0.95])
def test_a_torn_receipt_is_passed_over(run_dir: str, kept: float) -> None:
    hand_in(run_dir, "unit-1")
    (path,) = receipt_paths(run_dir)
    data = storage.read_bytes(path)
    storage.write_bytes(path, data[: kept if isinstance(kept, int) else int(len(data) * kept)])
    assert receipts(run_dir, PHASE) == {}


@pytest.mark.parametrize(
    "content", [b"[]", b"3", b"null", b"{}", b'{"unit": "unit-1"}', b"\xff\xfe", b'{"files": [{}]}']
)
def test_a_receipt_that_says_something_else_is_passed_over(run_dir: str, content: bytes) -> None:
    storage.write_bytes(storage.join(run_dir, "work", PHASE, "receipts", "unit-1.x.json"), content)
    assert receipts(run_dir, PHASE) == {}


def test_a_receipt_whose_file_is_gone_or_cut_is_passed_over_for_a_whole_one(run_dir: str) -> None:
    for damage in ("gone", "cut"):
        broken = hand_in(run_dir, damage)
        path = storage.join(run_dir, broken.files[0].path)
        if damage == "gone":
            storage.remove(path)
        else:
            storage.write_bytes(path, storage.read_bytes(path)[:-1])
        assert damage not in receipts(run_dir, PHASE)
        whole = hand_in(run_dir, damage)
        assert receipts(run_dir, PHASE)[damage] == whole


def test_a_manifest_names_its_units_in_order_whatever_the_order_of_arrival(run_dir: str) -> None:
    for unit in ("unit-2", "unit-0", "unit-1"):
        hand_in(run_dir, unit, rows=int(unit[-1]) + 1)
    hand_in(run_dir, "unit-of-another-time")
    assert read_manifest(run_dir, PHASE) is None
    manifest = write_manifest(run_dir, PHASE, ["unit-1", "unit-2", "unit-0"])
    assert [receipt.unit for receipt in manifest.receipts] == ["unit-0", "unit-1", "unit-2"]
    assert [file.rows for file in manifest.files("counts")] == [1, 2, 3]
    assert (manifest.total("rows"), manifest.total("no such count")) == (6, 0)
    assert read_manifest(run_dir, PHASE) == manifest


def test_a_manifest_may_be_asked_for_with_any_iterable(run_dir: str) -> None:
    hand_in(run_dir, "unit-1")
    manifest = write_manifest(run_dir, PHASE, (unit for unit in ["unit-1"]))
    assert [receipt.unit for receipt in manifest.receipts] == ["unit-1"]


def test_no_manifest_while_a_unit_is_missing(run_dir: str) -> None:
    hand_in(run_dir, "unit-1")
    with pytest.raises(RuntimeError, match=r"phase lines ended, but 2 of its units .*unit-2.*same command again"):
        write_manifest(run_dir, PHASE, ["unit-1", "unit-2", "unit-3"])
    assert read_manifest(run_dir, PHASE) is None


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b'{"phase": "lines"}', b'{"phase": "lines", "receipts": [{}]}']
)
def test_a_torn_manifest_is_no_manifest_and_can_be_written_again(run_dir: str, content: bytes) -> None:
    hand_in(run_dir, "unit-1")
    whole = write_manifest(run_dir, PHASE, ["unit-1"])
    storage.write_bytes(storage.join(run_dir, "work", PHASE, "manifest.json"), content)
    assert read_manifest(run_dir, PHASE) is None
    assert write_manifest(run_dir, PHASE, ["unit-1"]) == whole == read_manifest(run_dir, PHASE)


def test_a_manifest_is_json_for_people_with_sorted_keys(run_dir: str) -> None:
    hand_in(run_dir, "unit-1")
    write_manifest(run_dir, PHASE, ["unit-1"])
    data = storage.read_bytes(storage.join(run_dir, "work", PHASE, "manifest.json"))
    assert data == storage.dump_json(json.loads(data))
