"""How kernels are compiled, and kept on disk (:mod:`text.jit.cache`). All of them are declared by one of
three decorators.

Two things that numba doesn't offer are taken from its inside, in the releases that they were tried with; with any
other release they are left out, which is logged. Results are the same.

Functions within hot loops are compiled without numba's runtime. It counts references to the arrays that a function is
given and to each row that it takes of one: atomic instructions, which took a quarter of the scanner's time.

A kernel is written to disk by one process at a time. numba reads a function's index, adds to it and writes it back; two
processes that compile it for other types at once would leave an index that names the other's machine code.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numba
from numba import njit
from numba.core.caching import FunctionCache

from text.jit import cache

_TRIED = ("0.68.",)
# Names that numba's types don't know: options of njit, and what numba.config makes of the environment.
_njit: Any = njit
_SETTINGS: Any = numba.config  # pyright: ignore[reportPrivateImportUsage]
_Function = TypeVar("_Function", bound=Callable[..., Any])


def _is_tried() -> bool:
    if numba.__version__.startswith(_TRIED):
        return True
    logging.getLogger(__name__).warning(
        "numba %s was not tried with gristmill's kernels (numba %s* was): they run without two private options of "
        "numba's. Results are the same; extraction may take some 10 %% longer.",
        numba.__version__, "*, ".join(_TRIED),
    )  # fmt: skip
    return False


_IS_TRIED = _is_tried()
_WITHOUT_RUNTIME = {"_nrt": False} if _IS_TRIED else {}


def kernel(function: _Function) -> _Function:
    """For functions that Python calls, and for all that make arrays."""
    return _compiled(function)


def kernel_under_lock(function: _Function) -> _Function:
    """For functions that Python calls, and that write to arrays which threads share: they keep Python's lock."""
    return _compiled(function, nogil=False)


def inner(function: _Function) -> _Function:
    """For functions that are called, or take rows of arrays, within hot loops. They can't make arrays: the one that calls
    them does."""
    return _compiled(function, **_WITHOUT_RUNTIME)


def _compiled(function: Callable[..., Any], **options: Any) -> Any:
    options = {"nogil": True, **options}
    package = _package(function)
    place = None if package is None else cache.folder(package)
    if place is None:
        return _njit(**options)(function)
    with _cache_folder(place):
        if not _IS_TRIED:
            return _njit(cache=True, **options)(function)
        dispatcher = _njit(**options)(function)
        if hasattr(dispatcher, "_cache"):  # not where NUMBA_DISABLE_JIT left the function as it was
            dispatcher._cache = _LockedCache(function)
        return dispatcher


def _package(function: Callable) -> str | None:
    """The package whose sources the function's are part of; ``None`` for one that is not kept on disk."""
    path = Path(function.__code__.co_filename).resolve()
    return next((each for each in cache.SOURCES if path.is_relative_to(cache.source_root() / each)), None)


class _LockedCache(FunctionCache):
    def save_overload(self, sig: Any, data: Any) -> None:
        with cache.exclusive(Path(self.cache_path)):
            super().save_overload(sig, data)


_SETTING = threading.Lock()


@contextlib.contextmanager
def _cache_folder(place: Path) -> Iterator[None]:
    """numba's settings, which are the whole process's, while a function is declared: it asks for its folder then."""
    with _SETTING:
        names = ("CACHE_DIR", "CACHE_LOCATOR_CLASSES")
        before = {name: getattr(_SETTINGS, name) for name in names if hasattr(_SETTINGS, name)}
        _SETTINGS.CACHE_DIR = str(place)
        if "CACHE_LOCATOR_CLASSES" in before:
            _SETTINGS.CACHE_LOCATOR_CLASSES = ""
        try:
            yield
        finally:
            for name, value in before.items():
                setattr(_SETTINGS, name, value)
