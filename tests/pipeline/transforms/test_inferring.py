"""A classifier gets its texts in batches, and each text its own score."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import apache_beam as beam

from pipeline.transforms.inferring import infer
from tests.pipeline.parts import beam_job


class Lengths:
    """Scores a text by its length, and the batch that it came in by how many there were."""

    def scores(self, texts: Sequence[str]) -> list[float]:
        return [len(text) + len(texts) / 100 for text in texts]


def test_each_text_gets_its_score_from_a_batch_of_the_size_wanted(tmp_path: Path) -> None:
    texts = {f"key {number}": "x" * number for number in range(8)}
    model: Any = Lengths()
    with beam_job() as job:
        scores = job | beam.Create(list(texts.items())) | infer(model, 3, {})
        _ = scores | beam.Map(json.dumps) | beam.io.WriteToText(str(tmp_path / "scores"), shard_name_template="")
    found = dict(map(json.loads, (tmp_path / "scores").read_text().splitlines()))
    assert {key: int(score) for key, score in found.items()} == {key: len(text) for key, text in texts.items()}
    # Eight texts: two batches of three, and one of what is left.
    assert sorted(round(score % 1 * 100) for score in found.values()) == [2, 2, 3, 3, 3, 3, 3, 3]
