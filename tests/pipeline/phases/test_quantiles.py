"""A quality limit that is a quantile of the run: the lower part of each language goes, and the books balance."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from filters.fasttext_model import fasttext_module
from pipeline import tables
from pipeline.driver import run
from pipeline.phases.quantiles import PHASE, build, quality_settings, units
from recipes import load
from tests.pipeline.parts import add_tables, beam_job, document_id, extracted, finished
from tests.pipeline.runs import rows

WORDS = "the mill and the wind turned the stones while farmers waited by the door for flour"


def test_the_lower_half_of_a_run_goes_by_its_own_score(tmp_path: Path) -> None:
    lines = tmp_path / "lines.txt"
    lines.write_text(f"__label__hq {WORDS}\n__label__cc click here to buy now cart basket price\n" * 50)
    model = fasttext_module().train_supervised(
        str(lines), lr=0.5, dim=4, epoch=5, bucket=1000, minCount=1, thread=1, seed=1, verbose=0
    )
    model.save_model(str(tmp_path / "model.bin"))
    texts = {
        n: " ".join([WORDS] * (8 - n) + ["click here to buy now from the cart and the basket"] * (n + 2))
        for n in range(8)
    }
    crawl = tmp_path / "crawl.jsonl"
    crawl.write_text(
        "\n".join(json.dumps({"url": f"https://mill.example/{n}", "text": text}) for n, text in texts.items())
    )
    mine = {"path": str(tmp_path / "model.bin"), "label": "hq", "reject_below": {"quantile": 0.5}}
    recipe = load("llama3", ["heuristics=null", "documents=null", "lines=null", "domains=null", "mix=null"])
    recipe = dataclasses.replace(recipe, quality={"min_content": None, "models": {"mine": mine}})
    ledger = run(recipe, [str(crawl)], str(tmp_path / "run"))
    assert ledger["records"]["kept"] == 4
    rejected = {row["url"][-1]: row for row in rows(tmp_path / "run", "rejected")}
    assert set(rejected) == {"4", "5", "6", "7"} and {row["reason"] for row in rejected.values()} == {"low_mine"}


def test_scores_of_transformers_are_counted_by_language_and_thousandth(tmp_path: Path) -> None:
    """Of two models one has a limit of its own; documents that went before, or that it doesn't judge, don't count."""
    (tmp_path / "model").mkdir()
    quantile = {"path": str(tmp_path / "model"), "reject_below": {"quantile": 0.5}}
    recipe = load("llama3", ["lines=null", "heuristics=null"])
    models = {"mine": quantile, "other": {**quantile, "reject_below": 0.2}}
    recipe = dataclasses.replace(recipe, quality={"min_content": None, "models": models})
    ids = sorted(document_id(str(number)) for number in range(7))
    parts = [
        [
            {"id": identity, "language": language, "text": "a text", "words": 2, "spans": []}
            for identity, language in rows
        ]
        for rows in (list(zip(ids[:5], ["en", "de", "en", "en", "de"], strict=True)), [(ids[5], "en"), (ids[6], "en")])
    ]
    scores: list[list[dict]] = [
        [{"mine": 0.25, "other": 0.1}, {"mine": 0.5}, {"mine": 0.25}, {"other": 0.3}, {"mine": 0.75}],
        [{"mine": 1.0}, {"mine": 0.0}],
    ]
    state = extracted(tmp_path / "run", *parts, recipe=recipe)
    add_tables(state, "clean", "lines", tables.REMOVED_LINES, *([{}] * len(part) for part in parts))
    gone = [[{"stage": "urls", "reason": "older_capture"} if row == 4 else {} for row in range(5)], [{}, {}]]
    add_tables(state, "urls", "verdicts", tables.VERDICTS, *gone)
    stored = [[{"scores": sorted(row.items())} for row in part] for part in scores]
    add_tables(state, "inference", "scores", tables.SCORES, *stored)
    with beam_job() as job:
        build(job, state, {"mine": 0.5})
    state = state.having(finished(state, PHASE.name, units(state)))
    assert state.manifests[PHASE.name].totals("scores") == {
        "mine": {"en": {"250": 2, "1000": 1, "0": 1}, "de": {"500": 1}}
    }
    settings = quality_settings(state)
    assert settings["models"] == {
        "mine": {**quantile, "reject_below": {"en": 0.25, "de": 0.5}},
        "other": models["other"],
    }
    assert settings["min_content"] is None and recipe.quality["models"] == models
