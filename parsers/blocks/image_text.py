"""Letters and emoji that stand in a sentence as images: their alternative text is a character of that sentence."""

from __future__ import annotations

import re
import unicodedata

from parsers.markup.tokens import attributes

_LONGEST = 12  # code points of one emoji: a family of four has seven, a flag of a region as many
# Smileys of ASCII's signs, as forum programs draw them: such images say so in their class or address.
_EMOTICON, _SMILEY = re.compile(r"[:;=8xX]['’]?[-o^]?[)(\]\[DPpOo|/\\*3$@]"), re.compile(r"(?i)smil|emoti|emoji")
_JOINERS = {0x200D, 0xFE0E, 0xFE0F, 0x20E3}
_TAGS = range(0xE0020, 0xE0080)


def image_character(source: str, before: str, after: str) -> str:
    """What the image with this start tag says in its sentence: an emoji, or the letter that a word begins with, which is
    drawn large; else the empty string. ``before``: the character before it; ``after``: the two behind it."""
    alt = attributes(source[len("<img") : -1]).get("alt", "").strip()
    if not alt or len(alt) > _LONGEST:
        return ""
    if len(alt) == 1 and alt.isalpha():
        goes_on = after[:1].islower() or (after[:2].isalpha() and after[:2].isupper())
        return alt if alt.isupper() and goes_on and not before.isalnum() else ""
    return alt if _is_emoji(alt) or (_EMOTICON.fullmatch(alt) and _SMILEY.search(source)) else ""


def image_letter(source: str) -> str:
    """The letter that an image with this start tag is, by its alternative text; else the empty string."""
    alt = attributes(source[len("<img") : -1]).get("alt", "").strip()
    return alt if len(alt) == 1 and alt.isalpha() else ""


def _is_emoji(text: str) -> bool:
    """Whether a text consists of pictographs alone; keycaps begin with a digit."""
    if text.isascii() or not any(unicodedata.category(character) == "So" for character in text):
        return ord(text[-1]) == 0x20E3
    return all(
        unicodedata.category(character) in ("So", "Sk") or ord(character) in _JOINERS or ord(character) in _TAGS
        for character in text
    )
