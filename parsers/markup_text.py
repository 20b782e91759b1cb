"""What the markup of a page shows as text, at some thirtieth of what parsing costs: to judge by whether to parse it.

No tree is built and nothing is selected: navigation, footers and what a style hides are text here. A tag is what stands between
"<" and the next ">"; scripts, style sheets and comments are left out, and what a script would write isn't seen.
"""

from __future__ import annotations

import re
from html import unescape

import numpy as np

from parsers.encoding.source import decoded
from parsers.jit.byte_search import find
from text.jit.options import inner, kernel

_LESS, _GREATER, _SLASH, _MARK, _QUESTION, _DASH, _SPACE = map(ord, "<>/!?- ")
_SMALL = 0x20  # of letters, the bit that makes small ones of capitals
_LANGUAGE = re.compile(rb"<html[^>]{0,400}?\slang\s*=\s*[\"']?([a-z]{2,3})\b", re.IGNORECASE)
_HEAD_BYTES = 4096
_NONE, _SCRIPT, _STYLE = range(3)


def visible_text(html: bytes, content_type: str = "") -> str | None:
    """The text of a page, its white space and its tags as single blanks; ``None`` where some of its bytes can't be decoded.
    Linear in the bytes. ``html`` and ``content_type`` as for :func:`parsers.extract`."""
    source, _, undecodable = decoded(html, content_type)
    if undecodable:
        return None
    data = source.encode("utf-8", "replace") if isinstance(source, str) else source
    shown = _shown(np.frombuffer(data, np.uint8), np.frombuffer(data, np.uint64, len(data) // 8))
    # A tag within a character's bytes there is none, but a broken page may end in one.
    text = shown.tobytes().decode("utf-8", "replace")
    return unescape(text).strip()


def stated_language(html: bytes) -> str:
    """The code of the language that the page's first element states (``en`` of ``lang="en-US"``); empty where it states none."""
    found = _LANGUAGE.search(html, 0, _HEAD_BYTES)
    return found[1].decode().lower() if found else ""


@kernel
def _shown(data, words):
    """The bytes of ``data`` (``uint8[n]``; ``words`` is the same as ``uint64``) that stand outside of tags, scripts, style sheets
    and comments: ``uint8[m]``. White space, tags and all that is left out are one blank each, or together, between other bytes."""
    size, at, count = len(data), 0, 0
    out = np.empty(size, np.uint8)
    apart = is_sign = False
    while at < size:
        end = find(data, words, size, at + is_sign, _LESS)
        for place in range(at, end):
            if data[place] <= _SPACE:
                apart = True
                continue
            if apart and count:
                out[count] = _SPACE
                count += 1
            out[count] = data[place]
            count += 1
            apart = False
        at = _behind(data, words, end)
        is_sign = at == end  # not a tag: text goes on with it
        apart = apart or not is_sign
    return out[:count].copy()


@inner
def _behind(data, words, at):
    """Where what begins with the "<" at a place ends: a tag, a comment, a script with its content; ``at`` itself for none."""
    size, first = len(data), at + 1
    if first >= size:
        return size
    byte = data[first]
    if byte == _MARK and first + 2 < size and data[first + 1] == _DASH and data[first + 2] == _DASH:
        end = find(data, words, size, first + 3, _GREATER)
        while end < size and not (data[end - 1] == _DASH and data[end - 2] == _DASH):
            end = find(data, words, size, end + 1, _GREATER)
        return min(end + 1, size)
    if not (_is_letter(byte) or byte == _SLASH or byte == _MARK or byte == _QUESTION):
        return at
    end = min(find(data, words, size, first, _GREATER) + 1, size)
    raw = _raw(data, first)
    if raw == _NONE:
        return end
    while end < size:
        end = find(data, words, size, end, _LESS)
        if end + 2 < size and data[end + 1] == _SLASH and _raw(data, end + 2) == raw:
            return end  # its end tag is the next one
        end = min(end + 1, size)
    return size


@inner
def _is_letter(byte):
    return ord("a") <= byte | _SMALL <= ord("z")


@inner
def _raw(data, at):
    """Whether the name of an element that begins at a place is that of a script or of a style sheet."""
    if at + 6 > len(data) or data[at] | _SMALL != ord("s"):
        return _NONE
    b, c, d, e = data[at + 1] | _SMALL, data[at + 2] | _SMALL, data[at + 3] | _SMALL, data[at + 4] | _SMALL
    if b == ord("c") and c == ord("r") and d == ord("i") and e == ord("p") and data[at + 5] | _SMALL == ord("t"):
        return _SCRIPT
    if b == ord("t") and c == ord("y") and d == ord("l") and e == ord("e") and not _is_letter(data[at + 5]):
        return _STYLE
    return _NONE
