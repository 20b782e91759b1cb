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
    import phonenumbers
    import tldextract

    with _hidden(_NOT_NEEDED):
        import presidio_analyzer.predefined_recognizers as presidio

    public_suffixes = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)

    class OfflineEmailRecognizer(presidio.EmailRecognizer):
        """Presidio's own asks ``tldextract.extract``, which downloads the public suffix list on first use."""

        def validate_result(self, pattern_text: str) -> bool:
            return public_suffixes(pattern_text).fqdn != ""

    class BriefPhoneRecognizer(presidio.PhoneRecognizer):
        """Presidio's own asks all regions, drops what lies within another find, and parses each find again to explain it.
        Most numbers are of the first regions, and those with ``+`` of all: once one has taken the whole text for a number,
        no other can add to that."""

        def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[Any]:
            found: list[Any] = []
            for region in self.supported_regions:
                for match in phonenumbers.PhoneNumberMatcher(text, region, leniency=self.leniency):
                    found.append(self._get_recognizer_result(match, text, region, nlp_artifacts))
                    if match.start == 0 and match.end == len(text):
                        return found[-1:]
            return self.remove_duplicates(found)

    return {
        "email": OfflineEmailRecognizer(),
        "phone": BriefPhoneRecognizer(supported_regions=regions),
        "ssn": presidio.UsSsnRecognizer(),
    }


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
