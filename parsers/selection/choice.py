"""Which blocks of a page are its content, and what decided about each: the steps of selection in their order."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from parsers.classifier.title_features import headline_row
from parsers.markup.names import TAG
from parsers.metadata.metadata import Metadata
from parsers.scanner.page import ATOMS, ATOMS_STOP, WORD, WORDS, Page
from parsers.selection.adjacent_blocks import keep_adjacent, keep_images
from parsers.selection.applicable import (
    BUTTONS,
    FORMS,
    HEADINGS_ABOVE,
    NUMBERS,
    TICKED_LISTS,
    steps_that_may,
)
from parsers.selection.article_numbers import keep_article_numbers
from parsers.selection.button_labels import drop_button_labels
from parsers.selection.code_labels import drop_code_labels
from parsers.selection.data_tables import drop_switches, whole_tables
from parsers.selection.dialogs import asks_for_password, in_dialogs
from parsers.selection.expected_f1 import best_expected_f1
from parsers.selection.form_surroundings import drop_form_surroundings
from parsers.selection.forum_details import drop_forum_details
from parsers.selection.further_articles import drop_further_articles
from parsers.selection.legal_texts import keep_sentences
from parsers.selection.links_behind import drop_headings_behind, drop_links_behind
from parsers.selection.mail_archives import drop_around_mails
from parsers.selection.own_style import drop_hidden
from parsers.selection.paired_blocks import keep_pairs
from parsers.selection.polls import drop_polls
from parsers.selection.post_lines import drop_post_lines
from parsers.selection.posts import drop_posters, keep_code_in_posts
from parsers.selection.read_also import drop_invitations
from parsers.selection.recipe_cards import drop_recipe_switches, may_be_recipe
from parsers.selection.recipe_sections import keep_recipe_sections
from parsers.selection.repeated_elements import drop_repeated
from parsers.selection.rows import along_with, any_of
from parsers.selection.script_notices import drop_script_notices
from parsers.selection.section_headings import keep_section_headings
from parsers.selection.sibling_paragraphs import keep_sibling_paragraphs
from parsers.selection.stated_lines import stated_rows
from parsers.selection.table_rows import said_by_rows, whole_rows
from parsers.selection.thin_pages import drop_gates, drop_unlikely, says_little
from parsers.selection.ticked_lists import keep_ticked_lists
from text.jit.options import kernel

# What may decide about a block, in the order of the steps; the last that changed it counts.
CAUSES = (
    "classifier", "dialog", "sibling", "thin page", "legal text", "own style", "read also", "links behind", "repeats", "adjacent", "stated",
    "post", "table", "pair", "mail", "code label", "image", "poll", "button", "form",
    "forum detail", "further article", "recipe section", "recipe card", "article number", "heading above", "ticked list", "headings behind", "headline", "no words",
)  # fmt: skip
(CLASSIFIER, DIALOG, SIBLING, THIN_PAGE, LEGAL_TEXT, OWN_STYLE, READ_ALSO, LINKS_BEHIND, REPEATS, ADJACENT, STATED, POST, TABLE, PAIR, MAIL,
 CODE_LABEL, IMAGE, POLL, BUTTON, FORM, FORUM_DETAIL, FURTHER_ARTICLE, RECIPE_SECTION, RECIPE_CARD, ARTICLE_NUMBER, HEADING_ABOVE, TICKED, HEADINGS_BEHIND, HEADLINE, NO_WORDS) = range(len(CAUSES))  # fmt: skip

_DL, _BUTTON = TAG["dl"], TAG["button"]
# How likely a dialog is to be content, and the words that must be left without it: a page may be about cookies.
_DIALOG, _LEFT, _NOTICE = np.float32(0.01), 10 * WORD, 80 * WORD


class Choice(NamedTuple):
    """Of m blocks: ``kept``  ``bool[m]``, those that are content. ``steps``  what each step kept, after its place in
    :data:`CAUSES`. ``headline``  the row of the page's headline, -1 where none is content."""

    kept: np.ndarray
    steps: tuple[tuple[int, np.ndarray], ...]
    headline: int = -1

    @property
    def causes(self) -> np.ndarray:
        """``uint8[m]``: of each block the place in :data:`CAUSES` of what decided about it. Found when it is asked for: who
        wants the text alone has no use for it."""
        return _causes(self.steps)


class Evidence(NamedTuple):
    """What is known of a page's blocks: their ``roles`` (:func:`parsers.blocks.roles.block_roles`), ``statements``
    (:func:`parsers.classifier.title_features.compute_title_features`), the ``probabilities`` of being content, the
    ``markup``, and what the page says ``about`` itself."""

    roles: np.ndarray
    statements: np.ndarray
    probabilities: np.ndarray
    markup: bytes
    about: Metadata


def choose(page: Page, known: Evidence, *, images: bool = False) -> Choice:
    """The blocks that are content; ``images``: those with an image alone between them, too."""
    roles, probabilities = known.roles, known.probabilities
    head = headline_row(known.statements, page, known.about)
    headline = int(head[0]) if len(head) else -1
    steps = _Steps(best_expected_f1(page, probabilities))
    dialogs = in_dialogs(page, known.markup, headline)
    dialogs_go = any_of(dialogs)
    if dialogs_go:
        others = np.where(dialogs, np.minimum(probabilities, _DIALOG), probabilities)
        without = best_expected_f1(page, others) & ~dialogs
        if page.blocks[without, WORDS].sum() >= _LEFT or _is_notice(page, dialogs):
            probabilities = others
            steps.then(DIALOG, without)
    steps.then(SIBLING, keep_sibling_paragraphs(page, steps.kept, probabilities))
    beside = dialogs_go and bool((_causes(steps.all) == DIALOG).any())
    form = says_little(page, steps.kept) and asks_for_password(known.markup)
    thin = drop_unlikely(page, probabilities, steps.kept, beside_dialog=beside, beside_form=form)
    steps.then(THIN_PAGE, drop_script_notices(page, drop_gates(page, thin)))
    steps.then(LEGAL_TEXT, keep_sentences(page, roles, known.about.title, steps.kept))
    steps.then(OWN_STYLE, drop_hidden(page, known.markup, steps.kept))
    steps.then(READ_ALSO, drop_invitations(page, roles, steps.kept, probabilities))
    steps.then(LINKS_BEHIND, drop_links_behind(page, probabilities, steps.kept))
    steps.then(REPEATS, drop_repeated(page, steps.kept))
    steps.then(ADJACENT, keep_adjacent(page, roles, steps.kept, probabilities))
    steps.then(POST, keep_code_in_posts(page, roles, steps.kept))
    if any_of(steps.kept):
        stated = stated_rows(page, roles, known.markup, known.about.recipe, steps.kept)
        steps.then(STATED, along_with(steps.kept, stated))
    rows = whole_rows(steps.kept, roles, page.blocks[:, WORDS])
    tables = whole_tables(page, roles, rows, probabilities)
    steps.then(TABLE, drop_switches(page, roles, known.markup, tables))
    steps.then(PAIR, _with_pairs(page, roles, steps.kept, probabilities, headline))
    steps.then(MAIL, drop_around_mails(page, known.markup, steps.kept))
    steps.then(CODE_LABEL, drop_code_labels(page, roles, steps.kept))
    may = steps_that_may(page, roles, steps.kept, probabilities)
    if headline >= 0 and may & HEADINGS_ABOVE:
        steps.then(HEADING_ABOVE, keep_section_headings(page, roles, steps.kept, probabilities))
    if may & TICKED_LISTS:
        steps.then(TICKED, keep_ticked_lists(page, roles, steps.kept, probabilities))
    if images:
        steps.then(IMAGE, keep_images(page, steps.kept))
    steps.then(POLL, drop_polls(page, steps.kept))
    if may & BUTTONS:
        steps.then(BUTTON, drop_button_labels(page, known.markup, roles, steps.kept))
    if may & FORMS:
        steps.then(FORM, drop_form_surroundings(page, known.markup, roles, steps.kept, headline))
    steps.then(FORUM_DETAIL, drop_forum_details(page, roles, steps.kept, answers="qapage" in known.about.types))
    steps.then(FORUM_DETAIL, drop_post_lines(page, roles, steps.kept, headline))
    steps.then(FORUM_DETAIL, drop_posters(page, steps.kept, headline))
    steps.then(FURTHER_ARTICLE, drop_further_articles(page, known.markup, steps.kept, headline))
    if (known.about.recipe or may_be_recipe(page)) and any_of(steps.kept):
        steps.then(RECIPE_SECTION, keep_recipe_sections(page, roles, steps.kept, probabilities))
        steps.then(RECIPE_CARD, drop_recipe_switches(page, roles, steps.kept, known.about.recipe))
    if may & NUMBERS:
        steps.then(ARTICLE_NUMBER, keep_article_numbers(page, roles, steps.kept))
    steps.then(HEADINGS_BEHIND, drop_headings_behind(page, roles, probabilities, steps.kept))
    if any_of(steps.kept):
        steps.then(HEADLINE, along_with(steps.kept, head))
    choice = _written(page, known.roles, steps)
    return choice._replace(headline=headline if headline >= 0 and choice.kept[headline] else -1)


def _is_notice(page: Page, dialogs: np.ndarray) -> bool:
    """Whether dialogs are so short, and have such buttons, that no page is about them, however little else there is."""
    return bool(page.tags[_BUTTON]) and page.blocks[dialogs, WORDS].sum() <= _NOTICE


def _with_pairs(
    page: Page, roles: np.ndarray, kept: np.ndarray, probabilities: np.ndarray, headline: int
) -> np.ndarray:
    """With the other half of each pair, a list of terms right below the headline among them where something else is kept: it stays."""
    if headline < 0 or kept[headline] or not page.tags[_DL] or not kept.any():
        return keep_pairs(page, roles, kept, probabilities)
    below = kept.copy()
    below[headline] = True
    below = keep_pairs(page, roles, below, probabilities)
    below[headline] = False
    return kept if np.array_equal(below, kept) else below


def whole(page: Page, roles: np.ndarray) -> Choice:
    """All blocks of a page that is content alone."""
    return _written(page, roles, _Steps(np.ones(len(page.blocks), np.bool_)))


def _written(page: Page, roles: np.ndarray, steps: _Steps) -> Choice:
    """Without blocks that say nothing: of signs alone, as bullets and broken characters are. In a row of a table a sign is
    a value."""
    steps.then(NO_WORDS, _saying(page.blocks, roles, steps.kept))
    return Choice(steps.kept, tuple(steps.all))


@kernel
def _saying(blocks, roles, kept):
    said, says = said_by_rows(roles, blocks[:, WORDS]), kept.copy()
    for b in range(len(kept)):
        if kept[b] and blocks[b, WORDS] <= 0 and blocks[b, ATOMS_STOP] <= blocks[b, ATOMS] and not said[b]:
            says[b] = False
    return says


class _Steps:
    """The choice so far. Each step gives another, and is the cause for what it changes."""

    def __init__(self, kept: np.ndarray) -> None:
        self.kept = kept
        self.all = [(CLASSIFIER, kept)]

    def then(self, cause: int, kept: np.ndarray) -> None:
        if kept is not self.kept:  # most steps hand back what they were given
            self.all.append((cause, kept))
            self.kept = kept


def _causes(steps: Sequence[tuple[int, np.ndarray]]) -> np.ndarray:
    causes = np.full(len(steps[0][1]), CLASSIFIER, np.uint8)
    for (_, before), (cause, kept) in pairwise(steps):
        causes[kept != before] = cause
    return causes
