"""Which sites a page links to, read from its bytes: before parsing, and of pages that are never parsed."""

from __future__ import annotations

import re

_LINK = re.compile(
    rb"""\bhref\s*=\s*["']?\s*(?:https?:)?//(?:[^/"'\s<>?#@]{0,80}@)?([A-Za-z0-9\x80-\xff._-]{1,253})""", re.IGNORECASE
)
_MOST_HOSTS = 200


def linked_hosts(html: bytes) -> list[str]:
    """The hosts of the absolute links (``href``) of a page, in lower case, each once, in the order of the page; at most
    200. Linear in the bytes; never raises."""
    found: dict[str, None] = {}
    for match in _LINK.finditer(html):
        found[match[1].decode("utf-8", "replace").lower().strip(".")] = None
        if len(found) == _MOST_HOSTS:
            break
    return [host for host in found if "." in host]
