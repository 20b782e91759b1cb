"""A recipe's lists by what stands above them: "Ingredients", "Zubereitung".

The word alone, often with a switch or a number of persons below it, looks like a tab. Where the lines below it are kept it heads them;
where they aren't, a list of amounts below such a heading is one of ingredients, also on a page that neither states a recipe nor
names its lists, and the steps below the next such heading go with it.
"""

from __future__ import annotations

import re

import numpy as np

from parsers.blocks.roles import CELL, GROUP, HEADING, ITEM, ROLE, TERM
from parsers.jit.byte_search import which_may_be
from parsers.scanner.page import (
    CONTROLS,
    LINK_WORDS,
    START,
    STOP,
    WORD,
    WORDS,
    Page,
    text_of,
)
from parsers.selection.rows import along_with

_INGREDIENTS = re.compile(
    r"(?:the |les |die |de |le )?(?:ingredients?(?: list)?|zutaten(?:liste)?|ingrédients?|ingredientes|ingredienti|ingredi[eë]nten|"
    r"ingredienser|ingrediente|składniki|ingredience|suroviny|hozzávalók|malzemeler|ainekset|sastojci|ингредиенты|υλικά|材料|用料|食材|재료)"
    r"(?: (?:for|für|pour|para|per|voor|till|de la recette|[(（]).{0,30}|[(（].{0,20})?\s?[:：]?",
    re.IGNORECASE,
)
_STEPS = re.compile(
    r"(?:the |les |la |die |de |le |cooking )?(?:instructions?|directions?|method|steps|how to make(?: it)?|zubereitung(?:sschritte)?|anleitung(?:en)?|"
    r"(?:la )?préparation|étapes|instrucciones|preparaci[oó]n|elaboraci[oó]n|modo de (?:preparo|preparação)|preparação|preparazione|procedimento|"
    r"bereiding(?:swijze)?|instructies|instruktioner|gör så här|så här gör du|tillagning|fremgangsmåde|sådan gør du|fremgangsmåte|slik gjør du|"
    r"(?:sposób )?przygotowani[ea]|wykonanie|postup|príprava|příprava|elkészítés|hazırlanışı|yapılışı|ohje|приготовление|способ приготовления|εκτέλεση|"
    r"作り方|做法|步骤|만드는 법)(?: (?:de la recette|[(（]).{0,20})?\s?[:：]?",
    re.IGNORECASE,
)
# One of their words stands on the page, in lower case by ASCII: to look at its blocks takes longer. First four bytes of each are looked for.
_WORDS = [
    word.encode()
    for word in (
        "ngredie ngredië ngrédient ngrÉdient utaten suroviny ozzával malzeme aineks sastoj ładnik гредиент ГРЕДИЕНТ λικά "
        "材料 用料 食材 재료"
    ).split()
]
_PARTS = np.array([list(word[:4]) for word in _WORDS], np.uint8) | np.uint8(32)
_HEADINGS = 64  # of a page: each costs time by the page's blocks
_LONGEST = 200  # bytes of a heading
_TITLE, _LABEL, _LINE = 6 * WORD, 6 * WORD, 15 * WORD
_NEAR = 6  # blocks between a heading and what it heads: switches, a number of persons
_LINES = 80  # blocks of a section
_FEWEST, _FEWEST_STEPS = 3, 2
_AMOUNTS, _STEP = 10 * WORD, 5 * WORD  # of a line on average, at most, and of a step, at least
_APART = 120  # blocks between a list of ingredients and its steps
_LIKELY = np.float32(0.1)  # of steps, on average


def keep_recipe_sections(page: Page, roles: np.ndarray, kept: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """``bool[m]``: ``kept`` (``bool[m]``) with the headings of a recipe's lists that are kept, and the labels within these; and with lists
    of amounts below such a heading and the steps that follow them, unless these are unlikely (``probabilities``: ``float32[m]``).
    ``roles``: ``int32[m, 7]`` of :func:`parsers.blocks.roles.block_roles`. Linear in the page."""
    bits = which_may_be(page.text, _PARTS)
    source = page.text.tobytes() if bits else b""
    if not _names_ingredients(source, bits):
        return kept
    says = np.flatnonzero(page.blocks[:, WORDS] > 0)
    heads = [(at, steps) for at, steps in _headings(page, roles, says, source) if at + 1 < len(says)]
    out, last = kept, -_APART
    for place, (at, steps) in enumerate(heads):
        stop = heads[place + 1][0] if place + 1 < len(heads) else len(says)
        if stop == at + 1:  # the labels of two tabs
            continue
        below = says[at + 1 : min(stop, at + 1 + _LINES)]
        found = _headed(page, roles, out, below, steps=steps)
        if not found and (not steps or at - last < _APART):
            headed = place + 1 < len(heads) and stop <= at + _LINES
            found = _unkept(page, roles, out, below, probabilities, steps=steps, headed=headed)
        if found:
            last = last if steps else at
            out = along_with(out, [int(says[at]), *found])
    return out


def _names_ingredients(source: bytes, bits: int) -> bool:
    """Whether one of the words of which four bytes are there (``bits``) is."""
    folded = source.lower()
    return any(bits >> number & 1 and word in folded for number, word in enumerate(_WORDS))


def _headings(page: Page, roles: np.ndarray, says: np.ndarray, source: bytes) -> list[tuple[int, bool]]:
    """Places in ``says`` of the blocks that head a list, and whether it is one of steps. ``source``: the text of all blocks."""
    blocks = page.blocks
    short = (blocks[says, WORDS] <= _TITLE) & (roles[says, ROLE] != CELL) & (roles[says, ROLE] != ITEM)
    places = np.flatnonzero(short)
    found = []
    for at, (start, stop) in zip(places.tolist(), blocks[says[places]][:, [START, STOP]].tolist(), strict=True):
        if stop - start > _LONGEST:
            continue
        text = source[start:stop].decode("utf-8", "replace").strip()
        if _INGREDIENTS.fullmatch(text):
            found.append((at, False))
        elif _STEPS.fullmatch(text):
            found.append((at, True))
        if len(found) == _HEADINGS:
            break
    return found


def _headed(page: Page, roles: np.ndarray, kept: np.ndarray, below: np.ndarray, *, steps: bool) -> list[int]:
    """The first kept line below a heading and, of ingredients, the labels between kept lines; empty where none is close."""
    blocks = page.blocks
    first = next((place for place, row in enumerate(below[:_NEAR].tolist()) if kept[row]), -1)
    if first < 0 or (blocks[below[:first], WORDS] > _LABEL).any():
        return []
    if steps:
        return [int(below[first])]
    if roles[below[first], ROLE] not in (ITEM, CELL, TERM, HEADING) and blocks[below[first], WORDS] > _LINE:
        return []
    found = [int(below[first])]
    for row, after in zip(below[:-1].tolist(), below[1:].tolist(), strict=True):
        lists = kept[after] and roles[after, ROLE] == ITEM and blocks[row, CONTROLS] == 0
        if lists and not kept[row] and blocks[row, WORDS] <= _LABEL and roles[row, GROUP] < 0:
            if roles[row, ROLE] == HEADING or text_of(page, row).endswith((":", "：")):
                found.append(row)
    return found


def _unkept(
    page: Page,
    roles: np.ndarray,
    kept: np.ndarray,
    below: np.ndarray,
    probabilities: np.ndarray,
    *,
    steps: bool,
    headed: bool,
) -> list[int]:
    """The lines of the first list below a heading, if they look like its lines and aren't kept elsewhere; where another such heading
    comes after (``headed``), also lines that are no list."""
    blocks = page.blocks
    listed = [row for row in below[:_NEAR].tolist() if roles[row, GROUP] >= 0]
    if listed:
        rows = below[roles[below, GROUP] == roles[listed[0], GROUP]]
    elif headed:  # lines without a list, up to the heading of what follows
        rows = below[: np.argmax(roles[below, ROLE] == HEADING) or None]
    else:
        return []
    words = blocks[rows, WORDS]
    if len(rows) < (_FEWEST_STEPS if steps else _FEWEST) or 2 * blocks[rows, LINK_WORDS].sum() > words.sum():
        return []
    if steps:
        fits = words.mean() >= _STEP and probabilities[rows].mean() >= _LIKELY
    else:
        amounts = sum(
            any(map(str.isnumeric, text_of(page, row))) for row in rows.tolist()
        )  # fractions of one sign, too
        fits = words.mean() <= _AMOUNTS and 2 * amounts >= len(rows)
    fresh = rows[~np.isin(page.hashes[rows], page.hashes[kept])]
    return fresh.tolist() if fits and 2 * len(fresh) >= len(rows) else []
