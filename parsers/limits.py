"""What a page may cost a parser, judged before it is parsed: by :func:`parsers.extract` and :mod:`parsers.sandbox` alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Pages of fewer bytes can't have so many attributes that they cost more than a second.
_SMALL = 65_536


@dataclass(frozen=True)
class PageLimits:
    """``max_bytes``  bytes of HTML. ``max_tags``  ``<`` characters. ``max_depth``  elements open at once. The defaults are
    those of ``recipes/llama3.yaml``, which says where they come from. A page whose markup makes a tree's builder take
    more than ``max_tags`` times ``max_depth`` steps for attributes, options and repeated elements is refused as well."""

    max_bytes: int = 10_000_000
    max_tags: int = 200_000
    max_depth: int = 2_000


class PageTooCostly(ValueError):
    """A page is over a limit, and was not parsed. ``kind``: too_many_bytes, too_many_tags or too_deep; ``score``: how many
    bytes, tags or levels. (too_many_tags stands for what costs as much as too many tags, too.)"""

    def __init__(self, kind: str, message: str, score: float) -> None:
        super().__init__(message)
        self.kind = kind
        self.score = score

    def __reduce__(self):
        return type(self), (self.kind, str(self), self.score)


def count_tags(html: bytes) -> int:
    """The ``<`` characters of a page."""
    # Compiled code: imported here, so that whoever only names limits loads no numba.
    from parsers.jit.byte_search import count_byte

    return count_byte(np.frombuffer(html, np.uint8), ord("<"))


def check_size(html: bytes, limits: PageLimits) -> int:
    """The page's tags. Raises :class:`PageTooCostly` where bytes or tags are too many. Takes no time to speak of."""
    if len(html) > limits.max_bytes:
        message = f"the page has {len(html)} bytes, over the limit of {limits.max_bytes}"
        raise PageTooCostly("too_many_bytes", message, len(html))
    tags = count_tags(html)
    if tags > limits.max_tags:
        raise PageTooCostly("too_many_tags", f"the page has {tags} tags, over the limit of {limits.max_tags}", tags)
    return tags


def check(html: bytes, limits: PageLimits) -> None:
    """Raises :class:`PageTooCostly` where the page is over any limit, in time linear in its bytes."""
    tags = check_size(html, limits)
    if len(html) <= _SMALL and tags <= limits.max_depth:
        return  # nor can it be too deep
    from parsers.page_cost import cost  # compiled code, too

    found = cost(html, tags)
    for levels in (found.depth, found.open_elements):
        if levels > limits.max_depth:
            message = f"the page is {levels} elements deep, over the limit of {limits.max_depth}"
            raise PageTooCostly("too_deep", message, levels)
    most = limits.max_tags * limits.max_depth
    if found.steps > most:
        message = (f"the attributes, options or unclosed elements of the page cost {found.steps} steps, over the limit of "
                   f"{most} (what {limits.max_tags} tags cost that are {limits.max_depth} deep)")  # fmt: skip
        raise PageTooCostly("too_many_tags", message, found.steps)
