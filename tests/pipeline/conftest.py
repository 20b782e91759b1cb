"""One sample crawl and one undisturbed run of it, for all tests that compare with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gristmill.sample import write_sample
from pipeline.driver import run
from recipes import Recipe, load


@pytest.fixture(scope="session")
def crawl(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("crawl")
    write_sample(folder)
    return folder


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
    folder = tmp_path_factory.mktemp("runs") / "undisturbed"
    run(recipe, files, str(folder))
    return folder
