"""What people have decided about pages and sites: a file to which lines are only added, and which every run reads.

``decisions.jsonl`` holds one object a line: ``when`` (a date or time, ISO 8601), ``who``, ``scope`` (``id``, ``url``, ``prefix``,
``host`` or ``domain``), ``value``, ``verdict``, ``why`` (``erasure``, ``opt-out``, ``licence``, ``false positive``, or other words),
``note``, and ``seen``: what the reviewer was shown (run, recipe and its hash, stage, reason, score). The narrower scope wins,
and of equal ones the later line. A line is never changed, so the file is the record of who decided what, when, on which
grounds; lists of sites may be fetched anew without touching it.

The verdict is ``drop`` or ``keep``. Three more decide nothing: ``confirm`` says that somebody has looked at a page and the run was
right about it, ``unsure`` that somebody has looked and can't say, and ``undo`` takes back the line before it about the same scope
and value. From the lines that hold and what was ``seen``, :mod:`review.looked_at` counts how often rules were wrong.

People may write their decisions as a table (CSV) with the columns ``domain`` (or ``host``, ``url``, ``prefix``, ``id``),
``decision`` (``allow``, ``deny`` or ``unsure``), ``reviewer``, ``date`` and ``note``.
"""

from __future__ import annotations

import csv
import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from operator import itemgetter
from pathlib import Path
from typing import Any

from blocklists.domain import normalise_host, registrable_domain
from text.hosts import host_of

SCOPES = ("id", "url", "prefix", "host", "domain")  # the narrowest first
DROP, KEEP, CONFIRM, UNSURE, UNDO = "drop", "keep", "confirm", "unsure", "undo"
VERDICTS = (DROP, KEEP, CONFIRM, UNSURE, UNDO)
REASONS = ("erasure", "opt-out", "licence", "false positive")
"""What ``why`` says where one of these fits: counts by reason stay few, and comparable between runs."""
ON_DEMAND = ("erasure", "opt-out", "licence")
"""Those with which somebody outside asks for a page to go, whatever it is like: no rule could have known."""
_IN_TABLES = {"allow": KEEP, "deny": DROP, "unsure": UNSURE}
_COLUMNS = ("decision", "reviewer", "date", "note")


@dataclass(frozen=True)
class Decision:
    """One line of the file; see the module."""

    when: str
    who: str
    scope: str
    value: str
    verdict: str
    why: str = ""
    note: str = ""
    seen: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """``ValueError`` for a scope, verdict, date or site that can't be meant, or for a decision that nobody took."""
        if self.scope not in SCOPES:
            raise ValueError(f"the scope is {self.scope!r}; there are {', '.join(SCOPES)}")
        if self.verdict not in VERDICTS:
            raise ValueError(f"the verdict is {self.verdict!r}; there are {', '.join(VERDICTS)}")
        if not self.who.strip():
            raise ValueError("nobody is named who decided")
        try:
            datetime.fromisoformat(self.when)
        except ValueError:
            raise ValueError(f"the date is {self.when!r}; write it as 2026-11-28") from None
        if not self.value.strip():
            raise ValueError(f"no {self.scope} is named")
        if self.scope in ("url", "prefix") and "://" not in self.value:
            raise ValueError(f"the {self.scope} is {self.value!r}; write it with https://")
        if self.scope == "domain" and registrable_domain(self.value) != normalise_host(self.value):
            raise ValueError(
                f"{self.value} is no registrable domain ({registrable_domain(self.value)} is); its scope is host"
            )


class Decisions:
    """All decisions of some files, by scope and value.

    ``url_key`` says which URLs are one page (a run gives its own rules), so that a decision holds for every variant.
    """

    def __init__(self, decisions: Iterable[Decision] = (), url_key: Callable[[str], str] = str) -> None:
        self._url_key = url_key
        lines: dict[tuple[str, str], list[tuple[int, Decision]]] = defaultdict(list)
        for number, decision in enumerate(decisions):
            about = lines[decision.scope, self._key(decision.scope, decision.value)]
            if decision.verdict != UNDO:
                about.append((number, decision))
            elif about:
                about.pop()
        left = sorted((line for about in lines.values() for line in about), key=itemgetter(0))
        self.lines = [decision for _, decision in left]
        """All lines that no ``undo`` has taken back, in their order."""
        self._by_scope: dict[str, dict[str, Decision]] = {scope: {} for scope in SCOPES}
        for decision in self.lines:
            if decision.verdict != CONFIRM:
                self._by_scope[decision.scope][self._key(decision.scope, decision.value)] = decision
        self._prefix_lengths = sorted({len(prefix) for prefix in self._by_scope["prefix"]}, reverse=True)

    def __len__(self) -> int:
        return sum(map(len, self._by_scope.values()))

    def of_domain(self, domain: str) -> Decision | None:
        """The decision about a registrable domain as a whole."""
        return self._by_scope["domain"].get(domain)

    def of_page(self, identity: str, url: str, domain: str) -> Decision | None:
        """The decision that holds for a page, to drop or to keep it: by its id, URL, the longest prefix of the URL, host,
        domain."""
        for decision in self._about(identity, url, domain) if len(self) else ():
            if decision is not None and decision.verdict != UNSURE:
                return decision
        return None

    def _about(self, identity: str, url: str, domain: str) -> Iterator[Decision | None]:
        by_scope = self._by_scope
        yield by_scope["id"].get(identity)
        if by_scope["url"]:
            yield by_scope["url"].get(self._key("url", url))
        if self._prefix_lengths:
            address = self._key("prefix", url)
            # As many look-ups as there are lengths, however many prefixes there are.
            yield from (by_scope["prefix"].get(address[:length]) for length in self._prefix_lengths)
        if by_scope["host"]:
            yield by_scope["host"].get(normalise_host(host_of(url)))
        yield self.of_domain(domain)

    def _key(self, scope: str, value: str) -> str:
        value = value.strip()
        if scope in ("host", "domain"):
            return normalise_host(value)
        if scope == "prefix":
            # http and https are one, and the letters of a host have no case.
            host, slash, path = value.partition("://")[2].partition("/")
            return f"{host.lower()}{slash}{path}"
        return self._url_key(value) if scope == "url" else value


def read(paths: Iterable[str | Path]) -> list[Decision]:
    """The decisions of files, in their order. ``FileNotFoundError`` for a missing one, ``ValueError`` naming the line."""
    found = []
    for path in map(Path, paths):
        if not path.is_file():
            raise FileNotFoundError(f"There is no file of decisions at {path}; a recipe names it under decisions.")
        for number, line in enumerate(path.read_text("utf-8").split("\n"), 1):
            if not line.strip():
                continue
            try:
                found.append(Decision(**json.loads(line)))
            except (ValueError, TypeError) as error:
                raise ValueError(f"{path}, line {number} is no decision: {error}") from None
    return found


def append(path: Path, decisions: Iterable[Decision]) -> int:
    """Adds decisions to the end of a file, all in one write that has reached the disk; how many."""
    lines = [json.dumps(asdict(decision), ensure_ascii=False) + "\n" for decision in decisions]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write("".join(lines).encode("utf-8"))
        file.flush()
        os.fsync(file.fileno())
    return len(lines)


def read_table(path: Path, seen: Callable[[str, str], Mapping[str, Any]] = lambda scope, value: {}) -> list[Decision]:
    """The decisions of a CSV table. ``seen(scope, value)`` says what the reviewer was shown. Raises ``ValueError`` naming the
    line for what can't be one, ``FileNotFoundError`` without the file: all or nothing."""
    if not path.is_file():
        raise FileNotFoundError(f"There is no table of decisions at {path}.")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        columns = [name.strip().lower() for name in rows.fieldnames or ()]
        scopes = [scope for scope in SCOPES if scope in columns]
        if not scopes or "decision" not in columns or "reviewer" not in columns or "date" not in columns:
            raise ValueError(
                f"{path} has the columns {', '.join(columns) or 'none'}; it must have domain (or host, url, prefix, id), "
                f"{', '.join(_COLUMNS)}"
            )
        found = []
        for row in rows:
            cells = {name: (cell or "").strip() for name, cell in zip(columns, row.values(), strict=False)}
            named = [(scope, cells[scope]) for scope in scopes if cells[scope]]
            place = f"{path}, line {rows.line_num}"
            if not any(cells.values()):
                continue
            if len(named) != 1:
                raise ValueError(f"{place}: one of {', '.join(scopes)} must be given, and {len(named)} are")
            if cells["decision"].lower() not in _IN_TABLES:
                raise ValueError(f"{place}: the decision is {cells['decision']!r}; there are {', '.join(_IN_TABLES)}")
            (scope, value) = named[0]
            try:
                found.append(
                    Decision(
                        cells["date"], cells["reviewer"], scope, value, _IN_TABLES[cells["decision"].lower()],
                        "review", cells.get("note", ""), dict(seen(scope, value)),
                    )
                )  # fmt: skip
            except ValueError as error:
                raise ValueError(f"{place}: {error}") from None
    return found
