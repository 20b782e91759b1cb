"""The normal form of HTML that all parts of the parser read, and a reader of small stretches of it.

A page goes through lexbor once: its tree is built by the HTML standard's rules and written back ("serialised", HTML
standard section 13.3). In what comes out every element has its end tag, names are in lower case, attribute values
stand in double quotes, and of character references only ``&amp; &lt; &gt; &quot; &nbsp;`` are left. So a formula, a
code block or a table can be handed around as a plain stretch of a string and read by one regular expression.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

# Elements whose content the serialiser writes as it is, without character references (section 13.3).
RAW_TEXT_ELEMENTS = frozenset({"script", "style", "xmp", "iframe", "noembed", "noframes", "plaintext"})
# Elements without content and without an end tag (section 13.1.2).
VOID_ELEMENTS = frozenset(
    {"area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input", "keygen", "link",
     "meta", "param", "source", "track", "wbr"}
)  # fmt: skip

# What stands behind a page in normal form, so that a look ahead never leaves it.
PADDING = b"\0" * 16

# The attributes of a start tag and its ">". A quote opens a value only after "=": names of attributes may hold quotes
# too (<a target="" _blank"="">). Possessive, so that a tag without an end costs linear time.
REST_OF_TAG = r'([^>=]*+(?:=(?:"[^"]*")?+[^>=]*+)*+)>'
_TOKEN = re.compile(
    r'<!--.*?(?:-->|\Z)|<!(?!--)[^>]*>|<(/?)([^\s/>"]+)' + REST_OF_TAG + "|([^<]+)|(<)",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r'([^\s=]+)(?:="([^"]*)")?')
_REFERENCE = re.compile("&(amp|lt|gt|quot|nbsp);")
_CHARACTERS = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "nbsp": "\u00a0"}


class Token(NamedTuple):
    """One piece of markup. ``kind`` is ``start``, ``end`` or ``text``; ``name`` a tag's name; ``text`` the text with
    its references resolved, or a start tag's attributes as they stand in the source (see :func:`attributes`)."""

    kind: str
    name: str
    text: str


def unescape(source: str) -> str:
    """Text or attribute value with the five references of the normal form resolved."""
    return _REFERENCE.sub(lambda match: _CHARACTERS[match[1]], source) if "&" in source else source


def attributes(source: str) -> dict[str, str]:
    """The attributes of a start tag, values resolved; an attribute without a value has the empty string."""
    return {match[1]: unescape(match[2] or "") for match in _ATTRIBUTE.finditer(source)}


def tokenize(markup: str) -> Iterator[Token]:
    """The tags and texts of a stretch of normal form, in order; comments and doctypes are left out. Never raises."""
    position = 0
    while match := _TOKEN.match(markup, position):
        position = match.end()
        name = match[2]
        if name is None:
            text = match[4] or match[5]
            if text:
                yield Token("text", "", unescape(text))
        elif match[1]:
            yield Token("end", name, "")
        else:
            yield Token("start", name, match[3])
            if name in RAW_TEXT_ELEMENTS:
                end = markup.find(f"</{name}", position)
                end = len(markup) if end < 0 else end
                if end > position:
                    yield Token("text", "", markup[position:end])
                position = end
            elif name in VOID_ELEMENTS:
                yield Token("end", name, "")


def plain_text(markup: str) -> str:
    """The text of a stretch of normal form, without its tags."""
    return "".join(token.text for token in tokenize(markup) if token.kind == "text")
