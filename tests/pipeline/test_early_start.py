"""What a run begins with is started while the driver has other things to do, and nothing of it outlives the driver."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator

import pytest

from parsers.extracted import Extracted
from parsers.fork_server import AVAILABLE
from parsers.sandbox import IsolatedParser, Limits, Page
from pipeline import early_start
from pipeline.stopwatch import running_children
from recipes import Recipe, load

PAGE = Page(b"<p>The miller rose before dawn.</p>", "https://mill.example/", "text/html")


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    return load("llama3", ["extract.parser=resiliparse"])


def _parse_one_page(recipe: Recipe) -> None:
    parser = IsolatedParser(recipe.extract.parser, Limits(), recipe.extract.alt_text)
    (found,) = parser.extract_all([PAGE])
    assert isinstance(found, Extracted) and "miller" in found.text
    parser.close()


def test_for_one_worker_it_is_the_parser(recipe: Recipe) -> None:
    before = set(running_children())
    early_start.begin(recipe, 1)
    assert len(set(running_children()) - before) == 1
    _parse_one_page(recipe)
    assert set(running_children()) == before


@pytest.fixture
def begun() -> Iterator[None]:
    yield
    early_start.end()
    gc.collect()


@pytest.mark.skipif(not AVAILABLE, reason="workers are forked on Linux alone")
def test_for_several_it_is_who_forks_parsers_and_then_who_forks_workers(recipe: Recipe, begun: None) -> None:
    before = set(running_children())
    early_start.begin(recipe, 2)
    assert len(set(running_children()) - before) == 1
    _parse_one_page(recipe)  # forked by it
    early_start.fork_workers()
    early = set(running_children()) - before
    assert len(early) == 2
    server = early_start.worker_server(recipe)
    server.start()
    server.worker().kill()
    called = early_start.beside("os:getppid")
    assert called is not None and called.result() in early
    assert set(running_children()) - before == early
    early_start.end()
    assert set(running_children()) - before == early  # the run holds it
    del server, called
    gc.collect()
    _wait_until_gone(early)
    assert early_start.beside("os:getppid") is None
    _parse_one_page(recipe)  # as ever


@pytest.mark.skipif(not AVAILABLE, reason="workers are forked on Linux alone")
def test_who_was_never_asked_ends_at_once(recipe: Recipe, begun: None) -> None:
    before = set(running_children())
    early_start.begin(recipe, 2)
    early_start.fork_workers()
    early = set(running_children()) - before
    early_start.end()
    gc.collect()
    _wait_until_gone(early)


def test_other_runners_have_workers_of_their_own(recipe: Recipe) -> None:
    before = set(running_children())
    for workers in (1, 2):
        early_start.begin(recipe, workers, ["--runner=FlinkRunner"])
    early_start.begin(load("llama3", ["extract.parser=no.such"]), 1)  # the run says what is wrong with it
    assert set(running_children()) == before


def _wait_until_gone(processes: set[int]) -> None:
    until = time.monotonic() + 60
    while processes & set(running_children()):
        assert time.monotonic() < until
        time.sleep(0.02)
