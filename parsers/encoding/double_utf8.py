"""Pages whose UTF-8 was taken for windows-1252 and encoded once more: ``FÃ¤hre``, ``donâ€™t``.

A database or an editor did that, so the page is valid UTF-8, and browsers show what is there. Where at least half of what
is not ASCII consists of such sequences, each of them is decoded once more. A single one may be meant: a page may speak
of the fault.
"""

from __future__ import annotations

import re

# Of the bytes 0x80 to 0xBF the characters of windows-1252; where it has none, the C1 control of that number.
_TAIL = "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(0x80, 0xC0))
_CONTINUES = f"[{re.escape(_TAIL)}]"
_SEQUENCE = re.compile(
    f"[\u00c2-\u00df]{_CONTINUES}|[\u00e0-\u00ef]{_CONTINUES}{{2}}|[\u00f0-\u00f4]{_CONTINUES}{{3}}"
)
_BEYOND_ASCII = re.compile("[^\x00-\x7f]+")
_FEWEST = 3
_BYTES = {character: 0x80 + place for place, character in enumerate(_TAIL)}
# How the most frequent characters of several scripts begin when they are encoded twice: a search for these is cheap.
_SIGNS = re.compile(rb"\xc3(?:[\x82\x83\x8e\x90\xa3\xa4\xa5]\xc2|\xa2\xe2\x82|\x83\xc5|\x99\xe2)")


def decoded_twice(html: bytes | str) -> bytes | str:
    """``html`` (text, or valid UTF-8) as it was before it was encoded twice; the same object if it wasn't."""
    if isinstance(html, str):
        return _decoded(html) if not html.isascii() and any(sign.decode()[:1] in html for sign in _WHOLE) else html
    if html.isascii() or b"\xc3" not in html or not _SIGNS.search(html):
        return html
    text = html.decode("utf-8", "replace")
    # A sequence has four characters at most and begins with one of U+00C0 to U+00FF, whose UTF-8 begins with this byte. Of
    # the characters beyond ASCII there are at least a third as many as bytes that continue one.
    if 2 * 4 * html.count(b"\xc3") < (len(html) - len(text)) // 3:
        return html
    found = _decoded(text)
    return html if found is text else found


_WHOLE = (
    b"\xc3\x83",
    b"\xc3\x82",
    b"\xc3\xa2",
    b"\xc3\x90",
    b"\xc3\xa4",
    b"\xc3\xa5",
    b"\xc3\xa3",
    b"\xc3\x8e",
    b"\xc3\x99",
)


def _decoded(text: str) -> str:
    stretches = _BEYOND_ASCII.findall(text)  # sequences lie in these, and a search of the whole page takes long
    found = _SEQUENCE.findall("\n".join(stretches))
    if len(found) < _FEWEST or 2 * sum(map(len, found)) < sum(map(len, stretches)):
        return text
    return _SEQUENCE.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    source = bytes(_BYTES.get(character, ord(character) & 0xFF) for character in match[0])
    try:
        character = source.decode("utf-8")
    except UnicodeDecodeError:
        return match[0]
    return character if character.isprintable() or character.isspace() else match[0]
