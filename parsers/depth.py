"""How deep a page's elements are nested, counted without parsing it: what parsers take quadratic time or a stack for."""

from __future__ import annotations

import re
from itertools import accumulate

# Elements that stay open until their end tag; br, img, p, li and the like close by themselves.
_TAG = re.compile(
    rb"<(/?)(?:a|abbr|address|article|aside|b|bdo|big|blockquote|button|center|code|del|details|dir|div|dl|em|fieldset"
    rb"|figure|font|footer|form|h[1-6]|header|i|ins|kbd|label|main|map|menu|nav|object|ol|pre|q|s|samp|section|select"
    rb"|small|span|strike|strong|sub|summary|sup|svg|table|tt|u|ul|var)\b",
    re.IGNORECASE,
)


def depth(html: bytes) -> int:
    """The most elements that are open at once, by their tags alone: a page that forgets end tags counts as deep."""
    steps = (-1 if match[1] else 1 for match in _TAG.finditer(html))
    return max(accumulate(steps), default=0)
