"""Records of a finished run by address, id and host: each found once, in whatever row group it lies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline import storage, tables
from pipeline.commit import Attempt
from pipeline.listing import write_listing
from pipeline.phases.rejected_texts import FOLDER
from pipeline.reports import records
from pipeline.run_state import number_parts
from tests.pipeline.parts import extracted

HOSTS = ["mill.example", "www.mill.example", "shop.mill.example", "other.org", "a.github.io", "b.github.io"]
URLS = [f"https://{host}/{number}" for number, host in enumerate(HOSTS)]
IDS = [f"{number + 1:x}" * 32 for number in range(len(URLS))]
GROUP = 2  # rows
EXTRACTED = [
    {"id": IDS[number], "url": URLS[number], "text": f"extracted {number}", "language": "de"} for number in range(3, 6)
]


def write_table(folder: str, role: str, schema: Any, rows: list[dict[str, Any]]) -> None:
    data = storage.parquet_bytes(tables.table(schema, rows), GROUP)
    storage.write_bytes(storage.join(folder, role, "one.parquet"), data)
    storage.write_bytes(
        storage.join(folder, role, "_manifest.json"), storage.dump_json({"files": [{"path": "one.parquet"}]})
    )


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = str(tmp_path_factory.mktemp("records") / "run")
    texts = [{"text": f"text {number}", "spans": None, "language": "en"} for number in range(6)]
    rows = [{"id": id, "url": url, **text} for id, url, text in zip(IDS, URLS, texts, strict=True)]
    write_table(folder, "documents", tables.DOCUMENTS, rows[:3])
    gone = [{"id": row["id"], "url": row["url"], "stage": "quality", "reason": "low"} for row in rows[3:]]
    # The same address once more, and one that nobody gave.
    gone += [
        {"id": "e" * 32, "url": URLS[0], "stage": "urls", "reason": "older_capture"},
        {"id": "f" * 32, "url": None, "stage": "read"},
    ]
    write_table(folder, "rejected", tables.REJECTED, gone)
    write_table(
        folder, "failed", tables.FAILED, [{"id": "0" * 32, "url": "https://mill.example/torn", "error": "torn"}]
    )
    write_table(
        folder, FOLDER, tables.REJECTED_TEXTS, [{"id": "e" * 32, "text": "a sample", "spans": None, "language": None}]
    )
    attempt = Attempt(folder, "extract", "unit-000000", 0)
    attempt.write_table("text", tables.table(tables.TEXT, EXTRACTED), 0)
    attempt.write_table(
        "features", tables.table(tables.FEATURES, [{"id": row["id"], "url": row["url"]} for row in EXTRACTED]), 0
    )
    number_parts(folder, write_listing(folder, "extract", [attempt.finish({})]))
    about = {"recipe": {"urls": {"rules": ["scheme", "www", "fragment", "host_case", "idna", "slashes"]}}}
    for name, content in (("run", about), ("ledger", {})):
        storage.write_bytes(storage.join(folder, f"{name}.json"), storage.dump_json(content))
    return folder


def found(run_dir: str, wanted: str) -> list[tuple[str, str]]:
    return [(one.folder, one.row["id"][0]) for one in records.find(run_dir, wanted)]


@pytest.mark.parametrize("number", range(6))
def test_a_record_is_found_by_its_id_and_by_how_that_begins(run_dir: str, number: int) -> None:
    folder = "documents" if number < 3 else "rejected"
    assert found(run_dir, IDS[number]) == found(run_dir, IDS[number][:6]) == [(folder, IDS[number][0])]
    one = records.with_id(run_dir, IDS[number])
    assert one is not None and one.row["url"] == URLS[number] and "text" not in one.row
    # Five digits are no beginning of an id, and no host.
    assert found(run_dir, IDS[number][:5]) == found(run_dir, IDS[number][:31] + "0") == []
    assert records.with_id(run_dir, "7" * 32) is None


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (URLS[0], "1e"), ("http://www.mill.example/0", "1e"), ("https://MILL.example/0/#top", "1e"), (URLS[1], "2"),
        ("https://mill.example/1", "2"), ("https://mill.example/9", ""), ("https://mill.example/torn", "0"),
        ("https://shop.mill.example/2", "3"), ("https://mill.example/2", ""),
    ],
)  # fmt: skip
def test_an_address_is_found_in_every_spelling_that_the_run_takes_for_one(run_dir: str, wanted: str, ids: str) -> None:
    assert "".join(digit for _, digit in found(run_dir, wanted)) == ids


@pytest.mark.parametrize(
    ("host", "ids"),
    [
        ("mill.example", "123e0"), ("shop.mill.example", "3"), ("MILL.example", "123e0"), ("other.org", "4"), ("a.github.io", "5"),
        ("github.io", ""), ("example", ""), ("nowhere.org", ""),
    ],
)  # fmt: skip
def test_a_domain_is_found_with_its_hosts_and_a_host_alone(run_dir: str, host: str, ids: str) -> None:
    assert "".join(digit for _, digit in found(run_dir, host)) == ids
    assert "".join(one.row["id"][0] for one in records.of_host(run_dir, host)) == ids or host == "example"


@pytest.mark.parametrize(
    ("wanted", "is_host"),
    [("mill.example", True), ("mill", False), ("https://mill.example", False), ("mill.example/", False), ("a b.example", False),
     ("mill.", False), ("mill.example:80", False), ("me@mill.example", False)],
)  # fmt: skip
def test_what_looks_like_a_host(wanted: str, is_host: bool) -> None:
    assert records.is_host(wanted) is is_host


def test_an_address_that_is_there_is_not_a_host_besides(run_dir: str, tmp_path: Path) -> None:
    """Where an address may be both, records of that very address are meant."""
    folder = str(tmp_path / "run")
    rows = [{"id": IDS[0], "url": "mill.example"}, {"id": IDS[1], "url": "https://mill.example/else"}]
    write_table(folder, "documents", tables.DOCUMENTS, [])
    write_table(folder, "rejected", tables.REJECTED, [])
    write_table(folder, "failed", tables.FAILED, rows)
    for name, content in (("run", {"recipe": {}}), ("ledger", {})):
        storage.write_bytes(storage.join(folder, f"{name}.json"), storage.dump_json(content))
    assert found(folder, "mill.example") == [("failed", IDS[0][0])]
    assert found(folder, "shop.example") == []


def test_a_text_is_the_published_one_or_what_was_extracted_or_a_sample(run_dir: str) -> None:
    assert [records.text_of(run_dir, IDS[number]) for number in (0, 2, 3, 5)] == [
        ("text 0", [], "en"), ("text 2", [], "en"), ("extracted 3", [], "de"), ("extracted 5", [], "de"),
    ]  # fmt: skip
    assert records.text_of(run_dir, "e" * 32) == ("a sample", [], "")
    assert records.text_of(run_dir, "f" * 32) is records.text_of(run_dir, "0" * 32) is None


def test_rows_of_parts_are_found_in_any_row_group(run_dir: str) -> None:
    (part,) = records.parts_with_evidence(run_dir)
    assert [records.row_in_part(part, IDS[number]) for number in (2, 3, 4, 5)] == [None, 0, 1, 2]
    path = storage.join(run_dir, "documents", "one.parquet")
    with storage.open_parquet(path) as file:
        assert file.num_row_groups == 2
        assert [[records.may_hold(file, group, id) for id in (IDS[0], IDS[1][:9], IDS[2], "2" * 31 + "3", "4")] for group in (0, 1)] == [
            [True, True, False, False, False], [False, False, True, False, False],
        ]  # fmt: skip
    row = records.row_with_id(path, IDS[2], ["id", "text"])
    assert row == {"id": IDS[2], "text": "text 2"} and records.row_with_id(path, "9" * 32, ["id"]) is None


def test_without_work_there_are_no_parts(tmp_path: Path) -> None:
    assert list(records.parts_with_evidence(str(tmp_path))) == []
    assert records.files_of_rejected_texts(str(tmp_path)) == []


def test_a_document_far_down_in_a_part_has_its_row(tmp_path: Path) -> None:
    """Behind whole row groups, of which each is passed over by its bounds or looked through."""
    run = extracted(tmp_path, [{"id": f"{2 * row:032x}"} for row in range(1100)])
    rows = (0, 511, 512, 1023, 1024, 1099)
    assert [records.row_in_part(run.part(0), f"{2 * row:032x}") for row in rows] == list(rows)
    assert records.row_in_part(run.part(0), f"{513:032x}") is None
