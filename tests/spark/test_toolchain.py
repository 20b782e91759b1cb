"""A missing tool is named in a sentence that says what to install."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.spark import toolchain


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with nothing on it: the folder is all of PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(toolchain, "CACHE", tmp_path / "cache")
    return tmp_path


def _install(folder: Path, name: str, line: str) -> None:
    program = folder / name
    program.write_text(f"#!/bin/sh\n{line}\n")
    program.chmod(0o755)


def test_missing_java(bare: Path) -> None:
    with pytest.raises(toolchain.ToolError, match=r"Spark 3\.5 needs Java 17.*install OpenJDK 17"):
        toolchain.provide()
    with pytest.raises(toolchain.ToolError, match=r"Flink 1\.19 needs Java 17.*install OpenJDK 17"):
        toolchain.provide_flink()


def test_another_java(bare: Path) -> None:
    _install(bare, "java", "echo 'openjdk version \"11.0.2\" 2019-01-15' >&2")
    with pytest.raises(toolchain.ToolError, match=r"needs Java 17, but .*11\.0\.2"):
        toolchain.provide()


def test_missing_maven(bare: Path) -> None:
    _install(bare, "java", "echo 'openjdk version \"17.0.15\" 2025-04-15' >&2")
    (bare / "cache" / "pyspark").mkdir(parents=True)
    with pytest.raises(toolchain.ToolError, match="install Maven"):
        toolchain.provide()


def test_a_failed_fetch_leaves_nothing_and_shows_its_output(bare: Path) -> None:
    _install(bare, "java", "echo 'openjdk version \"17.0.15\" 2025-04-15' >&2")
    _install(bare, "mvn", "echo could not resolve; exit 1")
    (bare / "cache" / "pyspark").mkdir(parents=True)
    with pytest.raises(toolchain.ToolError, match=r"(?s)failed with status 1:\ncould not resolve"):
        toolchain.provide()
    assert [path.name for path in (bare / "cache").iterdir()] == ["pyspark"]
