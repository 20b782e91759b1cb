"""Which tests hold a module, and what they notice, in a small tree."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bench.mutations.mutants import Mutant, mutants
from bench.mutations.trial import Trial, mirrored_tests

MODULE = "def above(x):\n    return x > 3\n"
TEST = "from filters.limit import above\n\ndef test_above():\n    assert above(4)\n    assert not above(2)\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    for name, text in {
        "filters/limit.py": MODULE,
        "filters/_checks.py": "LEAST = 1\n",
        "tests/filters/test_limit.py": TEST,
        "tests/filters/test_checks.py": "",
        "tests/filters/test_other.py": "from filters import limit\n",
        "tests/filters/test_mill.py": "import filters.limit\nfrom pipeline.driver import run\n",
        "tests/filters/test_run.py": "import filters.limit\ndef test_run(undisturbed): ...\n",
        "tests/dedup/test_limit.py": "import filters.limit\n",
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    (root / "pyproject.toml").write_text('[tool.pytest.ini_options]\npythonpath = ["."]\n')
    return root


def the(change: str, source: str = MODULE) -> Mutant:
    return next(mutant for mutant in mutants(source) if change in mutant.change)


def test_a_module_is_held_by_its_mirror_and_by_those_who_import_it_without_whole_runs(tree: Path) -> None:
    assert mirrored_tests(tree, "filters/limit.py") == ["tests/filters/test_limit.py", "tests/filters/test_other.py"]
    assert mirrored_tests(tree, "filters/_checks.py") == ["tests/filters/test_checks.py"]
    assert mirrored_tests(tree, "dedup/none.py") == []


def test_what_a_test_notices_is_killed_and_the_tree_is_left_alone(tree: Path, tmp_path: Path) -> None:
    trial = Trial(tree, tmp_path)
    trial.check("filters/limit.py")
    # In turn within one second and of one length: a compiled file of the mutant before would be taken for current.
    fates = [trial.fate("filters/limit.py", the(change)) for change in ("x <= 3", "x >= 3", "(4)")]
    assert fates == ["killed", "survived", "killed"]
    assert (tree / "filters/limit.py").read_text("utf-8") == MODULE


def test_tests_that_fail_without_a_change_are_an_error(tree: Path, tmp_path: Path) -> None:
    (tree / "tests/filters/test_limit.py").write_text("def test(): assert False\n")
    with pytest.raises(RuntimeError, match=r"filters/limit.py fail without any change: tests/filters/test_limit.py"):
        Trial(tree, tmp_path).check("filters/limit.py")


def test_an_endless_loop_is_noticed(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = "def count(n):\n    while n:\n        n -= 1\n    return n\n"
    (tree / "filters/loop.py").write_text(source)
    (tree / "tests/filters/test_loop.py").write_text(
        "from filters.loop import count\n\ndef test_count():\n    assert count(3) == 0\n"
    )
    monkeypatch.setattr("bench.mutations.trial._LEAST_SECONDS", 0.1)
    monkeypatch.setattr("bench.mutations.trial._TIMES_AS_LONG", 2)
    trial = Trial(tree, tmp_path)
    trial.check("filters/loop.py")
    start = time.monotonic()
    assert trial.fate("filters/loop.py", the("n -= [[1 => (0)]]", source)) == "slow"
    assert time.monotonic() - start < 30
