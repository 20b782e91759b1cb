"""JSON as scripts on real pages have it, with the mistakes that browsers never see because nobody parses it there."""

from __future__ import annotations

import json
import re

_JSON = json.JSONDecoder(strict=False)
# White space has one place in each pattern: with three for it, a script of spaces takes time by their square or cube.
_OPENING = re.compile(r"(?:(?://|/\*)?\s*+(?:<!--|<!\[CDATA\[)\s*+(?:\*/\s*+)?)+")
_CLOSING = re.compile(r"(?:(?:(?://|/\*)\s*+)?(?:-->|\]\]>)(?:\s*+\*/)?|;|\s)++\Z")
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
# Wrappers stand within so many characters of a script's end.
_WRAPPER_CHARACTERS = 60


def read_json(script: str) -> object:
    """The JSON value in a script, or ``None``. Forgives what JSON-LD on real pages has: comment and CDATA wrappers,
    raw line ends within strings, commas before a closing bracket, a semicolon after it. Never raises."""
    try:
        return _JSON.decode(script)
    except (ValueError, RecursionError):
        pass
    begun = script.lstrip()
    opening = _OPENING.match(begun)
    script = (begun[opening.end() :] if opening else script).rstrip()
    script = script[:-_WRAPPER_CHARACTERS] + _CLOSING.sub("", script[-_WRAPPER_CHARACTERS:])
    try:
        return _JSON.decode(_TRAILING_COMMA.sub("", script))
    except (ValueError, RecursionError):
        return None
