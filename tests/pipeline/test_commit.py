"""Committed or absent: what isn't handed in whole doesn't exist, however a worker dies."""

from __future__ import annotations

import uuid
from pathlib import Path

import pyarrow as pa
import pytest

from pipeline import storage
from pipeline.commit import Attempt, Receipt, handed_in, read_receipts, receipts_folder, write_receipts

PHASE = "lines"


@pytest.fixture(params=["disk", "store"])
def run_dir(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "run") if request.param == "disk" else f"memory:///{uuid.uuid4().hex}/run"


def work(run_dir: str, number: int, rows: int = 3) -> Receipt:
    attempt = Attempt(run_dir, PHASE, f"unit-{number}", number)
    attempt.write_table("counts", pa.table({"n": list(range(rows))}))
    attempt.write_bytes("notes", b"a note", 1, "txt", part=7)
    return attempt.finish({"rows": rows})


def receipts(run_dir: str) -> list[Receipt]:
    found = [read_receipts(run_dir, path) for path in storage.list_files(receipts_folder(run_dir, PHASE))]
    return [receipt for together in found for receipt in together]


def test_receipts_list_files_with_rows_bytes_and_hashes(run_dir: str) -> None:
    one, other = work(run_dir, 1), work(run_dir, 2, 5)
    write_receipts(run_dir, PHASE, [one, other])
    assert receipts(run_dir) == [one, other]
    assert [(file.role, file.rows, file.part) for file in one.files] == [("counts", 3, 0), ("notes", 1, 7)]
    for file in one.files:
        data = storage.read_bytes(storage.join(run_dir, file.path))
        assert (len(data), storage.sha256(data)) == (file.bytes, file.sha256)
    assert one.file("notes").path.endswith(".txt") and other.counts == {"rows": 5}


def test_how_many_were_handed_in_is_known_without_reading(run_dir: str) -> None:
    assert handed_in(storage.list_files(receipts_folder(run_dir, PHASE))) == 0
    write_receipts(run_dir, PHASE, [work(run_dir, 1), work(run_dir, 2)])
    write_receipts(run_dir, PHASE, [work(run_dir, 3)])
    assert handed_in(storage.list_files(receipts_folder(run_dir, PHASE))) == 3
    assert handed_in(["receipts/.json", "receipts/.nfs0001"]) == 0


def test_two_attempts_at_a_unit_write_different_names(run_dir: str) -> None:
    one, other = work(run_dir, 1), work(run_dir, 1)
    assert not {file.path for file in one.files} & {file.path for file in other.files}


def test_a_file_in_a_folder_of_the_run_is_named_relative_to_it(run_dir: str) -> None:
    attempt = Attempt(run_dir, PHASE, "unit-1", 1)
    attempt.write_table("shard", pa.table({"n": [1]}), folder="tokens")
    (file,) = attempt.finish().files
    assert file.path.startswith("tokens/unit-1.") and storage.size(storage.join(run_dir, file.path)) == file.bytes


def test_files_of_one_role_in_a_folder_have_names_of_their_own(run_dir: str) -> None:
    attempt = Attempt(run_dir, PHASE, "unit-1", 1)
    for part in range(3):
        attempt.write_table("shard", pa.table({"n": [part]}), part, folder="tokens")
    files = attempt.finish().files
    assert [storage.read_table(file.at(run_dir))["n"].to_pylist() for file in files] == [[0], [1], [2]]
    assert [file.part for file in files] == [0, 1, 2]


@pytest.mark.parametrize("kept", [0, 1, 0.5, 0.95])
def test_a_torn_file_of_receipts_is_passed_over(run_dir: str, kept: float) -> None:
    write_receipts(run_dir, PHASE, [work(run_dir, 1)])
    (path,) = storage.list_files(receipts_folder(run_dir, PHASE))
    data = storage.read_bytes(path)
    storage.write_bytes(path, data[: kept if isinstance(kept, int) else int(len(data) * kept)])
    assert receipts(run_dir) == []


@pytest.mark.parametrize(
    "content", [b"[]", b"3", b"null", b"{}", b'[{"unit": "unit-1"}]', b"\xff\xfe", b'[{"files": [{}]}]']
)
def test_a_receipt_that_says_something_else_is_passed_over(run_dir: str, content: bytes) -> None:
    storage.write_bytes(storage.join(receipts_folder(run_dir, PHASE), "x.000001.json"), content)
    assert receipts(run_dir) == []


@pytest.mark.parametrize("damage", ["gone", "cut"])
def test_a_receipt_whose_file_is_gone_or_cut_is_passed_over_alone(run_dir: str, damage: str) -> None:
    broken, whole = work(run_dir, 1), work(run_dir, 2)
    write_receipts(run_dir, PHASE, [broken, whole])
    path = storage.join(run_dir, broken.files[0].path)
    if damage == "gone":
        storage.remove_files([path])
    else:
        storage.write_bytes(path, storage.read_bytes(path)[:-1])
    assert receipts(run_dir) == [whole]


@pytest.mark.parametrize("rows", [1000, 20_000])
def test_one_byte_of_a_table_of_work_that_has_changed_is_seen(tmp_path: Path, rows: int) -> None:
    attempt = Attempt(str(tmp_path), "judge", "part-000000", 0)
    table = pa.table({"n": pa.array([number * 2654435761 % 2**62 for number in range(rows)], pa.int64())})
    attempt.write_table("scores", table)
    path = Path(attempt.finish().files[0].at(str(tmp_path)))
    data = path.read_bytes()
    assert storage.read_table(str(path)).equals(table)
    for place in range(100, len(data) // 2, len(data) // 9):  # behind the pages is the footer
        path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        with pytest.raises(RuntimeError, match=r"scores.parquet is damaged"):
            storage.read_table(str(path))


def test_small_tables_of_work_are_written_as_they_are_and_outputs_are_packed(tmp_path) -> None:
    def packing(rows: int, folder: str | None) -> tuple[str, int]:
        attempt = Attempt(str(tmp_path), "urls", "part-000000", 0)
        attempt.write_table("verdicts", pa.table({"text": ["some text"] * rows}), folder=folder)
        (file,) = attempt.finish().files
        with storage.open_parquet(file.at(str(tmp_path))) as found:
            return found.metadata.row_group(0).column(0).compression, found.read().num_rows

    assert packing(3, None) == ("UNCOMPRESSED", 3)
    assert packing(30_000, None) == ("ZSTD", 30_000)
    assert packing(3, "documents") == ("ZSTD", 3)


@pytest.mark.parametrize(("rows", "compression"), [(4095, "UNCOMPRESSED"), (4096, "ZSTD")])
def test_tables_from_32_kib_on_are_packed(tmp_path: Path, rows: int, compression: str) -> None:
    attempt = Attempt(str(tmp_path), "urls", "part-000000", 0)
    attempt.write_table("verdicts", pa.table({"n": pa.array(range(rows), pa.int64())}))  # eight bytes each
    (file,) = attempt.finish().files
    with storage.open_parquet(file.at(str(tmp_path))) as found:
        assert found.metadata.row_group(0).column(0).compression == compression
