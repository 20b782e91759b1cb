"""Presidio's recognizers, without what they would drag in.

Presidio imports torch and transformers wherever they are installed, for recognizers that are never used here: 700 MiB and
four seconds in each worker. While it is imported, these packages can't be found. What it always imports, and recognizers of
patterns have no use for, is stood in for by empty classes: engines that find names by spaCy's models, settings from files, which
pydantic checks, and recognizers that aren't used here, whose expressions are compiled at their import. So this copy of Presidio can't do what a whole one can, and is
nobody else's: who imports Presidio later gets one of their own.

Importing this module imports Presidio, a tenth of a second: only where the first candidate is met, or by a process from which
workers are forked.
"""

from __future__ import annotations

import sys
from typing import Any, cast

import phonenumbers

from text.hosts import public_suffixes
from text.importing import hidden, stood_in_for, uncollected

_NOT_NEEDED = ("torch", "transformers", "stanza", "gliner", "langextract", "spacy_stanza", "span_marker")

_RECOGNIZERS = "presidio_analyzer.predefined_recognizers"
_OTHER_COUNTRIES = (
    "australia", "canada", "finland", "germany", "india", "italy", "korea", "nigeria", "philippines", "poland", "singapore",
    "south_africa", "spain", "sweden", "thai", "turkey", "uk"
)  # fmt: skip
_NOT_USED = (
    "presidio_analyzer.nlp_engine",
    "presidio_analyzer.input_validation",
    f"{_RECOGNIZERS}.generic.url_recognizer",
    f"{_RECOGNIZERS}.ner",
    f"{_RECOGNIZERS}.third_party",
    *(f"{_RECOGNIZERS}.country_specific.{country}" for country in _OTHER_COUNTRIES),
)

_IS_HERE = "presidio_analyzer" in sys.modules  # somebody else's, which is whole
with hidden(*_NOT_NEEDED), stood_in_for(*_NOT_USED), uncollected():
    import presidio_analyzer.predefined_recognizers as presidio
if not _IS_HERE:
    for _name in [name for name in sys.modules if name.partition(".")[0] == "presidio_analyzer"]:
        del sys.modules[_name]


class _OfflineEmailRecognizer(presidio.EmailRecognizer):
    """Presidio's own asks ``tldextract.extract``, which downloads the public suffix list on first use."""

    def validate_result(self, pattern_text: str) -> bool:
        return public_suffixes()(pattern_text, include_psl_private_domains=False).fqdn != ""


class _BriefPhoneRecognizer(presidio.PhoneRecognizer):
    """Presidio's own asks all regions, drops what lies within another find, and parses each find again to explain it.
    Most numbers are of the first regions, and those with ``+`` of all: once one has taken the whole text for a number,
    no other can add to that."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[Any]:
        found: list[Any] = []
        for region in self.supported_regions:
            for match in phonenumbers.PhoneNumberMatcher(text, region, leniency=cast(int, self.leniency)):
                found.append(self._get_recognizer_result(match, text, region, nlp_artifacts))
                if match.start == 0 and match.end == len(text):
                    return found[-1:]
        return self.remove_duplicates(found)


def load_recognizers(regions: tuple[str, ...]) -> dict[str, Any]:
    """Recognizers by kind: ``email``, ``phone`` (the national formats of ``regions``, ISO 3166, and all with ``+``), ``ssn``.

    Uses no network: the one recognizer that would fetch the public suffix list is given the copy tldextract carries.
    """
    return {
        "email": _OfflineEmailRecognizer(),
        "phone": _BriefPhoneRecognizer(supported_regions=regions),
        "ssn": presidio.UsSsnRecognizer(),
    }
