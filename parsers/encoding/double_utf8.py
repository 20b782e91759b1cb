"""Pages whose UTF-8 was taken for windows-1252 or Latin-1 and encoded once more: ``FÃ¤hre``, ``donâ€™t``.

A database or an editor did that, so the page is valid UTF-8, and browsers show what is there. Where at least half of what
is not ASCII consists of such sequences, each of them is decoded once more. A single one may be meant: a page may speak
of the fault.
"""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np

# Of the bytes 0x80 to 0xBF the characters of windows-1252; where it has none, the C1 control of that number.
_TAIL = "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(0x80, 0xC0))
# Programs that take it for Latin-1 leave C1 controls in these places.
_CONTINUES = f"[{re.escape(_TAIL)}\u0080-\u009f]"
_SEQUENCE = re.compile(
    f"[\u00c2-\u00df]{_CONTINUES}|[\u00e0-\u00ef]{_CONTINUES}{{2}}|[\u00f0-\u00f4]{_CONTINUES}{{3}}"
)
_FEWEST = 3
_BYTES = {character: 0x80 + place for place, character in enumerate(_TAIL)}
# How a sequence begins in UTF-8: one of U+00C2 to U+00F4, then one of the characters above.
_BEGINS = re.compile(rb"\xc3[\x82-\xb4](?=[\xc2\xc5\xc6\xcb]|\xe2[\x80\x82\x84])")
_LONGEST = 4  # characters of a sequence
# How the most frequent characters of several scripts begin when they are encoded twice: a search for these is cheap.
_SIGNS = re.compile(rb"\xc3(?:[\x82\x83\x8e\x90\xa3\xa4\xa5]\xc2|\xa2(?:\xe2\x82|\xc2\x80)|\x83\xc5|\x99\xe2)")


def decoded_twice(html: bytes | str) -> bytes | str:
    """``html`` (text, or valid UTF-8) as it was before it was encoded twice; the same object if it wasn't."""
    if isinstance(html, str):
        if html.isascii() or not any(sign in html for sign in _FIRST):
            return html
        found = _decoded(html.encode("utf-8", "surrogatepass"), "surrogatepass")
    else:
        if html.isascii() or b"\xc3" not in html or not _SIGNS.search(html):
            return html
        found = _decoded(html, "replace")
    return html if found is None else found


# With which of these most scripts' sequences begin.
_FIRST = tuple("ÃÂâÐäåãÎÙ")


def _decoded(html: bytes, errors: str) -> str | None:
    """The text of UTF-8 that was encoded twice, ``None`` for any other."""
    begins = len(_BEGINS.findall(html))
    high = np.frombuffer(html, np.uint8) >= 0x80
    # A character beyond ASCII has four bytes at most.
    if begins < _FEWEST or 2 * _LONGEST * begins < np.count_nonzero(high) // 4:
        return None
    # Sequences lie in stretches beyond ASCII: to search the whole page for them takes milliseconds.
    edges = [0, *(np.flatnonzero(high[1:] != high[:-1]) + 1).tolist(), len(html)]
    pieces = [html[start:stop].decode("utf-8", errors) for start, stop in pairwise(edges)]
    stretches = pieces[0 if high[0] else 1 :: 2]
    found = _SEQUENCE.findall("\n".join(stretches))
    if len(found) < _FEWEST or 2 * sum(map(len, found)) < sum(map(len, stretches)):
        return None
    pieces[0 if high[0] else 1 :: 2] = [_SEQUENCE.sub(_character, stretch) for stretch in stretches]
    return "".join(pieces)


def _character(match: re.Match[str]) -> str:
    source = bytes(_BYTES.get(character, ord(character) & 0xFF) for character in match[0])
    try:
        character = source.decode("utf-8")
    except UnicodeDecodeError:
        return match[0]
    return character if character.isprintable() or character.isspace() else match[0]
