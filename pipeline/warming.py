"""What every worker would load with its first document, loaded once by the process that forks them (:mod:`pipeline.worker_server`):
compiled code, word lists, Presidio. Each function puts one short document through the code of a phase, and returns nothing.

What begins threads is left to workers, since they are gone in a process that is forked: tokenizers do.
"""

from __future__ import annotations

from dedup.lines import line_hashes, remove_lines
from filters.registry import make_filter
from filters.token_counts import TokenCounts
from filters.verdict import judge
from pipeline.sources.records import PageRecord
from pipeline.transforms.domain_pages import page_evidence
from pipeline.transforms.first_stages import FirstStages
from recipes import Recipe
from text.document import Document

_URL = "https://mill.example/story"
# With what Presidio is asked about only where it may be: an address and a number.
_TEXT = """\
The miller rose before dawn and walked down to the river, where the wheel had stopped during the night.
He wrote to miller@mill.example and called +1 212 555 0142 about the broken sluice, and nobody answered until noon.
In the village people said that the water was lower than it had been for many years, and that bread would be dear.
"""

_LONG = 4  # times as long: of fewer words filters say nothing


def extraction(recipe: Recipe) -> None:
    """For phase extract, but for the parser, which has processes of its own."""
    stages = FirstStages(recipe)
    tuple(stages.outcomes([PageRecord("0" * 32, _URL, "2024-05-01T00:00:00Z", text=_TEXT)]))
    stages.close()


def evidence(recipe: Recipe) -> None:
    """For phase domains."""
    assert recipe.domains is not None
    page_evidence(recipe.domains).look(Document(_TEXT, "en", (), _URL), 0, 0)


def judging(recipe: Recipe) -> None:
    """For phases lines, clean and judge."""
    document, counts = Document(_TEXT * _LONG, "en"), TokenCounts()
    counts.add(document.prose.folded_hashes)
    filters = {**(recipe.heuristics or {}), **({"quality": recipe.quality} if recipe.quality is not None else {})}
    for name, settings in filters.items():
        judge(make_filter(name, settings, {"en": counts}), document)
    line_hashes(_TEXT, (), 0)
    remove_lines(_TEXT, (), [0])
