"""Filters by the names that recipes use. A new filter is a module with a class, and a line here."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from filters.dirty_words import DirtyWordsFilter
from filters.kl_divergence import KLDivergenceFilter
from filters.quality import QualityFilter
from filters.repetition import RepetitionFilter
from filters.token_counts import TokenCounts
from filters.verdict import Filter

FILTERS: dict[str, Callable[..., Filter]] = {
    filter_class.name: filter_class
    for filter_class in (RepetitionFilter, DirtyWordsFilter, KLDivergenceFilter, QualityFilter)
}


def make_filter(name: str, settings: Mapping[str, Any], statistics: Mapping[str, TokenCounts]) -> Filter:
    """The filter called ``name`` with a recipe's settings.

    ``statistics`` are the corpus' word counts by language, for filters that take them. Raises ``ValueError`` for a
    name or a setting that doesn't exist, and for numbers that make no sense.
    """
    if name not in FILTERS:
        raise ValueError(f"there is no filter called {name!r}; there are {', '.join(sorted(FILTERS))}")
    known = set(inspect.signature(FILTERS[name]).parameters)
    for key in settings:
        if key not in known - {"statistics"}:
            raise ValueError(f"{name} has no setting {key!r}; it knows {', '.join(sorted(known - {'statistics'}))}")
    if "statistics" in known:
        return FILTERS[name](statistics=statistics, **settings)
    return FILTERS[name](**settings)
