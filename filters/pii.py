"""Counting personal data in a text, with the pattern recognizers of Presidio and none of its language models.

Llama 3 removes domains that contain high amounts of personally identifiable information (arXiv 2407.21783, §3.1.1).
Counted are e-mail addresses, telephone numbers, payment cards, IBANs, US social security numbers and public IP
addresses: what rules with check digits can tell apart. Names and street addresses would need a model of language.

Presidio tries each pattern on the whole text, the telephone ones once a country. Here one cheap expression a kind
finds the places where such a value could be, and Presidio sees those stretches alone. Most pages have none and never
wake it.

Not personal, and never counted: addresses of a function (``info@``, ``support@``, :data:`ROLES`), domains reserved for
examples (RFC 2606), toll-free telephone numbers, card numbers published for testing, private and reserved IP ranges,
and public name servers.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Sequence
from typing import Any

from filters._checks import require_at_least

KINDS = ("email", "phone", "card", "iban", "ssn", "ip")

ROLES = frozenset(
    """abuse account accounts admin administrator advertise advertising booking bookings business careers contact
    contacto contactus contato customercare customerservice data dpo editor editorial email enquiries enquiry events
    feedback git hello help helpdesk hi hostmaster hr info information inquiries inquiry jobs kontakt legal mail
    marketing media members membership news newsletter no-reply noreply office orders pr postmaster press privacy
    reception redaktion registration reservations root sales security service shop staff subscribe support team
    tech technical tickets unsubscribe user username you your.name yourname name webmaster website""".split()
)
"""Local parts of e-mail addresses that name a function or a placeholder, not a person."""

_EXAMPLE_DOMAIN = re.compile(r"(?:^|[.@])(?:example\.(?:com|net|org|edu)|example|test|invalid|localhost|domain\.com)$")
_TEST_CARDS = frozenset(
    """4111111111111111 4242424242424242 4012888888881881 5555555555554444 5105105105105100 378282246310005
    371449635398431 6011111111111117 6011000990139424 30569309025904 3530111333300000 4000056655665556""".split()
)
# Numbers whose costs the called party bears belong to firms: 1-800 and its kin, 0800, +800.
_TOLL_FREE = re.compile(r"1?8(?:00|33|44|55|66|77|88)\d{7}|0{0,2}800\d{6,8}")
_NAME_SERVERS = frozenset("8.8.8.8 8.8.4.4 1.1.1.1 1.0.0.1 9.9.9.9 208.67.222.222 208.67.220.220".split())

# Where a value of a kind could be. Each is linear in the text and bounded in what it takes, so that a page of
# nothing but digits or @ costs no more than its length.
#
# All kinds but e-mail are runs of digits, capitals and separators. One scan cuts these out, with the characters around
# them that the patterns below look back and ahead at, and the patterns see nothing else.
_RUN = re.compile(r"\d[\dA-Z ().\-/+\u00a0\u2010-\u2013]{6,}")
_BEFORE, _AFTER = 4, 2
# Local parts are at most 64 characters and domains 255 (RFC 5321, 4.5.3.1); it begins where a word could.
_EMAIL = re.compile(r"(?<![^\s@<>()\[\],;:\"'|/])[^\s@<>()\[\],;:\"'|/]{1,64}@[^\s@<>()\[\],;:\"'|/?]{4,255}")
# A telephone number as people write it: a plus sign or a bracket in front, or groups. A bare
# run of digits is more often an order number, and a date with a time behind it passes for a number of some country.
_PHONE = re.compile(
    r"(?<![\w.,/=#-])(?:\+|\(|00)?\d{1,5}(?:[ ().\-/\u00a0\u2010-\u2013]{1,3}\d{1,8}){1,6}(?!\d|[,.]\d)"
)
_DATE = re.compile(r"(?<!\d)(?:\d{1,2}[-./ ]\d{1,2}[-./ ](?:19|20)\d\d|(?:19|20)\d\d[-./ ]\d{1,2}[-./ ]\d{1,2})(?!\d)")
_INTERNATIONAL = re.compile(r"(?<!\w)\+\d{7,15}(?!\w)")
_CARD = re.compile(r"(?<![\w.-])[3-6]\d{3}(?:[ -]?\d{2,6}){2,3}(?![\w.-]\d)")
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){3,8}(?!\w)")
_SSN = re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])")
_IP = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?!\w|\.\d)")
_NUMBERS = (
    ("phone", _INTERNATIONAL), ("phone", _PHONE), ("card", _CARD), ("iban", _IBAN), ("ssn", _SSN), ("ip", _IP),
)  # fmt: skip

# Presidio gives telephone numbers .4, well-formed social security numbers .5, IP addresses .6 and what passes a check
# 1.0; below lie bare runs of nine digits and the like.
_LEAST_SCORE = 0.4
_MOST_CANDIDATES = 100


class PiiCounter:
    """Counts distinct personal data of each of :data:`KINDS` in a text.

    ``regions`` are the countries (ISO 3166) whose national telephone formats are tried; numbers with ``+`` are
    understood for all countries. IPv4 alone is counted among IP addresses. The first ``sample_chars`` characters of a
    text are looked at, and in them the first 100 different candidates of a kind: counts beyond are all the same to a
    verdict. Picklable: Presidio (which imports spaCy, about two seconds) is imported when the first candidate is met.
    Uses no network: the one recognizer that would fetch the public suffix list is given the copy tldextract carries.
    """

    def __init__(
        self,
        regions: Sequence[str] = ("US", "GB", "DE", "FR", "ES", "IT", "BR", "IN"),
        sample_chars: int = 20_000,
    ) -> None:
        require_at_least("sample_chars", sample_chars, 100)
        if isinstance(regions, str) or not regions or not all(re.fullmatch("[A-Z]{2}", region) for region in regions):
            raise ValueError(f"regions is {regions!r}; it must list country codes such as 'US' and 'DE'.")
        self._regions, self._sample_chars = tuple(regions), sample_chars
        self._recognizers: dict[str, Any] | None = None

    def count(self, text: str) -> dict[str, int]:
        """Distinct values of each kind found in ``text``; kinds without any are absent."""
        counts = {kind: len(values) for kind, values in self._values(text[: self._sample_chars]).items()}
        return {kind: count for kind, count in counts.items() if count}

    def _values(self, text: str) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {kind: set() for kind in KINDS}
        for kind, candidate in _candidates(text):
            for value in self._recognize(kind, candidate):
                if not _impersonal(kind, value):
                    found[kind].add(value)
        # A card or a social security number may look like a telephone number to one country or another.
        found["phone"] -= {value for kind in ("card", "ssn") for value in found[kind]}
        return found

    def _recognize(self, kind: str, candidate: str) -> Iterator[str]:
        """Values of ``kind`` that Presidio sees in ``candidate``, each in one normal form."""
        if self._recognizers is None:
            self._recognizers = _load_recognizers(self._regions)
        recognizer = self._recognizers[kind]
        for result in recognizer.analyze(candidate, recognizer.supported_entities):
            if result.score >= _LEAST_SCORE:
                value = candidate[result.start : result.end]
                yield value.casefold() if kind in ("email", "ip") else re.sub(r"[^0-9A-Z]", "", value)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_recognizers": None}


def _candidates(text: str) -> Iterator[tuple[str, str]]:
    """``(kind, stretch of text)`` wherever a value of a kind could be, the first of each stretch only."""
    if "@" in text:
        yield from _found("email", _EMAIL, text)
    runs = "\n".join(text[max(0, m.start() - _BEFORE) : m.end() + _AFTER] for m in _RUN.finditer(text))
    for kind, pattern in _NUMBERS if runs else ():
        yield from _found(kind, pattern, runs)


def _found(kind: str, pattern: re.Pattern[str], text: str) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for match in pattern.finditer(text):
        stretch = match.group()
        if stretch not in seen and (kind != "phone" or _could_be_phone(stretch)):
            seen.add(stretch)
            yield kind, stretch
        if len(seen) == _MOST_CANDIDATES:
            return


def _could_be_phone(stretch: str) -> bool:
    # National numbers with their area code have nine digits or more, the longest international one fifteen.
    digits = sum(map(str.isdigit, stretch))
    return 9 <= digits <= 15 and not _DATE.search(stretch) and not _IP.fullmatch(stretch)


def _impersonal(kind: str, value: str) -> bool:
    """Whether a well-formed value belongs to nobody: a role, an example, a private network."""
    if kind == "email":
        local, _, domain = value.rpartition("@")
        return local.partition("+")[0] in ROLES or bool(_EXAMPLE_DOMAIN.search(domain))
    if kind == "phone":
        return bool(_TOLL_FREE.fullmatch(value))
    if kind == "card":
        # Shorter ones are mostly barcodes, of which every tenth passes the check digit too.
        return value in _TEST_CARDS or len(value) < 15 or len(set(value)) < 3
    if kind == "ip":
        address = value.partition("/")[0]
        # Four small numbers are a version of some software: 4.10.2.1.
        small = all(int(part) < 32 for part in address.split("."))
        return address in _NAME_SERVERS or small or not ipaddress.ip_address(address).is_global
    return False


def _load_recognizers(regions: tuple[str, ...]) -> dict[str, Any]:
    """Presidio's recognizers by kind."""
    import presidio_analyzer.predefined_recognizers as presidio
    import tldextract

    public_suffixes = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)

    class OfflineEmailRecognizer(presidio.EmailRecognizer):
        """Presidio's own asks ``tldextract.extract``, which downloads the public suffix list on first use."""

        def validate_result(self, pattern_text: str) -> bool:
            return public_suffixes(pattern_text).fqdn != ""

    return {
        "email": OfflineEmailRecognizer(),
        "phone": presidio.PhoneRecognizer(supported_regions=regions),
        "card": presidio.CreditCardRecognizer(),
        "iban": presidio.IbanRecognizer(),
        "ssn": presidio.UsSsnRecognizer(),
        "ip": presidio.IpRecognizer(),
    }
