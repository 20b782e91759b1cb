"""What becomes of a part's documents: columns as they were, words counted anew, lines and personal data gone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from filters.redaction import Redactor
from pipeline import tables
from pipeline.commit import Attempt
from pipeline.listing import write_listing
from pipeline.run_state import Part, RunState
from pipeline.transforms.id_ranges import IdRange
from pipeline.transforms.outcomes import KEPT, outcomes
from tests.pipeline.parts import add_tables, document_id, extracted

TEXT = "first line\nwrite to ann.smith@gmail.com\nx = 1\nlast line"
CODE = {"start": TEXT.index("x ="), "end": TEXT.index("x =") + 5, "kind": "code"}
NAMES = sorted("abcdef", key=document_id)
GONE = {"removed": [0], "removed_words": 2}
NOTHING: dict[str, Any] = {"removed": None, "removed_words": 0}


@pytest.fixture
def part(tmp_path: Path) -> Part:
    documents = [
        {"id": document_id(name), "url": f"https://{name}.example/", "date": "2024-01-01", "language": "en", "domain": name,
         "class": "general", "title": f"{name}.miller@gmail.com", "text": TEXT, "spans": [CODE], "words": 12,
         "languages": [{"language": "en", "share": 1.0}], "warc_file": "crawl", "warc_offset": 7}
        for name in NAMES
    ]  # fmt: skip
    run: RunState = extracted(tmp_path, documents)
    older, short = (
        {"stage": "urls", "reason": "older_capture"},
        {"stage": "lines", "reason": "too_short", "score": 3.0},
    )
    add_tables(run, "urls", "verdicts", tables.VERDICTS, [{}, older, {}, {}, {}, {}])
    add_tables(run, "clean", "verdicts", tables.VERDICTS, [{}, short, short, {}, {}, {}])
    attempt = Attempt(run.dir, "judge", "part-000000", 0)
    attempt.write_table("lines", tables.table(tables.REMOVED_LINES, [NOTHING, NOTHING, GONE, GONE, NOTHING, GONE]))
    attempt.write_table("tokens", tables.table(tables.TOKENS, [{"tokens": [row] * row} for row in range(len(NAMES))]))
    run.manifests["judge"] = write_listing(run.dir, "judge", [attempt.finish()])
    (part,) = run.parts()
    return part


def test_what_is_kept_is_what_was_extracted_without_its_lines(part: Part) -> None:
    kept = outcomes(part)["kept"]
    assert kept.schema == KEPT
    rows = kept.to_pylist()
    assert [row["id"] for row in rows] == [document_id(NAMES[place]) for place in (0, 3, 4, 5)]
    for row, place in zip(rows, (0, 3, 4, 5), strict=True):
        lost = place in (3, 5)
        assert row["text"] == (TEXT.removeprefix("first line\n") if lost else TEXT)
        assert [row["text"][span["start"] : span["end"]] for span in row["spans"]] == ["x = 1"]
        assert (row["words"], row["removed_words"]) == ((10, 2) if lost else (12, 0))
        assert row["tokens"] == [place] * place
        assert (row["domain"], row["title"]) == (NAMES[place], f"{NAMES[place]}.miller@gmail.com")
        assert row["languages"] == [{"language": "en", "share": 1.0}] and row["warc_offset"] == 7


def test_the_first_verdict_counts_and_removed_words_are_not_counted_twice(part: Part) -> None:
    rejected = outcomes(part)["rejected"].to_pylist()
    assert [(row["id"], row["stage"], row["words"], row["removed_words"]) for row in rejected] == [
        (document_id(NAMES[1]), "urls", 12, 0),
        (document_id(NAMES[2]), "lines", 10, 2),
    ]
    assert rejected[1]["score"] == 3.0


def test_personal_data_go_from_texts_and_titles_and_count_as_words(part: Part) -> None:
    for row, whole in zip(
        outcomes(part, redact=Redactor())["kept"].to_pylist(), outcomes(part)["kept"].to_pylist(), strict=True
    ):
        assert "@" not in row["text"] + row["title"]
        assert row["words"] == whole["words"] and row["tokens"] == whole["tokens"]
        assert [row["text"][span["start"] : span["end"]] for span in row["spans"]] == ["x = 1"]


def test_ranges_of_ids_share_the_documents(part: Part) -> None:
    found = [outcomes(part, IdRange(number, 3)) for number in range(3)]
    for name in ("kept", "rejected"):
        assert [row for each in found for row in each[name].to_pylist()] == outcomes(part)[name].to_pylist()
