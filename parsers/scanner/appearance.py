"""A page as its styles and its programs show it, where its tags say something else."""

from __future__ import annotations

from parsers.scanner.buttons import buttons_apart
from parsers.scanner.cell_signs import write_cell_signs
from parsers.scanner.drawn_lines import break_drawn_lines
from parsers.scanner.drop_caps import join_drop_caps
from parsers.scanner.edits import edited
from parsers.scanner.indented_lines import join_indented_lines
from parsers.scanner.loose_ends import drop_loose_ends
from parsers.scanner.page import Page


def as_drawn(markup: bytes, page: Page) -> bytes:
    """``markup`` (normal form, of which ``page`` is the scanner's) with first letters at their words, drawn lines broken,
    buttons in headings and at the ends of paragraphs gone, code of indented lines in a ``pre``, and signs that cells show as
    pictures written; the same object where there is nothing to change."""
    return edited(
        markup,
        [
            *join_drop_caps(markup, page),
            *break_drawn_lines(markup, page),
            *buttons_apart(markup, page),
            *join_indented_lines(markup, page),
            *drop_loose_ends(markup, page),
            *write_cell_signs(markup, page),
        ],
    )
