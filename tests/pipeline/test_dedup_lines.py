"""Frequent lines go, and what is left of a document is judged."""

from __future__ import annotations

import dataclasses
import json
import random
from pathlib import Path

import pytest

from pipeline.driver import run
from recipes import load
from tests.pipeline.runs import rows


@pytest.fixture
def only_lines():
    left_out = ["block", "identify", "domains", "documents", "quality", "mix"]
    return load(
        "llama3", [*(f"{name}=null" for name in left_out), "heuristics={}", "extract.min_words=0", "lines.min_words=5"]
    )


def mill(recipe, folder: Path, texts: list[str]) -> dict[str, dict]:
    """Runs ``texts``; returns rows of documents and of rejected, by URL."""
    pages = [json.dumps({"url": f"https://mill.example/{n}", "text": text}) for n, text in enumerate(texts)]
    (folder / "pages.jsonl").write_text("\n".join(pages))
    run(recipe, [str(folder / "pages.jsonl")], str(folder / "run"))
    return {row["url"]: row for name in ("documents", "rejected") for row in rows(folder / "run", name)}


_WORDS = [
    "the",
    "miller",
    "opens",
    "his",
    "sluice",
    "an",
    "hour",
    "before",
    "sunrise",
    "when",
    "old",
    "ponds",
    "are",
    "full",
    "and",
    "their",
    "daughter",
    "counts",
    "every",
    "sack",
    "by",
    "this",
    "door",
    "with",
    "chalk",
    "while",
    "two",
    "horses",
    "wait",
    "in",
    "that",
    "yard",
]


def own(number: int, words: int = 10) -> str:
    """English words in an order of the number's own."""
    return " ".join(random.Random(str(number)).choices(_WORDS, k=words))


@pytest.mark.parametrize(("copies", "goes"), [(6, False), (7, True)])
def test_a_line_goes_from_the_seventh_document_on(only_lines, tmp_path, copies, goes):
    found = mill(only_lines, tmp_path, [f"Share this page\n{own(n)}" for n in range(copies)])
    assert all(("Share this page" in row["text"]) != goes for row in found.values())


def test_a_refrain_counts_once_a_document(only_lines, tmp_path):
    found = mill(only_lines, tmp_path, [f"row row row your boat\n{own(0)}\n" * 9 + "the end"])
    assert found["https://mill.example/0"]["removed_words"] == 0


def test_buckets_count_apart(only_lines, tmp_path):
    texts = [f"Share this page\n{own(n)}" for n in range(7)]
    recipe = dataclasses.replace(only_lines, lines=dataclasses.replace(only_lines.lines, bucket_documents=1))
    assert all("Share this page" in row["text"] for row in mill(recipe, tmp_path, texts).values())


def test_documents_of_which_too_little_is_left_go_with_the_figure(only_lines, tmp_path):
    common = "\n".join(f"menu entry {n} of this site" for n in range(10))
    found = mill(
        only_lines,
        tmp_path,
        [f"{common}\n{own(n)}" for n in range(7)] + [f"{common}\n{own(9, 3)}", f"{common}\n{own(8, 90)}"],
    )
    first, short, long = (found[f"https://mill.example/{n}"] for n in (0, 7, 8))
    assert (first["reason"], first["score"]) == ("mostly_frequent_lines", round(60 / 70, 4))
    assert (short["reason"], short["score"]) == ("too_short", 3)
    assert long["text"] == own(8, 90)
