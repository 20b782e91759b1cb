"""Requests to stores and web servers, asked again where that may help: with growing pauses, counted, and not for ever."""

from __future__ import annotations

import logging
import random
import time
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple, TypeVar

# Common Crawl and S3 answer 503 where one asks too fast, and mean minutes.
ATTEMPTS = 9
# A store that has never answered this process is rather misspelt than busy.
FIRST_CONTACT_ATTEMPTS = 3
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 60.0
TRY_AGAIN = frozenset((408, 425, 429, 500, 502, 503, 504))
"""The statuses of HTTP that say that the same request may succeed later."""

BUSY, UNREACHABLE, BROKEN_OFF = "busy", "unreachable", "broken off"
RETRIES: Counter[str] = Counter()
"""How often this process has asked again, by what had gone wrong: the store was ``busy``, ``unreachable``, or its answer
``broken off``. Receipts take their counts along (:func:`take_counts`), so that here is what none has taken yet."""
COUNT = "retries"
"""The count of a receipt that says how often its worker had to ask again since its last one."""

Answer = TypeVar("Answer")
_log = logging.getLogger(__name__)
_answered: set[str] = set()


class Trouble(NamedTuple):
    """Why a request may be worth repeating, and after how many seconds the server wants to be asked again."""

    kind: str
    retry_after: float = 0.0


class BrokenOff(OSError):
    """An answer that is shorter than it should be."""


def patiently(
    store: str, what: str, ask: Callable[[], Answer], trouble: Callable[[Exception], Trouble | None]
) -> Answer:
    """What ``ask`` returns. It is called again while ``trouble`` finds in its exception that this may help, up to
    :data:`ATTEMPTS` times in all; the last exception is raised as it is. ``what`` stands for the request in the log.

    Of a ``store`` that has never answered, being unreachable is believed after :data:`FIRST_CONTACT_ATTEMPTS`.
    """
    attempt = 0
    while True:
        try:
            answer = ask()
        except Exception as error:
            found = trouble(error)
            if found is None:
                raise
            attempt += 1
            if found.kind != UNREACHABLE:
                _answered.add(store)
            if attempt >= (ATTEMPTS if store in _answered else FIRST_CONTACT_ATTEMPTS):
                raise
            RETRIES[found.kind] += 1
            pause = _pause(attempt, found.retry_after)
            _log.warning("%s: %s (%s); asked again in %.1f s, attempt %d of %d", what, found.kind, " ".join(str(error).split())[:200], pause, attempt + 1, ATTEMPTS)  # fmt: skip
            time.sleep(pause)
        else:
            _answered.add(store)
            return answer


def take_counts() -> dict[str, int]:
    """What :data:`RETRIES` holds, which begins anew: whoever takes counts hands them in, so that none counts twice."""
    taken = dict(sorted(RETRIES.items()))
    RETRIES.clear()
    return taken


def _pause(attempt: int, asked_for: float) -> float:
    # Twice as long each time, and not all workers at once, never sooner than the server wants; no result depends on it.
    grown = FIRST_PAUSE * 2 ** (attempt - 1) * random.uniform(0.5, 1.0)
    return min(LONGEST_PAUSE, max(asked_for * random.uniform(1.0, 1.25), grown))


def seconds_of(retry_after: str | None) -> float:
    """Retry-After (RFC 9110, 10.2.3) as seconds; 0 where it is missing or a date."""
    value = (retry_after or "").strip()
    return float(value) if value.isascii() and value.isdigit() else 0.0
