"""What became of a page: every capture of it, stage by stage, with the numbers that decided, as lines of text."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline import outputs, storage
from pipeline.reports import domains, records
from pipeline.reports.steps import Trail
from pipeline.reports.trail import Tracer, trails

_MOST_OF_A_HOST = 50


def explain(run_dir: str, page: str, *, text: bool = False) -> Iterator[str]:
    """Lines of text about every record of ``page``: a URL, an id or how one begins; of a domain or host its verdict and a line
    for each page. ``text``: the text, too, where the run still has it. Raises ``FileNotFoundError`` for no finished run,
    ``ValueError`` where the run has never seen the page."""
    run_dir = storage.absolute(run_dir)
    outputs.read_ledger(run_dir)
    if records.is_host(page):
        listed = list(_of_host(run_dir, page))
        if listed:
            yield from listed
            return
    for trail in trails(run_dir, page):
        yield from lines(trail)
        if text:
            yield from _text(run_dir, trail)


def lines(trail: Trail) -> Iterator[str]:
    """One trail as lines of text."""
    yield f"{trail.url or '(no URL)'}  {trail.date}  id {trail.id}"
    yield from (f"  ({sentence})" for sentence in trail.missing)
    yield from (f"  {step.label:<10} {step}" for step in (*trail.steps, trail.end))


def _text(run_dir: str, trail: Trail) -> Iterator[str]:
    found = records.text_of(run_dir, trail.id)
    if found is None:
        yield "  (its text was cleared away: samples of each reason are kept, and with --set output.keep_work=text all that were extracted)"
    else:
        yield from (f"    | {line}" for line in found[0].split("\n"))


def _of_host(run_dir: str, host: str) -> Iterator[str]:
    tracer = Tracer(run_dir)
    number = 0
    for record in records.of_host(run_dir, host):
        if number == 0:
            yield from _verdict_of_domain(run_dir, host)
        number += 1
        if number <= _MOST_OF_A_HOST:
            trail = tracer.trail(record)
            yield f"{trail.outcome:32} {trail.id}  {trail.url}"
    if number > _MOST_OF_A_HOST:
        yield f"and {number - _MOST_OF_A_HOST} records more"


def _verdict_of_domain(run_dir: str, host: str) -> Iterator[str]:
    try:
        yield from domains.explain_domain(run_dir, host)
    except (FileNotFoundError, ValueError) as error:  # a recipe may leave domains out
        yield f"({error})"
