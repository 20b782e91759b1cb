"""What a trail is made of: steps with their numbers, and what those were held against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from filters.rules import Side, is_beyond


class Limit(NamedTuple):
    """A value on this ``side`` of ``number`` counts against a document; ``setting`` is the recipe's name for it."""

    side: Side
    number: float
    setting: str

    def is_beyond(self, value: float) -> bool:
        return is_beyond(value, self.side, self.number)


@dataclass(frozen=True)
class Step:
    """One line of a trail: what was measured or done (``label``, ``said``), and where there is a number, what it was held
    against: ``limit`` has the side on which a value goes, the number, and the setting's name in the recipe."""

    label: str
    said: str
    value: float | None = None
    limit: Limit | None = None

    def __str__(self) -> str:
        if self.limit is None:
            return self.said
        beyond = "beyond the " if self.value is not None and self.limit.is_beyond(self.value) else ""
        return f"{self.said}, {beyond}limit {self.limit.side} {self.limit.number:g} ({self.limit.setting})"


@dataclass(frozen=True)
class Trail:
    """A record, what became of it and how. ``outcome`` is ``kept``, ``failed`` or stage and reason (``quality/low_quality``);
    ``row`` is what the run has published of it; ``missing`` says in sentences what is not at hand any more; ``terms``
    are the words that weighed most on its domain, or on itself."""

    id: str
    url: str
    date: str
    outcome: str
    row: Mapping[str, Any]
    steps: list[Step]
    end: Step
    missing: list[str] = field(default_factory=list)
    terms: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        told = asdict(self)
        for step, shown in zip((*self.steps, self.end), (*told["steps"], told["end"]), strict=True):
            shown["limit"] = step.limit._asdict() if step.limit else None
        return told
