"""How much work of a phase workers could share: so many documents of so many microseconds, or all that is in several units."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from pipeline.phase import Phase
from tests.pipeline.parts import document_id, extracted


@pytest.mark.parametrize(("units", "seconds"), [(0, 0.0), (1, 0.0), (2, math.inf), (100, math.inf)])
def test_units_that_may_take_long_are_shared_where_there_are_several(
    units: int, seconds: float, tmp_path: Path
) -> None:
    phase = Phase("lines", lambda run: units, lambda pipeline, run, settings: None, lambda recipe: recipe)
    assert phase.shared_seconds(extracted(tmp_path, [])) == seconds


@pytest.mark.parametrize("units", [1, 3])
def test_little_work_is_counted_in_documents_whatever_its_units(units: int, tmp_path: Path) -> None:
    """Of three documents in two parts, each of which takes a quarter of a second."""
    run = extracted(tmp_path, [{"id": document_id("a")}, {"id": document_id("b")}], [{"id": document_id("c")}])
    phase = Phase("urls", lambda run: units, lambda pipeline, run, settings: None, lambda recipe: recipe, 250_000)
    assert phase.shared_seconds(run) == pytest.approx(0.75)
