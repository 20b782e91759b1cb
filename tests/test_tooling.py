"""What a contributor meets: every room has its line, and the checks look at what they say they look at."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "docs/architecture.md"]


def packages() -> list[str]:
    """The list PACKAGES of setup.py."""
    for statement in ast.parse((ROOT / "setup.py").read_text("utf-8")).body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "PACKAGES":
            return ast.literal_eval(statement.value)
    raise AssertionError("setup.py has no list called PACKAGES")


def test_every_room_has_its_line_and_every_line_its_room() -> None:
    table = re.findall(r"^\| `([\w/]+)/` \|", (ROOT / "docs/architecture.md").read_text("utf-8"), re.MULTILINE)
    assert set(table) == {package.replace(".", "/") for package in packages()}


def test_both_type_checkers_look_at_the_same_packages() -> None:
    checked = PROJECT["tool"]["mypy"]["files"]
    assert PROJECT["tool"]["pyright"]["include"] == checked
    assert all((ROOT / path).exists() for path in checked)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    path = ROOT / document
    links = re.findall(r"\]\(([^)#]+)\)", path.read_text("utf-8"))
    assert [link for link in links if "://" not in link and not (path.parent / link).exists()] == []


def test_hooks_and_workflow_run_what_the_makefile_runs() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"][0]["hooks"]
    assert [hook["entry"].split()[:2] for hook in hooks] == [[".venv/bin/ruff", "check"], [".venv/bin/ruff", "format"]]
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text("utf-8"))
    assert ".ci/run" in [step.get("run") for step in workflow["jobs"]["ci"]["steps"]]
    made = re.findall(r"^ *make (\S+)", (ROOT / ".ci/run").read_text("utf-8"), re.MULTILINE)
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    wanted = {"lint", "types", "test", "checked-test", "rounds-test", "wheel-test", "browser-test", "spark-test"}
    assert wanted == set(made) <= set(targets)


@pytest.mark.parametrize("form", sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml")), ids=lambda path: path.name)
def test_issue_forms_can_be_read(form: Path) -> None:
    read = yaml.safe_load(form.read_text("utf-8"))
    assert form.name == "config.yml" or {"name", "description", "body"} <= set(read)
