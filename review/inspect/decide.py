"""Writing what people decide while they look: one line a decision, with what they were shown."""

from __future__ import annotations

import getpass
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from blocklists.decisions import CONFIRM, DROP, KEEP, SCOPES, UNDO, UNSURE, Decision, Decisions, append, read
from blocklists.domain import normalise_host, registrable_domain
from dedup.url import RULES, canonical_url
from pipeline.reports.steps import Trail
from review import looked_at
from text.hosts import host_of


class Decider:
    """The file of decisions of one run, and whoever adds to it."""

    def __init__(self, path: Path, run_dir: str, recipe: dict[str, Any], who: str = "") -> None:
        self.path, self.who = path, who or reviewer()
        self._run_dir, self._mark = run_dir, looked_at.mark_of(run_dir)
        self._rules = (recipe.get("urls") or {}).get("rules", tuple(RULES))
        self._lock = threading.Lock()
        self._written: list[Decision] = []
        self._known: tuple[object, Decisions] = (None, Decisions())

    def about(self, row: Mapping[str, Any]) -> Decision | None:
        """The decision that holds for a record, by its ``id`` and ``url``."""
        url = row["url"] or ""
        return self._decisions().of_page(row["id"], url, registrable_domain(host_of(url)))

    def said(self, identity: str) -> Decision | None:
        """The last line that somebody has written while looking at this record of this run, if any."""
        return looked_at.of_pages(self._decisions().lines, self._mark).get(identity)

    def decide(
        self, trail: Trail, verdict: str, scope: str, why: str = "", note: str = "", drawn: str | None = None
    ) -> Decision:
        """Adds a decision about a page, or about its URL, host or domain. The same one again adds nothing. ``drawn``: how the
        page came into a queue. Raises ``ValueError`` for what can't be decided."""
        if verdict not in (DROP, KEEP, CONFIRM, UNSURE):
            raise ValueError(f"the verdict is {verdict!r}; there are {DROP}, {KEEP}, {CONFIRM} and {UNSURE}")
        if verdict in (CONFIRM, UNSURE) and scope != "id":
            raise ValueError(f"{verdict} is said of one page: its scope is id")
        value = _value(trail, scope)
        stage, _, reason = trail.outcome.partition("/")
        seen = {
            "run": self._run_dir, "run_sha256": self._mark, "id": trail.id, "stage": stage, "reason": reason or None,
            "score": trail.row.get("score"), **({"drawn": drawn} if drawn else {}),
        }  # fmt: skip
        made = Decision(_now(), self.who, scope, value, verdict, why.strip(), note.strip(), seen)
        with self._lock:
            last = self._written[-1] if self._written else None
            if last is None or _what(last) != _what(made):
                append(self.path, [made])
                self._written.append(made)
        return made

    def undo(self) -> Decision | None:
        """Takes back the last decision that was made here and still holds; which, or ``None``."""
        with self._lock:
            if not self._written:
                return None
            last = self._written.pop()
            append(self.path, [Decision(_now(), self.who, last.scope, last.value, UNDO)])
            return last

    def _decisions(self) -> Decisions:
        if not self.path.is_file():
            return Decisions()
        stat = self.path.stat()
        state = (stat.st_mtime_ns, stat.st_size)
        if self._known[0] != state:  # others may add to it meanwhile
            self._known = state, Decisions(read([self.path]), lambda url: canonical_url(url, self._rules))
        return self._known[1]


def reviewer() -> str:
    """Who sits at this machine."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no such user in a container
        return "unknown"


def made_by_hand(verdict: str, value: str, scope: str = "", why: str = "", note: str = "", who: str = "") -> Decision:
    """A decision as ``gristmill decide`` takes it; without a ``scope``, that which the value looks like: an id, a URL (with
    ``*`` at its end a prefix), a domain or a host. Raises ``ValueError`` for what can't be meant."""
    value = value.strip()
    if not scope:
        if len(value) == 32 and not set(value) - set("0123456789abcdef"):
            scope = "id"
        elif "://" in value:
            scope = "prefix" if value.endswith("*") else "url"
        elif "/" in value or "." not in value:
            raise ValueError(f"{value!r} is no URL, id, host or domain; write addresses with https://")
        else:
            scope = "domain" if registrable_domain(value) == normalise_host(value) else "host"
    if scope == "prefix":
        value = value.removesuffix("*")
    return Decision(_now(), who or reviewer(), scope, value, verdict, why.strip(), note.strip())


def _value(trail: Trail, scope: str) -> str:
    if scope not in SCOPES or scope == "prefix":
        raise ValueError(f"the scope is {scope!r}; of a page there are id, url, host and domain")
    if scope == "id":
        return trail.id
    if not trail.url:
        raise ValueError("this record has no URL; decide about its id")
    host = normalise_host(host_of(trail.url))
    return {"url": trail.url, "host": host, "domain": registrable_domain(host)}[scope]


def _what(decision: Decision) -> tuple[str, ...]:
    return decision.scope, decision.value, decision.verdict, decision.why, decision.note


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
