"""The lines of a recipe that a page states beside its text: ingredients and steps (schema.org/Recipe).

Search engines ask for them, so most pages with a recipe have them as JSON-LD. They are not the page's text: where its
blocks repeat them, these blocks are content (:mod:`parsers.selection.stated_lines`). Other texts that pages state are
left alone: an ``articleBody`` is often cut short or stale, and answers and reviews are content on some pages only.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

_LINES, _CHARACTERS, _LONGEST = 500, 30_000, 5_000
_DEPTH = 5
_INGREDIENTS = ("recipeIngredient", "ingredients")
_STEPS = "recipeInstructions"
_TAG = re.compile(r"<[^<>]{0,500}>")


def recipe_lines(recipe: dict[str, object]) -> tuple[str, ...]:
    """Ingredients and steps of a JSON-LD node of type Recipe, as they stand there but for markup, which some have in
    their strings. A step may be a string, a ``HowToStep`` or within a ``HowToSection``. At most 500 lines and 30,000
    characters, 5,000 of one string."""
    found: list[str] = []
    for key in _INGREDIENTS:
        _collect(recipe.get(key), found, 0)
    _collect(recipe.get(_STEPS), found, 0)
    left, out = _CHARACTERS, []
    for line in found[:_LINES]:
        left -= len(line)
        if left < 0:
            break
        out.append(line)
    return tuple(out)


def _collect(node: object, found: list[str], depth: int) -> None:
    if len(found) >= _LINES or depth > _DEPTH:
        return
    if isinstance(node, str):
        found.extend(_lines(node))
    elif isinstance(node, list):
        for item in node:
            _collect(item, found, depth + 1)
    elif isinstance(node, dict):
        # A step's name is its beginning, or a heading that the page has.
        for key in ("name", "text", "itemListElement", "steps"):
            _collect(node.get(key), found, depth + 1)


def _lines(text: str) -> Iterator[str]:
    """A statement's lines, of which some pages make one string. References may be escaped twice."""
    for line in _TAG.sub("\n", html.unescape(html.unescape(text[:_LONGEST]))).split("\n"):
        if line.strip():
            yield line.strip()
