"""What the inspector answers, without a word of HTTP: lists, records, crawled pages, decisions."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

from blocklists.decisions import Decision
from blocklists.domain import registrable_domain
from filters.redaction import Redactor
from pipeline import stages, storage
from pipeline.outputs import files_of, read_ledger
from pipeline.phases.duplicates import FOLDER as CLUSTERS
from pipeline.reports import records
from pipeline.reports.records import Found
from pipeline.reports.trail import Tracer
from review.inspect import views
from review.inspect.decide import Decider
from review.inspect.listing import BY_QUEUE, Listing, query_of
from review.inspect.queue import draw
from review.inspect.raw import NotAtHand, Raw, RawRecords
from review.inspect.text_view import view_text
from text.document import Document
from text.hosts import host_of

_HTML = "text/html; charset=utf-8"
# What makes Chromium connect to another host before it asks a policy (preconnect, a frame that it then doesn't load, a link that is
# clicked), or might. <wbr> takes the elements' place: it has no end and means nothing; what they load otherwise the policy forbids.
_CONNECTING = re.compile("<(?:link|iframe|frame(?!set)|fencedframe|portal|object|embed)", re.IGNORECASE)
_LEADING = re.compile(r"\bhref(?=\s*=)", re.IGNORECASE)
# Finding personal data in more takes seconds.
_LONGEST_MASKED = 1_000_000


class Answer(NamedTuple):
    status: HTTPStatus
    content_type: str
    body: bytes


class Inspector:
    """One finished run as a person looks through it. Raises ``FileNotFoundError`` where the folder holds none.

    ``inputs``: where its input files are now; ``decisions``: the file that decisions are added to; personal data is masked
    unless ``reveal`` is set; ``who`` decides (the user of this machine); ``queue`` pages are drawn by ``seed`` for people to look at
    (:mod:`review.inspect.queue`).
    """

    def __init__(
        self,
        run_dir: str,
        inputs: str | None = None,
        decisions: str | None = None,
        reveal: bool = False,
        who: str = "",
        queue: int = 0,
        seed: int = 0,
    ) -> None:
        self._run_dir = storage.absolute(run_dir)
        books = read_ledger(self._run_dir)
        if decisions is None and storage.is_remote(self._run_dir):
            raise ValueError("name a file of this machine with --decisions: lines can't be added to one in a store")
        path = Path(decisions) if decisions is not None else Path(self._run_dir, "decisions.jsonl")
        self._tracer = Tracer(self._run_dir)
        self._listing = Listing(self._tracer)
        self._raw = RawRecords(self._run_dir, inputs)
        self.decider = Decider(path, self._run_dir, self._tracer.recipe, who)
        self.token = secrets.token_urlsafe(32)
        self._said = ""
        self._reasons = {stage: list(books["rejected"][stage]) for stage in stages.in_order(books["rejected"])}
        self._seed = seed
        drawn = draw(self._listing, books["rejected"], books["records"]["kept"], queue, seed) if queue else []
        self._listing.queue = [one.found for one in drawn]
        self._drawn = {one.found.row["id"]: one.how for one in drawn}
        self._reveal = reveal
        self._redactor: Redactor | None = None
        self._masking = threading.Lock()

    @property
    def home(self) -> str:
        """Where a reviewer begins: at the queue, where there is one, else at the list of all records."""
        return f"/?order={BY_QUEUE}" if self._drawn else "/"

    def listed(self, asked: Mapping[str, str]) -> Answer:
        """The list that a URL's parameters ask for. Raises ``ValueError`` for what can't be asked."""
        query = query_of(asked)
        after = asked.get("after", "")
        found = self._listing.after(query, secrets.token_hex(16) if after == "random" else after)
        note = ""
        if query.order == BY_QUEUE:
            done = sum(self.decider.said(identity) is not None for identity in self._drawn)
            note = (
                f"Queue of {len(self._drawn):,}, seed {self._seed}: as many of each rule as there are, half of them by lot and half "
                f"nearest to its limit. {done:,} have been looked at."
            )

        def said(each: Found) -> Decision | None:
            return self.decider.about(each.row) or self.decider.said(each.row["id"])

        return _page(views.listed(self._run_dir, self._reasons, query, found, said, self.shown, note))

    def record(self, identity: str, asked: Mapping[str, str]) -> Answer:
        """One record with its text, its way and its neighbours in the list that it was reached from."""
        found = records.with_id(self._run_dir, identity)
        if found is None:
            return _missing(f"the run has no record with the id {identity}")
        query = query_of(asked)
        trail = self._tracer.trail(found)
        raw, why = self._crawled(found)
        following = self._listing.after(query, identity, 1)
        previous = self._listing.before(query, identity)
        said, self._said = self._said, ""
        return _page(views.record(
            trail, query, self.token, self.decider.about(trail.row) or self.decider.said(identity), view_text(self._tracer, trail, raw, self.shown), why,
            (previous.row["id"] if previous else None, following[0].row["id"] if following else None),
            cluster_of(self._run_dir, identity), registrable_domain(host_of(trail.url)), self.shown, said,
        ))  # fmt: skip

    def crawled(self, kind: str, identity: str) -> Answer:
        """A crawled page as it is (``raw``), its source, or its text alone."""
        found = records.with_id(self._run_dir, identity)
        if found is None:
            return _missing(f"the run has no record with the id {identity}")
        raw, why = self._crawled(found)
        if raw is None:
            return Answer(HTTPStatus.NOT_FOUND, "text/plain; charset=utf-8", why.encode("utf-8", "replace"))
        if not self._reveal and len(raw.source) > _LONGEST_MASKED:
            why = f"this page has {len(raw.source):,} characters; personal data in so many isn't masked: --reveal shows it"
            return Answer(HTTPStatus.OK, "text/plain; charset=utf-8", why.encode())
        if kind == "raw" and raw.html:
            return Answer(HTTPStatus.OK, _HTML, _bytes(_disarmed(self.shown(raw.source))))
        text = raw.text if kind == "text" else raw.source
        return Answer(HTTPStatus.OK, "text/plain; charset=utf-8", _bytes(self.shown(text)))

    def decide(self, form: Mapping[str, str]) -> None:
        """Writes the decision of a form. Raises ``ValueError`` for what can't be one."""
        found = records.with_id(self._run_dir, form.get("id", ""))
        if found is None:
            raise ValueError("the form names no record of this run")
        verdict, _, scope = form.get("decision", "").partition(" ")
        made = self.decider.decide(
            self._tracer.trail(found), verdict, scope, form.get("why", ""), form.get("note", ""),
            self._drawn.get(found.row["id"]),
        )  # fmt: skip
        self._said = f"Written: {made.verdict} {made.scope} {made.value}"

    def undo(self) -> str:
        """Takes back the last decision of this sitting. Returns the id of the record that it was made at; empty for none."""
        undone = self.decider.undo()
        self._said = (
            f"Undone: {undone.verdict} {undone.scope} {undone.value}" if undone else "There is nothing to undo."
        )
        return undone.seen["id"] if undone else ""

    def prepare(self) -> None:
        """Gets ready to read crawled records, while a person opens the address: else the first page would wait for it."""
        self._raw.prepare()

    def close(self) -> None:
        self._raw.close()

    def shown(self, text: str) -> str:
        """``text`` with its personal data masked, unless all is to be revealed."""
        if self._reveal or not text:
            return text
        with self._masking:
            if self._redactor is None:
                self._redactor = Redactor()
            return self._redactor(Document(text)).document.text

    def _crawled(self, found: Found) -> tuple[Raw | None, str]:
        try:
            return self._raw.read(found, self._tracer.parts), ""
        except (NotAtHand, OSError) as error:
            return None, str(error)


def cluster_of(run_dir: str, identity: str) -> list[dict[str, Any]]:
    """The clusters of duplicates that a document is in, survivors first."""
    columns = ["id", "level", "cluster"]
    wanted: set[tuple[str, str]] = set()
    _each_group(
        run_dir, columns, lambda row: wanted.add((row["level"], row["cluster"])) if row["id"] == identity else None
    )
    found: list[dict[str, Any]] = []
    if wanted:
        columns += ["url", "survivor", "similarity", "reason"]
        _each_group(
            run_dir, columns, lambda row: found.append(row) if (row["level"], row["cluster"]) in wanted else None
        )
    return [row for row in found if row["id"] != identity]


def _each_group(run_dir: str, columns: list[str], look: Callable[[dict[str, Any]], None]) -> None:
    for path in files_of(run_dir, CLUSTERS):
        with storage.open_parquet(path) as file:
            for group in range(file.num_row_groups):
                for row in file.read_row_group(group, columns).to_pylist():
                    look(row)


def _disarmed(html: str) -> str:
    """A page for a frame without rights, in which nothing is left that a browser connects to another host for."""
    return _LEADING.sub("data-href", _CONNECTING.sub("<wbr", html))


def _page(markup: str) -> Answer:
    return Answer(HTTPStatus.OK, _HTML, _bytes(markup))


def _missing(sentence: str) -> Answer:
    return Answer(HTTPStatus.NOT_FOUND, _HTML, _bytes(views.refusal(sentence)))


def _bytes(text: str) -> bytes:
    # Broken pages hold lone surrogates, which UTF-8 has no bytes for.
    return text.encode("utf-8", "backslashreplace")
