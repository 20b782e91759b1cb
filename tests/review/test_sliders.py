"""Sliders: where the recipe has them the page counts what the run has counted, and moved it counts by the rules."""

from __future__ import annotations

import base64
import gzip
import json
import random
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.registry import make_filter
from review.html import data
from review.report import sliders as module
from review.report.sample import Sampled
from review.report.sliders import MISSING, Column, limit_sliders, payload

RECIPE = {
    "heuristics": {
        "passages": {}, "repetition": {"thresholds": {"duplicate_5gram": 0.15, "duplicate_6gram": 0.14}},
        "dirty_words": {}, "kl_divergence": {},
    },
    "quality": {},
}  # fmt: skip
SCRIPT = str(Path(module.__file__).with_name("sliders.js"))


def outcome(recipe: dict[str, Any], measured: dict[str, float]) -> tuple[str, str | None, float | None]:
    """As phase judge decides."""
    for section, name, settings in [
        *(("heuristics", name, settings) for name, settings in recipe["heuristics"].items()),
        ("quality", "quality", recipe["quality"]),
    ]:
        own = {key.partition(".")[2]: value for key, value in measured.items() if key.startswith(f"{name}.")}
        reject = make_filter(name, settings, {}).decide(own) if own else None
        if reject:
            return f"{section}/{reject.reason}", name, reject.score
    return "kept", None, None


@pytest.fixture(scope="module")
def sample() -> list[Sampled]:
    """Records with scores around the limits, some without those of a filter, and some that were never judged."""
    draw = random.Random(7)
    found = []
    for number in range(600):
        measured: dict[str, float] = {"words": float(number)}
        if draw.random() < 0.9:
            measured["repetition.duplicate_5gram"] = five = round(draw.choice([draw.random() * 0.4, 0.15]), 4)
            measured["repetition.duplicate_6gram"] = round(five * draw.random(), 4)
        if draw.random() < 0.9:
            measured |= {
                "kl_divergence.excess": round(draw.gauss(1, 1), 4),
                "kl_divergence.words_per_line": draw.randrange(40),
            }
        if draw.random() < 0.5:
            measured |= {
                "dirty_words.per_1000_words": draw.random() * 20,
                "dirty_words.hits": draw.randrange(9),
                "dirty_words.distinct": draw.randrange(5),
            }
        if draw.random() < 0.5:
            measured["quality.content"] = round(draw.random() / 2, 4)
        if draw.random() < 0.3:
            measured |= {
                "passages.removed_words": draw.randrange(2) * 50,
                "passages.left_words": draw.randrange(200),
                "passages.removed_share": round(draw.random(), 4),
            }
        what, detail, score = outcome(RECIPE, measured)
        language = draw.choice(["en", "de"])
        found.append(Sampled(f"{number:032x}", "https://a.example/", what, score, detail, language, 9, measured))
    found.append(Sampled("f" * 32, "https://b.example/", "read/empty", measured={"words": 0.0}))
    return found  # fmt: skip


def columns_of(found: dict[str, Any]) -> np.ndarray:
    raw = gzip.decompress(base64.b64decode(found["columns"]))
    return np.frombuffer(raw, "<u2").reshape(-1, found["records"])


def by_script(found: dict[str, Any], moved: dict[str, float]) -> dict[str, Any]:
    """What the page's script counts with some sliders at other values."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node here to run the page's script")
    program = f"""
        const it = require({json.dumps(SCRIPT)});
        const {{ data, moved }} = JSON.parse(require("fs").readFileSync(0, "utf8"));
        const bytes = new Uint8Array(require("zlib").gunzipSync(Buffer.from(data.columns, "base64")));
        const columns = it.columnsOf(data, bytes);
        const shipped = data.sliders.map((slider) => slider.at);
        const positions = data.sliders.map((s) => (s.key in moved ? it.positionOf(s, moved[s.key]) : s.at));
        const before = it.fired(data, columns, shipped);
        const after = it.fired(data, columns, positions);
        console.log(JSON.stringify({{ ...it.tally(data, columns, before, after), said: it.settings(data, positions),
            values: data.sliders.map((s) => it.valueAt(s, s.at)), margin: it.margin(50, 100, 1000) }}));
    """
    given_ = json.dumps({"data": found, "moved": moved})
    done = subprocess.run([node, "-e", program], input=given_, capture_output=True, text=True, check=True, timeout=60)
    return json.loads(done.stdout)


def judged(sample: list[Sampled]) -> list[Sampled]:
    return [record for record in sample if record.outcome != "read/empty"]


def test_the_shipped_limits_give_what_the_run_has_counted(sample: list[Sampled]) -> None:
    found = payload(RECIPE, sample, 600, "out")
    assert found is not None and found["records"] == 600
    counted = by_script(found, {})
    expected = Counter(record.outcome for record in judged(sample))
    assert len(expected) > 5
    assert counted["outcomes"] == {what: [count, count] for what, count in expected.items()}
    assert counted["kept"] == counted["then"] == expected["kept"] and counted["come"] == counted["go"] == 0
    assert counted["said"] == [] and counted["values"] == [slider["limit"] for slider in found["sliders"]]
    assert counted["margin"] == pytest.approx(1.96 * (0.25 * 0.9 / 100) ** 0.5 * 1000)


@pytest.mark.parametrize("limits", [(0.4, None), (0.4, 0.39), (0.0, None), (None, 0.0)])
def test_moved_limits_work_together_in_the_recipes_order(sample: list[Sampled], limits: tuple) -> None:
    names = ("duplicate_5gram", "duplicate_6gram")
    moved = {
        f"heuristics.repetition.thresholds.{name}": limit
        for name, limit in zip(names, limits, strict=True)
        if limit is not None
    }
    thresholds = {
        **RECIPE["heuristics"]["repetition"]["thresholds"],
        **{k.rpartition(".")[2]: v for k, v in moved.items()},
    }
    recipe = {**RECIPE, "heuristics": {**RECIPE["heuristics"], "repetition": {"thresholds": thresholds}}}
    found = payload(RECIPE, sample, 600, "out")
    assert found is not None
    counted = by_script(found, moved)
    after = [outcome(recipe, record.measured)[0] for record in judged(sample)]
    before = [record.outcome for record in judged(sample)]
    assert {what: is_ for what, (_, is_) in counted["outcomes"].items() if is_} == Counter(after)
    pairs = list(zip(before, after, strict=True))
    assert counted["come"] == sum(was != "kept" and is_ == "kept" for was, is_ in pairs)
    assert counted["go"] == sum(was == "kept" and is_ != "kept" for was, is_ in pairs)
    kept = Counter(record.language for record, is_ in zip(judged(sample), after, strict=True) if is_ == "kept")
    assert {name: is_ for name, (_, is_) in counted["languages"].items()} == kept
    assert len(counted["said"]) == len(moved) and all(
        line.startswith("--set 'heuristics.") for line in counted["said"]
    )


@given(
    st.lists(st.floats(0, 1e6) | st.sampled_from([0.0, 0.15, 0.1500001, 1.0, float("nan")]), min_size=1),
    st.lists(st.sampled_from([0.0, 0.14, 0.15, 1.0, 50.0, 1e6]), min_size=1, max_size=5),
)
def test_no_value_changes_the_side_of_a_limit(values: list[float], limits: list[float]) -> None:
    column = Column(np.array(values), limits)
    packed = column.packed().astype(int)
    for value, number in zip(values, packed.tolist(), strict=True):
        assert (number == MISSING) == (value != value)
        for limit in limits if value == value else ():
            place = column.places[limit]
            assert ((number > place) - (number < place)) == ((value > limit) - (value < limit))


def test_limits_that_no_value_can_pass_and_filters_without_rules_have_no_slider(sample: list[Sampled]) -> None:
    recipe = {"heuristics": {"c4": {}, "no.such.Filter": {}}, "quality": None}
    record = Sampled("0" * 32, "", "kept", measured={"c4.characters": 10.0, "c4.sentences": 4.0})
    gone = Sampled("1" * 32, "", "heuristics/x", 1.0, "no.such.Filter", measured={"c4.characters": 9.0})
    found = payload(recipe, [record, gone], 2, "out")
    assert found is not None
    assert [slider["key"] for slider in found["sliders"]] == ["heuristics.c4.min_sentences"]
    assert columns_of(found)[-2].tolist() == [0, 1]
    assert payload(recipe, [], 0, "out") is None and limit_sliders({}, sample, 600, "out") == []


def test_what_people_keep_against_a_rule_stays(sample: list[Sampled]) -> None:
    gone = next(record for record in sample if record.outcome == "quality/low_quality")
    kept = Sampled(gone.id, gone.url, "kept", language="en", measured=gone.measured)
    found = payload(RECIPE, [kept], 1, "out")
    assert found is None or by_script(found, {})["kept"] == 1


def test_the_sections_texts_end_no_element(sample: list[Sampled]) -> None:
    assert "</script><b>" not in str(data("x", {"a": "</script><b>\u2028"})).removesuffix("</script>")
    shown = "".join(map(str, limit_sliders(RECIPE, sample, 600, "out</script><b>")))
    assert shown.count("<script") == shown.count("</script>") == 2 and "<b>" not in shown
    assert len(shown) < 300_000
