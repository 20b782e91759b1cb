"""Beam's options, parsed once: Beam asks for a group of them (a view) dozens of times a job, and parses all flags each time."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any, TypeVar

from apache_beam.options.pipeline_options import PipelineOptions

# What flags alone say.
_warned_of: dict[tuple[Any, ...], dict[str, Any]] = {}
_AT_A_START = {"display_warnings", "retain_unknown_options"}
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
        if arguments or named.keys() != _AT_A_START or not named["display_warnings"]:
            return super().get_all_options(*arguments, **named)
        key = tuple(self._flags or ()), named["retain_unknown_options"]
        if key not in _warned_of:
            _warned_of[key] = PipelineOptions(list(key[0])).get_all_options(**named)
        found = copy.deepcopy(_warned_of[key])
        return found | {name: value for name, value in self._all_options.items() if name in found}


@cache
def _parsed(cls: type[PipelineOptions], flags: tuple[str, ...]) -> Any:
    return cls(list(flags))._visible_options
