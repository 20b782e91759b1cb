"""What pages write above a block of code: "Code:", "Copy", "Select all". It is the button's, not the code's."""

from __future__ import annotations

import re

# One of these makes a label; the name of a language alone may be a heading.
_BUTTONS = (
    r"codes?|source ?code|plain ?text|copy|copied!?|copy ?code|copy ?to ?clipboard|select ?all|view ?plain|"
    r"view ?plaincopy to clipboardprint\??|toggle ?line ?numbers|代码|复制代码|复制|拷贝|全选|código|codigo|copiar|codice|copia|kod|"
    r"select|seleccionar ?todo|selecionar ?tudo|seleziona ?tutto|alles ?selecteren|zaznacz ?cały|vybrat ?vše|markera ?allt|"
    r"valitse ?kaikki|vælg ?alt|tümünü ?seç|виділити ?все|mindet ?kijelöl|全て選択|すべて選択|选择全部|kód|kode|koodi|sélectionner|"
    r"auswählen|code ?kopieren|kopier|kopiera|kopiuj|kopiëren|kopírovat|kopyala|複製|복사|코드|run|"
    r"kopieren|alles ?auswählen|quelltext|quellcode|tout ?sélectionner|copier|код|выделить ?всё|копировать|コード|コピー"
)
_OTHERS = (
    r"source|snippet|php|html|css|java|javascript|python|sql|bash|shell|terminal|console|text|raw|download|wrap|expand|"
    r"collapse|view|print\??|about|c\+\+|c#|c|xml|json|yaml"
)
_BETWEEN = r"[\s\[\]:：|?]"
_LABEL = re.compile(
    rf"{_BETWEEN}*(?:(?:{_BUTTONS}|{_OTHERS}){_BETWEEN}+)*(?:{_BUTTONS})(?:{_BETWEEN}+(?:{_BUTTONS}|{_OTHERS}))*{_BETWEEN}*",
    re.IGNORECASE,
)
_LONGEST = 60
_LANGUAGE = re.compile(
    r"(?:python\s?[23]?|java|javascript|js|jsx|typescript|ts|tsx|c|c\+\+|cpp|c#|csharp|f#|php|html|xml|css|scss|sass|less|sql|mysql|"
    r"postgresql|bash|sh|shell|zsh|powershell|batch|cmd|json|ya?ml|toml|ini|ruby|go|golang|rust|kotlin|swift|perl|r|matlab|lua|scala|haskell|"
    r"dart|vb|vb\.net|visual basic|objective-?c|asm|assembly|makefile|dockerfile|docker|diff|markdown|graphql|vue|groovy|elixir|clojure|erlang|"
    r"julia|fortran|nginx|apache|latex|tex|pascal|delphi|cobol|plain ?text)(?:\s?code)?\s?[:：]?",
    re.IGNORECASE,
)


def is_label(text: str) -> bool:
    """Whether a line says no more than that code follows or can be copied."""
    return len(text) <= _LONGEST and _LABEL.fullmatch(text) is not None


def is_language(text: str) -> bool:
    """Whether a line is the name of a programming language alone."""
    return len(text) <= _LONGEST and _LANGUAGE.fullmatch(text) is not None


def without_label(text: str) -> str:
    """The lines of code without a label in the first of them."""
    first, feed, rest = text.partition("\n")
    return rest if feed and is_label(first) else text
