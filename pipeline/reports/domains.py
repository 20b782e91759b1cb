"""The domains of a finished run: their ranking with evidence, one verdict by its numbers, and what people decide about them."""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from blocklists.decisions import Decision, append, read_table
from blocklists.domain import normalise_host, registrable_domain
from filters.domain_evidence import KINDS
from filters.page_evidence import WORD_KINDS
from pipeline import domain_files, storage
from text.hosts import host_of

_SHOWN = (
    "domain", "pages", "sampled", "reason", "decision", "review", "samples",
    *(f"{kind}_{what}" for kind in KINDS for what in ("score", "pages")),
)  # fmt: skip


def ranking(run_dir: str, number: int, *, review_only: bool = False) -> Iterator[str]:
    """Lines of text about the ``number`` worst domains, the surest verdicts first, or about those alone that people should
    look at. Raises ``FileNotFoundError`` where the run has judged no domains."""
    every = domain_files.rows(_table_of(run_dir), _SHOWN)
    rows = heapq.nsmallest(number, (row for row in every if row["review"] or not review_only), key=_rank)
    if not rows:
        yield "no domain is to be looked at" if review_only else "the run has no domain"
    for row in rows:
        pages = f"{row['pages']} pages" + ("" if row["pages"] == row["sampled"] else f", {row['sampled']} looked at")
        yield f"{_verdict(row):16} {row['domain']}  ({pages})"
        said = [
            f"{kind} {row[f'{kind}_pages']} bad"
            + (f", score {row[f'{kind}_score']:g}" if row[f"{kind}_score"] else "")
            for kind in KINDS
            if row[f"{kind}_pages"] or row[f"{kind}_score"]
        ]
        if said:
            yield f"{'':17}{'; '.join(said)}"
        for sample in row["samples"]:
            yield f"{'':17}{sample['url']}" + (f"  [{', '.join(sample['terms'])}]" if sample["terms"] else "")


def _rank(row: Mapping[str, Any]) -> tuple:
    best = max((row[f"{kind}_score"] or 0.0 for kind in KINDS), default=0.0)
    return -best, -sum(row[f"{kind}_pages"] for kind in KINDS), row["domain"]


def _verdict(row: Mapping[str, Any]) -> str:
    gone = row["reason"] or (
        "page by page" if row["sampled"] and row["adult_score"] is row["pii_score"] is None else "stays"
    )
    decision = {"keep": "kept by people", "drop": "denied", "unsure": "unsure"}.get(
        row["decision"] or "", row["decision"]
    )
    return decision or (f"{gone}, look" if row["review"] else gone)


def explain_domain(run_dir: str, host: str) -> Iterator[str]:
    """Lines of text about one domain: each number that its verdict follows from, beside its limit. Raises ``ValueError`` for a
    domain that the run has never seen."""
    row, settings = row_of(run_dir, host), _recipe_of(run_dir)["domains"]
    yield f"{row['domain']}: {_verdict(row)}"
    yield f"  pages       {row['pages']} in the crawl, {row['sampled']} looked at (domains.sample_pages = {settings['sample_pages']})"
    yield f"  words       {row['words']}"
    if row["sampled"] < settings["min_pages"]:
        yield f"  too small   under {settings['min_pages']} pages (domains.min_pages): each is judged by itself"
    for kind in KINDS:
        yield from _explain_kind(row, kind, settings)
    found = [f"{row[name]} {name}" for name in ("emails", "phones", "cards", "ibans", "ssns", "ips") if row[name]]
    if found:
        yield f"  found       {', '.join(found)}; others' than the site's own: {row['pii_values_per_1000_words']:g} in 1,000 words"
    if row["links"]:
        yield f"  links       to {row['links']} other domains, {row['listed_links']} of them listed"
    if row["listed_sources"]:
        yield f"  linked      from {row['listed_sources']} listed sites"
    if row["decision"]:
        yield f"  decided     {row['decision']}"
    for sample in row["samples"]:
        yield f"  sample      {sample['url']}" + (f"  [{', '.join(sample['terms'])}]" if sample["terms"] else "")


def _explain_kind(row: Mapping[str, Any], kind: str, settings: Mapping[str, Any]) -> Iterator[str]:
    judged = row["sampled"] - (row[f"{kind}_unjudged"] if kind in WORD_KINDS else 0)
    if not judged:
        yield f"  {kind:11} not judged: no list for the languages of its pages"
        return
    line = f"  {kind:11} {row[f'{kind}_pages']} of {judged} pages are bad: surely {row[f'{kind}_low']:g} to {row[f'{kind}_high']:g}"
    yield f"{line} of all (domains.{kind} = {settings[kind]:g})"
    marks = [
        f"{what} {row[f'{kind}_{column}']}"
        for what, column in (("its name", "name"), ("links out", "links_out"), ("links in", "links_in"))
        if kind in WORD_KINDS and row[f"{kind}_{column}"]
    ]
    if marks:
        yield f"{'':14}counted as bad pages besides: {', '.join(marks)}"
    if row[f"{kind}_score"] is not None:
        limit = "the worst share, domains.worst" if settings.get("worst") is not None else "domains.confidence"
        number = settings["worst"] if settings.get("worst") is not None else settings["confidence"]
        yield f"{'':14}score {row[f'{kind}_score']:g} ({limit} = {number:g})"


def review(run_dir: str, table: Path, decisions: Path) -> int:
    """Adds the decisions of a CSV table to the file ``decisions``, each with what the run had shown; how many. Raises
    ``ValueError`` naming the line for what can't be one, and adds nothing then."""
    recipe = _recipe_of(run_dir)
    version = storage.sha256(json.dumps(recipe, sort_keys=True).encode())
    about = {"run": run_dir, "recipe": recipe["name"], "recipe_sha256": version, "stage": "domains"}

    def seen(scope: str, value: str) -> dict[str, Any]:
        if scope == "id":
            return about
        try:
            row = row_of(run_dir, value)
        except ValueError:
            return about  # a site that this run hasn't met may be decided about too
        scores = {f"{kind}_score": row[f"{kind}_score"] for kind in KINDS if row[f"{kind}_score"] is not None}
        return {**about, "reason": row["reason"], "score": row["score"], **scores}

    found: list[Decision] = read_table(table, seen)
    return append(decisions, found)


def _table_of(run_dir: str) -> list[str]:
    paths = domain_files.paths(storage.absolute(run_dir))
    if not paths:
        raise FileNotFoundError(
            f"{run_dir} has no {domain_files.NAME}: no finished run, or its recipe leaves domains out"
        )
    with storage.open_parquet(paths[0]) as parquet:
        if "review" not in parquet.schema_arrow.names:
            raise ValueError(
                f"{paths[0]} was written by an earlier version, without scores; run the recipe again to rank them"
            )
    return paths


def _recipe_of(run_dir: str) -> dict[str, Any]:
    _table_of(run_dir)
    return json.loads(storage.read_bytes(storage.join(storage.absolute(run_dir), "run.json")))["recipe"]


def row_of(run_dir: str, host: str) -> dict[str, Any]:
    """What the table of domains says of a host's domain. Raises as :func:`explain_domain`."""
    domain = registrable_domain(host_of(host) if "://" in host else normalise_host(host))
    found = domain_files.find(_table_of(run_dir), domain)
    if found is None:
        raise ValueError(f"the run in {run_dir} has seen no page of {domain}")
    return found
