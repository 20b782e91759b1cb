"""A quality limit that is a quantile of the run: the lower part of each language goes, and the books balance."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from filters.fasttext_model import fasttext_module
from pipeline.driver import run
from recipes import load
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
