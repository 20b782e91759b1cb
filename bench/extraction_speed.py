"""CPU time of extractors on the same pages, in turn on each page, in one process; and where a parser's time goes."""

from __future__ import annotations

import contextlib
import gc
import statistics
import time
from collections.abc import Callable
from typing import Self

import numpy as np

import parsers
from bench.extraction_tools import Contestant, Page
from parsers.encoding.detection import decode, sound_utf8
from parsers.markup.lexbor import normal_form
from parsers.scanner.scan import scan_page

# What a page goes through, each stage fed with the result of the one before, as our parser does it.
STAGES: list[tuple[str, Callable]] = [
    ("decode", lambda html: sound_utf8(html) or decode(html)[0]),
    ("normal form", normal_form),
    ("scan", scan_page),
]
_RESAMPLES = 1000


def interleaved(contestants: list[Contestant], pages: list[Page]) -> dict[str, np.ndarray]:
    """CPU seconds of each contestant on each page, in an order that rotates. Exceptions count as answers."""
    for contestant in contestants:
        _clock(contestant.extract, pages[0])  # imports, compilation, caches
    seconds = {contestant.name: np.zeros(len(pages)) for contestant in contestants}
    with _Quiet() as quiet:
        for number, page in enumerate(pages):
            turn = number % len(contestants)
            for contestant in contestants[turn:] + contestants[:turn]:
                quiet.tidy()
                seconds[contestant.name][number] = _clock(contestant.extract, page)
    return seconds


def ratio(theirs: np.ndarray, ours: np.ndarray, seed: int = 3) -> dict[str, float]:
    """How many times as fast ours is: by total time, with the middle 95% of 1,000 resamples, and the median page's."""
    picks = np.random.Generator(np.random.PCG64(seed)).integers(len(ours), size=(_RESAMPLES, len(ours)))
    low, high = np.percentile(theirs[picks].sum(axis=1) / ours[picks].sum(axis=1), [2.5, 97.5])
    return {
        "total": float(theirs.sum() / ours.sum()), "low": float(low), "high": float(high),
        "median": statistics.median(theirs / ours),
    }  # fmt: skip


def profile(parser: str, pages: list[Page]) -> dict[str, float]:
    """Mean CPU milliseconds a page of each of :data:`STAGES` and of ``rest``: what the parser adds to them."""
    extract = parsers.load(parser)
    extract(pages[0].html, pages[0].url, "")
    totals = dict.fromkeys([name for name, _ in STAGES] + ["rest"], 0.0)
    with _Quiet() as quiet:
        for page in pages:
            value = page.html
            for name, stage in STAGES:
                quiet.tidy()
                started = time.process_time()
                value = stage(value)
                spent = time.process_time() - started
                totals[name] += spent
                totals["rest"] -= spent
            del value
            quiet.tidy()
            totals["rest"] += _clock(lambda page: extract(page.html, page.url, ""), page)
    return {name: 1000 * total / len(pages) for name, total in totals.items()}


class _Quiet:
    """No contestant cleans up another's garbage on its own clock: collection happens between calls.

    What exists at the start is frozen, so that a collection looks at new objects alone and stays cheap. Automatic
    collection stays on: the garbage that a call makes while it runs is its own.
    """

    def __enter__(self) -> Self:
        gc.collect()
        gc.freeze()
        return self

    def tidy(self) -> None:
        gc.collect()

    def __exit__(self, *exception) -> None:
        gc.unfreeze()


def _clock(extract: Callable[[Page], object], page: Page) -> float:
    started = time.process_time()
    with contextlib.suppress(Exception):  # counted where accuracy is; here it is time spent
        extract(page)
    return time.process_time() - started
