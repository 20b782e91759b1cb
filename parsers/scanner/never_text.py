"""Short elements that are never text: what a page's machinery puts into headings, sentences and prices.

``[edit]`` behind a heading, the sign that links to it, a tooltip with a definition, the name of an icon that a font
draws, the number of a printed page, a price a second time for screen readers: in a browser none of them is read as
part of the line that it stands in. The scanner skips them. The names are read off the public output of MediaWiki,
Sphinx, rustdoc, Bootstrap, WordPress, Material icons, Project Gutenberg and others.

Each list has its own test, since class names promise little: what is in an element has to be as short as its name
says, and text for screen readers stays where it is all that its block has to say.
"""

from __future__ import annotations

import numpy as np

from parsers.jit.hash_table import value_of
from parsers.markup.names import AS_CLASS, AS_ROLE, BLOCK, ROLE_SHIFT, TAG, fnv
from text.hashing import FNV_OFFSET, FNV_PRIME
from text.jit.options import inner

# What the scanner is told of an element, beside the bits of parsers.scanner.atom_roots.
# NEVER: whatever it holds. UNSEEN: for screen readers, or drawn as a picture. SIGN: if no word stands in it. BRIEF: if it is
# as short as a page's number. HIDDEN: by an attribute.
# TIP: if an attribute hides it, however long it is.
NEVER, UNSEEN, SIGN, BRIEF, HIDDEN = (np.uint64(1 << place) for place in range(3, 8))
TIP = np.uint64(1 << 14)  # the bits between are those of parsers.scanner.start_tags
ANY = NEVER | UNSEEN | SIGN | BRIEF | HIDDEN

_NEVER = (
    # links for editing, for the source, and back from a note
    "mw-editsection editsection mw-cite-backlink viewcode-link viewcode-back srclink footnote-backref footnote-back "
    "footnote-backlink reversefootnote fn-backref data-footnote-backref backlink-ref "
    # definitions that show on a touch
    "tooltiptext tooltip-text tooltip-content tooltip__content tooltip__text tooltip-inner glossary-info "
    "glossary-definition term__definition tippy-content tooltip-body tooltip-box tooltipcontent popover-content "
    # invitations to share a sentence, and what a gist's frame says of itself
    "tweet-this click-to-tweet ctt-btn bctt-ctt-btn bctt-ctt-text tm-ctt-btn gist-meta test-arrow "
    # links for editing of MoinMoin, DokuWiki and others
    "edit-page editlink edit-link secedit edit-section section-edit mw-editbutton "
    # what unfolds a quotation of XenForo, or a description of rustdoc; on which systems a function is there
    "bbcodeblock-expandlink js-expandlink hideme portability "
    # the title above a list of links into the page, and the way back up
    "ez-toc-title back-to-top backtotop "
    # controls of a player, and what it says to screen readers
    "vjs-control-bar vjs-control-text vjs-modal-dialog vjs-text-track-settings "
    # links into a recipe, and what recipe programs offer to do with it
    "wprm-recipe-jump wprm-recipe-jump-video wprm-recipe-print wprm-recipe-pin tasty-recipes-jump-link "
    "tasty-recipes-print-link tasty-recipes-yield-scale zlrecipe-print-link zl-linkback ziplist-recipe-plugin "
    # what DataTables says of a table's length, and its fields to search and to turn pages
    "datatables_info datatables_length datatables_filter datatables_paginate dt-info dt-length dt-search dt-paging "
    # a switch of recipe programs that keeps the screen on
    "cook-mode tasty-recipes-cook-mode wprm-prevent-sleep wprm-prevent-sleep-container"
)
_UNSEEN = (
    "sr-only visually-hidden visuallyhidden visually_hidden screen-reader-text screen-reader-only screenreader "
    "screenreader-only screen-reader sr-text sr_only a-offscreen element-invisible element-hidden assistive-text "
    "show-for-sr a11y-hidden a11y-only accessibly-hidden u-visually-hidden u-sr-only govuk-visually-hidden "
    "elementor-screen-only visually-hidden-focusable is-visually-hidden is-sr-only offscreen off-screen "
    "clip-hidden text-hide aural for-screen-reader only-screen-reader hidden-visually vh-only slds-assistive-text "
    "wprm-screen-reader-text cdk-visually-hidden mw-invisible "
    # names of icons, which a font draws
    "material-icons material-icons-outlined material-icons-round material-icons-rounded material-icons-sharp "
    "material-icons-two-tone material-symbols-outlined material-symbols-rounded material-symbols-sharp mat-icon "
    "google-symbols gm-icon material-icons-extended google-material-icons material-icon material-symbols md-icon "
    "icon-ligature mat-ligature-font"
)
_SIGN = (
    "headerlink header-anchor header-link heading-anchor heading-link headinglink anchor-link anchorlink anchorjs-link "
    "hash-link permalink selflink self-link section-link doc-anchor toc-anchor direct-link markdownit-header-anchor "
    "linkicon wprm-checkbox-label anchor documentation-idlink"
)
_TIP = (
    "tooltip tip popover popup popup-text hint definition def glossary glossary-tooltip glossary-popup term-definition "
    "explanation infotip"
)
_BRIEF = "pagenum pageno pagenumber page-number page-num ws-pagenum pagebreak page-break pagination-number lnum src view-source documentation-source"

# Bytes of markup that may stand in such an element. A tooltip has a sentence or two; what a style hides may also be
# the second half of a paragraph, which a touch unfolds.
_LONGEST, _LONGEST_UNSEEN, _LONGEST_HIDDEN, _BRIEFEST, _SIGNS = 2_000, 400, 40, 16, 12
_AHEAD = 400  # bytes in which the rest of a block has to show a text
_OFFSET, _PRIME = np.uint64(FNV_OFFSET), np.uint64(FNV_PRIME)
_BR = TAG["br"]


def never_text_entries() -> dict[int, int]:
    """By their hashes: what class tokens and roles make of their element."""
    entries: dict[int, int] = {}
    for words, bit in ((_NEVER, NEVER), (_UNSEEN, UNSEEN), (_SIGN, SIGN), (_BRIEF, BRIEF), (_TIP, TIP)):
        for word in words.split():
            entries[fnv(word, AS_CLASS)] = int(bit)
    for role in ("tooltip", "doc-pagebreak"):
        entries[fnv(role, AS_ROLE)] = int(NEVER) << ROLE_SHIFT
    return entries


@inner
def is_never_text(data, size, name, inside, root, is_block, has_text, keys, values, behaviours):
    """Whether the element whose name begins at ``name``, and whose content at ``inside``, is skipped. ``root``: its bits;
    ``has_text``: whether its block has text before it."""
    stop = end_of(data, size, name, inside, _LONGEST)
    if stop < 0:
        return False
    if root & NEVER or (root & TIP and root & HIDDEN and not is_block):
        return True
    if is_block:
        return False
    length, letters = _length(data, inside, stop)
    if root & SIGN and letters == 0 and length <= _SIGNS:
        return True
    if root & BRIEF and length <= _BRIEFEST:
        return True
    if letters == 0 and length <= 2 and data[stop - 1] < 128:  # a colon between a label and its value
        return False
    if (
        (root & UNSEEN and stop - inside <= _LONGEST_UNSEEN) or (root & HIDDEN and length <= _LONGEST_HIDDEN)
    ) and not _holds_formula(data, inside, stop):
        return has_text or _text_follows(data, size, stop, keys, values, behaviours)
    return False


@inner
def end_of(data, size, name, at, limit):
    """Offset of the end tag of an element, -1 if it is more than ``limit`` bytes away."""
    depth = 1
    last = min(size - 2, at + limit)
    while at < last:
        if data[at] == 60:
            if data[at + 1] == 47:
                if _same_name(data, size, name, at + 2):
                    depth -= 1
                    if depth == 0:
                        return at
            elif _same_name(data, size, name, at + 1):
                depth += 1
        at += 1
    return -1


@inner
def _same_name(data, size, name, other):
    while data[name] > 32 and data[name] != 62 and data[name] != 47:
        if other >= size or data[other] != data[name]:
            return False
        name += 1
        other += 1
    return data[other] <= 32 or data[other] == 62 or data[other] == 47


@inner
def _length(data, at, stop):
    """How many bytes of text stand between two places, white space aside, and how many of them are letters."""
    length = letters = 0
    tag = False
    while at < stop:
        byte = data[at]
        if byte == 60:
            tag = True
        elif byte == 62:
            tag = False
        elif not tag and byte == 38 and data[at + 1] == 110 and data[at + 2] == 98 and data[at + 5] == 59:
            at += 5  # a blank that does not break
        elif not tag and byte > 32:
            length += 1
            # Signs of links and of paragraphs begin with these bytes, and no letter of a living alphabet does.
            letters += 97 <= byte | 32 <= 122 or 0xC3 <= byte < 0xE2 or 0xE3 <= byte < 0xEF
        at += 1
    return length, letters


@inner
def _holds_formula(data, at, stop):
    while at + 4 <= stop:
        if data[at] == 109 and data[at + 1] == 97 and data[at + 2] == 116 and data[at + 3] == 104:
            return True
        at += 1
    return False


@inner
def _text_follows(data, size, at, keys, values, behaviours):
    """Whether the block goes on with text behind the element that ends at ``at``."""
    last = min(size - 2, at + _AHEAD)
    while at < last:
        byte = data[at]
        if byte <= 32:
            at += 1
        elif byte == 60:
            at += 2 if data[at + 1] == 47 else 1
            name = _OFFSET
            while data[at] > 32 and data[at] != 62 and data[at] != 47:
                name = (name ^ np.uint64(data[at])) * _PRIME
                at += 1
            tag = np.int64(value_of(keys, values, name))
            if behaviours[tag] & BLOCK or tag == _BR:
                return False
            while at < size and data[at] != 62:
                at += 1
            at += 1
        else:
            return not (byte == 38 and data[at + 1] == 110)  # a blank that does not break
    return False
