"""Sums by domain are the same whether they are in memory or in files, and no more are in memory than are wanted there."""

from __future__ import annotations

import tempfile
import tracemalloc
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.summary import domain_bytes
from review.summary.domain_bytes import DomainBytes

lots = st.lists(st.dictionaries(st.text("abä", max_size=3), st.integers(0, 9), max_size=9), max_size=12)


@given(lots, st.integers(1, 6), st.integers(2, 3), st.integers(0, 40))
def test_the_largest_are_those_of_all_sums(lot: list[dict[str, int]], most: int, files: int, count: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(domain_bytes, "_FILES", files)
        patch.setattr(domain_bytes, "_BATCH", 2)
        found, expected = DomainBytes(most), Counter[str]()
        for place, sizes in enumerate(lot):
            found.add(sizes)
            expected.update(sizes)
            if place % 4 == 3:  # asked in between, they go on
                assert len(found) == len(expected)
        ordered = sorted(expected.items(), key=lambda entry: (-entry[1], entry[0]))
        for _ in range(2):
            assert list(found.largest(count)) == ordered[:count] and len(found) == len(expected)


def _peak(domains: int) -> int:
    found = DomainBytes(1000)
    tracemalloc.start()
    try:
        for start in range(0, domains, 100):
            found.add({f"host{number * 7919 % domains}.example": number for number in range(start, start + 100)})
        assert len(found) == domains and sum(1 for _ in found.largest(domains // 10)) == domains // 10
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_more_domains_take_no_more_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(domain_bytes, "_BATCH", 64)
    _peak(2000)
    assert _peak(40_000) - _peak(20_000) < 500_000
    assert list(tmp_path.iterdir()) == [], "no file is left"
