"""Whose contacts a page holds: an organisation's own, which it publishes, or those of many private persons.

Of 25 pages over the limits among 4,987 real ones, 24 were firms', schools' and offices' pages of their own staff, and none
was a leak. What marks a people finder are many persons: many mail domains, mailboxes of free services, telephone numbers of
many exchanges. So an organisation counts once, however many of its people it names.
"""

from __future__ import annotations

from collections.abc import Mapping

from text.hosts import host_of

FREE_MAIL = frozenset(
    [
        "aol.com",
        "bigpond.com",
        "bluewin.ch",
        "btinternet.com",
        "centrum.cz",
        "comcast.net",
        "free.fr",
        "freenet.de",
        "gmail.com",
        "gmx.at",
        "gmx.ch",
        "gmx.de",
        "gmx.net",
        "googlemail.com",
        "hotmail.co.uk",
        "hotmail.com",
        "hotmail.de",
        "hotmail.fr",
        "hotmail.it",
        "icloud.com",
        "interia.pl",
        "laposte.net",
        "libero.it",
        "list.ru",
        "live.com",
        "live.nl",
        "mac.com",
        "mail.com",
        "mail.ru",
        "me.com",
        "msn.com",
        "naver.com",
        "o2.pl",
        "onet.pl",
        "orange.fr",
        "outlook.com",
        "outlook.de",
        "proton.me",
        "protonmail.com",
        "qq.com",
        "rambler.ru",
        "rediffmail.com",
        "rocketmail.com",
        "sbcglobal.net",
        "seznam.cz",
        "sfr.fr",
        "sina.com",
        "sky.com",
        "t-online.de",
        "terra.com.br",
        "uol.com.br",
        "verizon.net",
        "virgilio.it",
        "wanadoo.fr",
        "web.de",
        "wp.pl",
        "ya.ru",
        "yahoo.co.in",
        "yahoo.co.uk",
        "yahoo.com",
        "yahoo.com.br",
        "yahoo.de",
        "yahoo.es",
        "yahoo.fr",
        "yahoo.it",
        "yandex.ru",
        "ymail.com",
        "126.com",
        "163.com",
    ]
)
"""Mail domains where everybody has a mailbox: each address there is a person's."""

# The last digits of a telephone number are the extension within one exchange.
_EXTENSION = 4


def others_contacts(values: Mapping[str, set[str]], own_domain: str) -> int:
    """How many personal data of a page (:meth:`filters.pii.PiiCounter.values`) are not an organisation's own contacts.

    Addresses below ``own_domain`` are the site's own. Addresses of any other organisation's domain count once together,
    those of :data:`FREE_MAIL` each. Telephone numbers that agree in all but the last four digits are one exchange and count
    once, and each own address explains the one number beside it. Cards, IBANs, social security numbers and IP addresses
    always count.
    """
    domains = [address.rpartition("@")[2] for address in sorted(values["email"])]
    own = sum(_below(domain, own_domain) for domain in domains) if own_domain else 0
    foreign = [domain for domain in domains if not (own_domain and _below(domain, own_domain))]
    persons = sum(domain in FREE_MAIL for domain in foreign)
    organisations = len({domain for domain in foreign if domain not in FREE_MAIL})
    exchanges = len({number[:-_EXTENSION] for number in values["phone"]})
    checked = sum(len(values[kind]) for kind in ("card", "iban", "ssn", "ip"))
    return persons + organisations + max(0, exchanges - own) + checked


def site_host(url: str) -> str:
    """The host of ``url`` without a ``www.`` in front; empty where there is none."""
    return host_of(url).removeprefix("www.")


def _below(domain: str, own: str) -> bool:
    """Whether a mail domain and a site belong together: one is the other or lies below it."""
    return domain == own or domain.endswith(f".{own}") or own.endswith(f".{domain}")
