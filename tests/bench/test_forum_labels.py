"""Labels of threads: which blocks they name, today and after the scanner has changed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from bench.forum_labels import (
    KINDS,
    LABELS,
    Capture,
    Label,
    block_texts,
    found,
    made,
    numbers,
    ranges,
    read_labels,
    scanned,
    write_labels,
)
from bench.label_forums import shown

TEXTS = [
    "Mills",
    "Which oil for a mill wheel?",
    "miller",
    "I use tallow.",
    "weaver",
    "I use tallow.",
    "So do I.",
    "Reply",
]
ABOUT = {"kind": "thread", "program": "phpBB 3", "language": "en"}
BLOCKS = {"content": (1, 3, 5, 6), "quoted": (5,), "replies": ()}


def label(blocks: dict[str, tuple[int, ...]] | None = None) -> Label:
    capture = Capture("<urn:uuid:1>", "https://mills.example/t/1", "sha1:A", "text/html", b"")
    return made(capture, TEXTS, BLOCKS | (blocks or {}), **ABOUT)


def rows(of: Label, texts: list[str]) -> dict[str, list[int]] | None:
    today = found(of, texts)
    return None if today is None else {name: np.flatnonzero(each).tolist() for name, each in today.items()}


def test_ranges_are_written_as_they_are_read() -> None:
    for written in ("", "3", "3-4", "0,2-5,9"):
        assert ranges(numbers(written)) == written
    assert numbers("3, 5-7") == (3, 5, 6, 7)


@pytest.mark.parametrize("written", ["5,3", "3,3", "3-5,5"])
def test_numbers_that_do_not_rise_are_refused(written: str) -> None:
    with pytest.raises(ValueError, match="don't rise"):
        numbers(written)


def test_blocks_are_found_by_number_and_where_they_have_moved() -> None:
    assert rows(label(), TEXTS) == {"content": [1, 3, 5, 6], "quoted": [5], "replies": []}
    assert rows(label(), ["Skip to content", *TEXTS]) == {"content": [2, 4, 6, 7], "quoted": [6], "replies": []}


def test_a_page_that_has_changed_is_not_labelled() -> None:
    assert rows(label(), [*TEXTS[:3], "I use another oil.", *TEXTS[4:]]) is None


def test_case_and_punctuation_do_not_make_another_block() -> None:
    assert rows(label(), [text.upper().rstrip(".") for text in TEXTS]) is not None


@pytest.mark.parametrize("blocks", [{"replies": (3,)}, {"content": (1, 80), "quoted": ()}, {"quoted": (2,)}])
def test_a_label_that_contradicts_itself_is_refused(blocks: dict[str, tuple[int, ...]]) -> None:
    with pytest.raises(ValueError, match=r"mills\.example"):
        label(blocks)


def test_labels_are_written_and_read(tmp_path: Path) -> None:
    labels = [label(), label({"replies": (7,)})]
    write_labels(labels, tmp_path / "labels.jsonl")
    assert read_labels(tmp_path / "labels.jsonl") == labels
    assert read_labels(tmp_path / "none.jsonl") == []


def test_shown_blocks_have_their_numbers_and_names() -> None:
    html = b'<html><body><div class="post"><p>First</p><p>Second</p></div></body></html>'
    page = scanned(Capture("", "", "", "text/html; charset=utf-8", html))
    lines = list(shown(page, block_texts(page)))
    assert lines[0].startswith("0 [p<div.post") and lines[0].endswith("First")
    assert lines[1] == "1 Second"


def test_the_labels_of_the_repository_hold_no_text() -> None:
    labels = read_labels(LABELS)
    assert len(labels) == len({each.record for each in labels}) > 0
    for line in LABELS.read_text("utf-8").splitlines():
        fields = json.loads(line)
        assert set(fields) == set(Label._fields)
        assert all(set(fields[name]) <= set("0123456789,-") for name in ("content", "quoted", "replies"))
    for each in labels:
        assert each.kind in KINDS and (each.kind == "comments") == bool(each.replies)
        assert len(each.hashes) == len(each.content) + len(each.replies)
        assert set(each.quoted) <= set(each.content) and each.content[-1] < each.blocks
