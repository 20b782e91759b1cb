"""Counting personal data in a text, with the pattern recognizers of Presidio and none of its language models.

Llama 3 removes domains that contain high amounts of personally identifiable information (arXiv 2407.21783, §3.1.1).
Counted are e-mail addresses, telephone numbers, payment cards, IBANs, US social security numbers and public IP
addresses: what rules with check digits can tell apart. Names and street addresses would need a model of language.

:mod:`filters.pii_candidates` finds where a value could be, presidio (:mod:`filters.presidio`) or a check
(:mod:`filters.pii_checks`) says whether it is one. Most pages have no candidate and never wake presidio.

Not personal, and never counted: addresses of a function (``info@``, ``support@``, :data:`ROLES`), domains reserved for
examples (RFC 2606), toll-free telephone numbers, card numbers published for testing, private and reserved IP ranges,
and public name servers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from filters import pii_checks
from filters._checks import require_at_least
from filters.pii_candidates import candidates, fewest_digits

DEFAULT_REGIONS = ("US", "GB", "DE", "FR", "ES", "IT", "BR", "IN")
KINDS = ("email", "phone", "card", "iban", "ssn", "ip")

ROLES = frozenset(
    [
        "abuse",
        "account",
        "accounts",
        "admin",
        "administrator",
        "advertise",
        "advertising",
        "booking",
        "bookings",
        "business",
        "careers",
        "contact",
        "contacto",
        "contactus",
        "contato",
        "customercare",
        "customerservice",
        "data",
        "dpo",
        "editor",
        "editorial",
        "email",
        "enquiries",
        "enquiry",
        "events",
        "feedback",
        "git",
        "hello",
        "help",
        "helpdesk",
        "hi",
        "hostmaster",
        "hr",
        "info",
        "information",
        "inquiries",
        "inquiry",
        "jobs",
        "kontakt",
        "legal",
        "mail",
        "marketing",
        "media",
        "members",
        "membership",
        "news",
        "newsletter",
        "no-reply",
        "noreply",
        "office",
        "orders",
        "pr",
        "postmaster",
        "press",
        "privacy",
        "reception",
        "redaktion",
        "registration",
        "reservations",
        "root",
        "sales",
        "security",
        "service",
        "shop",
        "staff",
        "subscribe",
        "support",
        "team",
        "tech",
        "technical",
        "tickets",
        "unsubscribe",
        "user",
        "username",
        "you",
        "your.name",
        "yourname",
        "name",
        "webmaster",
        "website",
    ]
)
"""Local parts of e-mail addresses that name a function or a placeholder, not a person."""

_EXAMPLE_DOMAIN = re.compile(r"(?:^|[.@])(?:example\.(?:com|net|org|edu)|example|test|invalid|localhost|domain\.com)$")
# Numbers whose costs the called party bears belong to firms: 1-800 and its kin, 0800, +800.
_TOLL_FREE = re.compile(r"1?8(?:00|33|44|55|66|77|88)\d{7}|0{0,2}800\d{6,8}")
_CHECKS: dict[str, Callable[[str], str | None]] = {
    "card": pii_checks.card,
    "iban": pii_checks.iban,
    "ip": pii_checks.ip,
}

# Presidio gives telephone numbers .4, well-formed social security numbers .5 and what passes a check 1.0; below lie bare
# runs of nine digits and the like.
_LEAST_SCORE = 0.4


class PiiCounter:
    """Counts distinct personal data of each of :data:`KINDS` in a text.

    ``regions`` are the countries (ISO 3166) whose national telephone formats are tried; numbers with ``+`` are
    understood for all countries. The first ``sample_chars`` characters of a text are looked at, and in them the first 100
    different candidates of a kind: counts beyond are all the same to a verdict. ``kinds`` are those wanted. Picklable: Presidio (a
    tenth of a second) is imported when the first candidate that needs it is met.
    """

    def __init__(
        self,
        regions: Sequence[str] = DEFAULT_REGIONS,
        sample_chars: int = 20_000,
        kinds: Sequence[str] = KINDS,
    ) -> None:
        require_at_least("sample_chars", sample_chars, 100)
        if isinstance(regions, str) or not regions or not all(re.fullmatch("[A-Z]{2}", region) for region in regions):
            raise ValueError(f"regions is {regions!r}; it must list country codes such as 'US' and 'DE'.")
        if other := [region for region in regions if region not in DEFAULT_REGIONS]:
            import phonenumbers  # .03 s, which a run with the default has no need of until its first number

            if nowhere := sorted(set(other) - phonenumbers.SUPPORTED_REGIONS):
                raise ValueError(
                    f"regions names {', '.join(nowhere)}, which no country has as its code (ISO 3166; the United Kingdom is GB)."
                )
        unknown = [kind for kind in kinds if kind not in KINDS]
        if unknown or not kinds:
            raise ValueError(
                f"kinds is {list(kinds)!r}; there are {', '.join(KINDS)}, and at least one must be named."
            )
        self._regions, self._sample_chars, self._kinds = tuple(regions), sample_chars, frozenset(kinds)
        self._least_digits = fewest_digits(self._regions)
        self._recognizers: dict[str, Any] | None = None

    def count(self, text: str) -> dict[str, int]:
        """Distinct values of each kind found in ``text``; kinds without any are absent."""
        return {kind: len(found) for kind, found in self.values(text).items() if found}

    def values(self, text: str) -> dict[str, set[str]]:
        """The distinct values of each of :data:`KINDS`, each in one normal form: addresses in lower case, of numbers their
        digits and capitals."""
        found: dict[str, set[str]] = {kind: set() for kind in KINDS}
        for kind, candidate in candidates(text[: self._sample_chars], self._least_digits):
            if kind not in self._kinds:
                continue
            found[kind].update(value for value in self._recognize(kind, candidate) if not _impersonal(kind, value))
        # Part of a card, an IBAN or a social security number may look like a telephone number to some country.
        longer = [value for kind in ("card", "iban", "ssn") for value in found[kind]]
        found["phone"] = {number for number in found["phone"] if not any(number in value for value in longer)}
        return found

    def stretches(self, text: str) -> Iterator[tuple[str, str]]:
        """``(kind, stretch)`` for each different stretch of the whole text that is a personal value of a kind, as it stands
        there."""
        for kind, candidate in candidates(text, self._least_digits, most=None):
            if kind in self._kinds:
                for stretch, value in self._found(kind, candidate):
                    if not _impersonal(kind, value):
                        yield kind, stretch

    def _recognize(self, kind: str, candidate: str) -> Iterator[str]:
        return (value for _, value in self._found(kind, candidate))

    def _found(self, kind: str, candidate: str) -> Iterator[tuple[str, str]]:
        """Each stretch of a candidate that is a value, and the value's normal form."""
        if kind in _CHECKS:
            value = _CHECKS[kind](candidate)
            if value is not None:
                yield (_beginning(candidate, len(value)) if kind == "iban" else candidate), value
            return
        if self._recognizers is None:
            # Presidio takes a tenth of a second to import, and most texts need none of it.
            from filters.presidio import load_recognizers

            self._recognizers = load_recognizers(self._regions)
        recognizer = self._recognizers[kind]
        for result in recognizer.analyze(candidate, recognizer.supported_entities):
            if result.score >= _LEAST_SCORE:
                stretch = candidate[result.start : result.end]
                yield stretch, stretch.casefold() if kind == "email" else re.sub(r"[^0-9A-Z]", "", stretch)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_recognizers": None}


def _beginning(stretch: str, signs: int) -> str:
    """As much of ``stretch`` as holds so many letters and digits."""
    for end, sign in enumerate(stretch, 1):
        signs -= sign.isalnum()
        if not signs:
            return stretch[:end]
    return stretch


def _impersonal(kind: str, value: str) -> bool:
    """Whether a well-formed value belongs to nobody: a role, an example, a firm's free number."""
    if kind == "email":
        local, _, domain = value.rpartition("@")
        return local.partition("+")[0] in ROLES or bool(_EXAMPLE_DOMAIN.search(domain))
    return kind == "phone" and bool(_TOLL_FREE.fullmatch(value))
