"""Counting tokens for the mix, and what mix.json says of it."""

from __future__ import annotations

import json
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.commit import Attempt, Receipt
from pipeline.driver import run
from pipeline.listing import write_listing
from pipeline.mix import describe, hand_in, tokens_by_cell
from pipeline.mix_weights import Cell
from recipes import load
from recipes.schema import Mix
from tests.pipeline.runs import rows


def test_tokens_are_added_up_over_all_receipts(tmp_path) -> None:
    counts: list[dict[str, Any]] = [
        {"tokens": {"general": {"en": 3}, "code": {"en": 1, "de": 5}}},
        {"tokens": {}},
        {"tokens": {"general": {"en": 2}}},
    ]
    receipts = [Receipt(f"part-{n}", n, [], count) for n, count in enumerate(counts)]
    judged = write_listing(str(tmp_path), "judge", receipts)
    assert tokens_by_cell(judged) == {Cell("general", "en"): 5, Cell("code", "en"): 1, Cell("code", "de"): 5}


CELLS = {
    Cell("general", "en", "b.example"): 3, Cell("general", "en", "a.example"): 4, Cell("general", "de", "a.example"): 5,
    Cell("code", "en", "b.example"): 6,
}  # fmt: skip


@pytest.mark.parametrize("cap", [None, 0.5])
def test_a_unit_hands_its_tokens_in_by_class_and_language_and_by_domain_where_those_are_capped(
    tmp_path, cap: float | None
) -> None:
    attempt = Attempt(str(tmp_path), "judge", "part-000000", 0)
    said = hand_in(attempt, CELLS, Mix({"general": 1.0}, 4, max_domain_share=cap))
    assert said == {"general": {"en": 7, "de": 5}, "code": {"en": 6}}
    judged = write_listing(str(tmp_path), "judge", [attempt.finish({"tokens": said})])
    without = {Cell("general", "en"): 7, Cell("general", "de"): 5, Cell("code", "en"): 6}
    assert tokens_by_cell(judged) == (CELLS if cap else without)


def test_without_a_mix_no_domains_are_handed_in(tmp_path) -> None:
    attempt = Attempt(str(tmp_path), "judge", "part-000000", 0)
    assert hand_in(attempt, CELLS, None)["code"] == {"en": 6} and attempt.finish().files == []


def test_what_is_said_of_the_mix() -> None:
    mix = Mix({"general": 0.5, "code": 0.5}, max_weight=3)
    assert describe({Cell("general", "en"): 900, Cell("code", "en"): 100}, mix) == {
        "tokens": {"code": 100, "general": 900},
        "weights": {"code": 3.0, "general": 0.333333},
        "weighted_tokens": {"code": 300, "general": 300},
        "wanted_shares": {"general": 0.5, "code": 0.5},
        "reached_shares": {"code": 0.5, "general": 0.5},
        "max_weight": 3, "min_weight": 0.05, "down_weighted": ["general"], "unreached": [],
    }  # fmt: skip
    assert describe({"code": 100}, None) == {
        "tokens": {"code": 100}, "weights": {"code": 1.0}, "weighted_tokens": {"code": 100},
        "wanted_shares": None, "reached_shares": {"code": 1.0},
    }  # fmt: skip


def test_what_is_not_reached_is_said_with_what_stands_in_the_way() -> None:
    mix = Mix({"general": 0.5, "math": 0.25, "code": 0.25}, max_weight=3, min_weight=0.5)
    said = describe({Cell("general", "en"): 900, Cell("code", "en"): 10}, mix)["unreached"]
    assert [(row.get("class"), row["wanted"], row["because"]) for row in said] == [
        ("code", 0.25, "max_weight 3"), ("general", 0.5, "what else is wanted, or the limits of others"),
        ("math", 0.25, "there are no tokens of it"),
    ]  # fmt: skip


def test_shares_are_told_in_hundredths_of_a_percent() -> None:
    assert describe({"general": 2, "code": 1}, None)["reached_shares"] == {"code": 0.3333, "general": 0.6667}


def test_a_class_without_tokens_has_the_weight_1_where_languages_differ() -> None:
    tokens = {Cell("general", "en"): 900, Cell("general", "de"): 100, Cell("code", "en"): 0}
    said = describe(tokens, Mix({"general": 1.0}, 4, languages={"de": 0.2}))
    assert said["weights"]["code"] == 1.0 and said["tokens"] == {"code": 0, "general": 1000}
    assert said["weighted_tokens"]["code"] == 0 and "code" not in said["down_weighted"]


def test_languages_and_domains_have_their_own_lines() -> None:
    tokens = {
        Cell("general", "en", "a.example"): 500, Cell("general", "en", "b.example"): 400,
        Cell("multilingual", "de", "c.example"): 200, Cell("multilingual", "fr", "d.example"): 300,
    }  # fmt: skip
    said = describe(tokens, Mix({"general": 0.6, "multilingual": 0.4}, 20, 0.01, {"de": 0.2}, 0.35))
    assert said["languages"]["wanted_shares"] == {"de": 0.2}
    assert said["languages"]["reached_shares"] == pytest.approx({"de": 0.2}, abs=0.01)
    assert said["domains"]["max_share"] == 0.35 and said["unreached"] == []


def test_a_run_without_tokens_has_a_mix_too() -> None:
    mix = Mix({"code": 1.0}, 4)
    assert describe({Cell("code", "en"): 0}, mix)["reached_shares"] == {"code": 0.0}
    assert describe({}, None)["reached_shares"] == {}


def test_a_cap_of_domains_reaches_the_weights_in_the_shards(tmp_path) -> None:
    left_out = [
        f"{name}=null" for name in ("block", "identify", "domains", "documents", "lines", "quality", "heuristics")
    ]
    mix = "mix={targets: {general: 1.0}, max_weight: 4.0, max_domain_share: 0.5}"
    pages = [("a", 12), ("a", 12), ("b", 12), ("c", 12)]
    (tmp_path / "crawl.jsonl").write_text(
        "\n".join(
            json.dumps({"url": f"https://{host}.example/{n}", "text": f"The mill number {n} turns. " * 4})
            for n, (host, _) in enumerate([*pages, ("a", 12), ("a", 12)])
        )
    )
    recipe = load("llama3", [*left_out, "extract.min_words=1", "tokenise.held_out_per_10000=0", mix])
    run(recipe, [str(tmp_path / "crawl.jsonl")], str(tmp_path / "run"))
    (shard,) = (tmp_path / "run" / "tokens").glob("*.parquet")
    table = pq.read_table(shard).to_pylist()
    of_a = sum(row["weight"] * len(row["tokens"]) for row in table if row["url"].startswith("https://a."))
    everything = sum(row["weight"] * len(row["tokens"]) for row in table)
    assert of_a / everything == pytest.approx(0.5, abs=0.01) and len(rows(tmp_path / "run", "documents")) == 6
    assert json.loads((tmp_path / "run" / "mix.json").read_text())["unreached"] == []
