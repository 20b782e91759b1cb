"""Hosts and their registrable domains.

The domain of a page is what one owner registered: ``example.co.uk`` for ``www.example.co.uk``, and, because private
suffixes count, ``alice.github.io`` for itself. The public suffix list is the copy that tldextract carries; it is never
downloaded and never cached on disk, so that all workers of a run agree.
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache

from text.hosts import LONGEST_HOST, ascii_host, public_suffixes

_SUFFIXES = public_suffixes()


def normalise_host(host: str) -> str:
    """``host`` as :func:`text.hosts.ascii_host` writes it, without a port or the brackets of an IPv6 address."""
    host = host.strip()
    if host.startswith("["):
        return ascii_host(host[1:].partition("]")[0])
    if host.count(":") == 1:
        host = host.partition(":")[0]
    return ascii_host(host)


def registrable_domain(host: str) -> str:
    """The registrable domain of ``host``, in the form of :func:`normalise_host`.

    What has none stands for itself: IP addresses, single labels (``localhost``), and public suffixes (``co.uk``,
    ``github.io``). Under a top-level domain that the list doesn't know, it is the last two labels: the list's own
    default rule ``*``. Never empty unless ``host`` is.
    """
    return _remembered_domain(host) if len(host) <= LONGEST_HOST else _domain(host)


def _domain(host: str) -> str:
    host = normalise_host(host)
    if _is_address(host):
        return host
    parts = _SUFFIXES(host)
    if not parts.suffix:
        return ".".join(host.split(".")[-2:])
    return parts.top_domain_under_public_suffix or host


_remembered_domain = lru_cache(maxsize=1 << 16)(_domain)


def is_public_suffix(host: str) -> bool:
    """Whether sites of many owners stand below ``host`` (in the form of :func:`normalise_host`): ``com``, ``co.uk``,
    ``github.io``. A top-level domain that the list doesn't know is none."""
    # The list's names first: next to no host is one, and the full rules take ten times as long.
    return (host in _listed_names() or host.partition(".")[2] in _listed_names()) and _SUFFIXES(host).suffix == host


@lru_cache(maxsize=1)
def _listed_names() -> frozenset[str]:
    """The hosts in the public suffix list's rules, without their signs for wildcards and exceptions."""
    names = (rule.removeprefix("!").removeprefix("*.") for rule in _SUFFIXES.tlds)
    return frozenset(map(ascii_host, names))


def _is_address(host: str) -> bool:
    if not (host[-1:].isdigit() or ":" in host):  # most hosts: no exception to pay for
        return False
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
