"""The arrows of the house, read from the source: which package may import which, and where the engine may show."""

from __future__ import annotations

import ast
import graphlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# What each package may import of ours. A package that is missing here fails the tests until someone decides.
ARROWS: dict[str, set[str]] = {
    "text": set(),
    "tokens": set(),
    "blocklists": {"text"},
    "recipes": set(),
    "parsers": {"text"},
    "filters": {"text"},
    "dedup": {"text"},
    "trainer": {"tokens"},
    "pipeline": {"parsers", "filters", "dedup", "blocklists", "tokens", "recipes", "text"},
    "gristmill": {"pipeline", "trainer", "recipes", "tokens"},
}
# Folders at the root that hold Python but are not installed.
NOT_INSTALLED = {"tests", "bench"}


def shipped_packages() -> list[str]:
    """The list PACKAGES of setup.py, read without running it."""
    for statement in ast.parse((ROOT / "setup.py").read_text("utf-8")).body:
        if isinstance(statement, ast.Assign) and statement.targets[0].id == "PACKAGES":
            return ast.literal_eval(statement.value)
    raise AssertionError("setup.py has no list called PACKAGES")


def imported_modules(source: str) -> set[str]:
    """Full names of the modules that ``source`` imports anywhere, inside functions too. Relative ones stay at home."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add(node.module)
    return found


def imported_packages(package: str) -> dict[str, set[str]]:
    """For each top-level package that ``package`` imports, the files in which it does."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / package).rglob("*.py")):
        for module in imported_modules(path.read_text("utf-8")):
            found.setdefault(module.partition(".")[0], set()).add(str(path.relative_to(ROOT)))
    return found


def test_the_reader_of_imports_sees_all_forms() -> None:
    source = "import a.b as c, d\nfrom e.f import g\nfrom . import h\nfrom .i import j\ndef k():\n    import l\n"
    assert imported_modules(source) == {"a.b", "d", "e.f", "l"}


def test_every_package_has_its_arrows() -> None:
    assert {name.partition(".")[0] for name in shipped_packages()} == set(ARROWS)


@pytest.mark.parametrize("package", ARROWS)
def test_a_package_imports_of_ours_only_what_its_arrows_allow(package: str) -> None:
    found = imported_packages(package)
    forbidden = (set(ARROWS) | NOT_INSTALLED) - ARROWS[package] - {package}
    assert {name: files for name, files in found.items() if name in forbidden} == {}


@pytest.mark.parametrize("package", sorted(set(ARROWS) - {"pipeline"}))
def test_only_the_pipeline_imports_beam(package: str) -> None:
    assert "apache_beam" not in imported_packages(package)


@pytest.mark.parametrize("package", sorted(set(ARROWS) - {"trainer"}))
def test_only_the_trainer_imports_torch(package: str) -> None:
    assert "torch" not in imported_packages(package)


def test_the_pipeline_and_the_trainer_do_import_their_engines() -> None:
    assert "apache_beam" in imported_packages("pipeline")
    assert "torch" in imported_packages("trainer")


def test_no_circle_of_imports_between_packages() -> None:
    graph = {package: (set(imported_packages(package)) & set(ARROWS)) - {package} for package in ARROWS}
    graphlib.TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


def test_setup_lists_every_package() -> None:
    ignored = NOT_INSTALLED | {"build", "dist"}
    tops = [top for top in ROOT.iterdir() if top.name not in ignored and not top.name.startswith(".")]
    folders = {path.parent.relative_to(ROOT) for top in tops for path in top.rglob("__init__.py")}
    assert sorted(shipped_packages()) == sorted(".".join(folder.parts) for folder in folders)


def modules_after(statement: str) -> set[str]:
    """Top-level names in ``sys.modules`` of a fresh interpreter that ran ``statement``."""
    script = f"{statement}\nimport sys\nprint(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    command = [sys.executable, "-c", script]
    return set(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split())


def test_the_command_line_answers_without_torch_and_beam() -> None:
    loaded = modules_after("import gristmill.cli")
    assert "gristmill" in loaded and not loaded & {"torch", "apache_beam"}


def test_plain_libraries_are_usable_with_no_engine_in_sight() -> None:
    loaded = modules_after("import parsers, filters, dedup, blocklists, tokens.shards, recipes, text, dedup.clusters")
    assert "dedup" in loaded and not loaded & {"torch", "apache_beam", "pipeline", "trainer"}


def test_the_trainer_runs_where_the_curation_is_not_installed() -> None:
    curation = {"apache_beam", "fastwarc", "resiliparse", "trafilatura", "lxml", "datasketch", "presidio_analyzer"}
    assert not set(imported_packages("trainer")) & curation
    assert not set(imported_packages("tokens")) & curation
