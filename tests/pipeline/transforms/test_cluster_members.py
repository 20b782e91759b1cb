"""Clusters are the same rows, in the same order, however large they are, wherever their members lie and whatever is held."""

from __future__ import annotations

import dataclasses
import random
from typing import Any

import pytest

from pipeline import storage, tables
from pipeline.phases import duplicates
from pipeline.transforms import cluster_members, ordered_rows, range_merge, sorted_rows
from recipes import load
from tests.pipeline.parts import add_tables, beam_job, document_id, extracted, finished

HOT = 150


def _page(name: str) -> dict[str, Any]:
    return {"id": document_id(name), "url": f"https://mill.example/{name}", "date": "2024-05-01"}


def _crawl() -> list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
    """Pages with their verdicts at two phases: one page was copied 150 times, others once or twice, one capture came thrice."""
    pages = [(_page("hot"), {}, {}), *((_page(f"alone {number}"), {}, {}) for number in range(20))]
    for number in range(HOT):
        pages.append((_page(f"hot {number}"), {}, _near("hot", "exact_duplicate", 1.0, 0)))
    for number in range(12):
        survivor = f"alone {number}"
        pages.append((_page(f"like {number}"), {}, _near(survivor, "near_duplicate", 0.7 + number / 100, number)))
        if number % 2:
            pages.append((_page(f"former {number}"), _older("hot" if number == 5 else survivor, "older_capture"), {}))
    pages += [(_page("alone 3"), _older("alone 3", "identical_capture"), {})] * 2
    return pages


def _older(survivor: str, reason: str) -> dict[str, Any]:
    return {"stage": "urls", "reason": reason, "detail": document_id(survivor)}


def _near(survivor: str, reason: str, score: float, unique: int) -> dict[str, Any]:
    return {
        "stage": "documents",
        "reason": reason,
        "detail": document_id(survivor),
        "score": score,
        "unique_words": unique,
    }


def _clusters(folder, seed: int, parts: int, fan_in: int) -> tuple[list[list[dict]], dict[str, Any], list[str]]:
    """Rows by file, what was counted and the files' hashes, with the pages dealt to so many parts by ``seed``."""
    recipe = load("llama3")
    recipe = dataclasses.replace(recipe, shards=dataclasses.replace(recipe.shards, fan_in=fan_in))
    draw = random.Random(seed)
    dealt: list[list] = [[] for _ in range(parts)]
    for page in _crawl():
        draw.choice(dealt).append(page)
    for part in dealt:
        part.sort(key=lambda page: page[0]["id"])
    run = extracted(folder, *([page for page, _, _ in part] for part in dealt), recipe=recipe)
    add_tables(run, "urls", "verdicts", tables.VERDICTS, *([verdict for _, verdict, _ in part] for part in dealt))
    add_tables(run, "documents", "verdicts", tables.VERDICTS, *([verdict for _, _, verdict in part] for part in dealt))
    for phase in ("urls", "documents"):
        run.manifests[phase] = finished(run, phase)
    with beam_job() as job:
        duplicates.build(job, run, recipe)
    manifest = finished(run, "duplicates", duplicates.units(run))
    files = [file for receipt in manifest.receipts() for file in receipt.files]
    rows = [storage.read_table(file.at(run.dir)).to_pylist() for file in files]
    counts = {name: manifest.totals(name) for name in ("went", "unique_words")}
    return rows, counts, [file.sha256 for file in files]


def _order(row: dict[str, Any]) -> tuple:
    return row["level"], row["cluster"], not row["survivor"], row["id"], row["reason"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[list[dict]], dict[str, Any], list[str]]:
    """Of one part, all held at once."""
    return _clusters(tmp_path_factory.mktemp("whole"), 0, 1, 128)


def test_every_member_stands_behind_its_survivor(whole) -> None:
    (rows,), counts, _ = whole
    assert rows == sorted(rows, key=_order)
    assert counts["went"] == {"exact": HOT, "near": 12, "url": 8}
    assert counts["unique_words"] == {"exact": 0, "near": sum(range(12))}
    survivors = [row for row in rows if row["survivor"]]
    assert len(rows) == len(survivors) + HOT + 12 + 8
    assert {(row["level"], row["cluster"]) for row in rows} == {(row["level"], row["id"]) for row in survivors}
    assert all(row["url"].startswith("https://mill.example/") for row in rows)
    hot = [row for row in rows if (row["level"], row["cluster"]) == ("exact", document_id("hot"))]
    assert hot[0]["survivor"] and len(hot) == 1 + HOT


@pytest.mark.parametrize(("seed", "parts", "fan_in"), [(1, 3, 2), (2, 7, 2), (3, 7, 128), (4, 30, 4), (5, 30, 3)])
def test_the_same_bytes_whatever_is_held_and_wherever_pages_lie(
    whole, tmp_path, monkeypatch: pytest.MonkeyPatch, seed: int, parts: int, fan_in: int
) -> None:
    for module in (sorted_rows, ordered_rows):
        monkeypatch.setattr(module, "ROW_GROUP_ROWS", 4)
    monkeypatch.setattr(range_merge, "ROWS_PER_FILE", 8)
    monkeypatch.setattr(cluster_members, "_ROWS_AT_ONCE", 8)
    _, counts, hashes = _clusters(tmp_path, seed, parts, fan_in)
    assert (counts, hashes) == whole[1:]


@pytest.mark.parametrize(("seed", "parts", "fan_in"), [(1, 4, 2), (2, 9, 2), (3, 9, 128)])
def test_by_ranges_and_files_of_few_rows(
    whole, tmp_path, monkeypatch: pytest.MonkeyPatch, seed: int, parts: int, fan_in: int
) -> None:
    monkeypatch.setattr(duplicates, "_MEMBERS_PER_RANGE", 20)
    monkeypatch.setattr(duplicates, "_ROWS_PER_FILE", 50)

    rows, counts, hashes = _clusters(tmp_path / "once", seed, parts, fan_in)
    assert counts == whole[1]
    assert sorted((row for file in rows for row in file), key=_order) == whole[0][0]
    assert max(map(len, rows)) == 50 and len(rows) > 9
    for module in (sorted_rows, ordered_rows):
        monkeypatch.setattr(module, "ROW_GROUP_ROWS", 4)
    monkeypatch.setattr(range_merge, "ROWS_PER_FILE", 8)
    monkeypatch.setattr(cluster_members, "_ROWS_AT_ONCE", 8)
    assert _clusters(tmp_path / "again", seed + 10, parts + 1, fan_in) == (rows, counts, hashes)
