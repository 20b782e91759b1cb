"""What recipe programs put among a recipe's lines: switches ("Jump to Recipe", "Cook Mode", "US Customary - Metric"), and
products that go with it, each with its price.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

from parsers.blocks.roles import CELL, HEADING, ROLE, TERM
from parsers.jit.byte_search import which_hold
from parsers.scanner.page import ELEMENT, LAST, PARENT, START, STOP, WORD, WORDS, Page
from parsers.selection.rows import without

_SWITCH = re.compile(
    r"(?:[\s|/•·,:–—→↓-]|jump to(?: the)? (?:recipe|video)|skip to recipe|print(?: (?:the |this )?recipe)?|pin(?: (?:it|(?:the |this )?recipe))?|"
    r"save(?: (?:the |this )?recipe)?|rate(?: (?:the |this )?recipe)?|share(?: (?:the |this )?recipe)?|saved?|email|review|"
    r"(?:leave a|add) (?:review|comment|rating|note)|scale|add (?:all )?to (?:cart|basket|shopping list|list|collection)|"
    r"copy(?: ingredients| to clipboard)?|copied!?|(?:shop|get|order|buy) (?:the |all )?ingredients|"
    r"cook(?:ing)? mode|turn on cook mode|(?:prevent|keep) your (?:screen|display|device) (?:from (?:going dark|sleeping|turning off)|on|awake)|"
    r"keep (?:the )?screen (?:of your device )?(?:on|awake)|us customary|imperial|metric|us (?:units|measures?)|"
    r"(?:zum rezept(?: springen)?|rezept (?:drucken|merken|teilen|speichern)|drucken|merken|teilen|kochmodus|auf die einkaufsliste)|"
    r"(?:aller à la recette|imprimer(?: la recette)?|épingler|enregistrer|partager|mode cuisson)|"
    r"(?:ir a la receta|imprimir(?: (?:la )?receta)?|guardar|compartir|modo cocina)|(?:ir para a receita|salvar)|"
    r"(?:vai alla ricetta|stampa(?: (?:la )?ricetta)?|salva|condividi)|(?:(?:ga )?naar (?:het )?recept|print recept|bewaar|afdrukken))+",
    re.IGNORECASE,
)
_CALLS = re.compile(
    r"(?:(?:did you|have you) (?:make|made|try|tried)|tried|made) this recipe\??.{0,80}|(?:mention|tag|follow) (?:me |us )?(?:on \w+ )?@\w+.{0,60}"
    r"|please leave a comment on the blog or share a photo.{0,60}"
    r"|as an amazon associate.{0,160}|(?:this (?:post|page|recipe)|these links) (?:may )?(?:contains?|are) affiliate links.{0,120}"
    r"|(?:share|post) (?:a photo|it) .{0,40}#\w+.{0,20}|hast du (?:das|dieses) rezept .{0,40}\?|avez-vous essayé cette recette.{0,40}",
    re.IGNORECASE,
)
_WORDS = 26 * WORD
_PRICE = re.compile(r"(?:[$£€]\s?\d[\d.,]*|\d[\d.,]*\s?(?:[$£€]|kr|zł|USD|EUR|GBP))(?:\s*(?:/|per\b).{0,12})?")
_CARDS = 2
_NAMES = np.frombuffer(b"ngrengr\xc3utat", np.uint8).reshape(
    -1, 4
)  # how names of ingredients go on behind an "I" or a "Z"


def may_be_recipe(page: Page) -> bool:
    """Whether a page may hold a recipe that it doesn't state."""
    return which_hold(page.text, _NAMES) != 0


def drop_recipe_switches(page: Page, roles: np.ndarray, kept: np.ndarray, lines: Iterable[str]) -> np.ndarray:
    """``bool[m]``: ``kept`` (``bool[m]``) of a page that states a recipe (its ``lines``) without short blocks that are switches of a
    recipe program alone, and without products with prices that stand beside its lines, two and more of them. ``roles``:
    ``int32[m, 7]`` of :func:`parsers.blocks.roles.block_roles`."""
    blocks = page.blocks
    short = np.flatnonzero(kept & (blocks[:, WORDS] > 0) & (blocks[:, WORDS] <= _WORDS) & (roles[:, ROLE] != CELL))
    source = page.text.tobytes()
    texts = {
        row: source[start:stop].decode("utf-8", "replace").strip()
        for row, (start, stop) in zip(short.tolist(), blocks[short][:, [START, STOP]].tolist(), strict=True)
    }
    goes = [
        row
        for row, text in texts.items()
        if text and (_CALLS.fullmatch(text) or (roles[row, ROLE] not in (HEADING, TERM) and _SWITCH.fullmatch(text)))
    ]
    if stated := {line.casefold().strip() for line in lines}:
        goes += _products(page, roles, texts, stated)
    return without(kept, goes)


def _products(page: Page, roles: np.ndarray, texts: dict[int, str], stated: set[str]) -> list[int]:
    """The rows of containers alike that hold a price each and no stated line, and the heading before them."""
    holders, parents, signature = page.blocks[:, ELEMENT], page.elements[:, PARENT], page.signature
    prices = [row for row, text in texts.items() if _PRICE.fullmatch(text)]
    cards: dict[tuple[int, int], list[int]] = {}
    for row in prices:
        card = int(parents[max(holders[row], 0)])
        cards.setdefault((int(parents[card]), int(signature[card])), []).append(card)
    found: list[int] = []
    for alike in cards.values():
        if len(alike) < _CARDS:
            continue
        rows = [
            int(row)
            for card in alike
            for row in np.flatnonzero((holders >= card) & (holders <= page.elements[card, LAST]))
        ]
        if any(texts.get(row, "").casefold() in stated for row in rows):
            continue
        found += rows
        before = min(rows) - 1
        if before >= 0 and roles[before, ROLE] == HEADING:
            found.append(before)
    return found
