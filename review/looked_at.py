"""How often the rules of a run were wrong, as people found by looking at pages.

A file of decisions holds a line for each page that somebody has looked at, with what the run had done to it (``seen``). On a
rejected page ``keep`` says that the rule was wrong, ``drop`` and ``confirm`` that it was right; on a kept one ``drop`` says that
the run was wrong to keep it, unless it is dropped for reasons that no rule can know (erasure, opt-out, licence). Of several
lines about one page the last counts.

Only pages that were drawn by lot say something of all pages of a rule, and only of those a share is told with an interval: a
person looks at pages near a limit, and at odd ones, more often than there are such pages.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from blocklists.decisions import CONFIRM, DROP, ON_DEMAND, UNSURE, Decision
from filters.confidence import wilson_interval
from pipeline import storage
from review.published import KEPT

LOT, NEAR = "by lot", "nearest to a limit"
"""How a page came before the reviewer: ``seen.drawn``. Pages that were found otherwise have none."""
_Z = 1.959964  # of the normal distribution: 19 of 20 intervals hold the true share


@dataclass
class Tally:
    """Pages of one rule that people have looked at."""

    looked_by_lot: int = 0
    wrong_by_lot: int = 0
    looked_otherwise: int = 0
    wrong_otherwise: int = 0
    unsure: int = 0


def mark_of(run_dir: str) -> str:
    """What ``seen.run_sha256`` holds for a finished run, wherever its folder lies."""
    return storage.sha256_of_file(storage.join(run_dir, "run.json"))


def of_pages(lines: Iterable[Decision], mark: str) -> dict[str, Decision]:
    """The last line about each page, by its id, of those that were written while people looked at the run ``mark``. ``lines``:
    :attr:`blocklists.decisions.Decisions.lines`."""
    return {line.seen["id"]: line for line in lines if line.seen.get("run_sha256") == mark and "id" in line.seen}


def tallies(pages: Iterable[Decision]) -> dict[str, Tally]:
    """By rule (stage and reason, or ``kept``) what people said of pages that they have looked at."""
    found: dict[str, Tally] = {}
    for line in pages:
        stage, reason = line.seen["stage"], line.seen["reason"]
        is_wrong = line.verdict == DROP if stage == KEPT else line.verdict not in (DROP, CONFIRM)
        if stage == KEPT and is_wrong and line.why in ON_DEMAND:
            continue
        tally = found.setdefault(f"{stage}/{reason}" if reason else stage, Tally())
        if line.verdict == UNSURE:
            tally.unsure += 1
        elif line.seen.get("drawn") == LOT:
            tally.looked_by_lot += 1
            tally.wrong_by_lot += is_wrong
        else:
            tally.looked_otherwise += 1
            tally.wrong_otherwise += is_wrong
    return found


def wilson(count: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share (:func:`filters.confidence.wilson_interval`)."""
    return wilson_interval(count, of, _Z)
