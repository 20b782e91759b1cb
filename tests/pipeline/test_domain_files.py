"""The table of domains of a finished run: the same bytes from any number of ranges, found and read in pieces."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import domain_files, storage, tables
from pipeline.commit import Attempt
from pipeline.listing import Manifest, write_listing
from pipeline.reports.domains import ranking, row_of
from recipes import as_dict, load

ROWS = 1500


def table(count: int = ROWS) -> pa.Table:
    """Domains of which every hundredth goes."""
    zeros = {field.name: 0 for field in tables.DOMAINS if str(field.type) == "int64"}
    names = sorted(f"host{number}.example" for number in range(count))
    return tables.table(
        tables.DOMAINS,
        [
            {**zeros, "domain": name, "pages": number, "reason": None if number % 100 else "pii", "pii_score": number / count,
             "review": number % 7 == 0, "samples": [{"id": f"{number:032x}", "url": f"https://{name}/", "terms": ["a"]}]}
            for number, name in enumerate(names)
        ],
    )  # fmt: skip


def written(folder: Path, rows: pa.Table, cuts: list[int]) -> Manifest:
    """As phase domains leaves the table: behind two parts, a file for each range."""
    receipts = [Attempt(str(folder), "domains", f"part-{number:06d}", number).finish() for number in range(2)]
    for number, (start, end) in enumerate(zip([0, *cuts], [*cuts, len(rows)], strict=True), len(receipts)):
        attempt = Attempt(str(folder), "domains", f"table-{number}", number)
        table = rows.slice(start, end - start)
        attempt.write_bytes("table", storage.parquet_bytes(table, 512), len(table), "parquet")
        receipts.append(attempt.finish())
    return write_listing(str(folder), "domains", receipts)


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("one")
    domain_files.publish(str(folder), written(folder, table(), []))
    return (folder / "domains.parquet").read_bytes()


@settings(max_examples=15)
@given(st.lists(st.integers(0, ROWS), max_size=7).map(sorted))
def test_any_ranges_give_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, once: bytes, cuts: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("ranges")
    domain_files.publish(str(folder), written(folder, table(), cuts))
    assert (folder / "domains.parquet").read_bytes() == once


def test_more_domains_than_one_file_holds_are_several(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(domain_files, "FILE_ROWS", 1024)
    found = []
    for name, cuts in (("one", []), ("seven", [1, 1, 500, 513, 1024, 1400])):
        domain_files.publish(str(tmp_path / name), written(tmp_path / name, table(), cuts))
        paths = domain_files.paths(str(tmp_path / name))
        assert [Path(path).name for path in paths] == ["00000.parquet", "00001.parquet"]
        assert not (tmp_path / name / "domains.parquet").exists()
        found.append(
            [
                storage.read_bytes(path)
                for path in [*paths, storage.join(tmp_path.as_posix(), name, "domains", "_manifest.json")]
            ]
        )
        assert pa.concat_tables(storage.read_table(path) for path in paths).equals(table())
    assert found[0] == found[1]


@pytest.mark.parametrize("rows_of_a_file", [512, 1 << 20])
def test_a_domain_is_found_and_domains_are_ranked_in_either_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows_of_a_file: int
) -> None:
    monkeypatch.setattr(domain_files, "FILE_ROWS", rows_of_a_file)
    run_dir = str(tmp_path)
    domain_files.publish(run_dir, written(tmp_path, table(), [700]))
    storage.write_bytes(f"{run_dir}/run.json", storage.dump_json({"recipe": as_dict(load("llama3"))}))
    for row in table().take([0, 511, 512, 1023, ROWS - 1]).to_pylist():
        assert row_of(run_dir, row["domain"]) == row
    for missing in ("host.example", "a.example", "zzz.example", "host5x.example"):
        with pytest.raises(ValueError, match="has seen no page of"):
            row_of(run_dir, missing)
    expected = [row for row in reversed(table().to_pylist()) if row["review"]][:3]
    heads = [line for line in ranking(run_dir, 3, review_only=True) if not line.startswith(" ")]
    assert [row["domain"] in head for row, head in zip(expected, heads, strict=True)] == [True] * 3
    assert (
        list(domain_files.rows(domain_files.paths(run_dir), ["domain", "absent"]))
        == table().select(["domain"]).to_pylist()
    )


def test_a_run_without_domains_has_no_table(tmp_path: Path) -> None:
    assert domain_files.paths(str(tmp_path)) == []
    with pytest.raises(FileNotFoundError, match="leaves domains out"):
        row_of(str(tmp_path), "a.example")


class _Said(Manifest):
    """A table of which its manifest says that it has more rows than there are, so that a test needs not have them."""

    def __init__(self, whole: Manifest, count: int) -> None:
        self._whole, self._count = whole, count

    def paths(self, role: str) -> Iterator[str]:
        return self._whole.paths(role)

    def rows(self, role: str) -> int:
        return self._count


@pytest.mark.parametrize(
    ("count", "files"), [(1 << 20, []), ((1 << 20) + 1, [1 << 20, 1]), (5 << 19, [1 << 20, 1 << 20, 1 << 19])]
)
def test_a_file_holds_up_to_a_million_domains(tmp_path: Path, count: int, files: list[int]) -> None:
    domain_files.publish(str(tmp_path), _Said(written(tmp_path, table(), [900]), count))
    assert (tmp_path / "domains.parquet").exists() == (not files)
    manifest = tmp_path / "domains" / "_manifest.json"
    assert [file["rows"] for file in json.loads(manifest.read_text())["files"]] == files if files else True
