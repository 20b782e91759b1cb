"""The index against a dictionary: every entry is found with its flags and its category, and nothing else is."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocklists.index import ADDRESS, HOST, MAX_CATEGORIES, PATHS, TOP_LEVEL, HostIndex, build, hashed

NAMES = st.integers(0, 60).map("host{}.example".format) | st.text(max_size=4)
ENTRIES = st.lists(st.tuples(NAMES, st.sampled_from([1, 2, 4, 5, 8, 12, 16, 17, 32]), st.integers(0, 3)), max_size=80)
CATEGORIES = ["adult", "malware", "gambling", "ads"]


def packed(entries: list[tuple[str, int, int]], categories: list[str] = CATEGORIES) -> bytes:
    flags, codes = (np.asarray([entry[column] for entry in entries], np.uint8) for column in (1, 2))
    return build(hashed(name for name, _, _ in entries), flags, codes, categories, {"lists": 2})


@given(ENTRIES)
def test_flags_of_a_name_join_and_the_first_that_lists_it_gives_the_category(
    entries: list[tuple[str, int, int]],
) -> None:
    index = HostIndex(packed(entries))
    expected: dict[str, tuple[int, int]] = {}
    for name, flags, code in sorted(entries, key=lambda entry: not entry[1] & (HOST | ADDRESS)):
        before = expected.get(name, (0, code))
        expected[name] = before[0] | flags, before[1]
    assert {name: index.find(name) for name in expected} == expected
    assert len(index) == len(expected)
    others = [f"other{number}.example" for number in range(50)]
    assert [index.find(name) for name in others] == [(0, 0)] * 50
    assert index.top_levels == any(flags & TOP_LEVEL for _, flags, _ in entries)
    assert index.categories == tuple(CATEGORIES) and index.about == {"lists": 2}


@pytest.mark.parametrize("count", [1, 3, 4, 7, 8, 15, 16, 17, 5000])
def test_any_number_of_entries_is_found_and_has_four_or_fewer_in_a_bucket_on_average(count: int) -> None:
    names = [f"{number}.example" for number in range(count)]
    data = packed([(name, 1 + number % 15, number % 4) for number, name in enumerate(names)])
    index = HostIndex(data)
    assert [index.find(name) for name in names] == [(1 + number % 15, number % 4) for number in range(count)]
    assert [index.find(f"www.{name}") for name in names] == [(0, 0)] * count
    hashes, flags, codes = index.arrays()
    assert hashes.tolist() == sorted(hashed(names).tolist()) and len(flags) == len(codes) == count
    # A host costs its hash, flag and category, and a bucket's share of twelve bytes at most: less than 18 in all.
    assert len(data) < 300 + 18 * count


def test_equal_entries_are_equal_bytes_in_any_order_and_a_copy_finds_what_the_file_finds(tmp_path: Path) -> None:
    entries = [(f"{number}.example", HOST, number % 4) for number in range(100)]
    data = packed(entries)
    assert data == packed(entries[::-1])
    assert packed([*entries, ("0.example", PATHS, 3)]) != data
    (tmp_path / "index").write_bytes(data)
    mapped = HostIndex.open(tmp_path / "index")
    for index in (mapped, pickle.loads(pickle.dumps(mapped)), pickle.loads(pickle.dumps(HostIndex(data)))):
        assert index.find("7.example") == (HOST, 3) and len(index) == 100
    assert pickle.loads(pickle.dumps(mapped)).path == tmp_path / "index"


def test_mistakes_are_sentences(tmp_path: Path) -> None:
    data = packed([("a.example", HOST, 0)])
    for broken in (b"", b"GMHOSTS2" + data[8:], data[:8], data[:20]):
        with pytest.raises(ValueError, match="The data is no index of a block list; build it again"):
            HostIndex(broken)
    for cut in (data[:-1], data + b"\0"):
        with pytest.raises(ValueError, match=f"The data is cut short: {len(cut)} bytes instead of {len(data)}"):
            HostIndex(cut)
    (tmp_path / "cut").write_bytes(data[:-8])
    with pytest.raises(ValueError, match=r"cut is cut short"):
        HostIndex.open(tmp_path / "cut")
    names = [str(number) for number in range(MAX_CATEGORIES + 1)]
    assert HostIndex(packed([("a.example", HOST, 255)], names[:-1])).find("a.example") == (HOST, 255)
    with pytest.raises(ValueError, match="257 categories are named; an index holds at most 256"):
        packed([], names)
