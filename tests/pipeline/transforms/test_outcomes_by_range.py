"""What became of a part's records: kept with its ids, rejected by the first phase that did, failed; all of a range of ids."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from filters.redaction import Redactor
from pipeline import tables
from pipeline.run_state import Part, parts_of_run
from pipeline.transforms.id_ranges import IdRange
from pipeline.transforms.outcomes import KEYS, outcomes, together
from tests.pipeline.reports.test_page_bounds import commit

# Half of the ids begin below 8.
IDS = {name: f"{digit}{number:031x}" for number, (name, digit) in enumerate(zip("abcdef", "1359be", strict=True))}
GONE = {"failed": "2" + "f" * 31, "rejected": "c" + "f" * 31}


def document(name: str, text: str) -> dict[str, Any]:
    words = len(text.split())
    row = {
        "id": IDS[name],
        "url": f"https://{name}.example/",
        "date": "2024-05-01T00:00:00Z",
        "language": "en",
        "class": "code",
    }
    return {**row, "title": f"Title {name}", "text": text, "words": words, "spans": []}


DOCUMENTS = [
    document("a", "one two"), document("b", "gone line\nmail ada@gmx.de now"), document("c", "three"), document("d", "four five six"),
    document("e", "gone line\nseven"), document("f", "eight"),
]  # fmt: skip


def verdict(stage: str | None, reason: str | None = None, score: float | None = None) -> dict[str, Any]:
    return {"stage": stage, "reason": reason, "score": score, "detail": None}


@pytest.fixture(scope="module")
def part(tmp_path_factory: pytest.TempPathFactory) -> Part:
    folder = str(tmp_path_factory.mktemp("outcomes"))
    rejected = [
        {"id": GONE["rejected"], "url": "", "stage": "read", "reason": "empty", "words": 0, "removed_words": 0}
    ]
    commit(folder, "extract", "unit-000000", {
        "text": (tables.TEXT, [{name: row[name] for name in tables.TEXT.names if name in row} for row in DOCUMENTS]),
        "features": (tables.FEATURES, [{name: row[name] for name in tables.FEATURES.names if name in row} for row in DOCUMENTS]),
        "rejected": (tables.REJECTED, rejected),
        "failed": (tables.FAILED, [{"id": GONE["failed"], "url": "", "error": "torn"}]),
    })  # fmt: skip
    none = verdict(None)
    lines = [{"removed": [0] if name in "be" else None, "removed_words": 2 * (name in "be")} for name in IDS]
    commit(
        folder,
        "urls",
        "part-000000",
        {"verdicts": (tables.VERDICTS, [none, none, verdict("urls", "older_capture"), none, none, none])},
    )
    commit(folder, "clean", "part-000000", {"lines": (tables.REMOVED_LINES, lines)})
    ids = [{"tokens": [1, number, 2]} for number in range(6)]
    commit(folder, "judge", "part-000000", {
        "verdicts": (tables.VERDICTS, [none, none, verdict("quality", "low", 0.5), none, verdict("quality", "low", 0.1), none]),
        "lines": (tables.REMOVED_LINES, lines),
        "tokens": (tables.TOKENS, ids),
    })  # fmt: skip
    (found,) = parts_of_run(folder)
    return found


def names(rows: list[dict[str, Any]]) -> str:
    by_id = {identity: name for name, identity in (IDS | GONE).items()}
    return " ".join(by_id[row["id"]] for row in rows)


def test_every_record_has_one_end(part: Part) -> None:
    found = {name: table.to_pylist() for name, table in outcomes(part).items()}
    assert {name: names(rows) for name, rows in found.items()} == {
        "kept": "a b d f",
        "rejected": "c e rejected",
        "failed": "failed",
    }
    b = found["kept"][1]
    assert (b["text"], b["title"], b["words"], b["removed_words"], b["tokens"]) == (
        "mail ada@gmx.de now",
        "Title b",
        5,
        2,
        [1, 1, 2],
    )
    assert [row["tokens"] for row in found["kept"]] == [[1, number, 2] for number in (0, 1, 3, 5)]
    c, e, _ = found["rejected"]
    assert (c["stage"], c["reason"], c["words"], c["removed_words"]) == ("urls", "older_capture", 1, 0), (
        "the first that took it"
    )
    assert (e["stage"], e["score"], e["words"], e["removed_words"]) == ("quality", 0.1, 1, 2), (
        "without what had gone before"
    )


def test_personal_data_are_taken_out_of_text_and_title(part: Part) -> None:
    kept = outcomes(part, redact=Redactor())["kept"].to_pylist()
    assert kept[1]["text"] == "mail [EMAIL] now" and kept[1]["title"] == "Title b" and kept[0]["text"] == "one two"


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        (IdRange(0, 2), ("a b", "c", "failed")), (IdRange(1, 2), ("d f", "e rejected", "")),
        (IdRange(1, 16), ("a", "", "")), (IdRange(2, 16), ("", "", "failed")), (IdRange(15, 16), ("", "", "")),
        (IdRange(12, 16), ("", "rejected", "")),
    ],
)  # fmt: skip
def test_a_range_has_its_own(part: Part, ids: IdRange, expected: tuple[str, str, str]) -> None:
    found = outcomes(part, ids)
    assert tuple(names(found[name].to_pylist()) for name in ("kept", "rejected", "failed")) == expected


def test_tables_of_ranges_are_sorted_together(part: Part, tmp_path: Path) -> None:
    found = [outcomes(part, IdRange(number, 2)) for number in (1, 0)]
    halves = {name: [half[name] for half in found] for name in KEYS}
    for name in KEYS:
        assert together(halves, name, ["id"]).equals(outcomes(part)[name].combine_chunks())
    assert names(together(halves, "rejected", ["stage", "id"]).to_pylist()) == "e rejected c"
    nothing = together({"kept": []}, "kept", ["id"])
    assert nothing.num_rows == 0 and "tokens" in nothing.column_names
