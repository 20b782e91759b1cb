"""What a shard's rows add to the books, and what is said of failures without their places and numbers."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from pipeline.counts import counts_of, duplicates_of, file_of, sentence_of


def _rejected(*rows: tuple[str, str, int, int]) -> pa.Table:
    names = ("stage", "reason", "words", "removed_words")
    types = (pa.string(), pa.string(), pa.int64(), pa.int64())
    columns = [pa.array([row[place] for row in rows], type_) for place, type_ in enumerate(types)]
    return pa.table(dict(zip(names, columns, strict=True)))


def _documents(*rows: tuple[int, int, str, str]) -> pa.Table:
    names = ("words", "removed_words", "language", "class")
    types = (pa.int64(), pa.int64(), pa.string(), pa.string())
    columns = [pa.array([row[place] for row in rows], type_) for place, type_ in enumerate(types)]
    return pa.table(dict(zip(names, columns, strict=True)))


def _failed(*errors: str) -> pa.Table:
    return pa.table({"error": pa.array(errors, pa.string())})


def test_words_are_removed_by_lines_of_documents_that_stay_and_of_those_that_go() -> None:
    documents = _documents((100, 7, "en", "general"), (50, 0, "de", "multilingual"), (30, 3, "en", "general"))
    rejected = _rejected(
        ("judge", "dirty", 20, 4), ("judge", "dirty", 5, 0), ("urls", "older", 9, 0), ("judge", "kl", 1, 2)
    )
    failed = _failed("no charset (a.warc at byte 17)", "no charset (b.warc at byte 99)", "3 headers")
    assert counts_of(documents, rejected, failed) == {
        "kept": 3, "kept_words": 180, "languages": {"en": 2, "de": 1}, "classes": {"general": 2, "multilingual": 1},
        "rejected": {"judge": {"dirty": 2, "kl": 1}, "urls": {"older": 1}},
        "removed_words": {"judge/dirty": 25, "judge/kl": 1, "urls/older": 9, "lines/frequent_lines": 16},
        "failed": 3, "failures": {"no charset": 2, "… headers": 1},
    }  # fmt: skip


def test_a_shard_without_a_row_has_its_books_too() -> None:
    found = counts_of(_documents(), _rejected(), _failed())
    assert (found["kept"], found["kept_words"], found["failed"]) == (0, 0, 0)
    assert found["removed_words"] == {"lines/frequent_lines": 0} and found["rejected"] == found["failures"] == {}


def test_fifty_sentences_of_failures_are_kept_those_that_came_most_often() -> None:
    words = [f"{a}{b}" for a in "abcdefgh" for b in "abcdefgh"]
    often = counts_of(_documents(), _rejected(), _failed(*words, words[-1]))["failures"]
    assert len(often) == 50 and often[words[-1]] == 2


@pytest.mark.parametrize(
    ("error", "sentence", "file"),
    [
        ("cut off (crawl/a.warc.gz at byte 1234)", "cut off", "crawl/a.warc.gz"),
        ("cut off (a.jsonl)", "cut off", "a.jsonl"),
        ("12 of 345 bytes", "… of … bytes", ""),
        ("a (b) c", "a (b) c", ""),
        ("a (b (c))", "a (b (c))", ""),
        ("x" * 200, "x" * 120, ""),
    ],
)
def test_a_failure_s_sentence_and_its_file(error: str, sentence: str, file: str) -> None:
    assert (sentence_of(error), file_of(error)) == (sentence, file)


@pytest.mark.parametrize("unique", [[3, None, None, 0], [None] * 4])
def test_duplicates_are_counted_by_level_and_their_words_where_they_were_compared(unique: list[Any]) -> None:
    levels = ["near", "url", "url", "near"]
    members = pa.table({"level": levels, "unique_words": pa.array(unique, pa.int64())})
    found = duplicates_of(members)
    assert found == {"went": {"near": 2, "url": 2}, "unique_words": {"near": 3} if unique[0] else {}}
