"""What other limits would change, by scores that were stored."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from pipeline import tables
from pipeline.commit import Attempt
from pipeline.listing import write_listing
from pipeline.redeciding import Outlook, limits_alone, outlook
from pipeline.run_state import RunState
from pipeline.taking_over import Base, changed_keys
from recipes import Recipe, load, with_changes
from tests.pipeline.parts import add_tables, document_id, extracted

RECIPE = load("llama3", ["heuristics={passages: {}, repetition: {}, dirty_words: {}}", "quality={}"])
LIMIT = "heuristics.repetition={{thresholds: {{duplicate_5gram: {}}}}}"


def test_a_difference_for_people() -> None:
    found = Outlook(
        Counter({"kept": 1200, "quality/low": 3, "a/b": 2}), Counter({"kept": 1201, "quality/low": 2, "a/b": 2}),
        Counter({"kept": 5000, "quality/low": 1000}), Counter({"kept": 5400, "quality/low": 600}),
    )  # fmt: skip
    assert list(found.lines()) == [
        f"{'kept':40}        1,200 ->        1,201  +1 pages, +400 words",
        f"{'quality/low':40}            3 ->            2  -1 pages, -400 words",
    ]
    found.uncertain = 1500
    assert list(found.lines())[-1].startswith("1,500 of these pages lose other lines")
    assert list(Outlook(Counter({"kept": 4}), Counter({"kept": 4})).lines()) == [
        f"{'kept':40}            4 ->            4  +0 pages, +0 words"
    ]


@pytest.mark.parametrize(
    ("change", "alone"),
    [
        (LIMIT.format(0.3), True),
        ("heuristics.dirty_words={thresholds: {}}", None),
        ("quality.min_content=0.2", True),
        ("lines.max_count=3", False),
        ("heuristics.repetition={min_words: 3}", False),
        ("heuristics={passages: {}, dirty_words: {}}", False),
        ("heuristics={repetition: {}, passages: {}, dirty_words: {}}", False),
        ("quality=null", False),
    ],
)
def test_limits_are_told_from_all_else(change: str, alone: bool | None) -> None:
    try:
        other = with_changes(RECIPE, [change])
        changed = changed_keys(Base("nowhere", {"models": {}}, RECIPE), other, {})
        found = limits_alone(Base("nowhere", {"models": {}}, RECIPE), other, changed)
    except ValueError:
        assert alone is None
        return
    assert found is alone or alone is None


def row(
    scores: dict[str, float], stage: str | None = None, reason: str | None = None, removed: int = 0
) -> dict[str, Any]:
    return {"scores": scores, "stage": stage, "reason": reason, "removed_words": removed}


def judged(
    folder: Path, *rows: dict[str, Any], kept: list[bool] | None = None, earlier: list[bool] | None = None
) -> RunState:
    """A run with documents of 100 words that have come so far; ``earlier``: those that a phase before judge rejected."""
    ids = sorted(document_id(str(number)) for number in range(len(rows)))
    run = extracted(folder, [{"id": id, "words": 100} for id in ids], recipe=RECIPE)
    gone = [{"stage": "urls", "reason": "older_capture"} if each else {} for each in earlier or [False] * len(rows)]
    add_tables(run, "urls", "verdicts", tables.VERDICTS, gone)
    if kept is not None:
        add_tables(run, "decisions", "kept", tables.KEPT, [{"kept": each} for each in kept])
    (part,) = run.parts()
    attempt = Attempt(run.dir, "judge", part.unit, part.number)
    for role, schema in (("scores", tables.SCORES), ("verdicts", tables.VERDICTS), ("lines", tables.REMOVED_LINES)):
        attempt.write_table(
            role, tables.table(schema, [{name: each[name] for name in schema.names if name in each} for each in rows])
        )
    run.manifests["judge"] = write_listing(run.dir, "judge", [attempt.finish({})])
    return run


LOW, HIGH = {"repetition.duplicate_5gram": 0.1}, {"repetition.duplicate_5gram": 0.3}
GONE = ("heuristics", "duplicate_5gram")


def seen(run: RunState, recipe: Recipe) -> Outlook:
    return outlook(Base(run.dir, {"models": {}}, with_changes(RECIPE, [LIMIT.format(0.2)])), recipe)


def test_stored_scores_are_held_against_other_limits(tmp_path: Path) -> None:
    rows = [row(LOW), row(HIGH, *GONE, removed=40), row({}), row(HIGH, *GONE), row(LOW)]
    run = judged(tmp_path, *rows, kept=[False, False, False, True, False], earlier=[False] * 4 + [True])
    found = seen(run, with_changes(RECIPE, [LIMIT.format(0.05)]))
    name = "/".join(GONE)
    assert found.pages == {"kept": 2, name: 2}
    assert found.words == {"kept": 200, name: 160}
    # The first goes then, too; what people keep stays, and the last had gone before.
    assert found.pages_then == {"kept": 2, name: 2} and found.words_then == {"kept": 200, name: 160}
    looser = seen(run, with_changes(RECIPE, [LIMIT.format(0.5)]))
    assert looser.pages_then == {"kept": 4} and looser.words_then == {"kept": 360} and looser.uncertain == 0


def test_a_page_that_loses_other_lines_is_not_certain(tmp_path: Path) -> None:
    """``passages`` removes lines, and rejects documents of which little is left: the filters behind it see no text then."""
    stored = {"passages.left_words": 60.0, "passages.removed_share": 0.5, "passages.removed_words": 60.0, **HIGH}
    run = judged(tmp_path, row(stored), row(HIGH), row(stored), kept=[False, False, True])
    before = [LIMIT.format(0.2)]
    assert seen(run, with_changes(RECIPE, before)).uncertain == 0
    stricter = seen(run, with_changes(RECIPE, [*before, "heuristics.passages={left_words: 61}"]))
    assert stricter.uncertain == 1
    outcomes = {name: count for name, count in stricter.pages_then.items() if name.startswith("heuristics/")}
    assert sum(outcomes.values()) == 2 and len(outcomes) == 2, "the first reason counts"
    assert seen(run, with_changes(RECIPE, [*before, "heuristics.passages={left_words: 60}"])).uncertain == 0
