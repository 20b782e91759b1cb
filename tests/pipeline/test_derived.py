"""Runs that go on from finished ones write what a run from the beginning writes, byte for byte, and leave those alone."""

from __future__ import annotations

import base64
import json
import random
import tracemalloc
from itertools import chain
from pathlib import Path

import pytest

from blocklists.decisions import Decision, append
from pipeline import json_pieces, preflight
from pipeline.derived import extend, foresee, refilter
from pipeline.driver import run
from pipeline.listing import read_manifest
from pipeline.preflight import NotReady
from pipeline.retokenising import retokenise
from pipeline.run_state import RunState
from pipeline.taking_over import Base, changed_keys, read_base
from recipes import Recipe, load, with_changes
from tests.pipeline.runs import manifest, output_hashes, rows

WORDS = """the a mill miller grain flour wind water river stone wheel and of to in with old new slow heavy bread field harvest
barley rye oats turn grind carry wait watch sleep morning evening winter summer road bridge village house""".split()
SETTINGS = [
    "extract.parser=resiliparse", "shards.shard_bytes=20000", "tokenise.held_out_per_10000=2000",
    "identify.min_score=0", "heuristics.kl_divergence.min_documents=5",
]  # fmt: skip
LIMIT = "heuristics.repetition={thresholds: {duplicate_5gram: 0.15}}"
OTHERS = ["urls.rules=[scheme]", "documents.shingle_words=3", "lines.max_count=3", LIMIT]
KEPT = ["output.keep_work=text"]


def text_of(draw: random.Random, words: int) -> str:
    sentences = (" ".join(draw.choices(WORDS, k=draw.randrange(8, 15))).capitalize() + "." for _ in range(words // 11))
    return "\n".join(sentences)


@pytest.fixture(scope="module")
def some(tmp_path_factory) -> list[str]:
    """Three files of texts: good ones, copies, captures of one address, texts that repeat themselves, frequent lines."""
    folder, draw = tmp_path_factory.mktemp("crawl"), random.Random(5)
    rows = []
    for number in range(60):
        text = text_of(draw, draw.randrange(80, 200))
        if number % 6 == 0:
            text += "\n" + "\n".join(["Grain and flour of the mill by the river in the valley."] * (number // 6))
        if number % 8 == 5:
            text = f"{text}\n{text[: len(text) // 3]}"
        if number % 10 == 3:
            text = f"{text}\nWrite to the miller of the old mill by the brook."
        rows.append(
            {
                "url": f"https://site{number % 50 % 7}.example/{number % 50}",
                "text": text,
                "date": f"2024-05-{number % 28 + 1:02}",
            }
        )
    rows += [{**row, "url": f"{row['url']}/copy"} for row in rows[:6]] + [
        {"url": "https://x.example/", "text": "short"}
    ]
    paths = []
    for number in range(3):
        lines = [json.dumps(row) for row in rows[number::3]] + ["{broken"]
        paths.append(folder / f"{number}.jsonl")
        paths[-1].write_text("\n".join(lines), "utf-8")
    return [str(path) for path in paths]


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory) -> str:
    """One as Llama 3's, of the 256 bytes and a few merges."""
    tokens = [bytes([i]) for i in range(256)] + [b"th", b"the", b" th", b" the", b"an", b"and", b" a", b" an", b" and"]
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.model"
    path.write_bytes(b"".join(base64.b64encode(token) + b" %d\n" % rank for rank, token in enumerate(tokens)))
    return str(path)


@pytest.fixture(scope="module")
def base(tmp_path_factory, some) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "base"
    run(load("llama3", SETTINGS + KEPT), some, str(folder))
    return folder


@pytest.fixture(scope="module")
def wanted(tokenizer) -> Recipe:
    return load("llama3", [*SETTINGS, *OTHERS, f"tokenise.tokenizer={tokenizer}"])


@pytest.fixture(scope="module")
def fresh(tmp_path_factory, some, wanted) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "fresh"
    run(wanted, some, str(folder))
    return folder


@pytest.fixture(scope="module")
def stricter(tmp_path_factory, base) -> Path:
    """The base with other settings and its own tokenizer, by two workers."""
    folder = tmp_path_factory.mktemp("runs") / "stricter"
    refilter(str(base), load("llama3", SETTINGS + OTHERS + KEPT), str(folder), workers=2)
    return folder


def assert_equal_outputs(found: Path, expected: Path) -> None:
    assert output_hashes(found) == output_hashes(expected)
    for name in ("ledger.json", "mix.json"):
        assert (found / name).read_bytes() == (expected / name).read_bytes()


def files_of(folder: Path) -> dict[str, tuple[int, int]]:
    found = ((path, path.stat()) for path in folder.rglob("*") if path.is_file())
    return {str(path): (stat.st_size, stat.st_mtime_ns) for path, stat in found}


def written(folder: Path, phase: str) -> list[str]:
    return [path.name for path in (folder / "work" / phase).glob("*.parquet")]


def test_another_filtering_equals_a_run_from_the_beginning(stricter, base, fresh, wanted, tmp_path):
    """First lines and a filter, then from that run the tokenizer: phases are taken over from two runs."""
    before = files_of(base), files_of(stricter)
    refilter(str(stricter), wanted, str(tmp_path / "new"))
    assert_equal_outputs(tmp_path / "new", fresh)
    assert (files_of(base), files_of(stricter)) == before
    assert not any(written(tmp_path / "new", phase) for phase in ("extract", "domains", "documents", "lines", "clean"))
    assert not written(stricter, "domains") and written(stricter, "documents")
    clean, extracted = (read_manifest(str(tmp_path / "new"), phase) for phase in ("clean", "extract"))
    assert clean and all(path.startswith(str(stricter)) for path in clean.paths("lines"))
    assert extracted and all(path.startswith(str(base)) for path in extracted.paths("text"))


@pytest.mark.parametrize("workers", [1, 2])
def test_other_tokens_of_the_documents_equal_those_of_a_run_from_the_beginning(
    stricter, fresh, tokenizer, tmp_path, workers
):
    before = files_of(stricter)
    for _ in range(2):  # the second time it is finished
        retokenise(str(stricter), tokenizer, str(tmp_path / "new"), workers)
    assert [file["sha256"] for file in manifest(tmp_path / "new", "tokens")] == output_hashes(fresh)["tokens"]
    for name in ("ledger.json", "mix.json"):
        assert (tmp_path / "new" / name).read_bytes() == (fresh / name).read_bytes()
    assert files_of(stricter) == before


@pytest.fixture(scope="module")
def older(tmp_path_factory, some, wanted) -> Path:
    """The run wanted, before the first file was there."""
    folder = tmp_path_factory.mktemp("runs") / "older"
    run(with_changes(wanted, KEPT), some[1:], str(folder))
    return folder


@pytest.mark.parametrize("workers", [1, 2])
def test_added_inputs_equal_a_run_over_all(some, older, fresh, wanted, tmp_path, workers):
    before = files_of(older)
    extend(str(older), some, wanted, str(tmp_path / "new"), workers)
    assert_equal_outputs(tmp_path / "new", fresh)
    assert files_of(older) == before
    assert len(written(tmp_path / "new" / "work" / "added", "extract")) < len(written(older, "extract"))
    assert sorted(row["id"] for row in rows(tmp_path / "new", "places")) == sorted(
        row["id"] for row in rows(fresh, "places")
    )


def test_what_extraction_decides_needs_a_whole_run(base, tmp_path):
    recipe = read_base(str(base)).recipe
    for change in ("extract.min_words=3", "identify=null", "domains.listed=[]"):
        key = change.partition("=")[0]
        with pytest.raises(NotReady, match="decides what is extracted"):
            refilter(str(base), with_changes(recipe, [change]), str(tmp_path / key))
        assert not (tmp_path / key).exists()
    models = read_base(str(base)).models
    same = with_changes(recipe, ["documents.bands=15", "documents.rows=8", "domains.min_pages=4"])
    assert changed_keys(read_base(str(base)), same, models) == {
        "documents.bands": "documents", "documents.rows": "documents", "domains.min_pages": "domains",
    }  # fmt: skip
    assert changed_keys(read_base(str(base)), recipe, {**models, "tokenizer": "another"}) == {"tokenizer": "judge"}


def test_a_base_of_many_inputs_takes_no_more_memory(tmp_path, monkeypatch):
    recipe = load("llama3")
    monkeypatch.setattr(json_pieces, "_AT_ONCE", 4096)  # held for the smaller number already

    def peak(count: int) -> int:
        folder = tmp_path / f"{count}"
        plan = preflight.describe_plan(
            RunState(str(folder), recipe),
            [{"path": f"/crawl/{n:0>87}.warc.gz", "limit": None, "fingerprint": f"{n:064}"} for n in range(count)],
        )
        json_pieces.write(preflight.plan_path(str(folder)), plan, sort_keys=False)
        json_pieces.write(str(folder / "run.json"), plan, sort_keys=False)
        (folder / "ledger.json").write_text("{}")
        (folder / "new.warc.gz").touch()
        tracemalloc.start()
        try:
            found = read_base(str(folder))
            assert list(foresee(found, recipe)) == [f"nothing differs from the recipe of {folder}"]
            with pytest.raises(NotReady, match="lost the manifest"):
                extend(found, [str(folder / "new.warc.gz")], recipe, str(folder / "out"))
            with pytest.raises(NotReady, match="goes on from another one"):
                preflight.check_same_run(RunState(str(folder), recipe), {**plan, "base": found.named()})
            more = json_pieces.Entries(lambda: chain(found.inputs(), [{"path": "/crawl/z", "limit": None}]))
            with pytest.raises(NotReady, match=f"other inputs .{count} files then, {count + 1} now."):
                preflight.check_same_run(RunState(str(folder), recipe), {**plan, "inputs": more})
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(10)
    assert (peak(9_000) - peak(3_000)) / 6_000 < 50, "bytes an input, of 250 in the plan"


def test_decisions_are_taken_again_without_the_pages(base, tmp_path):
    path = tmp_path / "decisions.jsonl"
    append(path, [Decision("2026-11-28", "anna", "domain", "site1.example", "keep", "review")])
    found = read_base(str(base))
    now = with_changes(found.recipe, [f"decisions=[{path}]"])
    assert changed_keys(found, now, found.models) == {"decisions": "decisions"}


def test_a_run_whose_texts_are_gone_says_so(fresh, wanted, tmp_path):
    with pytest.raises(NotReady, match="output.keep_work=text"):
        refilter(str(fresh), with_changes(wanted, ["lines.max_count=2"]), str(tmp_path / "new"))
    with pytest.raises(FileNotFoundError, match="no finished run"):
        refilter(str(tmp_path), wanted, str(tmp_path / "new"))


def test_inputs_that_have_been_read_or_have_changed_are_refused(base, some, wanted, tmp_path):
    recipe = read_base(str(base)).recipe
    with pytest.raises(NotReady, match="has read all"):
        extend(str(base), some, recipe, str(tmp_path / "new"))


def test_a_dry_run_tells_what_limits_alone_change(base):
    recipe = read_base(str(base)).recipe
    assert list(foresee(str(base), recipe)) == [f"nothing differs from the recipe of {base}"]
    shown = list(
        foresee(str(base), with_changes(recipe, ["heuristics.repetition={thresholds: {duplicate_5gram: 0.0}}"]))
    )
    assert shown[0].startswith("changed: heuristics.repetition.thresholds")
    kept = json.loads((base / "ledger.json").read_text())["records"]["kept"]
    assert shown[1].split()[:2] == ["kept", str(kept)] and int(shown[1].split()[3]) < kept
    assert any(line.startswith("heuristics/duplicate_5gram") for line in shown)
    unknown = list(foresee(str(base), with_changes(recipe, ["lines.max_count=3"])))
    assert unknown[1] == f"taken over from {base}: extract, domains, urls, documents"
    assert unknown[2].startswith(
        "run anew: duplicates, lines, clean, judge, rejected_texts, shards; what they change is not known"
    )


def test_a_base_that_was_read_is_not_read_again():
    read = Base("nowhere", {}, load("llama3"))
    assert read_base(read) is read
