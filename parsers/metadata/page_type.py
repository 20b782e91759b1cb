"""What kind of page it is and what its content holds, as short names: ``Extracted.kinds``.

``code``, ``math``, ``table``, ``list`` and ``quote`` stand where the text has such a span. The others are judgements,
each by one rule. Shares are of the words that are kept.

``forum``  the page states it (schema.org ``DiscussionForumPosting`` or ``QAPage``, or ``og:type``), its address does,
or half of the words are readers' comments.

``documentation``  its address or its generator says so; or it has more than 8 blocks of code, is no forum and does not
state that it is an article.

``product``  it states a ``Product`` with an ``Offer``, and no list or collection.

``listing``  none of these, nor ``NewsArticle`` or ``BlogPosting``; a fifth of the words are links, and less than three
tenths stand in blocks of 40 words or more.

``comments``  a tenth of the words are readers' comments, on a forum as elsewhere.

Against the types that WCXB gives to the 776 pages of its development set, precision and recall are .96 and .97 for
forum (.97 and .84 without addresses), .94 and .81 for documentation (.90 and .61), .97 and .79 for product, .83 and
.43 for listing (types listing and collection). The thresholds were chosen on the same pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

from parsers.blocks.roles import CODE, COMMENT
from parsers.markup.names import HAS_ITEM_TYPE
from parsers.metadata.generators import DOCUMENTATION_GENERATOR
from parsers.metadata.metadata import Metadata
from parsers.scanner import page as s
from text.document import Span
from text.jit.options import kernel

_FORUM_TYPES = frozenset({"discussionforumposting", "qapage", "forum", "usercomments"})
_ARTICLE_TYPES = frozenset({"article", "newsarticle", "blogposting"})
_REPORT_TYPES = _ARTICLE_TYPES - {"article"}  # some sites state "article" of every page
_COLLECTION_TYPES = frozenset({"itemlist", "collectionpage", "searchresultspage", "product.group", "group"})
_FORUM_ADDRESS = re.compile(
    r"//(?:forums?|community|discuss|boards?|bbs)\.|/(?:forums?|viewtopic|showthread|threads?|community)[/.]"
)
_DOCUMENTATION_ADDRESS = re.compile(
    r"//(?:docs?|documentation|devdocs)\.|//[^/]*readthedocs"
    r"|/(?:docs?|documentation|manual|reference|javadoc|apidocs?)/"
)
# Bounded, so that they stay linear on markup made to harm.
_ITEM_TYPE = re.compile(rb'itemtype="([^"]{0,300})"')
_HAS_ITEM_TYPE = int(HAS_ITEM_TYPE)
_MANY_CODE_BLOCKS = 8
_LONG = 40 * s.WORD


def stated_types(page: s.Page, markup: bytes) -> frozenset[str]:
    """The schema.org types that the page's ``itemtype`` attributes name, in lower case. ``markup`` is its normal
    form."""
    if not page.said & _HAS_ITEM_TYPE:
        return frozenset()
    typed = page.elements[(page.context & HAS_ITEM_TYPE) != 0]
    found = (_ITEM_TYPE.search(markup, row[s.OPEN], row[s.INNER]) for row in typed.tolist())
    return frozenset(
        name.rpartition("/")[2]
        for value in {match[1] for match in found if match}
        for name in value.decode("utf-8", "replace").lower().split()
    )


def page_kinds(
    blocks: np.ndarray, roles: np.ndarray, spans: Iterable[Span], about: Metadata, url: str
) -> tuple[str, ...]:
    """Names in alphabetical order. ``blocks`` are the rows of ``Page.blocks`` that are kept, ``roles`` what each is
    (column ``ROLE`` of :func:`parsers.blocks.roles.block_roles`), ``about`` what the page states."""
    types = about.types
    total, links, long, comments, code = _counts(blocks, roles)
    found = {span.kind for span in spans if span.kind != "heading"}
    if total and 10 * comments >= total:
        found.add("comments")
    if types & _FORUM_TYPES or _FORUM_ADDRESS.search(url) or (total and 2 * comments >= total):
        found.add("forum")
    if _DOCUMENTATION_ADDRESS.search(url) or DOCUMENTATION_GENERATOR.search(about.generator):
        found.add("documentation")
    elif code > _MANY_CODE_BLOCKS and "forum" not in found and not types & _ARTICLE_TYPES:
        found.add("documentation")
    if {"product", "offer"} <= types and not types & _COLLECTION_TYPES:
        found.add("product")
    if found.isdisjoint(("forum", "documentation", "product")) and not types & _REPORT_TYPES:
        if total and 5 * links >= total and 10 * long < 3 * total:
            found.add("listing")
    return tuple(sorted(found))


@kernel
def _counts(blocks, roles):
    """Words: all, those in links, in long blocks and in comments; and how many blocks are code."""
    total = links = long = comments = code = 0
    for row in range(len(blocks)):
        words = blocks[row, s.WORDS]
        total += words
        links += blocks[row, s.LINK_WORDS]
        if words >= _LONG:
            long += words
        if roles[row] == COMMENT:
            comments += words
        code += roles[row] == CODE
    return total, links, long, comments, code
