"""The stages of a page's way: their order, which phases do their work, and how their verdicts are to be read.

Everything that must know a stage by name reads this table: the driver (which phases a run consists of), the table of
clusters (which reasons are duplicates, of which level), ``gristmill why``, the printed ledger and the choices of the
command line. It imports nothing, so that the command line can.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Stage:
    """One step of a page's way.

    ``phases`` are the modules of ``pipeline/phases`` that do its work, in the order in which they run. ``detail`` says
    what the ``detail`` of its verdicts names, as ``gristmill why`` prints it before. ``levels`` is there for stages
    that reject duplicates: for each of their reasons the level under which ``duplicates/`` lists the clusters; the
    verdict's ``detail`` is then the id of the document that stays. ``beside``: nothing but the run's outputs needs what its
    phases write, so that they may work beside those that follow.
    """

    name: str
    phases: tuple[str, ...]
    detail: str = ""
    levels: Mapping[str, str] = field(default_factory=dict)
    beside: bool = False


BOOKKEEPING = "record_type_"
"""So begin the reasons for which records of archives go that never held a page: requests, metadata and the like."""

READ = Stage("read", ("extract",))
BLOCK = Stage("block", ("extract",))
EXTRACT = Stage("extract", ("extract",))
IDENTIFY = Stage("identify", ("extract",), "judged by")
DECISIONS = Stage("decisions", ("decisions",), "the decision is about")
LINES = Stage("lines", ("lines", "clean"))
HEURISTICS = Stage("heuristics", ("judge",), "filter")
QUALITY = Stage("quality", ("judge",), "filter")

STAGES: tuple[Stage, ...] = (
    READ,
    BLOCK,
    EXTRACT,
    IDENTIFY,
    DECISIONS,
    Stage("domains", ("domains",), "its domain is"),
    Stage("urls", ("urls",), "the newer capture is", {"older_capture": "url", "identical_capture": "url"}),
    Stage("documents", ("documents",), "the survivor is", {"exact_duplicate": "exact", "near_duplicate": "near"}),
    Stage("clusters", ("duplicates",), beside=True),  # rejects nothing: lists what the stages above have found
    LINES,
    Stage("inference", ("inference",)),  # rejects nothing: scores by transformers, for quality
    Stage("quantiles", ("quantiles",)),  # rejects nothing: finds limits that quality is given as a share of the run
    HEURISTICS,
    QUALITY,
    Stage("rejected_texts", ("rejected_texts",), beside=True),  # rejects nothing: keeps texts of what went, as samples
    Stage("shards", ("shards",)),
)

PHASES: tuple[str, ...] = tuple(dict.fromkeys(phase for stage in STAGES for phase in stage.phases))
"""Every phase once, in the order in which they run."""

BESIDE: frozenset[str] = frozenset(phase for stage in STAGES if stage.beside for phase in stage.phases)
"""The phases that may work beside those that follow."""

LEVELS: tuple[str, ...] = tuple(dict.fromkeys(level for stage in STAGES for level in stage.levels.values()))
"""The levels of clusters, in the order in which they are found."""

FREQUENT_LINES = f"{LINES.name}/frequent_lines"
"""The rule of the ledger under which words are counted that went line by line, from pages that stayed."""

_BY_NAME = {stage.name: stage for stage in STAGES}


def stage(name: str) -> Stage:
    """The stage of that name. Raises ``KeyError`` where there is none."""
    return _BY_NAME[name]


def in_order(names: Iterable[str]) -> list[str]:
    """Names of stages in the order of a page's way."""
    order = list(_BY_NAME)
    return sorted(names, key=order.index)
