"""The report of a run: one file that opens anywhere, asks nobody for anything and takes no text for markup."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from filters.redaction import Redactor
from pipeline import storage, timings
from pipeline.outputs import read_ledger
from pipeline.reports.failures import by_error
from pipeline.reports.trail import Tracer
from pipeline.stages import HEURISTICS, QUALITY
from review.html import Element, page
from review.published import about
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
    ledger = read_ledger(run_dir)
    said = about(run_dir)
    shares, spent = _json(run_dir, "mix.json"), _json(run_dir, timings.NAME)
    tracer, shown, (rules, _) = Tracer(run_dir), _shown(reveal), rules_in(said["recipe"])
    records = ledger["records"]["read"]
    sample = draw(run_dir, records)
    of_sample = f", of a sample of {len(sample):,} of {records:,} records" if records > RECORDS else ""
    parts: list[tuple[str, Any]] = [
        ("Stage by stage", sections.funnel(ledger)),
        ("What was rejected, and why", sections.rejects(ledger, sample, rules, by_error(run_dir))),
        (
            "How often rules were wrong",
            wrong_by_rule(run_dir, said["recipe"], ledger, decisions_for(run_dir, decisions)),
        ),
        ("Languages", sections.languages(ledger, sample, of_sample)),
        ("Domains", by_domain(run_dir, said["recipe"], sample, of_sample)),
        (
            "Samples",
            some_of_each(sample, samples, tracer, shown, ledger, examples(run_dir, samples)) if samples else [],
        ),
        (f"What other limits would keep{of_sample}", limit_sliders(said["recipe"], sample, _judged(ledger), run_dir)),
        (f"Measures{of_sample}", histograms(sample, rules, said["recipe"])),
        ("Duplicates", duplicates(run_dir, ledger, sample, samples > 0, shown)),
        ("Mix", sections.mix(shares)),
        ("The books", sections.books(ledger)),
        ("Time", sections.times(spent)),
        ("Recipe", sections.settings(said)),
    ]
    there = [(f"part-{place}", title, content) for place, (title, content) in enumerate(parts) if content]
    links = [Element("a", title.partition(",")[0], href=f"#{name}") for name, title, _ in there]
    return page(
        f"gristmill: {run_dir}",
        Element("div", "What a run of gristmill did", class_="note"),
        Element("h1", run_dir),
        first_figures(said, ledger, shares, spent),
        Element("nav", links, aria_label="Sections"),
        [[Element("h2", title, id=name), content] for name, title, content in there],
    )


def _judged(ledger: Mapping[str, Any]) -> int:
    """How many documents the filters have judged."""
    rejected = (ledger["rejected"].get(stage.name, {}) for stage in (HEURISTICS, QUALITY))
    return ledger["records"]["kept"] + sum(sum(reasons.values()) for reasons in rejected)


def _json(run_dir: str, name: str) -> dict[str, Any]:
    """A file of the run; nothing where an older run hasn't written it."""
    path = storage.join(run_dir, name)
    return {} if storage.size(path) is None else json.loads(storage.read_bytes(path))


def _shown(reveal: bool) -> Callable[[str], str]:
    if reveal:
        return str
    redact = Redactor()
    return lambda text: redact(Document(text)).document.text
