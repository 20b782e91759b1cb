"""Pages whose UTF-8 was taken for windows-1252 and encoded once more: ``FÃ¤hre``, ``donâ€™t``.

A database or an editor did that, so the page is valid UTF-8, and browsers show what is there. Where at least half of what
is not ASCII consists of such sequences, each of them is decoded once more. A single one may be meant: a page may speak
of the fault.
"""

from __future__ import annotations

import re
from functools import lru_cache

# Of the bytes 0x80 to 0xBF the characters of windows-1252; where it has none, the C1 control of that number.
_TAIL = "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(0x80, 0xC0))
_CONTINUES = f"[{re.escape(_TAIL)}]"
_SEQUENCE = re.compile(
    f"[\u00c2-\u00df]{_CONTINUES}|[\u00e0-\u00ef]{_CONTINUES}{{2}}|[\u00f0-\u00f4]{_CONTINUES}{{3}}"
)
_BEYOND_ASCII = re.compile("[^\x00-\x7f]+")
_FEWEST = 3
_BYTES = {character: 0x80 + place for place, character in enumerate(_TAIL)}
# How a sequence begins in UTF-8: one of U+00C2 to U+00F4, then one of the characters above.
_BEGINS = re.compile(rb"\xc3[\x82-\xb4](?=[\xc2\xc5\xc6\xcb]|\xe2[\x80\x82\x84])")
_LONGEST = 4  # characters of a sequence
# How the most frequent characters of several scripts begin when they are encoded twice: a search for these is cheap.
_SIGNS = re.compile(rb"\xc3(?:[\x82\x83\x8e\x90\xa3\xa4\xa5]\xc2|\xa2\xe2\x82|\x83\xc5|\x99\xe2)")


def decoded_twice(html: bytes | str) -> bytes | str:
    """``html`` (text, or valid UTF-8) as it was before it was encoded twice; the same object if it wasn't."""
    if isinstance(html, str):
        if html.isascii() or not any(sign in html for sign in _FIRST):
            return html
        beyond_ascii = html.encode("utf-8", "ignore")
        return _decoded(html) if _may_be_most(beyond_ascii, len(beyond_ascii) - len(html)) else html
    if html.isascii() or b"\xc3" not in html or not _SIGNS.search(html):
        return html
    text = html.decode("utf-8", "replace")
    if not _may_be_most(html, len(html) - len(text)):
        return html
    found = _decoded(text)
    return html if found is text else found


# With which of these most scripts' sequences begin.
_FIRST = tuple("ÃÂâÐäåãÎÙ")


def _may_be_most(html: bytes, continuing: int) -> bool:
    """Whether half of what is beyond ASCII in ``html`` may be sequences, where so many of its bytes continue a character: of
    the characters there are at least a third as many."""
    begins = len(_BEGINS.findall(html))
    return begins >= _FEWEST and 2 * _LONGEST * begins >= continuing // 3


def _decoded(text: str) -> str:
    stretches = _BEYOND_ASCII.findall(text)  # sequences lie in these, and a search of the whole page takes long
    found = _SEQUENCE.findall("\n".join(stretches))
    if len(found) < _FEWEST or 2 * sum(map(len, found)) < sum(map(len, stretches)):
        return text
    return _SEQUENCE.sub(lambda match: _character(match[0]), text)


@lru_cache(maxsize=4096)
def _character(sequence: str) -> str:
    source = bytes(_BYTES.get(character, ord(character) & 0xFF) for character in sequence)
    try:
        character = source.decode("utf-8")
    except UnicodeDecodeError:
        return sequence
    return character if character.isprintable() or character.isspace() else sequence
