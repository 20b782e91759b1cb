"""Filters by the names that recipes use. A new filter is a module with a class, and a line here; one outside of this
package needs no line: recipes name it as ``package.module.Class``."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from filters.decontamination.filter import DecontaminationFilter
from filters.dirty_words import DirtyWordsFilter
from filters.kl_divergence import KLDivergenceFilter
from filters.passages import PassagesFilter
from filters.peers.c4 import C4Filter
from filters.peers.fineweb import FineWebFilter
from filters.peers.gopher_quality import GopherQualityFilter
from filters.peers.gopher_repetition import GopherRepetitionFilter
from filters.peers.refinedweb import RefinedWebFilter
from filters.quality import QualityFilter
from filters.repetition import RepetitionFilter
from filters.token_counts import TokenCounts
from filters.verdict import AnyFilter

FILTERS: dict[str, Callable[..., AnyFilter]] = {
    filter_class.name: filter_class
    for filter_class in (
        PassagesFilter,
        RepetitionFilter,
        DirtyWordsFilter,
        KLDivergenceFilter,
        QualityFilter,
        DecontaminationFilter,
        GopherQualityFilter,
        GopherRepetitionFilter,
        C4Filter,
        FineWebFilter,
        RefinedWebFilter,
    )
}


def make_filter(name: str, settings: Mapping[str, Any], statistics: Mapping[str, TokenCounts]) -> AnyFilter:
    """The filter called ``name`` with a recipe's settings: one of :data:`FILTERS`, or a class of one's own by its full
    dotted name (``package.module.Class``).

    ``statistics`` are the corpus' word counts by language, for filters that take them. Raises ``ValueError`` for a
    name or a setting that doesn't exist, for numbers that make no sense, and for a class that is no filter.
    """
    make = _find(name)
    parameters = inspect.signature(make).parameters
    takes_any = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
    known = {
        key: parameter.default is parameter.empty
        for key, parameter in parameters.items()
        if key != "statistics" and parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
    }
    for key in settings:
        if key not in known and (not takes_any or key == "statistics"):
            raise ValueError(f"{name} has no setting {key!r}; it knows {', '.join(sorted(known)) or 'none'}")
    for key, needed in known.items():
        if needed and key not in settings:
            raise ValueError(f"{name} needs the setting {key!r}")
    made = make(statistics=statistics, **settings) if "statistics" in parameters else make(**settings)
    return made if name in FILTERS else _checked(name, made)


def _find(name: str) -> Callable[..., Any]:
    if name in FILTERS:
        return FILTERS[name]
    module, dot, class_name = name.rpartition(".")
    if not dot:
        raise ValueError(
            f"there is no filter called {name!r}; there are {', '.join(sorted(FILTERS))}, or name a "
            f"package.module.Class of yours"
        )
    try:
        found = getattr(importlib.import_module(module), class_name)
    except (ImportError, AttributeError, ValueError) as error:  # ValueError: an empty name between two dots
        raise ValueError(f"the filter {name!r} can't be loaded: {error}") from error
    if not callable(found):
        raise ValueError(f"{name} is {found!r}, and a filter is a class")
    return found


def _checked(name: str, made: Any) -> AnyFilter:
    """``made``, if it has what :class:`filters.verdict.Filter` or ``LineFilter`` asks for; a run must not find out after hours."""
    if not isinstance(getattr(made, "name", None), str) or not made.name:
        raise ValueError(f"{name} has no name; give the class an attribute `name`, under which its scores are stored")
    if made.name in FILTERS:
        raise ValueError(f"{name} calls itself {made.name!r}, as a filter of gristmill does; give it another name")
    for method in ("judge_lines" if hasattr(made, "judge_lines") else "score", "decide"):
        if not callable(getattr(made, method, None)):
            raise ValueError(f"{name} has no method {method}; filters/verdict.py says what a filter has")
    return made
