"""Clusters side by side: which are shown, in which order, and how members differ."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline import storage, tables
from pipeline.commit import Attempt
from pipeline.phases.duplicates import SCHEMA
from pipeline.reports.duplicates import show
from tests.pipeline.parts import document_id, extracted

TEXTS = {
    "a": "the miller opens the sluice an hour before sunrise when the pond is full",
    "b": "the miller opens the sluice two hours before sunrise when the pond is full",
    "c": "the miller shuts the sluice an hour after sunrise when the pond is low",
    # Five places, each with other words; and one word as wide as a column beside one that is wider.
    "f": " ".join(f"w{number:02}" for number in range(40)),
    "g": " ".join(f"w{number:02}" if number not in (1, 11, 21, 31, 38) else "other" for number in range(40)),
    "h": "a" * 54,
    "i": "b" * 55,
}


def _cluster(level: str, survivor: str, *members: tuple[str, str, float | None, int | None]) -> list[dict]:
    rows = [{"level": level, "cluster": document_id(survivor), "reason": reason, "similarity": similarity, "survivor": name == survivor,
             "id": document_id(name), "url": f"https://{name}.example/", "date": "2024-05-01", "unique_words": unique}
            for name, reason, similarity, unique in ((survivor, "survivor", None, None), *members)]  # fmt: skip
    return rows


CLUSTERS = [
    *_cluster("exact", "d", ("e", "exact_duplicate", 1.0, 0)),
    *_cluster("near", "a", ("b", "near_duplicate", 0.9, 2), ("c", "near_duplicate", 0.75, 3)),
    *_cluster("near", "f", ("g", "near_duplicate", 0.8, 0)),
    *_cluster("url", "h", ("i", "older_capture", None, None)),
]


@pytest.fixture
def run_dir(tmp_path) -> str:
    rows = [{"id": document_id(name), "text": TEXTS.get(name, "same words")} for name in "abcdefghi"]
    run = extracted(tmp_path, rows[:4], rows[4:])
    attempt = Attempt(run.dir, "duplicates", "clusters", 0)
    attempt.write_table("duplicates", tables.table(SCHEMA, CLUSTERS), folder="duplicates")
    (file,) = attempt.finish().files
    listed = {"files": [{"path": file.path.removeprefix("duplicates/"), "rows": file.rows}]}
    storage.write_bytes(storage.join(run.dir, "duplicates", "manifest.json"), json.dumps(listed).encode())
    account = {
        "exact": {"documents": 1, "unique_words": 0},
        "near": {"documents": 3, "unique_words": 5},
        "url": {"documents": 1},
    }
    storage.write_bytes(storage.join(run.dir, "ledger.json"), json.dumps({"duplicates": account}).encode())
    return run.dir


def _shown(lines: list[str]) -> list[str]:
    return [line.partition(" cluster")[0] for line in lines if " cluster of " in line]


def test_the_weakest_clusters_come_first(run_dir: str) -> None:
    lines = list(show(run_dir))
    assert _shown(lines) == ["near", "near", "exact", "url"]
    assert lines[3] == f"near cluster of 3, survivor {document_id('a')}"
    assert f"  near_duplicate {document_id('c')}, similarity 0.7500, 3 words of its own" in lines
    assert f"  near_duplicate {document_id('g')}, similarity 0.8000" in lines
    assert f"  older_capture {document_id('i')}" in lines


def test_what_went_with_them_is_told_first(run_dir: str) -> None:
    assert list(show(run_dir))[:3] == [
        "exact: 1 documents went, with 0 words that stand nowhere in their survivors",
        "near: 3 documents went, with 5 words that stand nowhere in their survivors",
        "url: 1 documents went, not compared",
    ]


@pytest.mark.parametrize(("level", "clusters", "shown"), [("near", 5, 2), ("near", 1, 1), ("url", 5, 1), (None, 3, 3)])
def test_a_level_and_a_number_may_be_chosen(run_dir: str, level: str | None, clusters: int, shown: int) -> None:
    found = _shown(list(show(run_dir, level, clusters)))
    assert len(found) == shown and (level is None or set(found) == {level})


def test_five_clusters_are_shown_where_nobody_says_how_many(run_dir: str) -> None:
    more = [_cluster("exact", survivor, (survivor, "exact_duplicate", 1.0, 0)) for survivor in "ace"]
    attempt = Attempt(run_dir, "duplicates", "clusters", 1)
    attempt.write_table(
        "duplicates", tables.table(SCHEMA, [row for rows in more for row in rows]), folder="duplicates"
    )
    (file,) = attempt.finish().files
    manifest = storage.join(run_dir, "duplicates", "manifest.json")
    listed = json.loads(storage.read_bytes(manifest))
    listed["files"].append({"path": file.path.removeprefix("duplicates/"), "rows": file.rows})
    storage.write_bytes(manifest, json.dumps(listed).encode())
    assert len(_shown(list(show(run_dir)))) == 5 and len(_shown(list(show(run_dir, None, 7)))) == 7


def test_members_are_shown_beside_their_survivor_where_they_differ(run_dir: str) -> None:
    lines = list(show(run_dir, "near", 1))
    columns = [[column.strip() for column in line.split("|")] for line in lines if "|" in line]
    assert "[an hour]" in columns[0][0]
    assert "[two hours]" in columns[0][1]


def test_a_place_is_shown_with_four_words_around_it_and_four_places_at_the_most(run_dir: str) -> None:
    lines = list(show(run_dir, "near", 2))
    lines = lines[lines.index(f"near cluster of 2, survivor {document_id('f')}") :]
    columns = [[column.strip() for column in line.split("|")] for line in lines if "|" in line]
    assert columns == [
        ["w00 [w01] w02 w03 w04 w05", "w00 [other] w02 w03 w04 w05"],
        ["w07 w08 w09 w10 [w11] w12 w13 w14 w15", "w07 w08 w09 w10 [other] w12 w13 w14 w15"],
        ["w17 w18 w19 w20 [w21] w22 w23 w24 w25", "w17 w18 w19 w20 [other] w22 w23 w24 w25"],
        ["w27 w28 w29 w30 [w31] w32 w33 w34 w35", "w27 w28 w29 w30 [other] w32 w33 w34 w35"],
    ]
    assert "      and 1 other places" in lines


def test_a_column_is_as_wide_as_what_is_shown_in_it(run_dir: str) -> None:
    (line,) = (line for line in show(run_dir, "url") if "|" in line)
    assert line == f"      [{'a' * 54}] | [{'b' * 54}…"


def test_texts_that_were_cleared_away_are_not_missed(run_dir: str) -> None:
    for path in Path(run_dir, "work", "extract").glob("*.text.parquet"):
        path.unlink()
    lines = list(show(run_dir))
    assert not any("|" in line for line in lines) and "output.keep_work=true" in lines[-1]


def test_of_a_large_cluster_some_are_shown_and_all_count_whichever_file_they_lie_in(
    run_dir: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = list(show(run_dir, "near"))
    attempt = Attempt(run_dir, "duplicates", "clusters", 1)
    for number, (start, end) in enumerate([(0, 4), (4, 5), (5, len(CLUSTERS))]):
        attempt.write_table("duplicates", tables.table(SCHEMA, CLUSTERS[start:end]), number, "duplicates")
    listed = [{"path": file.path.removeprefix("duplicates/"), "rows": file.rows} for file in attempt.finish().files]
    storage.write_bytes(storage.join(run_dir, "duplicates", "manifest.json"), json.dumps({"files": listed}).encode())
    assert list(show(run_dir, "near")) == whole
    monkeypatch.setattr("pipeline.reports.duplicates._MEMBERS", 1)
    lines = list(show(run_dir, "near"))
    # The weakest of all, 0.75, is the one that isn't shown.
    assert lines[1] == whole[1] == f"near cluster of 3, survivor {document_id('a')}"
    assert lines.count("  and 1 others") == 1 and not any(document_id("c") in line for line in lines)


def test_nothing_to_show_is_said(run_dir: str, tmp_path) -> None:
    with pytest.raises(ValueError, match="has no clusters of level nothing"):
        list(show(run_dir, "nothing"))
    with pytest.raises(FileNotFoundError, match="holds no finished run"):
        list(show(str(tmp_path / "nowhere")))
