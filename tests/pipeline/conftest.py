"""One sample crawl and one undisturbed run of it, for all tests that compare with it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from gristmill.sample import write_sample
from pipeline.driver import run
from recipes import Recipe, load


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """The folder that ``make`` has filled: of the processes that share the tests the first does it, the others wait."""
    shared = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder, done = shared / name, shared / f"{name}-done"
    with open(shared / f"{name}-lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            make(folder)
            done.touch()
    return folder


@pytest.fixture(scope="session")
def crawl(tmp_path_factory) -> Path:
    return made_once(tmp_path_factory, "sample-crawl", write_sample)


@pytest.fixture(scope="session")
def files(crawl) -> list[str]:
    return [str(path) for path in sorted(crawl.glob("*.warc.gz"))]


@pytest.fixture(scope="session")
def recipe() -> Recipe:
    """The shipped recipe with the faster parser: what is tested here comes after it. Small shards, to have several."""
    changes = ["extract.parser=resiliparse", "shards.shard_bytes=300000", "tokenise.held_out_per_10000=500"]
    return load("llama3", changes)


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory, files, recipe) -> Path:
    """A finished run, which no test may write to."""
    return made_once(tmp_path_factory, "undisturbed", lambda folder: run(recipe, files, str(folder)))
