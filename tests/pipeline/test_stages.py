"""The table of stages says everything that others read from it, and says it of phases that exist."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gristmill.cli import main
from pipeline import stages
from pipeline.phase import Phase
from pipeline.phases import PHASES
from recipes import load


def test_the_phases_are_those_of_the_table_in_its_order() -> None:
    assert tuple(phase.name for phase in PHASES) == stages.PHASES
    assert all(isinstance(phase, Phase) for phase in PHASES)


def test_nothing_reads_what_phases_write_that_work_beside_the_others() -> None:
    """No other phase names them."""
    assert set(stages.PHASES) > stages.BESIDE == {"duplicates", "rejected_texts"}
    folder = Path(stages.__file__).parent
    for name in stages.BESIDE:
        for path in [*folder.glob("phases/*.py"), *folder.glob("transforms/*.py")]:
            assert path.stem == name or f"pipeline.phases.{name}" not in path.read_text("utf-8"), path


def test_every_phase_module_is_in_the_table() -> None:
    folder = Path(stages.__file__).with_name("phases")
    assert {path.stem for path in folder.glob("*.py")} - {"__init__"} == set(stages.PHASES)


def test_names_are_told_apart() -> None:
    names = [stage.name for stage in stages.STAGES]
    reasons = [reason for stage in stages.STAGES for reason in stage.levels]
    assert len(names) == len(set(names)) and len(reasons) == len(set(reasons))


def test_stages_come_in_the_order_of_the_way() -> None:
    assert stages.in_order({"quality": 1, "read": 2, "urls": 3, "domains": 4}) == [
        "read",
        "domains",
        "urls",
        "quality",
    ]
    assert stages.in_order([]) == []


def test_a_stage_is_found_by_name() -> None:
    assert stages.stage("urls").detail == "the newer capture is"
    with pytest.raises(KeyError):
        stages.stage("nowhere")


def test_levels_are_the_choices_of_the_command_line(capsys) -> None:
    assert {"url", "exact", "near"} <= set(stages.LEVELS)
    with pytest.raises(SystemExit):
        main(["duplicates", "nowhere", "--level", "nothing"])
    said = capsys.readouterr().err
    assert all(level in said for level in stages.LEVELS)


def test_a_stage_that_rejects_by_detail_says_what_the_detail_is() -> None:
    assert all(stage.detail for stage in stages.STAGES if stage.levels)


@pytest.mark.parametrize("name", ["domains", "documents", "lines"])
def test_a_stage_that_the_recipe_leaves_out_has_no_phase_to_run(name: str) -> None:
    phase = next(phase for phase in PHASES if phase.name == name)
    whole, without = load("llama3"), load("llama3", [f"{name}=null"])
    assert phase.settings(whole) is getattr(whole, name) is not None
    assert phase.settings(without) is None
    shipped = [other for other in PHASES if other.settings(whole) is not None]
    assert [other.name for other in shipped if other.settings(without) is None] == [name]
    # The shipped recipe names no decisions of people, no limit by quantile, and no transformer.
    optional = {"quantiles", "inference"}
    assert {other.name for other in PHASES} - {other.name for other in shipped} == {"decisions", *optional}
    decided = load("llama3", ["decisions=[some.jsonl]"])
    assert {other.name for other in PHASES if other.settings(decided) is None} == optional


def test_the_table_can_be_read_without_the_engine() -> None:
    script = "import sys, pipeline.stages; print('apache_beam' in sys.modules, 'pyarrow' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", script], text=True).split() == ["False", "False"]
