"""What should become of every record of the sample crawl: the answer sheet that tests and the demo check against."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

FILE_NAME = "expected.jsonl"


@dataclass(frozen=True)
class Expectation:
    """The fate of one record.

    ``url`` and ``date`` are the record's WARC-Target-URI and WARC-Date as written, both empty where the damage leaves
    nothing to read. Two records may share both (an identical second capture), so match them as a multiset.
    ``fates`` are the acceptable ends, the intended one first: ``kept``, ``rejected`` or ``failed``. ``stages`` are the
    stages that may fairly be the one to reject or to fail it, the intended one first; empty where only ``kept`` will
    do. ``note`` says why, for a reader.
    """

    url: str
    date: str
    kind: str
    fates: tuple[str, ...]
    stages: tuple[str, ...]
    note: str = ""

    @property
    def fate(self) -> str:
        """The intended end."""
        return self.fates[0]

    def accepts(self, fate: str, stage: str = "") -> bool:
        """Whether a record that ended so (``stage`` is ignored for kept ones) has met its expectation."""
        return fate in self.fates and (fate == "kept" or stage in self.stages)


def write_expectations(path: Path, expectations: Iterable[Expectation]) -> None:
    """Write one JSON object a line."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for expectation in expectations:
            file.write(json.dumps(asdict(expectation), ensure_ascii=False) + "\n")


def read_expectations(out: Path) -> list[Expectation]:
    """Read the answer sheet of the sample crawl in the folder ``out``, in the order of its records."""
    rows = map(json.loads, (Path(out) / FILE_NAME).read_text("utf-8").splitlines())
    return [Expectation(**row | {"fates": tuple(row["fates"]), "stages": tuple(row["stages"])}) for row in rows]
