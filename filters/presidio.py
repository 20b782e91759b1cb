"""Presidio's recognizers, without what they would drag in.

Presidio imports torch and transformers wherever they are installed, for recognizers that are never used here: 700 MiB and
four seconds in each worker. While it is imported, these packages can't be found. spaCy it can't do without, but names only,
and the recognizers used here not at all: in its place stand empty classes, which saves half a second of each run. What
was imported so is nobody else's: whoever imports Presidio later gets it whole.
"""

from __future__ import annotations

import importlib
import logging
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from text.hosts import public_suffixes
from text.importing import hidden, uncollected

_RECOGNIZERS = "presidio_analyzer.predefined_recognizers"
_NOT_NEEDED = ("torch", "transformers", "stanza", "gliner", "langextract", "spacy_stanza", "span_marker")
_NAMED = ("spacy", "spacy.language", "spacy.pipeline", "spacy.tokens", "spacy.util", "spacy.vocab")


def load_recognizers(regions: tuple[str, ...]) -> dict[str, Any]:
    """Recognizers by kind: ``email``, ``phone`` (the national formats of ``regions``, ISO 3166, and all with ``+``), ``ssn``.

    Uses no network: the one recognizer that would fetch the public suffix list is given the copy tldextract carries.
    """
    import phonenumbers

    with hidden(*_NOT_NEEDED), uncollected():
        presidio: Any = _import_alone() or importlib.import_module(_RECOGNIZERS)

    class OfflineEmailRecognizer(presidio.EmailRecognizer):
        """Presidio's own asks ``tldextract.extract``, which downloads the public suffix list on first use."""

        def validate_result(self, pattern_text: str) -> bool:
            return public_suffixes()(pattern_text, include_psl_private_domains=False).fqdn != ""

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


class _Name(type):
    """Makes empty classes, with which things can be registered, in vain."""

    def __getattr__(cls, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *_, **__: lambda registered: registered


class _Names(ModuleType):
    """Stands for a module of which only names are used: each is an empty class."""

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Name(name, (), {})


def _import_alone() -> ModuleType | None:
    """Presidio without spaCy, kept from all others; ``None`` where either is there already, or where this version of
    Presidio does more with spaCy than naming it."""
    before = set(sys.modules)
    if before & {"presidio_analyzer", "spacy"}:
        return None
    sys.modules.update({name: _Names(name) for name in _NAMED})
    try:
        return importlib.import_module(_RECOGNIZERS)
    except Exception:  # whatever it wants of spaCy, spaCy has
        logging.getLogger(__name__).info("this version of Presidio isn't imported without spaCy", exc_info=True)
        return None
    finally:
        for name in sys.modules.keys() - before:
            if name.partition(".")[0] in ("presidio_analyzer", "spacy"):
                del sys.modules[name]
