"""Packed elements wait in a list and are merged together, in whatever way an engine joins its accumulators."""

from __future__ import annotations

from typing import Any

from pipeline.transforms.packed_combine import Gather


class Joined(Gather):
    def __init__(self) -> None:
        self.merged: list[int] = []

    def merge(self, packed: list[Any]) -> Any:
        self.merged.append(len(packed))
        return "".join(sorted("".join(packed)))


def test_elements_are_merged_once_and_together() -> None:
    gather = Joined()
    one, other = gather.create_accumulator(), gather.create_accumulator()
    for letter in "cab":
        one = gather.add_input(one, letter)
    other = gather.add_input(other, "d")
    assert gather.merged == []
    both = gather.merge_accumulators([other, one, gather.create_accumulator()])
    assert gather.extract_output(both) == "abcd" and gather.merged == [4]


def test_a_compacted_accumulator_is_one_element_and_an_empty_one_none() -> None:
    gather = Joined()
    assert gather.compact(["b", "a"]) == ["ab"]
    assert gather.compact([]) == [] and gather.extract_output(gather.create_accumulator()) == ""
