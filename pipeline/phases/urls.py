"""Phase urls: of all captures of a canonical URL the most recent stays (Llama 3, arXiv 2407.21783, section 3.1.1).

Time ties break by the id, which is a hash of the content. Two records with one id are the same capture twice.
"""

from __future__ import annotations

import apache_beam as beam

from pipeline.phase import Phase
from pipeline.run_state import RunState
from pipeline.transforms.best_per_key import all_but_one
from recipes.schema import Urls


def units(run: RunState) -> int:
    return run.part_count()


def build(pipeline: beam.Pipeline, run: RunState, settings: Urls) -> None:
    all_but_one(pipeline, run, PHASE.name, "url_key", ["newest"], "older_capture", "identical_capture")


PHASE = Phase("urls", units, build, settings=lambda recipe: recipe.urls, microseconds=70)
