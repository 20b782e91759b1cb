"""A page's text as a reviewer sees it: kept and removed blocks, lines that went, stretches that a rule took offence at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.reports.records import text_of
from pipeline.reports.steps import Trail
from pipeline.reports.trail import Tracer
from review.inspect.raw import Raw
from review.marks import Mark, find_marks
from text.hashing import hash128_hex

Piece = tuple[str, str, str]
"""Text, the element it is put in (empty: none, ``mark`` or ``s``), and why."""
_LONGEST = 400_000


@dataclass(frozen=True)
class Block:
    """A block: whether it is in the text, what decided, and its pieces."""

    kept: bool
    title: str
    pieces: list[Piece]


@dataclass(frozen=True)
class TextView:
    """``notes`` say in sentences what can't be shown, or isn't what the run saw."""

    blocks: list[Block]
    notes: list[str] = field(default_factory=list)


def view_text(tracer: Tracer, trail: Trail, raw: Raw | None, shown: Callable[[str], str]) -> TextView:
    """The blocks of a page where its bytes are at hand, else its text, else a note."""
    features, removed = tracer.extracted(trail.id)
    stored = text_of(tracer.run_dir, trail.id)
    notes = []
    gone: set[str] = set()
    parser = (tracer.recipe.get("extract") or {}).get("parser", "gristmill")
    if raw is not None and raw.blocks:
        blocks = [(block["text"], block["kept"], _cause(block)) for block in raw.blocks]
        if parser != "gristmill":
            notes.append(f"This run extracted by {parser}: blocks are our parser's, kept where its text has them.")
            known = stored[0] if stored else ""
            blocks = [(text, bool(text.strip()) and text.strip() in known, cause) for text, _, cause in blocks]
        elif features is not None and features.get("content_hash") != hash128_hex(raw.text):
            notes.append(
                "Today's parser gives another text than this run's, so that lines that went aren't struck out."
            )
        else:
            rows = raw.text.split("\n")
            gone = {shown(rows[row].strip()) for row in removed if row < len(rows)}
    elif stored is not None or (raw is not None and raw.text):
        text = stored[0] if stored is not None else raw.text if raw is not None else ""
        notes.append("The text alone: blocks can be told only from the page's HTML.")
        blocks = [(text, True, "")]
    else:
        notes.append(
            "This record went before there was a text of it."
            if features is None
            else "The run has cleared this text away; one with output.keep_work=text keeps it."
        )
        blocks = []
    total, cut = 0, []
    for text, kept, title in blocks:
        total += len(text)
        if total > _LONGEST:
            notes.append(f"Only the first {_LONGEST:,} characters are shown.")
            break
        cut.append((shown(text), kept, title))
    language = (features or trail.row).get("language") or ""
    return TextView(_with_marks(cut, gone, tracer, trail, language), notes)


def _cause(block: Mapping[str, Any]) -> str:
    looks = [
        f"{name} {block[key]:.2f}"
        for name, key in (("first look", "first"), ("second", "second"))
        if block[key] is not None
    ]
    return ", ".join([block["cause"], *looks])


def _with_marks(
    blocks: list[tuple[str, bool, str]], gone: set[str], tracer: Tracer, trail: Trail, language: str
) -> list[Block]:
    stage, _, reason = trail.outcome.partition("/")
    settings = tracer.settings_of(trail.row.get("detail") or "")[1] or {}
    # Of the kept blocks together: an n-gram may be said again in another block.
    together = "\n".join(text for text, kept, _ in blocks if kept)
    found = (
        find_marks(together, language, stage, reason, settings, trail.terms) if stage not in ("kept", "failed") else []
    )
    made, at = [], 0
    for text, kept, title in blocks:
        inside = []
        if kept:
            inside = [
                mark._replace(start=mark.start - at, end=mark.end - at)
                for mark in found
                if mark.end > at and mark.start < at + len(text)
            ]
            at += len(text) + 1
        made.append(Block(kept, title, list(_pieces(text, inside, gone if kept else ()))))
    return made


def _pieces(text: str, found: Iterable[Mark], gone: Iterable[str]) -> Iterable[Piece]:
    """The text cut at marks; lines that went are struck out whole."""
    left = list(found)
    start = 0
    for line in text.splitlines(keepends=True):
        end = start + len(line)
        if line.strip() and line.strip() in gone:
            yield line, "s", "a line that the run has removed"
        else:
            at = start
            for mark in left:
                low, high = max(mark.start, at), min(mark.end, end)
                if low < high:
                    yield text[at:low], "", ""
                    yield text[low:high], "mark", mark.why
                    at = high
            yield text[at:end], "", ""
        start = end
