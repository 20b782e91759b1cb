"""Rows that cannot be used, counted by reason.

A refusal is fatal where the file as a whole is not what it was taken for (unknown keys or roles, turns out of order, no
assistant); training then does not begin. The others concern their row alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeVar

from trainer.errors import TrainerError

_FATAL = {"unknown keys", "unknown role", "role out of turn", "no assistant turn", "unknown strength", "tool_calls",
          "no message", "other tokenizer", "unknown terminator", "damaged ids"}  # fmt: skip
T = TypeVar("T")


class Refusal(NamedTuple):
    """A row that cannot be used."""

    reason: str
    """A few words, the same for all rows of the kind: what refusals are counted by."""
    problem: str
    place: str

    @property
    def is_fatal(self) -> bool:
        return self.reason in _FATAL

    @property
    def sentence(self) -> str:
        return f"{self.place}: {self.problem}. Mend or remove the row."


class Refusals:
    """The refusals of a reading, counted by their reasons."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.first: dict[str, Refusal] = {}

    def add(self, refusal: Refusal) -> None:
        self.counts[refusal.reason] += 1
        self.first.setdefault(refusal.reason, refusal)

    def kept(self, records: Iterable[T | Refusal]) -> Iterator[T]:
        """Those of ``records`` that are none; raises :class:`TrainerError` at the first fatal one."""
        for record in records:
            if not isinstance(record, Refusal):
                yield record
                continue
            if record.is_fatal:
                raise TrainerError(record.sentence)
            self.add(record)

    def sentences(self) -> list[str]:
        """One a reason: how many, and the first."""
        return [
            f"Refused {count:,} ({reason}): the first is {self.first[reason].place}, {self.first[reason].problem}."
            for reason, count in sorted(self.counts.items())
        ]
