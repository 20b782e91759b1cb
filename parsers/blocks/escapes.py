"""References that were escaped twice, so that readers see ``&amp;`` and ``don&#39;t``.

A page about HTML shows references on purpose. There they stand for themselves, between blanks, quotation marks or in
code. What a content system escaped twice stands within its words. So references are resolved on pages where at least
one of them touches letters on both sides, or where text between two ``&quot;`` begins and ends right at them; and never
in code.
"""

from __future__ import annotations

import html
import re

_REFERENCE = re.compile(
    r"&(?:amp|quot|apos|lt|gt|nbsp|[lr][sd]quo|[nm]dash|hellip|bull|middot|euro|pound|copy|reg|trade|deg|"
    r"[A-Za-z](?:uml|acute|grave|circ|tilde|cedil|ring|caron)|szlig|[lr]aquo|#\d{2,5}|#[xX][0-9A-Fa-f]{2,5});"
)
_WITHIN_WORDS = re.compile(
    r"[^\W_]&(?:#0?39|apos|rsquo|#8217|#x27|#x2019|nbsp|#160|[A-Za-z](?:uml|acute|grave|circ|tilde|cedil|ring)|szlig);[^\W_#]"
    r"|&(?:quot|ldquo|#34|#8220);[^\W_][^&\n]{0,300}[\w.,!?]&(?:quot|rdquo|#34|#8221);"
)


# A letter or a bracket alone, between blanks, and the words for what it is.
_SPOKEN_OF = re.compile(
    r"(?:^|[\s(\"'“])&(?:lt|gt|quot|apos|euro|[A-Za-z](?:uml|acute|grave|circ)|#\d{2,5}|#[xX][0-9A-Fa-f]{2,5});(?=[\s)\"'”,.]|$)"
    r"|\bentit(?:y|ies)\b|character reference|</?(?:p|div|span|code|br)>",
    re.IGNORECASE | re.MULTILINE,
)


def is_escaped_twice(text: str) -> bool:
    """Whether the text of a page has references within its words, and none that it speaks of."""
    at = text.find("&")
    while at >= 0:
        # One character before: a search from each "&" is far cheaper than one from each character.
        if _WITHIN_WORDS.match(text, max(at - 1, 0)) or _WITHIN_WORDS.match(text, at):
            return _SPOKEN_OF.search(text) is None
        at = text.find("&", at + 1)
    return False


def resolved(text: str) -> str:
    """``text`` with its references resolved, those of references as well."""
    text = _REFERENCE.sub(_character, text)
    return _REFERENCE.sub(_character, text) if "&" in text else text


def _character(match: re.Match[str]) -> str:
    return html.unescape(match[0])
