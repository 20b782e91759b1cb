"""The command draws the same sample for the same seed, leaves out what is equivalent, and reports rates."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.mutations import __main__ as command
from bench.mutations.mutants import Mutant

SOURCE = "def above(x):\n    return x > 3\n"


class Noticing:
    """Stands for the running of tests: those of ``filters`` see whether 4 is above the limit, and no more."""

    def __init__(self, *_: Path) -> None:
        self._checked: list[str] = []

    def mirrored_tests(self, module: str) -> list[str]:
        return ["tests/filters/test_limit.py"] if module.startswith("filters/") else []

    def check(self, module: str) -> None:
        assert module not in self._checked
        self._checked.append(module)

    def fate(self, module: str, mutant: Mutant) -> str:
        assert module in self._checked
        return {"(x >= 3)": "survived", "(2)": "survived", "(4)": "slow"}.get(mutant.new, "killed")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("filters/limit.py", "filters/__init__.py", "dedup/stars.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(SOURCE, "utf-8")
    (tmp_path / "equivalent.txt").write_text("")
    monkeypatch.setattr(command, "ROOT", tmp_path)
    monkeypatch.setattr(command, "EQUIVALENT", tmp_path / "equivalent.txt")
    monkeypatch.setattr(command, "Trial", Noticing)
    return tmp_path


def test_modules_are_those_below_the_paths(root: Path) -> None:
    assert command.modules(root, ["filters", "dedup"]) == ["dedup/stars.py", "filters/limit.py"]
    assert command.modules(root, ["filters/limit.py"]) == ["filters/limit.py"]
    with pytest.raises(FileNotFoundError, match="filters/limits.py is no module and no package"):
        command.modules(root, ["filters/limits.py"])


def test_a_seed_draws_one_sample(root: Path) -> None:
    names = ["dedup/stars.py", "filters/limit.py"]
    everything = command.draw(root, names, {}, None, 0)
    assert len(everything) == 8
    samples = [command.draw(root, names, {}, 3, seed) for seed in range(10)]
    assert samples == [command.draw(root, names, {}, 3, seed) for seed in range(10)]
    assert any(sample != samples[0] for sample in samples)
    assert all(len(sample) == 3 and sample == [pair for pair in everything if pair in sample] for sample in samples)


def test_the_command_prints_fates_and_rates(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["filters", "--only", "dedup"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        *(
            f"untested dedup/stars.py:2: return {change}"
            for change in ("[[x > 3 => (x <= 3)]]", "[[x > 3 => (x >= 3)]]", "x > [[3 => (2)]]", "x > [[3 => (4)]]")
        ),
        "killed   filters/limit.py:2: return [[x > 3 => (x <= 3)]]",
        "survived filters/limit.py:2: return [[x > 3 => (x >= 3)]]",
        "survived filters/limit.py:2: return x > [[3 => (2)]]",
        "slow     filters/limit.py:2: return x > [[3 => (4)]]",
        "    0 of    4 killed  dedup/stars.py",
        "    2 of    4 killed  filters/limit.py",
        "    2 of    8 killed  25.0%",
    ]


def test_equivalent_mutants_are_left_out(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "equivalent.txt").write_text(
        "# A comment.\n\nfilters/limit.py: return [[x > 3 => (x >= 3)]]\n  Three never\n  comes.\n"
        "filters/limit.py: return x > [[3 => (2)]]\n  For the same reason.\n"
    )
    assert command.main(["filters"]) == 0
    assert capsys.readouterr().out.endswith("    2 of    2 killed  100.0%\n")


def test_an_entry_whose_mutant_is_gone_is_said(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "equivalent.txt").write_text("filters/limit.py: return x > [[5 => (4)]]\n  Five.\nold.py: x\n  Gone.\n")
    command.main(["filters", "--list"])
    assert capsys.readouterr().out.splitlines()[:2] == [
        "equivalent.txt names a mutant that is no more: filters/limit.py: return x > [[5 => (4)]]",
        "equivalent.txt names a mutant that is no more: old.py: x",
    ]


def test_equivalent_mutants_are_listed_with_reasons() -> None:
    assert command.read_equivalent("a.py: x\n  one\n  two\n") == {("a.py", "x"): "one two"}
    with pytest.raises(ValueError, match="line 2 of the list of equivalent mutants is a reason without"):
        command.read_equivalent("\n  one\n")
    with pytest.raises(ValueError, match="no reason is given for a.py: x"):
        command.read_equivalent("a.py: x\nb.py: y\n  two\n")
    command.read_equivalent(command.EQUIVALENT.read_text("utf-8"))
