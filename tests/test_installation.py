"""What can be said of :mod:`gristmill_installation` without installing anything; tests/packaging has the rest."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import gristmill_installation

ROOT = Path(__file__).parents[1]


def test_it_knows_every_package_that_setup_ships() -> None:
    for statement in ast.parse((ROOT / "setup.py").read_text("utf-8")).body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "PACKAGES":
            shipped = {package.partition(".")[0] for package in ast.literal_eval(statement.value)}
    assert set(gristmill_installation.PACKAGES) == shipped


def test_a_source_tree_is_its_own() -> None:
    gristmill_installation.check()


@pytest.mark.parametrize("module", ["gristmill", "pipeline.worker", "pipeline.worker_server"])
def test_a_package_that_hides_ours_is_named_before_it_is_imported(tmp_path: Path, module: str) -> None:
    (tmp_path / "trainer").mkdir()
    (tmp_path / "trainer" / "__init__.py").write_text("raise SystemExit('the other trainer was imported')")
    code = (
        f"import runpy, sys; sys.path[:0] = [{str(tmp_path)!r}, {str(ROOT)!r}]; sys.argv = ['gristmill', '--help']; "
        f"runpy.run_module({module!r}, run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"the package trainer was found at {tmp_path / 'trainer'}, but gristmill's own is at" in done.stderr


def test_a_package_that_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "gristmill_installation.py").write_bytes(Path(gristmill_installation.__file__).read_bytes())
    code = "import gristmill_installation; gristmill_installation.check('dedup')"
    done = subprocess.run([sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {code}"],
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert f"the package dedup of gristmill is missing in {tmp_path}" in done.stderr or "was found at" in done.stderr
