"""The text of one block as it is to be read: Unicode NFC, white space folded, invisible characters removed."""

from __future__ import annotations

import re
import unicodedata

# Around each formula in a block's text until it is put into place. The scanner lets no control character through, so a
# page can't forge them.
MATH_START, MATH_STOP = "\x02", "\x03"
_MARKS = {ord(MATH_START): None, ord(MATH_STOP): None}
_SPACE = re.compile(r"\s+")
# Joiners and direction marks have an effect only next to letters; alone they are leftovers of an editor.
_ALONE = re.compile("(?<!\\S)[\u200c-\u200f]+(?!\\S)")
# Soft hyphens, zero-width characters (the joiners stay: Indic and Arabic scripts need them), the invisible operators
# of mathematics, byte order marks and control characters.
_NOT_EVEN_IN_CODE = "\u00ad\u200b\u2060-\u2064\ufeff\x00\x01\x04-\x08\x0e-\x1b\x7f"
_INVISIBLE = _NOT_EVEN_IN_CODE + "\x80-\x84\x86-\x9f"
_DEBRIS = re.compile(f"[{_INVISIBLE}{MATH_START}{MATH_STOP}]")
# Lines of code stay as the page has them. C1 controls stay as well: on pages that were decoded twice, every second
# character of such a line has one.
_CODE_DEBRIS = re.compile(f"[{_NOT_EVEN_IN_CODE}{MATH_START}{MATH_STOP}]")
_DEBRIS_BUT_MARKS = re.compile(f"[{_INVISIBLE}]")
# Signs of windows-1252 (quotes, dashes, "\u2122") that a program took for Latin-1: C1 controls in valid UTF-8. Next to one another, or
# to a letter that UTF-8 may begin with, they are what is left of a text that was decoded twice.
_WINDOWS = {chr(byte): bytes([byte]).decode("cp1252", "ignore") for byte in range(0x80, 0xA0)}
_WINDOWS_SIGN = re.compile("(?<![\u00c2-\u00f4\x80-\x9f])[\x80-\x84\x86-\x9f](?![\x80-\x9f])")


def clean(text: str, debris: re.Pattern[str] = _DEBRIS) -> str:
    """Unicode NFC, without invisible ``debris``; only ``\\n`` separates lines."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if debris is _DEBRIS:
        text = _with_signs(text)
    return unicodedata.normalize("NFC", debris.sub("", text))


def _with_signs(text: str) -> str:
    return _WINDOWS_SIGN.sub(lambda found: _WINDOWS[found[0]], text)


def is_debris(character: str) -> bool:
    """Whether :func:`tidy` removes or replaces a character, everywhere or in some places."""
    return _DEBRIS.match(character) is not None or _ALONE.match(character) is not None


def inline(text: str) -> str:
    """Text of one line of prose: runs of white space folded into one blank."""
    return _SPACE.sub(" ", clean(text)).strip()


def tidy(text: str, kind: str = "paragraph") -> str:
    """The text of one block as it is written; marks of formulas stay. Lines of code stay as they are, a heading or a
    cell becomes one line, in all else lines are stripped and empty ones removed. ``kind``: a block's shape."""
    if kind == "code":
        return clean(text, _CODE_DEBRIS).strip("\n")
    if text.isprintable() and "  " not in text:  # most blocks: neither debris nor white space but single blanks
        return unicodedata.normalize("NFC", text.strip(" "))
    if not text.isascii():
        text = unicodedata.normalize("NFC", _ALONE.sub("", _DEBRIS_BUT_MARKS.sub("", _with_signs(text))))
    if "\n" not in text or kind in ("heading", "cell"):
        return " ".join(text.split())
    return "\n".join(filter(None, (" ".join(line.split()) for line in text.split("\n"))))


def unmarked(text: str) -> str:
    """``text`` without the marks around its formulas."""
    return text.translate(_MARKS) if MATH_START in text or MATH_STOP in text else text
