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
from pipeline.mix_weights import OTHERS, Cell
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


def _unreached(tokens: dict[Cell, int], mix: Mix) -> list[tuple[Any, ...]]:
    rows = describe(tokens, mix)["unreached"]
    return [(row.get("class") or row.get("language") or row["domain"], row["wanted"], row["reached"], row["because"]) for row in rows]  # fmt: skip


def test_a_class_of_which_there_is_too_much_is_held_up_by_the_least_weight() -> None:
    """Weights that may not differ reach what there is."""
    tokens = {Cell("general", "en"): 8000, Cell("code", "en"): 2000}
    found = _unreached(tokens, Mix({"general": 0.2, "code": 0.8}, 1.0, 1.0))
    assert found == [("code", 0.8, 0.2, "max_weight 1"), ("general", 0.2, 0.8, "min_weight 1")]


@pytest.mark.parametrize(("tokens", "missed"), [(250, False), (249, True)])
def test_a_share_is_missed_by_more_than_a_hundredth_of_itself(tokens: int, missed: bool) -> None:
    """Weights may not differ: what there is is what is reached. Of 1,000 tokens 249 miss .2525 by more than a hundredth."""
    counts = {Cell("general", "en"): 1000 - tokens, Cell("code", "en"): tokens}
    found = _unreached(counts, Mix({"general": 0.7475, "code": 0.2525}, 1.0, 1.0))
    assert [row[0] for row in found] == (["code"] if missed else [])


def test_a_language_that_is_out_of_reach_is_told_with_its_limit() -> None:
    tokens = {Cell("general", "en"): 9000, Cell("general", "de"): 10, Cell("general", "fr"): 0}
    found = _unreached(tokens, Mix({"general": 1.0}, 2, 0.5, {"de": 0.6, "fr": 0.1}))
    assert [(name, because) for name, _, _, because in found] == [
        ("de", "max_weight 2"), ("fr", "there are no tokens of it")
    ]  # fmt: skip


def test_caps_that_leave_no_room_are_told_of_each_domain_above_them() -> None:
    tokens = {Cell("general", "en", name): count for name, count in (("a.example", 60), ("b.example", 40))}
    found = describe(tokens, Mix({"general": 1.0}, 4, max_domain_share=0.3))
    rows = [(row["domain"], row["wanted"], row["because"]) for row in found["unreached"]]
    assert rows == [(name, 0.3, "what else is wanted of it") for name in ("a.example", "b.example")]
    assert {row["reached"] for row in found["unreached"]} == {0.5}


def test_a_domain_that_may_not_weigh_less_stays_above_its_cap() -> None:
    """All that are too small to be capped may have as many together as there are."""
    tokens = {Cell("general", "en", "big.example"): 950, Cell("general", "en", OTHERS): 50}
    mix = Mix({"general": 1.0}, 1.0, 1.0, max_domain_share=0.3)
    assert _unreached(tokens, mix) == [("big.example", 0.3, 0.95, "what else is wanted of it")]
    others = {Cell("general", "en", "a.example"): 100, Cell("general", "en", OTHERS): 900}
    assert _unreached(others, mix) == []


def test_classes_have_the_mean_weight_of_their_tokens_where_languages_differ() -> None:
    tokens = {Cell("general", "en"): 750, Cell("general", "de"): 250, Cell("code", "en"): 0}
    found = describe(tokens, Mix({"general": 1.0}, 4, languages={"de": 0.5}))
    assert found["reached_shares"] == {"code": 0.0, "general": 1.0}
    assert found["languages"]["reached_shares"] == {"de": 0.5}
    # A third as many tokens are worth as many: three times the weight, and no weight below 1.
    assert found["weighted_tokens"]["general"] == 1500 and found["weights"]["general"] == 1.5
    assert found["down_weighted"] == []
    less = describe({Cell("general", "en"): 900, Cell("code", "en"): 100}, Mix({"general": 0.5, "code": 0.5}, 3))
    assert less["down_weighted"] == ["general"]
    without = describe({Cell("general", "en"): 0, Cell("code", "en"): 100}, Mix({"general": 0.5, "code": 0.5}, 3))
    assert without["down_weighted"] == []
