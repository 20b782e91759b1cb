"""Beside distributions whose packages bear our names: real wheels, installed by pip in both orders."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.packaging.environment import Environment, write_wheel

pytestmark = pytest.mark.wheel

# As on PyPI: `trainer` has no top_level.txt, `phx-filters` has one. The third replaces a module alone, the fourth adds
# one and replaces nothing.
FOREIGN = {
    "trainer": (
        {"trainer/__init__.py": "from trainer.model import Model\n", "trainer/model.py": "Model = 1\n"},
        False,
    ),
    "phx-filters": ({"filters/__init__.py": "", "filters/base.py": ""}, True),
    "verdicts": ({"filters/verdict.py": "VERDICT = 1\n"}, False),
    "plain-text": ({"text/wrapping.py": ""}, True),
}
COMMANDS = [
    ["gristmill", "sample", "crawl"],
    ["python", "-m", "gristmill", "--help"],
    ["python", "-m", "pipeline.worker"],
]


def _foreign(folder: Path, name: str) -> Path:
    files, top_level = FOREIGN[name]
    return write_wheel(folder, name, files, top_level)


@pytest.mark.parametrize("ours_first", [True, False], ids=["ours first", "ours last"])
@pytest.mark.parametrize("name", FOREIGN)
def test_every_entry_point_names_the_other_distribution(
    gristmill_wheel: Path, tmp_path: Path, name: str, ours_first: bool
) -> None:
    environment = Environment(tmp_path / "venv")
    wheels = [gristmill_wheel, _foreign(tmp_path, name)]
    environment.install(*(wheels if ours_first else reversed(wheels)))
    package = next(iter(FOREIGN[name][0])).partition("/")[0]
    for command in COMMANDS:
        done = environment.run(*command, cwd=tmp_path)
        assert done.returncode == 1, done.stdout + done.stderr
        assert f"the distribution {name} 1.0 installs files into {environment.site / package}" in done.stderr
        assert f"remove {name} (pip uninstall)" in done.stderr
        assert "Traceback" not in done.stderr
    assert not (tmp_path / "crawl").exists()


@pytest.mark.parametrize("ours_first", [True, False], ids=["ours first", "ours last"])
def test_the_trainer_alone_looks_too(gristmill_wheel: Path, tmp_path: Path, ours_first: bool) -> None:
    """Where the other's ``trainer/__init__.py`` can be imported; where it can't, its own error is what one sees."""
    environment = Environment(tmp_path / "venv")
    wheels = [gristmill_wheel, write_wheel(tmp_path, "other", {"trainer/__init__.py": "X = 1\n"}, False)]
    environment.install(*(wheels if ours_first else reversed(wheels)))
    done = environment.run("python", "-m", "trainer", "--help", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("trainer: the distribution other 1.0 installs files into ")


def test_what_removing_the_other_took_along_is_missed_and_repaired(gristmill_wheel: Path, tmp_path: Path) -> None:
    environment = Environment(tmp_path / "venv")
    environment.install(gristmill_wheel, _foreign(tmp_path, "trainer"))
    environment.uninstall("trainer")
    done = environment.run("gristmill", "--help", cwd=tmp_path)
    assert done.returncode == 1
    assert "trainer" in done.stderr and "missing" in done.stderr
    assert "pip install --force-reinstall --no-deps gristmill" in done.stderr
    environment.uninstall("gristmill")
    environment.install(gristmill_wheel)
    assert environment.run("gristmill", "--help", cwd=tmp_path).returncode == 0


def test_a_package_that_is_found_first_elsewhere_is_named(gristmill_wheel: Path, tmp_path: Path) -> None:
    environment = Environment(tmp_path / "venv")
    environment.install(gristmill_wheel)
    (tmp_path / "mine" / "text").mkdir(parents=True)
    (tmp_path / "mine" / "text" / "__init__.py").write_text("")
    done = environment.run("gristmill", "--help", cwd=tmp_path, PYTHONPATH=str(tmp_path / "mine"))
    assert done.returncode == 1
    assert f"the package text was found at {tmp_path / 'mine' / 'text'}, but gristmill's own is at" in done.stderr


def test_a_folder_of_a_run_is_no_package(gristmill_wheel: Path, tmp_path: Path) -> None:
    """``tokens/`` of a finished run in the current folder, with ``python -m``, which looks there first."""
    environment = Environment(tmp_path / "venv")
    environment.install(gristmill_wheel)
    (tmp_path / "tokens").mkdir()
    assert environment.run("python", "-m", "trainer", "--help", cwd=tmp_path).returncode == 0


def test_the_check_is_cheap_beside_all_that_gristmill_needs(gristmill_wheel: Path, tmp_path: Path) -> None:
    """Under 50 ms of a processor among some 150 distributions, and without torch, Beam or importlib.metadata."""
    environment = Environment(tmp_path / "venv")
    libraries = [Path(path) for path in (environment.site / "libraries.pth").read_text("utf-8").split()]
    for info in (info for folder in libraries for info in folder.glob("*.dist-info")):
        if not info.name.startswith("gristmill-"):
            os.symlink(info, environment.site / info.name)
    environment.install(gristmill_wheel)
    code = (
        "import argparse, importlib.util, sys, time\n"
        "before = set(sys.modules)\n"
        "import gristmill_installation\n"
        "times = []\n"
        "for _ in range(5):\n"
        "    start = time.process_time()\n"
        "    gristmill_installation.check()\n"
        "    times.append(time.process_time() - start)\n"
        "assert set(sys.modules) - before <= {'gristmill_installation', '__future__'}, set(sys.modules) - before\n"
        "print(min(times))\n"
    )
    done = environment.run("python", "-c", code, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 0.050, f"{1000 * float(done.stdout):.1f} ms"
