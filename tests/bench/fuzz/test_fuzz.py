"""The fuzzer finds what it should, and the readers hold for a moment of it; minutes are ``python -m bench.fuzz``'s."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from bench.fuzz.__main__ import fuzz
from bench.fuzz.mutator import mutated
from bench.fuzz.targets import TARGETS, Target, with_seeds


def test_the_same_seed_draws_the_same_inputs_and_others_differ() -> None:
    seeds = (b"a sound input", b"another one")
    first = [mutated(seeds, random.Random(7)) for _ in range(2)]
    assert first[0] == first[1]
    rng = random.Random(7)
    assert len({mutated(seeds, rng) for _ in range(100)}) > 90


def test_what_raises_is_found_once_and_written_down(tmp_path: Path) -> None:
    def check(data: bytes) -> None:
        if len(data) > 5:
            raise IndexError("beyond")

    target = with_seeds(Target("some", (b"four",), check), _folder(tmp_path / "corpus"))
    count, found = fuzz(target, 0.05, 1, tmp_path / "findings")
    assert count > 2 and len(found) == 1
    (what,) = found
    assert what.startswith("IndexError at test_fuzz.py:")
    assert [path.read_bytes() for path in (tmp_path / "findings").iterdir()] == list(found.values())


def test_what_ends_the_process_is_left_behind(tmp_path: Path) -> None:
    def check(data: bytes) -> None:
        if len(data) > 5:
            raise SystemExit  # as a crash would, it passes all handlers

    target = with_seeds(Target("some", (b"four",), check), _folder(tmp_path / "corpus"))
    with pytest.raises(SystemExit):
        fuzz(target, 0.05, 1, tmp_path / "findings")
    (left,) = (tmp_path / "findings").iterdir()
    assert (left.name, left.read_bytes()) == ("some-running", b"six bytes and more")


def _folder(path: Path) -> Path:
    path.mkdir()
    (path / "long").write_bytes(b"six bytes and more")
    return path


@pytest.mark.parametrize("name", sorted(set(TARGETS) - {"html"}))
def test_readers_hold(name: str) -> None:
    count, found = fuzz(TARGETS[name], 0.3, 1)
    assert count > len(TARGETS[name].seeds) and not found
