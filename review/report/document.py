"""The report of a run: one file that opens anywhere, asks nobody for anything and takes no text for markup."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from filters.redaction import Redactor
from pipeline import early_start, storage, timings
from pipeline.outputs import read_ledger
from pipeline.reports.failures import by_error
from pipeline.reports.trail import Tracer
from pipeline.stages import HEURISTICS, QUALITY
from review.html import Element, page
from review.published import about, inputs
from review.report import sections
from review.report.accuracy import decisions_for, wrong_by_rule
from review.report.clusters import duplicates
from review.report.domains import by_domain
from review.report.head import first_figures
from review.report.measures import histograms
from review.report.sample import RECORDS, draw, examples
from review.report.samples import some_of_each
from review.report.sliders import limit_sliders
from review.report.staged_rules import rules_in
from text.document import Document

NAME = "report.html"
Section = tuple[str, Any]
"""A title, and what stands below it."""
_ORDER = (
    "funnel", "rejects", "wrong", "languages", "domains", "samples", "limits", "measures", "duplicates", "mix", "books",
    "time", "recipe",
)  # fmt: skip


def write_report(
    run_dir: str, output: str | None = None, samples: int = 5, reveal: bool = False, decisions: str | None = None
) -> str:
    """Writes the report of a finished run to ``output`` (``report.html`` in its folder) and returns where it is."""
    run_dir = storage.absolute(run_dir)
    path = output or storage.join(run_dir, NAME)
    storage.write_bytes(path, report(run_dir, samples, reveal, decisions).encode("utf-8", "backslashreplace"))
    return path


def report(run_dir: str, samples: int = 5, reveal: bool = False, decisions: str | None = None) -> str:
    """The report as HTML.

    ``samples`` records of each outcome are shown; with 0 no text of a page is in the report. E-mail addresses,
    telephone numbers and other personal data in them are masked unless ``reveal`` is set. ``decisions``: the file of what
    people decided (``decisions.jsonl`` of the run, if there is one). Raises ``FileNotFoundError``
    where the folder holds no finished run.
    """
    settings = run_dir, samples, reveal, decisions
    told = _Told(*settings)
    # As a run ends, half of it is the work of another process, where there is one that has Presidio.
    elsewhere = early_start.beside(f"{__name__}:sections_with_texts", *settings)
    found = told.sections_of_figures()
    found |= told.sections_with_texts() if elsewhere is None else elsewhere.result()
    there = [(f"part-{place}", *found[name]) for place, name in enumerate(_ORDER) if found[name][1]]
    links = [Element("a", title.partition(",")[0], href=f"#{name}") for name, title, _ in there]
    return page(
        f"gristmill: {run_dir}",
        Element("div", "What a run of gristmill did", class_="note"),
        Element("h1", run_dir),
        first_figures(told.said, inputs(run_dir), told.ledger, told.shares, told.spent),
        Element("nav", links, aria_label="Sections"),
        [[Element("h2", title, id=name), content] for name, title, content in there],
    )


def sections_with_texts(run_dir: str, samples: int, reveal: bool, decisions: str | None) -> dict[str, Section]:
    """The sections that show texts or count by all scores, by their names; arguments as those of :func:`report`."""
    return _Told(run_dir, samples, reveal, decisions).sections_with_texts()


class _Told:
    """What sections are made from."""

    def __init__(self, run_dir: str, samples: int, reveal: bool, decisions: str | None) -> None:
        self._dir = run_dir
        self._samples = samples
        self._reveal = reveal
        self._decisions = decisions
        self.ledger = read_ledger(run_dir)
        self.said = about(run_dir)
        self.shares, self.spent = _json(run_dir, "mix.json"), _json(run_dir, timings.NAME)
        records = self.ledger["records"]["read"]
        self._sample = draw(run_dir, records)
        self._of_sample = f", of a sample of {len(self._sample):,} of {records:,} records" if records > RECORDS else ""

    def sections_of_figures(self) -> dict[str, Section]:
        """By name, those in which no text is shown."""
        ledger, recipe, sample = self.ledger, self.said["recipe"], self._sample
        rules, _ = rules_in(recipe)
        wrong = wrong_by_rule(self._dir, recipe, ledger, decisions_for(self._dir, self._decisions))
        return {
            "funnel": ("Stage by stage", sections.funnel(ledger)),
            "rejects": (
                "What was rejected, and why",
                sections.rejects(ledger, sample, rules, by_error(self._dir)),
            ),
            "wrong": ("How often rules were wrong", wrong),
            "languages": ("Languages", sections.languages(ledger, sample, self._of_sample)),
            "domains": ("Domains", by_domain(self._dir, recipe, sample, self._of_sample)),
            "measures": (f"Measures{self._of_sample}", histograms(sample, rules, recipe)),
            "mix": ("Mix", sections.mix(self.shares)),
            "books": ("The books", sections.books(ledger)),
            "time": ("Time", sections.times(self.spent)),
            "recipe": ("Recipe", sections.settings(self.said)),
        }

    def sections_with_texts(self) -> dict[str, Section]:
        """By name, those that show texts, masked, and the one that counts anew by all scores."""
        ledger, sample, shown = self.ledger, self._sample, _shown(self._reveal)
        clusters = duplicates(self._dir, ledger, sample, self._samples > 0, shown)
        texts = (
            some_of_each(sample, self._samples, Tracer(self._dir), shown, ledger, examples(self._dir, self._samples))
            if self._samples
            else []
        )
        limits = limit_sliders(self.said["recipe"], sample, self._judged(), self._dir)
        return {
            "samples": ("Samples", texts),
            "limits": (f"What other limits would keep{self._of_sample}", limits),
            "duplicates": ("Duplicates", clusters),
        }

    def _judged(self) -> int:
        """How many documents the filters have judged."""
        rejected = (self.ledger["rejected"].get(stage.name, {}) for stage in (HEURISTICS, QUALITY))
        return self.ledger["records"]["kept"] + sum(sum(reasons.values()) for reasons in rejected)


def _json(run_dir: str, name: str) -> dict[str, Any]:
    """A file of the run; nothing where an older run hasn't written it."""
    path = storage.join(run_dir, name)
    return {} if storage.size(path) is None else json.loads(storage.read_bytes(path))


def _shown(reveal: bool) -> Callable[[str], str]:
    if reveal:
        return str
    redact = Redactor()
    return lambda text: redact(Document(text)).document.text
