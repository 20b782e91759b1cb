"""Presidio's recognizers, without what they would drag in.

Presidio imports torch and transformers wherever they are installed, for recognizers that are never used here: 700 MiB and
four seconds in each worker. While it is imported, these packages can't be found.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_NOT_NEEDED = ("torch", "transformers", "stanza", "gliner", "langextract", "spacy_stanza", "span_marker")


def load_recognizers(regions: tuple[str, ...]) -> dict[str, Any]:
    """Recognizers by kind: ``email``, ``phone`` (the national formats of ``regions``, ISO 3166, and all with ``+``), ``ssn``.

    Uses no network: the one recognizer that would fetch the public suffix list is given the copy tldextract carries.
    """
    import tldextract

    with _hidden(_NOT_NEEDED):
        import presidio_analyzer.predefined_recognizers as presidio

    public_suffixes = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)

    class OfflineEmailRecognizer(presidio.EmailRecognizer):
        """Presidio's own asks ``tldextract.extract``, which downloads the public suffix list on first use."""

        def validate_result(self, pattern_text: str) -> bool:
            return public_suffixes(pattern_text).fqdn != ""

    return {
        "email": OfflineEmailRecognizer(),
        "phone": _ByRegion([presidio.PhoneRecognizer(supported_regions=(region,)) for region in regions]),
        "ssn": presidio.UsSsnRecognizer(),
    }


class _ByRegion:
    """Recognizers that each know the numbers of one region, asked one after the other up to the first that takes a whole
    text for a number: presidio's own asks all, and then drops what lies within another find. Most numbers are of the first
    regions, and those with ``+`` of all."""

    def __init__(self, recognizers: list[Any]) -> None:
        self._recognizers = recognizers
        self.supported_entities = recognizers[0].supported_entities

    def analyze(self, text: str, entities: list[str]) -> list[Any]:
        found: list[Any] = []
        for recognizer in self._recognizers:
            found += recognizer.analyze(text, entities)
            if any(each.start == 0 and each.end == len(text) for each in found):
                break
        return self._recognizers[0].remove_duplicates(found)


@contextmanager
def _hidden(names: tuple[str, ...]) -> Iterator[None]:
    """``import`` of these fails as if they weren't installed; what is imported already stays."""
    absent = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]  # None is how the import system says "not there"
    try:
        yield
    finally:
        for name in absent:
            sys.modules.pop(name, None)
