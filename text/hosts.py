"""One way of writing host names: lower case, ASCII, no empty labels. Block lists, domains and URL keys must agree."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import idna

if TYPE_CHECKING:
    from tldextract import TLDExtract

LONGEST_HOST = 253
"""Characters of the longest name that DNS has (RFC 1035, 2.3.4: 255 bytes with lengths). Pages link to longer ones too."""
_OTHER_DOTS = re.compile("[\u3002\uff0e\uff61]")  # which IDNA takes for the dot (RFC 3490, 3.1)


def ascii_host(host: str) -> str:
    """``host`` as browsers look it up: UTS 46, non-transitional, label by label; percent escapes undone.

    A label that no rule allows stays as it is, in lower case: it still tells one host from another. ``host`` is a name
    or an address without port, user or brackets. Never raises.
    """
    return _remembered(host) if len(host) <= LONGEST_HOST else _ascii(host)


def _ascii(host: str) -> str:
    if "%" in host and ":" not in host:  # not the zone of an IPv6 address
        host = unquote(host)
    host = host.lower()
    if ":" in host:
        return _ipv6(host)
    if not host.isascii():
        host = ".".join(map(_ascii_label, _OTHER_DOTS.sub(".", host).split(".")))
    return ".".join(filter(None, host.split("."))) if ".." in host or host[:1] == "." or host[-1:] == "." else host


_remembered = lru_cache(maxsize=1 << 16)(_ascii)  # of hosts of any length it would take gigabytes


def _ipv6(host: str) -> str:
    """One way of writing an address (RFC 5952); what is none stays as it is."""
    try:
        return str(ipaddress.IPv6Address(host))
    except ValueError:
        return host


def host_of(url: str) -> str:
    """The host of ``url`` in lower case; empty where it has none or is no URL. Never raises."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def _ascii_label(label: str) -> str:
    if label.isascii():
        return label
    try:
        return idna.encode(label, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        pass
    # IDNA 2008 forbids emoji and the like; UTS 46, and so browsers and registries, do not.
    try:
        mapped = idna.uts46_remap(label, std3_rules=False, transitional=False)
        return mapped if mapped.isascii() else "xn--" + mapped.encode("punycode").decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return label


@lru_cache(maxsize=1)
def public_suffixes() -> TLDExtract:
    """The public suffix list that tldextract carries, never downloaded and never cached on disk; private suffixes count.
    One for a process: making its tables takes a tenth of a second."""
    from tldextract import TLDExtract  # which most of those who ask for hosts don't need

    return TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)
