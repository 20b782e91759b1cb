"""A page's bytes as a parser takes them: in the right charset, and as they were before somebody encoded them twice."""

from __future__ import annotations

from parsers.encoding.detection import decode, sound_utf8
from parsers.encoding.double_utf8 import decoded_twice


def decoded(html: bytes, content_type: str) -> tuple[bytes | str, str, float]:
    """Text, or the bytes themselves where they are valid UTF-8; the codec; and the share of characters that it could not
    decode."""
    # Most pages are UTF-8 and go to lexbor as they are: no string is made of them.
    source = sound_utf8(html, content_type)
    text, charset, undecodable = (source, "utf-8", 0.0) if source is not None else decode(html, content_type)
    return decoded_twice(text), charset, undecodable
