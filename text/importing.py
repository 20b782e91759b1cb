"""Importing large packages at less cost: what they would drag in and nobody asks for, and the pauses of collecting garbage.

Packages look for others that they can work with (Beam for clients of stores and for pandas, presidio for torch), and
import them where they are installed. While :func:`hidden` lasts they aren't found, as where they aren't installed.
Those that a package imports whatever it is used for are stood in for (:func:`stood_in_for`).
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


class _Hidden(MetaPathFinder):
    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:
        if fullname.partition(".")[0] in self._names:
            raise ModuleNotFoundError(f"{fullname} is not looked for", name=fullname)


@contextmanager
def hidden(*names: str) -> Iterator[None]:
    """``import`` of these packages fails as if they weren't installed. What is imported already stays."""
    finder = _Hidden(names)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class _StandIn(ModuleType):
    """A module in which every name is an empty class, to be imported, inherited from and written in annotations."""

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


class _StandIns(MetaPathFinder, Loader):
    """Finds stand-ins for modules and for all below them."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if any(fullname == name or fullname.startswith(f"{name}.") for name in self._names):
            return ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        pass


@contextmanager
def stood_in_for(*names: str) -> Iterator[None]:
    """``import`` of these modules, and of all that are below them, gives stand-ins. What is imported already stays."""
    finder = _StandIns(tuple(name for name in names if name.partition(".")[0] not in sys.modules))
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name, module in sys.modules.items() if isinstance(module, _StandIn)]:
            del sys.modules[name]


@contextmanager
def uncollected() -> Iterator[None]:
    """Garbage isn't looked for: while modules are made, the collector goes over all of them again and again, which is a
    seventh of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
