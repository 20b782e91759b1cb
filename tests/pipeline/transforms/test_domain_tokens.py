"""Of all domains those are told apart that a cap may concern, and the weights are those that all domains give."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import apache_beam as beam
import pytest

from pipeline.commit import Attempt
from pipeline.listing import Manifest, write_listing
from pipeline.mix import describe, hand_in, tokens_by_cell
from pipeline.mix_weights import OTHERS, Cell, find_weights
from pipeline.transforms import domain_tokens
from pipeline.transforms.domain_tokens import with_largest_domains
from recipes.schema import Mix
from tests.pipeline.parts import beam_job

TARGETS = {"general": 0.6, "code": 0.3, "math": 0.1}
CLASSES, LANGUAGES = ["general", "code", "math", "poetry"], ["en", "de", "la"]


def _crawl(seed: int, domains: int = 150) -> Counter[Cell]:
    """Some domains are much larger than others, in one class and language or in several."""
    draw = random.Random(seed)
    found: Counter[Cell] = Counter()
    for number in range(domains):
        for _ in range(draw.choice([1, 1, 4])):
            class_ = draw.choices(CLASSES, [8, 2, 1, 1])[0]
            cell = Cell(class_, draw.choices(LANGUAGES, [8, 3, 1])[0], f"site{number}.example")
            found[cell] += 400 // (1 + number) + 1
    found[Cell("general", "en", "")] += 40  # pages without an address
    return found


def _counted(folder: Any, cells: Counter[Cell], mix: Mix, seed: int, units: int) -> Manifest:
    """As parts hand it in that the tokens of each cell are spread over."""
    draw = random.Random(seed)
    parts: list[Counter[Cell]] = [Counter() for _ in range(units)]
    for cell, tokens in cells.items():
        for _ in range(tokens):
            draw.choice(parts)[cell] += 1
    receipts = []
    for number, part in enumerate(parts):
        attempt = Attempt(str(folder), "judge", f"part-{number:06d}", number)
        receipts.append(attempt.finish({"tokens": hand_in(attempt, part, mix)}))
    return write_listing(str(folder), "judge", receipts)


def _told_apart(folder: Any, cells: Counter[Cell], mix: Mix, seed: int, units: int) -> Counter[Cell]:
    counted = _counted(folder, cells, mix, seed, units)
    with beam_job() as job:
        return tokens_by_cell(with_largest_domains(job, str(folder), "largest", counted, mix))


@pytest.mark.parametrize(
    ("seed", "limits"),
    [
        (6, {"max_domain_share": 0.1}),
        (2, {"max_domain_share": 0.07, "languages": {"de": 0.5}}),
        (3, {"max_domain_share": 0.08, "min_weight": 0.5}),
    ],
)
def test_weights_are_those_of_all_domains(tmp_path, monkeypatch: pytest.MonkeyPatch, seed: int, limits: dict) -> None:
    cells, mix = _crawl(seed), Mix(TARGETS, 4.0, **limits)
    found = _told_apart(tmp_path / "one", cells, mix, seed, 1)
    of_few, of_all = find_weights(found, mix), find_weights(cells, mix)
    assert of_few.domains.keys() == of_all.domains.keys() != set()
    assert {cell: of_few.of(cell) for cell in cells} == {cell: of_all.of(cell) for cell in cells}
    said, expected = describe(found, mix), describe(cells, mix)
    assert said == expected
    # Nothing is lost, and of each class and language few are told apart.
    assert len(found) < 0.7 * len(cells) and found.total() == cells.total()
    assert max(Counter((cell.class_, cell.language) for cell in found).values()) <= 3 / limits["max_domain_share"] + 2
    monkeypatch.setattr(domain_tokens, "_CELLS_PER_RANGE", 20)
    assert _told_apart(tmp_path / "more", cells, mix, seed + 1, 7) == found


def test_few_of_each_class_and_language_are_told_apart_however_many_there_are(tmp_path) -> None:
    mix = Mix(TARGETS, 4.0, max_domain_share=0.1)
    equal = Counter({Cell("general", "en", f"site{number}.example"): 3 for number in range(500)})
    assert _told_apart(tmp_path / "equal", equal, mix, 1, 3) == {Cell("general", "en", OTHERS): 1500}
    few = Counter({Cell("general", "en", f"site{number}.example"): 3 for number in range(20)})
    assert _told_apart(tmp_path / "few", few, mix, 1, 3) == few


def test_without_a_cap_or_without_a_document_nothing_is_done(tmp_path) -> None:
    without = Mix(TARGETS, 4.0)
    counted = _counted(tmp_path / "a", Counter({Cell("general", "en", "a.example"): 3}), without, 1, 2)
    assert with_largest_domains(beam.Pipeline(), str(tmp_path), "largest", counted, without) is counted
    capped = Mix(TARGETS, 4.0, max_domain_share=0.5)
    empty = _counted(tmp_path / "b", Counter(), capped, 1, 2)
    assert with_largest_domains(beam.Pipeline(), str(tmp_path), "largest", empty, capped) is empty
