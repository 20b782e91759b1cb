"""Runs the tests of a module against a changed copy of it, in a copy of the tree."""

from __future__ import annotations

import ast
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Literal

from bench.mutations.mutants import Mutant

Fate = Literal["killed", "survived", "slow"]

# What no test of a plain module needs, or what must not be shared with the tree that is copied.
_LEFT_OUT = shutil.ignore_patterns(
    ".git", "__pycache__", ".venv", ".hypothesis", "build", "dist", "*.egg-info", ".*_cache"
)
# A module, and a fixture of tests/pipeline: a finished run.
_WHOLE_RUNS = {"pipeline.driver", "undisturbed"}
# Other work on the machine must not look like an endless loop.
_LEAST_SECONDS, _TIMES_AS_LONG = 60.0, 5


def mirrored_tests(root: Path, module: str) -> list[str]:
    """The test files that hold ``module`` (a path such as ``filters/pii.py``): its mirror, then all others of the
    package that import it by name, but for those that start whole runs; a module is to be held by tests of its own.
    """
    path = Path(module)
    mirror = Path("tests") / path.parent / f"test_{path.stem.removeprefix('_')}.py"
    name = ".".join(path.with_suffix("").parts)
    found = [str(mirror)] if (root / mirror).exists() else []
    for file in sorted((root / "tests" / path.parts[0]).rglob("test_*.py")):
        relative = str(file.relative_to(root))
        names = _imports_and_fixtures(file)
        if relative not in found and name in names and not _WHOLE_RUNS & names:
            found.append(relative)
    return found


def _imports_and_fixtures(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.arg):
            names.add(node.arg)
    return names


class Trial:
    """A copy of the tree below ``folder``, in which one module at a time is changed and tested."""

    def __init__(self, root: Path, folder: Path) -> None:
        self._tree = folder / "tree"
        self._caches = folder / "caches"
        shutil.copytree(root, self._tree, ignore=_LEFT_OUT)
        self._seconds: dict[str, float] = {}

    def mirrored_tests(self, module: str) -> list[str]:
        """See :func:`mirrored_tests`."""
        return mirrored_tests(self._tree, module)

    def check(self, module: str) -> None:
        """Runs the module's tests as they are, for the time that they take. Raises ``RuntimeError`` if they fail."""
        start = time.monotonic()
        fate = self._run(module, 600)
        self._seconds[module] = time.monotonic() - start
        if fate != "survived":
            raise RuntimeError(
                f"the tests of {module} fail without any change: {', '.join(self.mirrored_tests(module))}"
            )

    def fate(self, module: str, mutant: Mutant) -> Fate:
        """What the module's tests make of the change: ``slow`` are those that take far longer than without it."""
        path = self._tree / module
        source = path.read_text("utf-8")
        path.write_text(mutant.apply(source), "utf-8")
        try:
            return self._run(module, max(_LEAST_SECONDS, _TIMES_AS_LONG * self._seconds[module]))
        finally:
            path.write_text(source, "utf-8")

    def _run(self, module: str, seconds: float) -> Fate:
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *self.mirrored_tests(module)]
        # Compiled files go by the time of a change in seconds and the file's size, kernels by the file that they
        # stand in: both would pass a mutant by. Kernels are compiled anew for each change, in a folder of their own.
        shutil.rmtree(self._caches, ignore_errors=True)
        environment = {
            **os.environ,
            "PYTHONDONTWRITEBYTECODE": "1",
            "NUMBA_CACHE_DIR": str(self._caches),
            # Our tests need no plugin, and loading those that happen to be installed takes longer than most tests.
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        }
        with subprocess.Popen(
            command,
            cwd=self._tree,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as process:
            try:
                return "killed" if process.wait(seconds) else "survived"
            except subprocess.TimeoutExpired:
                return "slow"
            finally:
                # Whatever the tests started goes with them.
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
