"""How long this process has spent in each stage: for bench/, which runs the mill in one process and one thread.

Wall-clock seconds, since a stage may wait for the parser's process. What no stage claims is Beam's and ours: moving
elements, writing and committing files, starting up.
"""

from __future__ import annotations

import functools
import inspect
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SECONDS: Counter[str] = Counter()
"""Seconds by stage, since the process began."""


@contextmanager
def measure(stage: str) -> Iterator[None]:
    """Adds the time that the block takes to ``stage``. Blocks must not contain each other."""
    started = time.perf_counter()
    try:
        yield
    finally:
        SECONDS[stage] += time.perf_counter() - started


def measured(stage: str) -> Callable[[Callable], Callable]:
    """A decorator that measures every call of a function; of a generator, what happens within it alone."""

    def decorate(function: Callable) -> Callable:
        if inspect.isgeneratorfunction(function):

            @functools.wraps(function)
            def wrapper(*arguments, **settings):
                yield from _measured_steps(stage, function(*arguments, **settings))

        else:

            @functools.wraps(function)
            def wrapper(*arguments, **settings):
                with measure(stage):
                    return function(*arguments, **settings)

        return wrapper

    return decorate


def _measured_steps(stage: str, steps: Iterator) -> Iterator:
    while True:
        started = time.perf_counter()
        try:
            step = next(steps)
        except StopIteration:
            return
        finally:
            SECONDS[stage] += time.perf_counter() - started
        yield step
