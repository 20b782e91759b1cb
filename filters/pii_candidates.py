"""Where personal data could stand in a text: the cheap look before presidio's dear one.

Presidio tries each pattern on the whole text, the telephone ones once a country. Here one expression a kind finds the
places where such a value could be, and presidio sees those stretches alone. The expressions are wider than what presidio
finds; what they leave out although presidio would take it, a named rule leaves out (:data:`NOT_A_PHONE`).

Each expression is linear in the text and bounded in what it takes, so that a page of nothing but digits or ``@`` costs no
more than its length.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from text.characters import characters
from text.view import TextView

_MOST_CANDIDATES = 100  # of a kind in a text: counts beyond are all the same to a verdict
_BEFORE, _AFTER = 6, 2  # characters around a run that the expressions look back and ahead at
_CONTEXT = 28  # characters before a number in which a word may say what it is

_BLANK = " \u00a0\u2009\u202f"
_DASH = "\\-\u2010-\u2015"
# Local parts are at most 64 characters and domains 255 (RFC 5321, 4.5.3.1); it begins where a word could.
_MOST_LOCAL = 64
_EMAIL = re.compile(r"(?<![^\s@<>()\[\],;:\"'|/])[^\s@<>()\[\],;:\"'|/]{1,64}@[^\s@<>()\[\],;:\"'|/?]{4,255}")
_NOT_LOCAL = frozenset("@<>()[],;:\"'|/")
_PHONE = re.compile(
    rf"(?<![\w.,/=#-])(?:\+|\(\+?|00)?\d{{1,15}}(?:[().{_DASH}/{_BLANK}]{{1,3}}\d{{1,12}}){{0,7}}(?!\d|[,.]\d)"
)
_CARD = re.compile(r"(?<![\w.-])[2-6]\d{3}(?:[ -]?\d{2,6}){2,3}(?![\w.-]\d)")
_IBAN = re.compile(rf"(?<!\w)[A-Z]{{2}}\d{{2}}(?:[{_BLANK}]?[A-Z0-9]{{1,4}}){{3,9}}")
_SSN = re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])")
_IP = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?!\w|\.\d)")
# Global addresses begin with 2 or 3 (RFC 4291, 2.4).
_IPV6 = re.compile(r"(?<![\w:])[23][0-9A-Fa-f]{3}:(?:[0-9A-Fa-f]{0,4}:){1,7}[0-9A-Fa-f]{0,4}(?![\w:])")
# All kinds but e-mail and IPv6 stand in runs of digits, capitals and separators (:func:`filters.pii_kernels.runs`), which
# says of each run by bits, in this order, which kinds may be there.
NUMBERS = (("phone", _PHONE), ("card", _CARD), ("iban", _IBAN), ("ssn", _SSN), ("ip", _IP))

# Countries where a mobile number has fewer than nine digits without the country's code, and how many it has at least
# (libphonenumber's metadata, mobile.possible_length, at least six; a test compares them).
SHORT_NUMBERS = {
    country: digits
    for digits, countries in {
        6: "AC AD AX CK FI FK FO GL NC NF NU PM SB SH TK TV WF ZA",
        7: "AT AW BN BQ BZ CD CV CW EE ER FJ FM GA GM GY IO IS KM LB LI LR MH MM MV NR PA PW SC SO SR ST TO VU WS",
        8: "AM BA BF BG BH BI BO BT BW CF CR CU CY DJ DK GI GT HK HN HR HT KH KI KW LS LT LV MC MD ME MK ML MN MO MR MT MU NE "
        "NI NO NZ OM PF PG QA RS SG SI SJ SL SM SV SZ TD TG TL TM TN UY XK",
    }.items()
    for country in countries.split()
}
_DIGITS, _MOST_DIGITS = 9, 15  # of a national number with its area code; of any number (E.164)

_SAYS_PHONE = re.compile(
    r"(?:\b(?:tel|tlf|tfno|tfn|telephone|t[eé]l[eé]phone|telefon[eo]?|tel[eé]fono|phone|call|mobile?|mob|cell|fax|hotline|whatsapp|handy|"
    r"ruf(?:nummer)?|sms|ring|m[oó]vil|celular|portable|cellulare|contact|centralita)\b|[\u260e\u2706\U0001f4de\U0001f4f1])[^\d\n]{0,12}$",
    re.IGNORECASE,
)
_SAYS_OTHER = re.compile(
    r"(?:\b(?:isbn(?:-1[03])?|issn|ean|gtin|upc|asin|sku|vat|ust-?id(?:nr)?|mwst|tva|iva|p\.?\s?iva|nif|cif|nip|regon|cnpj|cpf|ein|"
    r"abn|acn|siren|siret|btw|kvk|gst(?:in)?|pan|hrb|company|registration|reg|registered|charity|invoice|order|item|part|art(?:ikel)?|"
    r"article|model|serial|product|ref(?:erence)?|account|acct|iban|bic|blz|sort\s?code|zip|plz|postcode|p\.?\s?o\.?\s?box|"
    r"doi|pmid|patent|case|docket|ticket|tracking|version|build|id)\b\.?|[\u20ac$\u00a3\u00a5#\u2116])"
    r"(?:\s{0,2}(?:no|nr|num|number|code|id|reg|n[º°])\b\.?)?[^\w\n]{0,4}(?:[A-Z]{2}[ ]?)?$",
    re.IGNORECASE,
)
_MONEY_AFTER = re.compile(
    rf"[{_BLANK}]?(?:[\u20ac$\u00a3\u00a5%]|(?:eur|euros?|usd|gbp|dollars?|pounds?|chf|kr|z\u0142|rub|inr|km|kg|m2)\b)",
    re.IGNORECASE,
)
_DATE = re.compile(r"(?<!\d)(?:\d{1,2}[-./ ]\d{1,2}[-./ ](?:19|20)\d\d|(?:19|20)\d\d[-./ ]\d{1,2}[-./ ]\d{1,2})(?!\d)")
_YEARS = re.compile(rf"(?:(?:19|20)\d\d[{_BLANK}{_DASH}/.,]{{1,3}})+(?:19|20)\d\d")
_THOUSANDS = re.compile(
    rf"\d{{1,2}}(?:[{_BLANK}]\d{{3}}){{2,}}|\d{{1,3}}(?:\.\d{{3}}){{2,}}|\d{{1,3}}(?:,\d{{3}}){{2,}}"
)
_THREES = re.compile(rf"\d{{3}}(?:[{_BLANK}]\d{{3}}){{2,}}")
_ISBN = re.compile(
    rf"(?:97[89][{_DASH}{_BLANK}]?)(?:\d[{_DASH}{_BLANK}]?){{9}}\d|\d{{1,5}}[{_DASH}]\d{{1,7}}[{_DASH}]\d{{1,7}}[{_DASH}]\d"
)
_ZIP4 = re.compile(r"\d{5}-\d{4}")
_STATE = re.compile(r"(?:\b[A-Z]{2}|\b[A-Z][a-z]+),?\s{1,2}$")
_BRAZIL = re.compile(r"\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}|\d{3}\.\d{3}\.\d{3}-\d{2}")
_RANGE = re.compile(rf"(\d{{4,8}})[{_BLANK}]?[{_DASH}][{_BLANK}]?(\d{{4,8}})")


def candidates(
    text: str, least_digits: int = _DIGITS, most: int | None = _MOST_CANDIDATES
) -> Iterator[tuple[str, str]]:
    """``(kind, stretch of text)`` wherever a value of a kind could be, the first of equal stretches only; ``most`` of a kind,
    or all. ``least_digits`` of a telephone number: see :func:`fewest_digits`."""
    seen: dict[str, set[str]] = {}

    def new(kind: str, stretch: str) -> bool:
        known = seen.setdefault(kind, set())
        if stretch in known or (most is not None and len(known) >= most):
            return False
        known.add(stretch)
        return True

    for stretch in _emails(text):
        if new("email", stretch):
            yield "email", stretch
    from filters.pii_kernels import runs  # imports numba

    *found, has_ipv6 = runs(TextView(text).codes, characters().facts, least_digits, _BEFORE, _AFTER)
    if has_ipv6 and ("::" in text or text.count(":") >= 7):
        for match in _IPV6.finditer(text):
            if new("ip", match[0]):
                yield "ip", match[0]
    last = dict.fromkeys((kind for kind, _ in NUMBERS), 0)
    for start, end, possible in zip(*(column.tolist() for column in found), strict=True):
        stop = min(len(text), end + _AFTER)
        for bit, (kind, pattern) in enumerate(NUMBERS):
            if not possible >> bit & 1:
                continue
            # Runs may touch: what one of them has given is not looked at again.
            for match in pattern.finditer(text, max(last[kind], start - _BEFORE), stop):
                if match.start() >= end:
                    break  # of the next run, cut short here
                last[kind] = match.end()
                if kind == "phone" and not could_be_phone(text, match.start(), match.end(), least_digits):
                    continue
                if new(kind, match[0]):
                    yield kind, match[0]


def _emails(text: str) -> Iterator[str]:
    """All that ``_EMAIL`` finds in a text, which is looked at around each ``@`` alone."""
    end, at = 0, text.find("@")
    while at >= 0:
        start = at
        while start > end and at - start <= _MOST_LOCAL and not _ends_local(text[start - 1]):
            start -= 1
        if match := _EMAIL.match(text, start):
            yield match[0]
            end = match.end()
        at = text.find("@", max(at + 1, end))


def _ends_local(character: str) -> bool:
    return character in _NOT_LOCAL or character.isspace()


def fewest_digits(regions: tuple[str, ...]) -> int:
    """How many digits a telephone number has at least, for these countries: nine, but for a few with shorter ones."""
    return min(SHORT_NUMBERS.get(region, _DIGITS) for region in regions)


def could_be_phone(text: str, start: int, stop: int, least_digits: int = _DIGITS) -> bool:
    """Whether ``text[start:stop]``, digits and separators, may be a telephone number: its length, and no rule against it."""
    stretch = text[start:stop]
    digits = sum(map(str.isdigit, stretch))
    if not least_digits <= digits <= _MOST_DIGITS:
        return False
    before, after = text[max(0, start - _CONTEXT) : start], text[stop : stop + 8]
    is_against = not stretch.startswith("+") and any(rule(stretch, before, after) for rule in NOT_A_PHONE.values())
    return not is_against or _SAYS_PHONE.search(before) is not None


def _is_unbroken(stretch: str, before: str, after: str) -> bool:
    return stretch.isdigit() and not stretch.startswith("00")


def _is_sum(stretch: str, before: str, after: str) -> bool:
    return bool(_THOUSANDS.fullmatch(stretch) or (_THREES.fullmatch(stretch) and _MONEY_AFTER.match(after)))


def _is_range(stretch: str, before: str, after: str) -> bool:
    found = _RANGE.fullmatch(stretch)
    return bool(found and len(found[1]) == len(found[2]) and found[1][0] == found[2][0] and found[1] < found[2])


NOT_A_PHONE: dict[str, Callable[[str, str, str], object]] = {
    # name: the rule, given the stretch and the characters before and after it
    "unbroken": _is_unbroken,  # a bare run of digits is an order number more often than not, unless a word says "phone"
    "date": lambda stretch, before, after: _DATE.search(stretch) or _YEARS.fullmatch(stretch),
    "address": lambda stretch, before, after: _IP.fullmatch(stretch),
    "sum": _is_sum,
    "isbn": lambda stretch, before, after: _ISBN.fullmatch(stretch),
    "zip": lambda stretch, before, after: _ZIP4.fullmatch(stretch) and _STATE.search(before),
    "cnpj": lambda stretch, before, after: _BRAZIL.fullmatch(stretch),
    "range": _is_range,
    # A word says what else it is. The last, since it costs the most.
    "word": lambda stretch, before, after: _SAYS_OTHER.search(before),
}
"""Rules that say of a stretch which presidio may take for a telephone number that it is none."""
