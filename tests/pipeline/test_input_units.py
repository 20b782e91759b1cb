"""Units of input: large archives are cut, small files share one, every byte of the crawl is in exactly one stretch."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import input_units
from pipeline.input_units import InputFile, InputListing, InputUnit, cut

MIB = 1 << 20


def files(*sizes: int | None, name: str = "a.warc.gz", limit: int | None = None) -> list[InputFile]:
    return [InputFile(index, f"/crawl/{index}/{name}", name, limit, size) for index, size in enumerate(sizes)]


def stretches(units: Sequence[InputUnit]) -> list[list[tuple[int, int, int | None]]]:
    return [[(one.file, one.start, one.end) for one in unit.stretches] for unit in units]


@given(st.lists(st.integers(0, 300 * MIB), min_size=1, max_size=20), st.integers(MIB, 100 * MIB))
def test_every_byte_is_in_one_stretch_and_no_unit_is_much_larger_than_asked(sizes: list[int], unit_bytes: int) -> None:
    units = list(cut(files(*sizes), unit_bytes))
    assert [unit.number for unit in units] == list(range(len(units)))
    found = [one for unit in units for one in unit.stretches]
    for file, size in enumerate(sizes):
        bounds = [(one.start, one.end) for one in found if one.file == file]
        assert bounds[0][0] == 0 and bounds[-1][1] is None
        assert all(end == start for (_, end), (start, _) in pairwise(bounds))
        assert all(end is None or start < end <= size for start, end in bounds)
    for unit in units:
        held = sum((sizes[one.file] if one.end is None else one.end) - one.start for one in unit.stretches)
        assert held <= unit_bytes


def test_five_hundred_small_files_are_a_few_units() -> None:
    units = list(cut(files(*[10_000] * 500), 64 * MIB))
    assert len(units) == 5 and sum(len(unit.stretches) for unit in units) == 500
    assert all(one.is_whole for unit in units for one in unit.stretches)


def test_a_gigabyte_is_sixteen_units_and_a_small_crawl_still_several() -> None:
    assert len(list(cut(files(1024 * MIB), 64 * MIB))) == 16
    assert len(list(cut(files(64 * MIB), 64 * MIB))) == 20  # of which eight are half as large
    assert len(list(cut(files(2 * MIB), 64 * MIB))) == 2


def test_the_last_quarter_of_a_small_crawl_is_cut_into_halves_of_a_lone_file_too() -> None:
    bounds = [bound for unit in cut(files(64 * MIB), 64 * MIB) for one in unit.stretches for bound in [one.start]]
    sizes = [end - start for start, end in pairwise([*bounds, 64 * MIB])]
    assert sizes == [4 * MIB] * 12 + [2 * MIB] * 8
    of_four = [len(unit.stretches) for unit in cut(files(*[16 * MIB] * 4), 64 * MIB)]
    assert len(of_four) == 20 and set(of_four) == {1}
    # No unit is smaller than a megabyte, and large crawls end as they began.
    assert len(list(cut(files(20 * MIB), 64 * MIB))) == 16
    assert {
        one.end - one.start for unit in list(cut(files(640 * MIB), 32 * MIB))[:-1] for one in unit.stretches if one.end
    } == {32 * MIB}


@pytest.mark.parametrize("name", ["a.arc.gz", "a.wacz", "a.parquet", "a.jsonl.zst", "a.warc.bz2", "a.warc.xz"])
def test_other_formats_are_not_cut(name: str) -> None:
    assert stretches(list(cut(files(500 * MIB, name=name), 64 * MIB))) == [[(0, 0, None)]]


def test_limited_files_and_those_of_unknown_size_are_not_cut() -> None:
    assert stretches(list(cut(files(500 * MIB, limit=3), 64 * MIB))) == [[(0, 0, None)]]
    assert stretches(list(cut(files(None, None), 64 * MIB))) == [[(0, 0, None)], [(1, 0, None)]]


def test_a_small_crawl_ends_with_units_half_as_large() -> None:
    """Files of nearly one size are a unit each, but for the last quarter, so that workers end at nearly the same time."""
    sizes = [10 * MIB + 300_000 * (number % 2) for number in range(16)]
    found = stretches(list(cut(files(*sizes), 64 * MIB)))
    assert found[:12] == [[(number, 0, None)] for number in range(12)]
    half = 5 * MIB, 5 * MIB + 150_000
    ends = [[(number, 0, half[number % 2])] for number in range(12, 16)]
    rests = [[(number, half[number % 2], None)] for number in range(12, 16)]
    assert found[12:] == [unit for pair in zip(ends, rests, strict=True) for unit in pair]


def test_units_of_a_large_crawl_are_as_large_as_was_asked_to_the_end() -> None:
    found = stretches(list(cut(files(*[8 * MIB] * 20), 8 * MIB)))
    assert found == [[(number, 0, None)] for number in range(20)]


def test_no_unit_is_made_smaller_than_a_megabyte() -> None:
    found = stretches(list(cut(files(*[MIB // 2] * 5), 64 * MIB)))
    assert [[file for file, _, _ in unit] for unit in found] == [[0, 1], [2, 3], [4]]


def test_a_file_of_unknown_size_fills_a_unit_and_limited_ones_their_bytes() -> None:
    units = list(cut([*files(100), *files(None, name="b.jsonl"), *files(100, 100)], 64 * MIB))
    assert [[one.name for one in unit.stretches] for unit in units] == [["a.warc.gz"], ["b.jsonl"], ["a.warc.gz"] * 2]
    limited = list(cut(files(100, 200, limit=3), 64 * MIB))
    assert [[one.limit for one in unit.stretches] for unit in limited] == [[3, 3]]


def test_an_empty_file_is_one_stretch() -> None:
    assert stretches(list(cut(files(0, 0), 64 * MIB))) == [[(0, 0, None), (1, 0, None)]]


def test_workers_read_the_units_that_were_written(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(input_units, "BLOCK_UNITS", 3)
    units = list(cut(files(3 * MIB, 100, 200, 5 * MIB), 2 * MIB))
    listing = InputListing(str(tmp_path))
    assert listing.write(units) == len(units) > 3
    assert [unit for block in range(-(-len(units) // 3)) for unit in listing.block(block)] == units
