"""How a report begins: the figures that everybody asks for, and what should worry the reader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from recipes import RecipeError, as_dict, load
from review.html import Element, table
from review.published import flat
from review.report.sections import bookkeeping


def first_figures(
    about: Mapping[str, Any], ledger: Mapping[str, Any], shares: Mapping[str, Any], timings: Mapping[str, Any]
) -> list[Any]:
    """The first section. ``about``, ``shares`` and ``timings`` are run.json, mix.json and timings.json."""
    records, words = ledger["records"], ledger["words"]
    captures = records["read"] - bookkeeping(ledger)
    wall = sum(phase.get("seconds", 0) for phase in timings.get("phases", ()))
    spent = sum(timings.get("stages", {}).values())
    rows = [
        ("captures read", captures),
        ("documents kept", records["kept"]),
        ("share kept", f"{records['kept'] / captures:.1%}" if captures else "none"),
        ("words kept", words["kept"]),
        ("tokens", ledger["tokens"]["all"]),
        ("of which held out", ledger["tokens"]["held_out"]),
        ("languages", len(ledger["kept_by"]["language"])),
        ("inputs", len(about.get("inputs", []))),
        ("recipe's source", about.get("recipe", {}).get("source", "")),
        *([("seconds of wall clock, all phases", wall)] if wall else []),
        *([("pages a second of a worker", captures / spent)] if spent else []),
        ("by", ", ".join(f"{name} {version}" for name, version in about.get("versions", {}).items())),
    ]
    changed = list(_changes(about.get("recipe", {})))
    return [
        table(["", ""], rows),
        [Element("p", said, class_="warning") for said in warnings(ledger, shares)],
        Element("p", "Settings that are not the shipped recipe's:") if changed else "",
        table(["setting", "shipped", "here"], changed) if changed else "",
    ]


def warnings(ledger: Mapping[str, Any], shares: Mapping[str, Any]) -> Iterator[str]:
    """Sentences about what is seldom meant."""
    records = ledger["records"]
    if not records["kept"]:
        yield "Nothing was kept: see below which stage let nothing through."
    if records["failed"]:
        yield f"{records['failed']:,} records could not be read or extracted; failed/ says why, one by one."
    if ledger.get("clock_struck"):
        yield f"On {ledger['clock_struck']:,} pages the wall clock decided: another machine may keep them."
    if ledger.get("undated"):
        yield f"{ledger['undated']:,} pages have no date: of two captures the undated one counts as the older."
    for name, weight in sorted((shares.get("weights") or {}).items()):
        if weight >= shares.get("max_weight", float("inf")):
            yield f"Class {name} has the largest weight that mix.max_weight allows, {weight:g}: its documents come that often."


def _changes(recipe: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """The settings by which a recipe differs from the shipped one of its name; none where no such recipe ships."""
    try:
        shipped = dict(flat(as_dict(load(recipe.get("name", "")))))
    except RecipeError:
        return
    here = dict(flat(recipe))
    for name in sorted(shipped.keys() | here.keys()):
        if name in here and shipped.get(name) != here[name]:
            yield name, str(shipped.get(name)), str(here[name])
