"""Which sites a page links to, read from its bytes: before parsing, and of pages that are never parsed."""

from __future__ import annotations

import numpy as np

_MOST_HOSTS = 200


def linked_hosts(html: bytes) -> list[str]:
    """The hosts of the absolute links (``href``) of a page, in lower case, each once, in the order of the page; at most
    200. A link is what this expression finds in the page in lower case::

        \\bhref\\s*=\\s*["']?\\s*(?:https?:)?//(?:[^/"'\\s<>?#@]{0,80}@)?([a-z0-9\\x80-\\xff._-]{1,253})

    Linear in the bytes; never raises."""
    from filters.link_kernels import hosts  # imports numba

    found: dict[str, None] = {}
    for start, end in hosts(np.frombuffer(html, np.uint8)).tolist():
        if len(found) == _MOST_HOSTS:
            break
        found[html[start:end].lower().decode("utf-8", "replace").lower().strip(".")] = None
    return [host for host in found if "." in host]
