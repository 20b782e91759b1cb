"""A classifier of texts as Beam's RunInference runs it: in batches, loaded once a process, on accelerators where asked for.

Importing this loads torch where that is installed, seconds and hundreds of MiB: only what builds such a job does, and the
workers that run it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import apache_beam as beam
from apache_beam.ml.inference.base import KeyedModelHandler, ModelHandler, RunInference

from filters.text_classifier import TextClassifier
from pipeline.stages import QUALITY
from pipeline.stopwatch import measure


def infer(model: TextClassifier, batch_size: int, resources: Mapping[str, Any]) -> beam.PTransform:
    """From ``(key, text)`` to ``(key, score)``; ``resources`` are Beam's resource hints."""
    handler: KeyedModelHandler = KeyedModelHandler(_Handler(model, batch_size))
    return RunInference(handler).with_resource_hints(**resources)


class _Handler(ModelHandler[str, float, TextClassifier]):
    """Hands batches of texts to a classifier."""

    def __init__(self, model: TextClassifier, batch_size: int) -> None:
        super().__init__(min_batch_size=batch_size, max_batch_size=batch_size)
        self._model = model

    def load_model(self) -> TextClassifier:
        return self._model

    def run_inference(
        self, batch: Sequence[str], model: TextClassifier, inference_args: dict[str, Any] | None = None
    ) -> list[float]:
        with measure(QUALITY.name):
            return model.scores(batch)
