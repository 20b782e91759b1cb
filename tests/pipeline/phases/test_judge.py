"""Every filter scores every document; the first in the recipe's order gives the reason; what is kept is encoded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.phases import judge
from pipeline.run_state import RunState
from recipes import Recipe, load
from tests.pipeline.parts import beam_job, document_id, finished
from tests.pipeline.phases.test_clean import cleaned
from tokens import tokenizer

PROSE = """The miller rose before dawn, because the wind had turned in the night and there was grain waiting by the
door. He climbed the narrow stairs, set the brake, and spread the canvas over two of the four sails. When the stones
began to turn, a low rumble filled the tower and fine dust drifted through the beams of early light. A boy came up the
road with his father's cart, and asked whether he might watch."""
MORE = """Down by the river the women were washing linen, and their voices carried across the water. Nobody in the
village remembered a year in which the bread had been so cheap and the nights so warm. The priest had walked over from
the next parish to bless the new wheel, although most people came for the beer that the carpenter had promised."""
LOG = "\n".join(["Connection refused by the server, trying again in five seconds"] * 12)
RUDE = " ".join(["the fucking motherfucker said shit and fuck to that cunt"] * 8)


def document(name: str, text: str) -> dict[str, Any]:
    where = {"url": f"https://{name}.example/", "domain": f"{name}.example"}
    return where | {"id": document_id(name), "language": "en", "class": "general", "text": text}


def judged(folder: Path, changes: list[str], *documents: dict[str, Any]) -> tuple[RunState, dict[str, dict[str, Any]]]:
    """A run up to the end of phase judge; by name of the document all that the phase wrote of it."""
    recipe: Recipe = load("llama3", ["lines=null", *changes])
    run = cleaned(folder, recipe, list(documents))
    with beam_job() as pipeline:
        judge.build(pipeline, run, recipe)
    run.manifests["judge"] = finished(run, "judge")
    names = {row["id"]: row["url"].split("/")[2].split(".")[0] for row in documents}
    (part,) = run.parts()
    order = [names[id] for id in part.read("extract", "text", ["id"])["id"].to_pylist()]
    roles = ("scores", "lines", "verdicts", "tokens")
    columns = {role: part.read("judge", role, None).to_pylist() for role in roles}
    return run, {name: {role: columns[role][row] for role in roles} for row, name in enumerate(order)}


FILTERS = "heuristics={passages: {}, repetition: {}, dirty_words: {}, kl_divergence: {}}"


def test_the_first_filter_that_rejects_gives_the_reason_and_all_score(tmp_path: Path) -> None:
    both = RUDE + "\n" + "\n".join([RUDE.split(" said")[0]] * 30)
    dirty_first = "heuristics={dirty_words: {}, repetition: {}}"
    repetition_first = "heuristics={repetition: {}, dirty_words: {}}"
    found = {}
    for number, order in enumerate((dirty_first, repetition_first)):
        _, rows = judged(tmp_path / str(number), [order], document("both", both), document("good", PROSE))
        found[number] = rows["both"]
        assert rows["good"]["verdicts"]["reason"] is None
    assert [found[number]["verdicts"]["detail"] for number in (0, 1)] == ["dirty_words", "repetition"]
    assert dict(found[0]["scores"]["scores"]) == dict(found[1]["scores"]["scores"])
    assert {name.partition(".")[0] for name in dict(found[0]["scores"]["scores"])} >= {"dirty_words", "repetition"}


def test_what_is_kept_is_encoded_and_counted_what_goes_is_not(tmp_path: Path) -> None:
    run, rows = judged(tmp_path, [FILTERS], document("good", PROSE), document("rude", RUDE))
    assert rows["rude"]["verdicts"]["stage"] == "heuristics" and not rows["rude"]["tokens"]["tokens"]
    tokens = rows["good"]["tokens"]["tokens"]
    manifest = run.manifests["judge"]
    assert manifest.total("kept_bytes") == len(PROSE.encode())
    assert manifest.totals("tokens") == {"general": {"en": len(tokens)}}


def test_lines_that_a_filter_removes_are_gone_for_those_behind_it_and_from_the_tokens(tmp_path: Path) -> None:
    changes = ["heuristics={passages: {}, repetition: {}}"]
    page = f"{PROSE}\n{LOG}\n{MORE}"
    run, rows = judged(tmp_path, changes, document("log", page), document("good", PROSE))
    kept = rows["log"]
    assert kept["verdicts"]["reason"] is None and kept["lines"]["removed_words"] > 60
    assert dict(kept["lines"]["removed_by"]) == {"passages.repeated_passage": kept["lines"]["removed_words"]}
    assert len(kept["tokens"]["tokens"]) < 3 * len(rows["good"]["tokens"]["tokens"])
    assert run.manifests["judge"].totals("removed_by") == {"passages.repeated_passage": kept["lines"]["removed_words"]}


def test_a_filter_without_an_opinion_is_counted(tmp_path: Path) -> None:
    run, rows = judged(
        tmp_path, ["heuristics={kl_divergence: {background: false}}", "quality=null"], document("good", PROSE)
    )
    assert rows["good"]["scores"] == {"scores": [], "not_judged": ["kl_divergence"]}
    assert run.manifests["judge"].totals("not_judged") == {"kl_divergence": 1}


@pytest.mark.parametrize(("redact", "found"), [("redact=null", {}), ("redact={}", {"EMAIL": 1})])
def test_personal_data_is_replaced_where_the_recipe_says_so(tmp_path: Path, redact: str, found: dict) -> None:
    text = PROSE + " Write to anna.meyer@mill-on-the-river.org about it."
    run, rows = judged(tmp_path, [FILTERS, redact], document("mail", text))
    assert {key.upper(): count for key, count in run.manifests["judge"].totals("redacted").items()} == found
    back = tokenizer.load("gristmill-8k").decode(rows["mail"]["tokens"]["tokens"])
    assert ("anna.meyer" in back) == (not found)
