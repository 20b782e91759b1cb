"""The inspector's pages: the list of records, and one record with its way. All that a crawl says is text in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import quote

from blocklists.decisions import CONFIRM, REASONS, UNSURE, Decision
from pipeline.reports.records import Found
from pipeline.reports.steps import Step, Trail
from review.html import Element, table, written
from review.inspect.listing import BY_LOT, BY_NEARNESS, BY_QUEUE, ORDERS, PAGE, RANKED, Query, outcome_of
from review.inspect.text_view import TextView
from review.published import FAILED, KEPT

Shown = Callable[[str], str]


def document(title: str, *body: Any) -> str:
    """A whole page of the inspector's own."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="/style.css"><script src="/script.js" defer></script></head>'
        f"\n<body>{written(body)}</body></html>\n"
    )


def refusal(sentence: str) -> str:
    return document("gristmill inspect", Element("p", sentence, class_="warning"))


def listed(
    run_dir: str,
    reasons: Mapping[str, Sequence[str]],
    query: Query,
    found: Sequence[Found],
    decided: Callable[[Found], Decision | None],
    shown: Shown,
    note: str = "",
) -> str:
    """Fifty records, and what to ask for. ``reasons`` of the run by stage; ``decided`` gives what somebody has said of a record; ``note`` what list this is."""
    rows = []
    for each in found:
        decision = decided(each)
        row = each.row
        link = Element("a", shown(row["url"] or "(no URL)"), href=f"/page/{row['id']}?{query.address()}")
        score = row.get("score")
        rows.append(
            (
                outcome_of(each),
                score,
                link,
                row.get("language"),
                row.get("words"),
                decision.verdict if decision else "",
            )
        )
    further: list[Any] = []
    if len(found) == PAGE:
        further.append(_link("next", f"/?{query.address(after=found[-1].row['id'])}", "n"))
    if query.order == BY_LOT:
        further += [" ", Element("a", "draw another start", href=f"/?{query.address(after='random')}")]
    if query.order == BY_NEARNESS:
        note = f"Nearest to a limit first, of the {RANKED:,} smallest ids that fit."
    return document(
        f"gristmill: {run_dir}",
        Element("h1", run_dir),
        _asking(query, reasons),
        Element(
            "p",
            note
            or "By id, which is by lot: ids are hashes. Records that an archive keeps for itself are under stage read. "
            "Keys: n next page of the list; on a record k keep, d drop, D drop the domain, u undo, n next, p previous, l list.",
            class_="note",
        ),
        table(["outcome", "score", "URL", "language", "words", "decided"], rows)
        if rows
        else Element("p", "No record is like that."),
        Element("p", further, class_="bar"),
    )


def _asking(query: Query, reasons: Mapping[str, Sequence[str]]) -> Element:
    outcomes = ["", KEPT, FAILED, *reasons]
    known = sorted({reason for of_stage in reasons.values() for reason in of_stage})
    fields = [
        _choice("stage", outcomes, query.stage),
        *(_field(name, getattr(query, name), size) for name, size in (
            ("reason", 18), ("language", 5), ("domain", 20), ("url", 24), ("id", 12), ("low", 7), ("high", 7))),
        _choice("order", ORDERS, query.order),
    ]  # fmt: skip
    return Element(
        "form",
        [Element("label", field) for field in fields],
        Element("datalist", [Element("option", value=reason) for reason in known], id="reasons"),
        Element("span", Element("button", "show"), " ", Element("a", "everything", href="/")),
        method="get",
        action="/",
        class_="asking",
    )


def _field(name: str, value: str, size: int) -> list[Any]:
    label = {"low": "score from", "high": "score to", "url": "part of the URL", "id": "id begins with"}.get(name, name)
    return [label, Empty("input", name=name, value=value, size=size, list="reasons" if name == "reason" else None)]


def _choice(name: str, values: Sequence[str], chosen: str) -> list[Any]:
    said = {"": "all", "random": "by lot", "near": "nearest to a limit first"}
    options = [
        Element("option", said.get(value, value), value=value, selected="selected" if value == chosen else None)
        for value in values
    ]
    return [name, Element("select", options, name=name)]


class Empty(Element):
    """An element that has no content and no end tag."""

    def __str__(self) -> str:
        return super().__str__().rpartition("</")[0]


def record(
    trail: Trail,
    query: Query,
    token: str,
    decision: Decision | None,
    text: TextView,
    raw: str,
    neighbours: tuple[str | None, str | None],
    cluster: Sequence[dict[str, Any]],
    domain: str,
    shown: Shown,
    said: str,
) -> str:
    """One record: raw on the left, as text on the right, its way below. ``raw`` is why its bytes can't be shown, if so."""
    here = f"/page/{trail.id}?{query.address()}"
    previous, following = (f"/page/{identity}?{query.address()}" if identity else None for identity in neighbours)
    asks = query.order == BY_QUEUE and decision is None
    links = [
        _link("list", f"/?{query.address()}", "l"),
        _link("previous", previous, "p"),
        _link("next", following, "" if asks else "n"),
        Element("a", "same domain", href=f"/?domain={quote(domain)}") if domain else "",
    ]
    return document(
        shown(trail.url or trail.id),
        Element("div", [[link, " "] for link in links], class_="bar"),
        Element("h1", shown(trail.url or "(no URL)")),
        Element("div", Element("b", trail.outcome), f" {trail.date} {trail.id}", class_="bar"),
        Element("p", said, class_="warning") if said else "",
        Element("div", _deciding(trail, token, here, decision), class_="bar"),
        Element("div", _judging(trail, token, following or f"/?{query.address()}"), class_="bar") if asks else "",
        Element("div", _left(trail.id, raw), _right(text), class_="sides"),
        Element("h2", "Its way through the run"),
        [Element("p", sentence, class_="note") for sentence in trail.missing],
        Element("div", Element("table", [_step(step, shown) for step in (*trail.steps, trail.end)]), class_="wide"),
        _cluster(cluster, shown),
    )


def _hidden(trail: Trail, token: str, then: str) -> list[Element]:
    fields = (("token", token), ("id", trail.id), ("then", then))
    return [Empty("input", type="hidden", name=name, value=value) for name, value in fields]


def _judging(trail: Trail, token: str, then: str) -> Element:
    """What else a queue asks of each page: whether the run was right."""
    right = "keeping it is right, next [n]" if trail.outcome == KEPT else f"{trail.outcome} is right, next [n]"
    buttons = [(right, f"{CONFIRM} id", "n"), ("not sure, next [s]", f"{UNSURE} id", "s")]
    return Element(
        "form", _hidden(trail, token, then),
        [Element("button", label, name="decision", value=value, data_key=key) for label, value, key in buttons],
        method="post", action="/decide",
    )  # fmt: skip


def _deciding(trail: Trail, token: str, here: str, decision: Decision | None) -> list[Any]:
    hidden = _hidden(trail, token, here)
    buttons = [("keep [k]", "keep url", "k"), ("drop [d]", "drop url", "d"), ("drop domain [D]", "drop domain", "D")]
    decide = Element(
        "form", hidden,
        [Element("button", label, name="decision", value=value, data_key=key) for label, value, key in buttons],
        Empty("input", name="why", list="reasons", placeholder="why: erasure, …", aria_label="why", size=16),
        Element("datalist", [Element("option", value=reason) for reason in REASONS], id="reasons"),
        Empty("input", name="note", placeholder="note", aria_label="note", size=24), method="post", action="/decide",
    )  # fmt: skip
    undo = Element("form", hidden, Element("button", "undo [u]", data_key="u"), method="post", action="/undo")
    holds = "nobody has decided about it"
    if decision is not None:
        why = f", {decision.why}" if decision.why else ""
        holds = f"decided: {decision.verdict} ({decision.scope}{why}) by {decision.who}, {decision.when}"
    return [decide, undo, Element("span", f" {holds}", class_="note")]


def _left(identity: str, raw: str) -> Element:
    if raw:
        return Element("div", Element("p", raw[:1].upper() + raw[1:] + ".", class_="note"))
    tabs = [
        Element("a", name, href=f"/{route}/{identity}", target="raw")
        for name, route in (("rendered", "raw"), ("source", "source"), ("text alone", "text"))
    ]
    frame = Element(
        "iframe",
        src=f"/raw/{identity}",
        sandbox="",
        name="raw",
        referrerpolicy="no-referrer",
        title="the page as crawled",
    )
    return Element("div", Element("div", "As crawled: ", [[tab, " "] for tab in tabs], class_="bar"), frame)


def _right(text: TextView) -> Element:
    notes = [Element("p", note, class_="note") for note in text.notes]
    blocks = [
        Element(
            "div",
            [_piece(piece) for piece in block.pieces],
            class_=f"block {'kept' if block.kept else 'gone'}",
            title=block.title,
        )
        for block in text.blocks
    ]
    key = [
        "As text: ", Element("span", "kept", class_="key kept"), " ", Element("span", "left out", class_="key gone"), " ",
        Element("mark", "a rule took offence at it"), " ", Element("s", "line removed"),
        Element("span", " point at it: why", class_="note"),
    ]  # fmt: skip
    if not blocks:
        return Element("div", notes)
    shown = Element("div", blocks, class_="text", tabindex="0", role="region", aria_label="the page as text")
    return Element("div", Element("div", key, class_="bar"), notes, shown)


def _piece(piece: tuple[str, str, str]) -> Any:
    text, kind, why = piece
    return Element(kind, text, title=why) if kind else text


def _step(step: Step, shown: Shown) -> Element:
    is_beyond = step.limit is not None and step.value is not None and step.limit.is_beyond(step.value)
    return Element(
        "tr", Element("th", step.label), Element("td", shown(str(step)), class_="beyond" if is_beyond else None)
    )


def _cluster(cluster: Sequence[dict[str, Any]], shown: Shown) -> list[Any]:
    if not cluster:
        return []
    rows = [
        (
            row["level"],
            row["reason"],
            row["similarity"],
            Element("a", shown(row["url"] or row["id"]), href=f"/page/{row['id']}"),
        )
        for row in cluster
    ]
    return [Element("h2", "Same cluster"), table(["level", "", "similarity", "URL"], rows)]


def _link(name: str, address: str | None, key: str) -> Element:
    if address is None:
        return Element("span", name, class_="note")
    return Element("a", f"{name} [{key}]", href=address, data_key=key) if key else Element("a", name, href=address)
