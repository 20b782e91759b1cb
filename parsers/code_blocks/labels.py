"""What pages write above a block of code: "Code:", "Copy", "Select all". It is the button's, not the code's."""

from __future__ import annotations

import re

_WORDS = (
    r"code|codes|source|source ?code|snippet|php|html|css|java|javascript|python|sql|bash|shell|terminal|console|text|"
    r"plain ?text|raw|download|wrap|expand|collapse|view|view ?plain|copy|copied!?|copy ?code|copy ?to ?clipboard(?:print\??)?|"
    r"print|print\??|about|select ?all|toggle ?line ?numbers|c\+\+|c#|c|xml|json|yaml|代码|复制代码|复制|拷贝|全选|"
    r"código|codigo|copiar|codice|copia|kod|kopieren|alles ?auswählen|quelltext|quellcode|sélectionner ?tout|tout ?sélectionner|copier|"
    r"код|выделить ?всё|копировать|コード|コピー"
)
_LABEL = re.compile(rf"[\s\[\]:：|?]*(?:(?:{_WORDS})[\s\[\]:：|?]+)*(?:{_WORDS})[\s\[\]:：|?]*", re.IGNORECASE)
_LONGEST = 60


def is_label(text: str) -> bool:
    """Whether a line says no more than that code follows or can be copied."""
    return len(text) <= _LONGEST and _LABEL.fullmatch(text) is not None


def without_label(text: str) -> str:
    """The lines of code without a label in the first of them."""
    first, feed, rest = text.partition("\n")
    return rest if feed and is_label(first) else text
