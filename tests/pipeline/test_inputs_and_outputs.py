"""Crawls in other formats, and runs on storage that is no disk."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from filters.verdict import Reject
from gristmill.sample import write_sample
from pipeline.driver import run
from pipeline.reports.page import explain
from recipes import load
from tests.pipeline.runs import rows
from tokens import tokenizer as tokenizers

# Prose that every rule of the recipe lets pass: distinct sentences, enough of them.
_SENTENCES = """The miller opens the sluice an hour before sunrise, when the pond is full. His daughter counts the sacks by
the door and chalks a mark for every tenth one. Two horses wait in the yard with steam around their nostrils. Nobody
speaks while the stones begin to turn, for the first grain always sounds uneven. Later the wheel finds its rhythm and
the whole house trembles softly. Flour settles on beams, on bread, on the sleeping cat beneath the stairs. At noon a
carter brings news from the market town and takes away what has been ground since yesterday."""


@pytest.fixture(scope="module")
def recipe():
    return load("llama3", ["extract.parser=resiliparse"])


def _html(number: int) -> str:
    return (
        f"<html><head><title>Page {number}</title></head><body><article><p>{_text(number)}</p></article></body></html>"
    )


def _text(number: int) -> str:
    words = _SENTENCES.split()
    # Rotated and thinned out differently, so that no page is a near-duplicate of another.
    return " ".join(
        word for index, word in enumerate(words[number * 17 :] + words[: number * 17]) if index % (number + 3)
    )


@pytest.fixture(scope="module")
def mixed(recipe, tmp_path_factory) -> Path:
    """A run over a file of each format, with other pages in each."""
    folder = tmp_path_factory.mktemp("mixed")
    lines = [
        json.dumps({"url": f"https://mill.example/{n}", "html": _html(n), "date": "2024-05-01"}) for n in range(2)
    ]
    lines += [
        json.dumps({"url": "https://mill.example/text", "text": _text(2)}),
        "{broken",
        json.dumps({"text": "no url"}),
    ]
    (folder / "crawl.jsonl.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    table = pa.table(
        {
            "url": [f"https://mill.example/table/{n}" for n in range(3)],
            "html": [_html(3 + n).encode() for n in range(3)],
        }
    )
    pq.write_table(table, folder / "crawl.parquet")
    text = _text(6).encode()
    record = (
        b"WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Target-URI: https://mill.example/wet\r\nWARC-Date: 2024-05-01T00:00:00Z\r\n"
        b"Content-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n" % (len(text), text)
    )
    (folder / "crawl.warc.wet.gz").write_bytes(gzip.compress(record))
    files = [str(folder / f"crawl.{end}") for end in ("jsonl.gz", "parquet", "warc.wet.gz")]
    ledger = run(recipe, files, str(folder / "run"))
    assert ledger["records"] == {"read": 9, "kept": 7, "rejected": 0, "failed": 2}
    return folder / "run"


@pytest.fixture(scope="module")
def documents(mixed) -> dict[str, dict]:
    """Its documents by the last parts of their URLs."""
    return {row["url"].removeprefix("https://mill.example/"): row for row in rows(mixed, "documents")}


def test_jsonl_with_html_and_with_text(mixed, documents):
    assert documents["0"]["date"] == "2024-05-01T00:00:00Z"
    assert documents["0"]["title"] == "Page 0"
    assert documents["text"]["text"] == _text(2)
    assert {"not valid JSON" in row["error"] for row in rows(mixed, "failed")} == {True, False}


def test_parquet_with_html(documents):
    assert [documents[f"table/{n}"]["title"] for n in range(3)] == ["Page 3", "Page 4", "Page 5"]


def test_a_wet_file_is_not_extracted_again(documents):
    assert documents["wet"]["text"] == _text(6)


@pytest.fixture(scope="module")
def extracted(tmp_path_factory) -> Path:
    """A run with our own parser over pages that state something about themselves, and some that don't."""
    folder = tmp_path_factory.mktemp("extracted")
    states = '<html lang="en-GB"><head><meta property="article:published_time" content="2021-03-14T08:00:00Z">'
    navigation = "<body><nav><a href='/'>Home</a> <a href='/news'>News of the mill</a></nav>"
    pages = {
        "stated": _html(0).replace("<html><head>", states),
        "silent": _html(1),
        "docs/0": _html(4).replace("<body>", navigation),
    }
    lines = [json.dumps({"url": f"https://mill.example/{name}", "html": html}) for name, html in pages.items()]
    lines.append(json.dumps({"url": "https://mill.example/text", "text": _text(2)}))
    german = "Der Müller stand vor dem Morgen auf, denn der Wind hatte sich in der Nacht gedreht, und das Korn lag bereit.\n"
    lines.append(json.dumps({"url": "https://mill.example/mixed", "text": f"{_text(3)[:400]}\n{german * 4}"}))
    (folder / "crawl.jsonl.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    recipe = load("llama3", ["extract.parser=gristmill", "heuristics=null"])
    run(recipe, [str(folder / "crawl.jsonl.gz")], str(folder / "run"))
    return folder / "run"


def test_documents_have_what_the_page_states_about_itself(extracted):
    found = {row["url"].rpartition("/")[2]: row for row in rows(extracted, "documents")}
    assert {name: (row["published"], row["language_hint"]) for name, row in found.items()} == {
        "stated": ("2021-03-14", "en-gb"), "silent": (None, None), "0": (None, None), "text": (None, None),
        "mixed": (None, None),
    }  # fmt: skip
    assert {name for name, row in found.items() if row["languages"] is not None} == {"mixed"}
    assert {one["language"] for one in found["mixed"]["languages"]} == {"de", "en"}


def test_why_tells_the_marks_of_a_page_and_what_was_not_extracted(extracted):
    lines = [line.strip() for line in explain(str(extracted), "https://mill.example/docs/0")]
    assert "page       documentation" in lines
    assert any(line.startswith("removed") and not line.split()[1].startswith("0") for line in lines)


def test_a_crawl_without_a_single_page_balances_too(recipe, tmp_path):
    (tmp_path / "empty.warc.gz").write_bytes(b"")
    ledger = run(recipe, [str(tmp_path / "empty.warc.gz")], str(tmp_path / "run"))
    assert ledger["records"] == {"read": 1, "kept": 0, "rejected": 0, "failed": 1}
    assert rows(tmp_path / "run", "failed")[0]["error"].startswith("the file is empty")


def test_limit_stops_after_so_many_pages_of_every_file(recipe, tmp_path):
    write_sample(tmp_path / "crawl")
    files = [str(path) for path in sorted((tmp_path / "crawl").glob("*.warc.gz"))[:2]]
    ledger = run(recipe, files, str(tmp_path / "run"), limit=20)
    read_rejections = sum(ledger["rejected"]["read"].values())
    assert ledger["records"]["read"] - read_rejections == 20


def test_stages_can_be_left_out(recipe, tmp_path):
    changes = [
        "extract.parser=resiliparse",
        "block=null",
        "identify=null",
        "domains=null",
        "documents=null",
        "lines=null",
    ]
    bare = load("llama3", [*changes, "heuristics=null", "quality=null", "mix=null"])
    (tmp_path / "crawl.jsonl").write_text(
        "\n".join(json.dumps({"url": f"https://mill.example/{n % 2}", "html": _html(0)}) for n in range(3))
    )
    ledger = run(bare, [str(tmp_path / "crawl.jsonl")], str(tmp_path / "run"))
    assert ledger["records"]["kept"] == 2
    assert ledger["rejected"] == {"urls": {"identical_capture": 1}}


class TooManyHorses:
    """A filter of someone's own, as a recipe names it: package.module.Class."""

    name = "horses"

    def __init__(self, most: int = 0) -> None:
        self.most = most

    def score(self, document):
        return {"horses": document.text.count("horses")} if "sluice" in document.text else None

    def decide(self, scores):
        return Reject("too_many_horses", scores["horses"]) if scores["horses"] > self.most else None


def test_a_filter_of_ones_own_is_named_in_the_recipe_and_told_like_any_other(tmp_path):
    left_out = [f"{name}=null" for name in ("block", "identify", "domains", "documents", "lines", "quality", "mix")]
    own = load("llama3", [*left_out, "extract.min_words=1", f"heuristics={{{__name__}.TooManyHorses: {{most: 1}}}}"])
    texts = ["the sluice and two horses", "the sluice, horses, horses", "nothing of the kind"]
    (tmp_path / "crawl.jsonl").write_text(
        "\n".join(json.dumps({"url": f"https://mill.example/{n}", "text": text}) for n, text in enumerate(texts))
    )
    ledger = run(own, [str(tmp_path / "crawl.jsonl")], str(tmp_path / "run"))
    assert ledger["rejected"] == {"heuristics": {"too_many_horses": 1}}
    assert ledger["not_judged"] == {"horses": 1}
    told = [line.strip() for line in explain(str(tmp_path / "run"), "https://mill.example/1")]
    assert "score      horses.horses = 2" in told
    assert told[-1] == "REJECTED   heuristics: too_many_horses, score 2 (filter horses)"


class NoHorses:
    """A filter that removes lines: those that name horses, and documents of which that leaves nothing."""

    name = "no_horses"

    def judge_lines(self, document):
        gone = {index: "horse_line" for index, row in enumerate(document.view.rows) if "horses" in row}
        words = sum(len(document.view.words_by_row[index]) for index in gone)
        return gone, {"left": len(document.view.words) - words}

    def decide(self, scores):
        return Reject("nothing_but_horses", 1) if not scores["left"] else None


def test_a_filter_may_remove_lines_and_the_words_are_counted_by_its_rules(tmp_path):
    left_out = [f"{name}=null" for name in ("block", "identify", "domains", "documents", "lines", "quality", "mix")]
    filters = f"heuristics={{{__name__}.NoHorses: {{}}, {__name__}.TooManyHorses: {{}}}}"
    own = load("llama3", [*left_out, "extract.min_words=1", filters])
    texts = ["the sluice\n\ntwo horses wait\n\nthe end", "two horses\nand horses", "two horses\nthe sluice"]
    (tmp_path / "crawl.jsonl").write_text(
        "\n".join(json.dumps({"url": f"https://mill.example/{n}", "text": text}) for n, text in enumerate(texts))
    )
    ledger = run(own, [str(tmp_path / "crawl.jsonl")], str(tmp_path / "run"))
    assert ledger["rejected"] == {"heuristics": {"nothing_but_horses": 1}}
    assert ledger["words"] == {
        "in": 15, "kept": 6,
        "removed": {"heuristics/no_horses.horse_line": 5, "heuristics/nothing_but_horses": 4},
    }  # fmt: skip
    kept = {row["url"][-1]: row for row in rows(tmp_path / "run", "documents")}
    assert {url: (row["text"], row["removed_words"]) for url, row in kept.items()} == {
        "0": ("the sluice\n\nthe end", 3), "2": ("the sluice", 2),
    }  # fmt: skip
    told = [line.strip() for line in explain(str(tmp_path / "run"), "https://mill.example/0")]
    assert "lines      removed by no_horses.horse_line, 3 words" in told
    # The second filter has seen what the first has left.
    assert "score      horses.horses = 0" in told


def test_personal_data_become_placeholders_in_documents_and_tokens(tmp_path):
    left_out = [f"{name}=null" for name in ("block", "identify", "domains", "documents", "lines", "quality", "mix")]
    recipe = load("llama3", [*left_out, "extract.min_words=1", "heuristics={}", "redact={}"])
    row = {"url": "https://mill.example/1", "title": "ada@gmx.de", "text": "Write to ada@gmx.de, it turns."}
    (tmp_path / "crawl.jsonl").write_text(json.dumps(row))
    ledger = run(recipe, [str(tmp_path / "crawl.jsonl")], str(tmp_path / "run"))
    (document,) = rows(tmp_path / "run", "documents")
    assert (document["title"], document["text"]) == ("[EMAIL]", "Write to [EMAIL], it turns.")
    assert document["words"] == ledger["words"]["in"] == 7 and ledger["redacted"] == {"email": 1}
    (tokens,) = rows(tmp_path / "run", "tokens")
    assert "Write to [EMAIL], it turns." in tokenizers.load("gristmill-8k").decode(tokens["tokens"])


def test_input_and_output_may_lie_on_any_fsspec_storage(recipe, tmp_path):
    crawl = "\n".join(json.dumps({"url": f"https://mill.example/{n}", "html": _html(n)}) for n in range(3))
    with fsspec.open("memory://crawl/pages.jsonl", "w") as stream:
        stream.write(crawl)
    (tmp_path / "pages.jsonl").write_text(crawl)
    remote = run(recipe, ["memory://crawl/*.jsonl"], "memory://run")
    local = run(recipe, [str(tmp_path / "pages.jsonl")], str(tmp_path / "run"))
    assert remote == local
    assert remote["records"]["kept"] == 3
    (listed,) = json.loads(fsspec.filesystem("memory").cat("/run/documents/_manifest.json"))["files"]
    (expected,) = json.loads((tmp_path / "run" / "documents" / "_manifest.json").read_text())["files"]
    assert listed["sha256"] == expected["sha256"]
