"""Which blocks of a page are its content, and what decided about each: the steps of selection in their order."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from parsers.classifier.title_features import headline_row
from parsers.scanner.page import ATOMS, ATOMS_STOP, WORDS, Page
from parsers.selection.adjacent_blocks import keep_adjacent, keep_images
from parsers.selection.code_labels import drop_code_labels
from parsers.selection.data_tables import whole_tables
from parsers.selection.expected_f1 import best_expected_f1
from parsers.selection.links_behind import drop_links_behind
from parsers.selection.paired_blocks import keep_pairs
from parsers.selection.repeated_elements import drop_repeated
from parsers.selection.stated_lines import stated_rows
from parsers.selection.table_rows import said_by_rows, whole_rows
from parsers.selection.thin_pages import drop_unlikely

# What may decide about a block, in the order of the steps; the last that changed it counts.
CAUSES = (
    "classifier", "thin page", "links behind", "repeats", "adjacent", "stated", "table", "pair", "code label", "image", "headline",
    "no words",
)  # fmt: skip
(CLASSIFIER, THIN_PAGE, LINKS_BEHIND, REPEATS, ADJACENT, STATED, TABLE, PAIR, CODE_LABEL, IMAGE, HEADLINE,
 NO_WORDS) = range(len(CAUSES))  # fmt: skip


class Choice(NamedTuple):
    """Of m blocks: ``kept``  ``bool[m]``, those that are content. ``causes``  ``uint8[m]``, places in
    :data:`CAUSES`. ``headline``  the row of the page's headline, -1 where none is content."""

    kept: np.ndarray
    causes: np.ndarray
    headline: int = -1


class Evidence(NamedTuple):
    """What is known of a page's blocks: their ``roles`` (:func:`parsers.blocks.roles.block_roles`), ``statements``
    (:func:`parsers.classifier.title_features.compute_title_features`), the ``probabilities`` of being content, the
    ``markup``, and the ``recipe`` that the page states."""

    roles: np.ndarray
    statements: np.ndarray
    probabilities: np.ndarray
    markup: bytes
    recipe: tuple[str, ...]


def choose(page: Page, known: Evidence, *, images: bool = False) -> Choice:
    """The blocks that are content; ``images``: those with an image alone between them, too."""
    roles, probabilities = known.roles, known.probabilities
    steps = _Steps(best_expected_f1(page, probabilities))
    steps.then(THIN_PAGE, drop_unlikely(page, probabilities, steps.kept))
    steps.then(LINKS_BEHIND, drop_links_behind(page, probabilities, steps.kept))
    steps.then(REPEATS, drop_repeated(page, steps.kept))
    steps.then(ADJACENT, keep_adjacent(page, roles, steps.kept, probabilities))
    if steps.kept.any():
        steps.add(STATED, stated_rows(page, roles, known.markup, known.recipe, steps.kept))
    rows = whole_rows(steps.kept, roles, page.blocks[:, WORDS])
    steps.then(TABLE, whole_tables(page, roles, rows, probabilities))
    steps.then(PAIR, keep_pairs(page, roles, steps.kept))
    steps.then(CODE_LABEL, drop_code_labels(page, roles, steps.kept))
    if images:
        steps.then(IMAGE, keep_images(page, steps.kept))
    if steps.kept.any():
        steps.add(HEADLINE, headline_row(known.statements))
    choice = _written(page, known.roles, steps)
    headline = next((int(row) for row in headline_row(known.statements) if choice.kept[row]), -1)
    return choice._replace(headline=headline)


def whole(page: Page, roles: np.ndarray) -> Choice:
    """All blocks of a page that is content alone."""
    return _written(page, roles, _Steps(np.ones(len(page.blocks), np.bool_)))


def _written(page: Page, roles: np.ndarray, steps: _Steps) -> Choice:
    """Without blocks that say nothing: of signs alone, as bullets and broken characters are. In a row of a table a sign is
    a value."""
    blocks = page.blocks
    says = (blocks[:, WORDS] > 0) | (blocks[:, ATOMS_STOP] > blocks[:, ATOMS]) | said_by_rows(roles, blocks[:, WORDS])
    steps.then(NO_WORDS, steps.kept & says)
    return Choice(steps.kept, steps.causes)


class _Steps:
    """The choice so far. Each step gives another, and is the cause for what it changes."""

    def __init__(self, kept: np.ndarray) -> None:
        self.kept = kept
        self.causes = np.full(len(kept), CLASSIFIER, np.uint8)

    def then(self, cause: int, kept: np.ndarray) -> None:
        self.causes[kept != self.kept] = cause
        self.kept = kept

    def add(self, cause: int, rows: np.ndarray) -> None:
        kept = self.kept.copy()
        kept[rows] = True
        self.then(cause, kept)
