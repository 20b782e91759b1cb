"""The wheel, installed where nothing else of the tree is: what it holds, and that it works from there."""

from __future__ import annotations

import ast
import json
import zipfile
from pathlib import Path

import pytest

from tests.packaging.environment import Environment

pytestmark = pytest.mark.wheel

ROOT = Path(__file__).resolve().parents[2]
# What the built-in tokenizer is trained on; the wheel has the tokenizer.
LEFT_OUT = {"tokens/corpus"}


def _constant(name: str) -> list[str]:
    """A list of setup.py."""
    for statement in ast.parse((ROOT / "setup.py").read_text("utf-8")).body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == name:
            return ast.literal_eval(statement.value)
    raise AssertionError(f"setup.py has no list called {name}")


PACKAGES = sorted({package.partition(".")[0] for package in _constant("PACKAGES")})


@pytest.fixture(scope="module")
def environment(gristmill_wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    environment = Environment(tmp_path_factory.mktemp("environment") / "venv")
    environment.install(gristmill_wheel)
    return environment


def test_every_file_of_every_package_is_in_the_wheel(gristmill_wheel: Path) -> None:
    wanted = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    wanted = {path for path in wanted if not any(path.startswith(f"{folder}/") for folder in LEFT_OUT)}
    assert {f"{package}/py.typed" for package in PACKAGES} <= wanted
    with zipfile.ZipFile(gristmill_wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == wanted | {"gristmill_installation.py"}


def test_packages_come_from_the_wheel(environment: Environment, tmp_path: Path) -> None:
    code = f"import {', '.join(PACKAGES)}, json; print(json.dumps([{', '.join(f'{p}.__file__' for p in PACKAGES)}]))"
    done = environment.run("python", "-c", code, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [str(environment.site / package / "__init__.py") for package in PACKAGES]


@pytest.mark.parametrize(
    "command", [["gristmill"], ["python", "-m", "gristmill"], ["python", "-m", "trainer"]], ids=" ".join
)
def test_entry_points_answer(environment: Environment, tmp_path: Path, command: list[str]) -> None:
    done = environment.run(*command, "--help", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("usage: ")


def test_a_few_pages_are_milled(environment: Environment, tmp_path: Path) -> None:
    """As a new user does it, with the lists, models and recipe of the wheel. Most of the time is the parser's
    compilation, which happens once in every environment."""
    assert environment.run("gristmill", "sample", "crawl", cwd=tmp_path).returncode == 0
    arguments = ["--input", "crawl/sample-0000[01].warc.gz", "--output", "out", "--limit", "20"]
    done = environment.run("gristmill", "run", "llama3", *arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "out" / "ledger.json").read_text("utf-8"))["records"]["kept"] > 0
    assert list((tmp_path / "out" / "tokens").glob("*.parquet"))
