"""Packed elements are merged together, whatever way an engine takes to bring them together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.transforms.packed_combine import Gather


class _Sorted(Gather):
    def __init__(self) -> None:
        self.merges = 0

    def merge(self, packed: list[bytes]) -> bytes:
        self.merges += 1
        return bytes(sorted(b"".join(packed)))


@given(st.lists(st.lists(st.binary(max_size=4), max_size=4), max_size=4), st.integers(0, 3))
def test_every_way_of_merging_gives_the_same(groups: list[list[bytes]], compacted: int) -> None:
    combine = _Sorted()
    accumulators = []
    for number, group in enumerate(groups):
        accumulator = combine.create_accumulator()
        for element in group:
            accumulator = combine.add_input(accumulator, element)
        accumulators.append(combine.compact(accumulator) if number == compacted else accumulator)
    result = combine.extract_output(combine.merge_accumulators(accumulators))
    assert result == bytes(sorted(b"".join(b"".join(group) for group in groups)))


def test_elements_wait_until_they_are_wanted() -> None:
    combine = _Sorted()
    accumulator = combine.create_accumulator()
    for number in range(100):
        accumulator = combine.add_input(accumulator, bytes([number]))
    assert combine.merges == 0
    assert combine.compact(accumulator) == [bytes(range(100))] and combine.compact([]) == []
