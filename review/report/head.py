"""How a report begins: the figures that everybody asks for, and what should worry the reader."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from pipeline.timings import one_by_one
from recipes import RecipeError, as_dict, load
from review.html import Element, number, seconds, table
from review.published import flat
from review.report.sections import as_yaml, bookkeeping

_INPUTS = 4


def first_figures(
    about: Mapping[str, Any],
    inputs: Iterable[Mapping[str, Any]],
    ledger: Mapping[str, Any],
    shares: Mapping[str, Any],
    timings: Mapping[str, Any],
) -> list[Any]:
    """The first section. ``about`` and ``inputs`` are of run.json, ``shares`` and ``timings`` mix.json and timings.json."""
    records, words = ledger["records"], ledger["words"]
    captures = records["read"] - bookkeeping(ledger)
    wall = sum(phase["seconds"] for phase in one_by_one(timings.get("phases", ())))
    spent = sum(timings.get("stages", {}).values())
    tiles = [
        (f"{records['kept'] / captures:.1%}" if captures else "none", "of captures kept"),
        (captures, "captures read"),
        (records["kept"], "documents kept"),
        (words["kept"], "words kept"),
        (ledger["tokens"]["all"], "tokens"),
        (len(ledger["kept_by"]["language"]), "languages"),
        *([(seconds(wall), "wall clock, all phases")] if wall else []),
        *([(f"{captures / spent:.3g}", "captures a second of a worker")] if spent else []),
    ]
    rows = [
        ("tokens held out for evaluation", number(ledger["tokens"]["held_out"])),
        ("inputs", _listed(inputs)),
        ("recipe", about.get("recipe", {}).get("name", "")),
        ("its source", about.get("recipe", {}).get("source", "")),
        ("by", ", ".join(f"{name} {version}" for name, version in about.get("versions", {}).items())),
    ]
    changed = list(_changes(about.get("recipe", {})))
    return [
        Element("div", [Element("div", Element("b", number(figure)), said) for figure, said in tiles], class_="tiles"),
        [Element("p", said, class_="warning") for said in warnings(ledger, shares)],
        table(["", ""], [row for row in rows if row[1]]),
        Element("h3", "Settings that differ from the shipped recipe's") if changed else "",
        table(["setting", "shipped", "here"], changed) if changed else "",
    ]


def _listed(inputs: Iterable[Mapping[str, Any]]) -> str:
    """How many inputs, and the first few by name."""
    each = iter(inputs)
    names = [str(one.get("path", "")).rpartition("/")[2] for one in islice(each, _INPUTS)]
    others = sum(1 for _ in each)
    more = f" and {others:,} more" if others else ""
    return f"{len(names) + others:,}: {', '.join(names)}{more}" if names else ""


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
            yield name, as_yaml(shipped.get(name)), as_yaml(here[name])
