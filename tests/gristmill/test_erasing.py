"""From a demand to the record of it: decide, refilter --erase, and the run that it gives is one from the beginning."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from gristmill.cli import main
from pipeline.driver import run
from recipes import load
from tests.pipeline.runs import manifest, output_hashes, rows

SETTINGS = [
    "extract.parser=resiliparse", "identify=null", "heuristics={}", "quality=null", "lines.max_count=99",
    "tokenise.held_out_per_10000=0", "shards.shard_bytes=2000",
]  # fmt: skip
WORDS = "the a mill miller grain flour wind water river stone wheel and of to in with old new slow heavy".split()
TRAINING = [
    "stages=[{name: all, tokens: 256, sequence_length: 32, batch_tokens: 64, learning_rate: {shape: constant}}]", "model.dim=16", "model.num_layers=1",
    "model.num_heads=2", "model.num_kv_heads=1", "run.evaluate_every=100",
]  # fmt: skip


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Twelve texts, of one a copy at another address, of one an older capture."""
    draw, path = random.Random(3), tmp_path_factory.mktemp("crawl") / "pages.jsonl"
    pages = [
        {"url": f"https://a.example/{n}", "date": f"2024-05-{n + 1:02}", "text": " ".join(draw.choices(WORDS, k=120))}
        for n in range(12)
    ]
    pages += [{**pages[4], "url": "https://b.example/copy", "date": "2024-04-01"}, {**pages[5], "date": "2024-04-01"}]
    path.write_text("\n".join(map(json.dumps, pages)), "utf-8")
    return str(path)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, crawl: str) -> str:
    folder = str(tmp_path_factory.mktemp("runs") / "base")
    run(load("llama3", [*SETTINGS, "output.keep_work=text"]), [crawl], folder)
    return folder


def test_what_is_erased_is_named_with_shards_and_training_steps(
    base: str, crawl: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new, fresh, model = (str(tmp_path / name) for name in ("new", "fresh", "model"))
    training = [word for change in TRAINING for word in ("--set", change)]
    assert main(["train", "pretrain", "--data", f"{base}/tokens", "--output", model, *training]) == 0
    demands = tmp_path / "demands.jsonl"
    for url, why in (("4", "erasure"), ("5", "opt-out"), ("none", "erasure"), ("6", "spam")):
        assert main(["decide", str(demands), "drop", f"https://a.example/{url}", "--why", why, "--who", "ada"]) == 0
    asked = ["refilter", base, "--output", new, "--decisions", str(demands), "--set", "output.keep_work=false"]
    capsys.readouterr()
    assert main([*asked, "--erase", "--trained", model, "--who", "ada"]) == 0
    told = capsys.readouterr().out

    run(load("llama3", [*SETTINGS, f"decisions=[{demands}]"]), [crawl], fresh)
    assert output_hashes(Path(new)) == output_hashes(Path(fresh))
    assert (Path(new) / "ledger.json").read_bytes() == (Path(fresh) / "ledger.json").read_bytes()

    record = json.loads((Path(new) / "erasure.json").read_text("utf-8"))
    assert json.loads(told.splitlines()[-1]) == record and record["signed_off_by"] == "ada"
    before = {row["url"]: row["id"] for row in rows(Path(base), "documents")}
    was = {one["id"]: (one["why"], one["was"]) for one in record["erased"]}
    assert was[before["https://a.example/4"]] == ("erasure", "kept")
    assert sorted(was.values()) == [("erasure", "kept"), ("opt-out", "kept"), ("opt-out", "urls/older_capture")]
    assert "No record is concerned by: erasure url https://a.example/none" in told
    assert "1 documents are kept now that were not before" in told and "https://b.example/copy" in told
    assert "1 documents went besides" in told, "the one that was dropped as spam"
    for one in record["shards"]:
        for name, folder in (("before", base), ("after", new)):
            files = manifest(Path(folder), one["folder"])
            known = files[one["shard"]]["sha256"] if one["shard"] < len(files) else None
            assert one[f"sha256_{name}"] == known
        assert one["sha256_before"] != one["sha256_after"]
    assert {one["folder"] for one in record["shards"]} >= {"documents", "tokens", "rejected"}
    assert "a.example" not in json.dumps(record["erased"]) + json.dumps(record["demands"])

    assert main(["train", "which", model, "--url", "https://a.example/4", "--json"]) == 0
    steps = {json.loads(line)["step"] for line in capsys.readouterr().out.splitlines()}
    (seen,) = record["trained"]
    assert seen["steps"] == 4 and set(seen["seen"].get(before["https://a.example/4"], [])) == steps


def test_without_a_demand_nothing_begins(base: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["refilter", base, "--output", str(tmp_path / "new")]
    assert main([*asked, "--erase"]) == 1 and "there is nothing to erase" in capsys.readouterr().err
    assert main([*asked, "--trained", "model"]) == 1 and "--erase" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()
