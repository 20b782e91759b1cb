"""Markup that was made to cost much: a page of it costs seconds at the most, little memory, and its neighbours stay.

All pages go through one child with a generous limit on CPU time, which is what ends a page that would never end.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys

import pytest

from tests.parsers.hostile_pages import AFTER, BEFORE, PAGES

_SECONDS = 60  # of all pages together; they take some two, and the start of the parser four
_PEAK_MIB = 64  # that pages of a megabyte or two add to a parser's memory
# What is inside a construct that never ends is not text, and what is behind it is inside.
_UNENDED = {"attribute without an end", "comment without an end", "comment of almost ends"}
_REFUSED = {"many attributes", "one attribute many times", "attributes without names", "many opening brackets"}


@pytest.fixture(scope="module")
def found() -> dict[str, dict]:
    """What became of each page, as the child says."""
    limits = (_SECONDS, _SECONDS)
    child = subprocess.run(
        [sys.executable, "-m", "tests.parsers.hostile_pages"], capture_output=True, text=True, timeout=900, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, limits),
    )  # fmt: skip
    lines = [json.loads(line) for line in child.stdout.splitlines()]
    assert child.returncode == 0, f"after {lines[-1:]}: {child.returncode}, {child.stderr[-500:]}"
    return {line["name"]: line for line in lines}


@pytest.mark.parametrize("name", PAGES)
def test_a_hostile_page_is_text_or_refused_and_its_neighbours_stay(name: str, found: dict[str, dict]) -> None:
    page = found[name]
    if name in _REFUSED:
        assert "over the limit" in page["refused"] or "steps" in page["refused"]
        return
    assert BEFORE in page["text"]
    assert (AFTER in page["text"]) == (name not in _UNENDED)
    assert page["length"] < 2000


def test_hostile_pages_take_little_memory(found: dict[str, dict]) -> None:
    assert max(page["peak_mib"] for page in found.values()) - found["sound"]["peak_mib"] < _PEAK_MIB
