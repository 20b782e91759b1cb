"""Beam's options, parsed once: Beam asks for a group of them (a view) dozens of times a job, and parses all flags each time."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any, TypeVar

from apache_beam.options.pipeline_options import PipelineOptions

_warned_of: dict[tuple[Any, ...], dict[str, Any]] = {}
View = TypeVar("View", bound=PipelineOptions)


class ParsedOptions(PipelineOptions):
    """Options of which each view is parsed once for the same flags. What is set in one view holds in all others, as Beam has
    it: they share their values."""

    def view_as(self, cls: type[View]) -> View:
        key: Any = cls  # a class can be a key, which mypy does not know of a bound type
        parsed = _parsed(key, tuple(self._flags or ()))
        view = cls.__new__(cls)
        view._flags, view._visible_options, view._all_options = self._flags, parsed, self._all_options
        for name in view._visible_option_list():
            if name not in self._all_options:
                # Nobody else's: to a flag that may be given several times Beam appends.
                self._all_options[name] = copy.deepcopy(getattr(parsed, name))
        return view

    def get_all_options(self, *arguments: Any, **named: Any) -> dict[str, Any]:
        # With each job's start Beam asks so, for the warnings that it gives on the way.
        if arguments or not named.get("display_warnings"):
            return super().get_all_options(*arguments, **named)
        key = tuple(self._flags or ()), tuple(sorted(named.items()))
        if key not in _warned_of:
            _warned_of[key] = super().get_all_options(**named)
        return {
            **_warned_of[key],
            **{name: self._all_options[name] for name in _warned_of[key].keys() & self._all_options},
        }


@cache
def _parsed(cls: type[PipelineOptions], flags: tuple[str, ...]) -> Any:
    return cls(list(flags))._visible_options
