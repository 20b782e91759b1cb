"""Fresh environments and small wheels, made without a network and in about a second each."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path


class Environment:
    """A virtual environment of its own that sees the libraries of the one that runs the tests, but not gristmill: an
    editable install is found through a ``.pth`` file, and Python reads those only in an environment's own folder."""

    def __init__(self, folder: Path):
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
        self.folder = folder
        self.python = folder / "bin" / "python"
        (self.site,) = folder.glob("lib/python3*/site-packages")
        libraries = [path for path in sys.path if path.endswith("site-packages")]
        (self.site / "libraries.pth").write_text("\n".join(libraries) + "\n", "utf-8")

    def install(self, *wheels: Path) -> None:
        """One after the other, as people do it."""
        for wheel in wheels:
            self._pip("install", "--no-deps", "--no-index", "--no-compile", "--quiet", str(wheel))

    def uninstall(self, name: str) -> None:
        self._pip("uninstall", "--yes", "--quiet", name)

    def run(self, *command: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
        """Runs a program of the environment (``gristmill``, ``python``) in a folder outside the tree."""
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | variables
        program = str(self.folder / "bin" / command[0])
        return subprocess.run(
            [program, *command[1:]], cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=600
        )

    def _pip(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(self.python)]
        subprocess.run([*command, *arguments], check=True)


def write_wheel(folder: Path, name: str, files: dict[str, str], top_level: bool) -> Path:
    """A wheel of distribution ``name`` 1.0 with ``files``; ``top_level`` as setuptools writes it, else as flit does."""
    info = f"{name.replace('-', '_')}-1.0.dist-info"
    files = files | {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    if top_level:
        files[f"{info}/top_level.txt"] = "".join(
            sorted({f"{path.partition('/')[0]}\n" for path in files if info not in path})
        )
    record = "".join(f"{path},sha256={_digest(text)},{len(text.encode())}\n" for path, text in files.items())
    path = folder / f"{name.replace('-', '_')}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for inside, text in (files | {f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}).items():
            archive.writestr(inside, text)
    return path


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
