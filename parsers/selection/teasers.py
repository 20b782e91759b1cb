"""Teasers: pages that show the beginning of an article of which they state the whole.

Where an article is for subscribers, many pages send its text all the same, as ``articleBody`` in JSON-LD for search engines,
and show its first paragraph above an offer. What pages state is often cut short or stale, so it counts only here: where it
begins as the page's short text does, is at least twice as long as what is shown of it, and ends with words that the page doesn't show.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from parsers.jit.byte_search import holds
from parsers.markup.lenient_json import read_json
from parsers.markup.tokens import unescape

_BODY, _RARE = b'"articleBody"', 7  # "eBod"
_CHARACTERS, _NODES = 200_000, 5_000  # of JSON-LD and its values that are read
_TAG = re.compile(r"<(/?)([a-z0-9]+)[^<>]{0,500}>", re.IGNORECASE)
_INLINE = frozenset({"a", "b", "i", "em", "strong", "span", "u", "small", "sup", "sub", "q", "cite", "abbr", "mark"})
_OTHER = re.compile(r"[\W_]+")
_BEGINNING, _END = 60, 40  # letters by which texts are compared
_NEAR = 300  # letters of the stated text within which the shown one begins
_MORE = 200  # letters that the stated text has beyond what is shown of it


def states_article(markup: bytes) -> bool:
    """Whether a page may state the text of an article; ``markup`` is its normal form."""
    return holds(markup, _BODY, _RARE)


def whole_article(markup: bytes, shown: list[str], everything: str) -> str | None:
    """An HTML fragment of the article that a page states, where the page shows its beginning alone; ``None`` elsewhere.
    ``shown``: the texts of the blocks that are kept; ``everything``: the text of all blocks. Linear in its arguments."""
    blocks, page = list(map(_letters, shown)), _letters(everything)
    beginning = next((letters for letters in blocks if len(letters) >= _BEGINNING), "")
    if not beginning:
        return None
    for body in _bodies(markup):
        paragraphs = [" ".join(line.split()) for line in _lines(body)]
        stated = _letters(" ".join(paragraphs))
        teaser = sum(len(letters) for letters in blocks if letters in stated)
        if (
            len(stated) >= max(2 * teaser, teaser + _MORE, sum(map(len, blocks)) - teaser)
            and beginning[:_BEGINNING] in stated[: _NEAR + _BEGINNING]
            and stated[-_END:] not in page
        ):
            return "\n".join(f"<p>{html.escape(line, quote=False)}</p>" for line in paragraphs if line)
    return None


def _letters(text: str) -> str:
    return _OTHER.sub("", text).casefold()


def _lines(body: str) -> list[str]:
    """The paragraphs of a stated text, which may have markup."""
    if "<" in body:
        body = _TAG.sub(lambda tag: " " if tag[2].lower() in _INLINE else "\n", body)
    return unescape(body).split("\n")


def _bodies(markup: bytes) -> Iterator[str]:
    """The articles' texts in a page's JSON-LD."""
    left, nodes, at = _CHARACTERS, _NODES, 0
    while (at := markup.find(b"ld+json", at)) >= 0 and left > 0:
        start, end = markup.find(b">", at) + 1, markup.find(b"</script", at)
        at += 1
        if start <= 0 or end < 0 or not start <= markup.find(_BODY, start, end) or end - start > left:
            continue
        left -= end - start
        pending: list[object] = [read_json(markup[start:end].decode("utf-8", "replace"))]
        while pending and nodes > 0:
            node = pending.pop()
            nodes -= 1
            if isinstance(node, dict):
                body = node.get("articleBody")
                if isinstance(body, str):
                    yield body
                pending.extend(value for value in node.values() if isinstance(value, dict | list))
            elif isinstance(node, list):
                pending.extend(node)
