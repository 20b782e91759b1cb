"""What Spark and Flink need besides the project's own environment: Java, Spark itself, Beam's job servers."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
CACHE = PROJECT / ".cache"
POM = Path(__file__).with_name("pom.xml")
FLINK_POM = PROJECT / "tests/flink/pom.xml"
SPARK = "pyspark==3.5.*"


class ToolError(RuntimeError):
    """A tool is missing or failed; the message is a sentence that says what to install."""


@dataclass(frozen=True)
class Toolchain:
    """Where the parts lie: the `java` executable, Spark's home, the folder of the job server's jars."""

    java: str
    spark_home: Path
    job_server_jars: Path


def provide() -> Toolchain:
    """Find Java 17, and fetch Spark and the job server's jars into `.cache/` unless they are there already.

    The main environment stays as it is: Spark is wanted for its jars alone, so its package goes to a folder apart.
    Raises ToolError.
    """
    java = _java("Spark 3.5")
    spark = _once(CACHE / "pyspark", _fetch_spark)
    jars = _once(CACHE / "spark-jobserver", lambda target: _fetch_job_server(POM, target))
    return Toolchain(java, spark / "pyspark", jars)


def provide_flink() -> tuple[str, Path]:
    """Find Java 17, and fetch Flink with Beam's job server into `.cache/`: the `java` executable, the folder of jars.

    Raises ToolError.
    """
    java = _java("Flink 1.19")
    return java, _once(CACHE / "flink-jobserver", lambda target: _fetch_job_server(FLINK_POM, target))


def _java(engine: str) -> str:
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home, "bin", "java")) if home else shutil.which("java")
    if java is None or not Path(java).exists():
        raise ToolError(f"{engine} needs Java 17, and there is no `java` here: install OpenJDK 17 or set JAVA_HOME.")
    banner = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', banner)
    if version is None or version.group(1) != "17":
        raise ToolError(f"{engine} needs Java 17, but {java} says {banner.splitlines()[:1]}: point JAVA_HOME to one.")
    return java


def _once(folder: Path, fetch: Callable[[Path], None]) -> Path:
    """Let `fetch` fill a folder beside `folder` and move it there, so that an interrupted fetch leaves nothing."""
    if not folder.exists():
        partial = folder.with_name(f"{folder.name}.{os.getpid()}.partial")
        try:
            fetch(partial)
            partial.rename(folder)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return folder


def _fetch_spark(target: Path) -> None:
    _run("pip", [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(target), SPARK])


def _fetch_job_server(pom: Path, target: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise ToolError("Beam's job server comes from Maven, and there is no `mvn` here: install Maven 3.")
    goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={target}"]
    _run("mvn", [maven, "--batch-mode", "--quiet", "--file", str(pom), *goal])


def _run(name: str, command: list[str]) -> None:
    print(f"Fetching into {CACHE} with {name}, once: this takes about half a minute.", file=sys.stderr, flush=True)
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise ToolError(f"`{' '.join(command)}` failed with status {done.returncode}:\n{done.stdout[-3000:].rstrip()}")
