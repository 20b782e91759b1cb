from __future__ import annotations

import errno
import json

import pytest

from trainer.errors import TrainerError
from trainer.posttraining.stage_manifest import Outcome, read_manifest, run_stage

SETTINGS, INPUTS = {"k": 4, "inner": {"rate": 0.1}}, {"prompts": "ab" * 32}


class Work:
    """Writes a file, and counts how often; dies before the end where it is told to."""

    def __init__(self, dies: bool = False) -> None:
        self.times, self.dies, self.found = 0, dies, []

    def __call__(self, directory) -> Outcome:
        self.times += 1
        self.found = sorted(path.name for path in directory.iterdir())
        (directory / "rows.jsonl").write_text("{}\n")
        if self.dies:
            raise KeyboardInterrupt
        return Outcome(["rows.jsonl"], {"run": "cd" * 32}, {"rows": 1})


def test_a_stage_is_done_once_and_its_manifest_has_no_clock(tmp_path) -> None:
    work = Work()
    first = run_stage(tmp_path / "a" / "round-01" / "select", SETTINGS, INPUTS, work)
    (tmp_path / "a" / "round-01" / "select" / "run").mkdir()
    assert run_stage(tmp_path / "a" / "round-01" / "select", SETTINGS, INPUTS, work) == first
    assert work.times == 1
    assert first.counts == {"rows": 1} and first.outputs.keys() == {"rows.jsonl", "run"}
    run_stage(tmp_path / "b" / "round-01" / "select", SETTINGS, INPUTS, Work())
    one, two = ((tmp_path / x / "round-01" / "select" / "manifest.json").read_bytes() for x in "ab")
    assert one == two


def test_a_stage_that_was_killed_is_done_again_where_it_was(tmp_path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run_stage(tmp_path / "s", SETTINGS, INPUTS, Work(dies=True))
    assert not (tmp_path / "s" / "manifest.json").exists()
    work = Work()
    run_stage(tmp_path / "s", SETTINGS, INPUTS, work)
    assert work.found == ["begun.json", "rows.jsonl"]
    assert sorted(path.name for path in (tmp_path / "s").iterdir()) == ["manifest.json", "rows.jsonl"]


def test_a_full_disk_says_so_and_leaves_no_manifest(tmp_path) -> None:
    def full(directory) -> Outcome:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(TrainerError, match=r"No space left on device.*make some"):
        run_stage(tmp_path / "s", SETTINGS, INPUTS, full)
    assert not (tmp_path / "s" / "manifest.json").exists()


def test_what_was_begun_with_other_settings_is_removed(tmp_path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run_stage(tmp_path / "s", SETTINGS, INPUTS, Work(dies=True))
    work = Work()
    run_stage(tmp_path / "s", SETTINGS | {"k": 5}, INPUTS, work)
    assert work.found == ["begun.json"]


@pytest.mark.parametrize(
    ("settings", "inputs", "words"),
    [
        (SETTINGS | {"inner": {"rate": 0.2}}, INPUTS, r"settings.inner.rate = 0.1; now it is 0.2"),
        ({"k": 4}, INPUTS, r"settings.inner = .*; now it is null"),
        (SETTINGS, {"prompts": "cd" * 32}, "inputs.prompts = "),
    ],
)
def test_other_settings_or_inputs_of_a_finished_stage_are_refused(tmp_path, settings, inputs, words) -> None:
    run_stage(tmp_path / "s", SETTINGS, INPUTS, Work())
    with pytest.raises(TrainerError, match=words):
        run_stage(tmp_path / "s", settings, inputs, Work())


def test_changed_missing_and_damaged_files_are_refused(tmp_path) -> None:
    run_stage(tmp_path / "s", SETTINGS, INPUTS, Work())
    file = tmp_path / "s" / "rows.jsonl"
    file.write_text("{ }\n")
    with pytest.raises(TrainerError, match=r"rows.jsonl is not what the stage wrote"):
        run_stage(tmp_path / "s", SETTINGS, INPUTS, Work())
    file.unlink()
    with pytest.raises(TrainerError, match="is gone"):
        run_stage(tmp_path / "s", SETTINGS, INPUTS, Work())
    (tmp_path / "s" / "manifest.json").write_text(json.dumps({"stage": "s"}))
    with pytest.raises(TrainerError, match="cannot be read"):
        read_manifest(tmp_path / "s")
