"""One line of a published list, whichever of the usual forms it has, as what it blocks.

Each form marks its lines unmistakably, so a file may mix them: plain hosts (``example.com``), wildcards (``*.x``, ``.x``),
hosts files (``0.0.0.0 example.com``), adblock (``||example.com^``), dnsmasq (``address=/example.com/0.0.0.0``), unbound
(``local-zone: "example.com" always_nxdomain``), response policy zones (``example.com CNAME .``) and URLs
(``http://example.com/path``, ``example.com/path``).
"""

from __future__ import annotations

import ipaddress
import re
from typing import NamedTuple
from urllib.parse import unquote

from blocklists.domain import is_public_suffix, normalise_host
from text.hosts import LONGEST_HOST

# Where hosts files send what they block, and what they say about the machine itself.
_SINKS = frozenset(
    [
        "0.0.0.0",
        "127.0.0.1",
        "127.0.1.1",
        "::",
        "::1",
        "fe80::1%lo0",
        "ff00::0",
        "ff02::1",
        "ff02::2",
        "255.255.255.255",
    ]
)
_OWN_NAMES = frozenset(
    [
        "localhost",
        "localhost.localdomain",
        "local",
        "broadcasthost",
        "0.0.0.0",
        "ip6-localhost",
        "ip6-loopback",
        "ip6-localnet",
        "ip6-mcastprefix",
        "ip6-allnodes",
        "ip6-allrouters",
        "ip6-allhosts",
    ]
)
# Top-level domains that a list can't mean as a whole unless it writes ``*.com``; nor can it mean a country by its letters.
_GENERAL_TLDS = frozenset(
    [
        "com",
        "org",
        "net",
        "edu",
        "gov",
        "mil",
        "int",
        "arpa",
        "info",
        "biz",
        "name",
        "pro",
        "coop",
        "aero",
        "museum",
        "app",
        "dev",
        "io",
    ]
)

_COMMENT = re.compile(r"\s(?:[#;!]|//).*")
_LABELS = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_PLAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_WEB = re.compile(r"(?:https?|ftp)://", re.IGNORECASE)
_USER = re.compile(r"[^/?#]*@")
_ADBLOCK = re.compile(r"(@@)?\|\|([^/^$|*]+)(/[^^$|*]*)?(\^?\|?\*?)(?:\$(.*))?")
# Options under which a rule of a browser's blocker still speaks of the site as such, and not only of what others embed.
_WHOLE_SITE = frozenset(["all", "document", "doc", "important", "popup"])
_DNSMASQ = re.compile(r"(?:address|server|local)=/([^=\s]+)/[^/\s]*")
_UNBOUND = re.compile(r'local-(?:zone|data):\s*"([^"\s]+)(?:\s[^"]*)?"(?:\s+\S+)?')
_POLICY_ZONE = re.compile(
    r"(\S+)\s+(?:\d+\s+)?(?:IN\s+)?CNAME\s+(?:\.|\*\.|rpz-(?:drop|passthru|tcp-only)\.)", re.IGNORECASE
)
_ZONE_FRAME = re.compile(
    r"\$(?:TTL|ORIGIN)\b|@\s|\S+\s+(?:\d+\s+)?(?:IN\s+)?(?:SOA|NS)\s|\s+\d+\s*[;)]|\)|server:\s*$", re.IGNORECASE
)


class Entry(NamedTuple):
    """What a list blocks. ``host`` in the form of :func:`blocklists.domain.normalise_host`, and everything below it;
    ``path`` (with its ``/``, may hold a query) narrows it to addresses that begin so. ``whole_suffix``: a public suffix
    (``xxx``, ``*.blogspot.com``) is meant with all sites below it. ``exception``: the list takes this out again."""

    host: str
    path: str = ""
    whole_suffix: bool = False
    exception: bool = False


def parse_line(line: str) -> list[Entry] | None:
    """The entries of a line. Empty for a line that blocks nothing and shouldn't (a comment, a title, a rule about parts
    of pages or about what other sites embed); ``None`` for one that is in no form known here."""
    line = line.strip("\ufeff \t\r\n\v\f\0")
    if _PLAIN.fullmatch(line):  # by far the most
        return [Entry(line)]
    if (
        not line
        or line[0] in "#;!"
        or line.startswith(("//", "--", "[Adblock", "[uBlock"))
        or "##" in line
        or "#@#" in line
    ):
        return []
    if line.startswith(("||", "@@", "|")) or (line[0] == "/" and line[-1] == "/"):
        return _adblock(line)
    if found := _DNSMASQ.fullmatch(line):
        return _all(found[1].split("/"), whole_suffix=False)
    if found := _UNBOUND.fullmatch(line):
        return _all([found[1]], whole_suffix=False)
    if found := _POLICY_ZONE.fullmatch(line):
        return _all([found[1]], whole_suffix=False)
    if _ZONE_FRAME.match(line):
        return []
    words = _COMMENT.sub("", line).split()
    if not words:  # other white space, which Unicode has much of
        return []
    first, *others = words
    if others:
        if first.lower() not in _SINKS:
            return None
        # A hosts file may name several hosts after one address.
        return _all([host for host in others if host.lower() not in _OWN_NAMES], whole_suffix=False)
    if first.lower() in _SINKS or first.lower() in _OWN_NAMES:
        return []
    return _address(first)


def _all(hosts: list[str], *, whole_suffix: bool) -> list[Entry] | None:
    found = [entry for host in hosts if host for entry in [_host(host, whole_suffix=whole_suffix)]]
    return None if None in found else [entry for entry in found if entry]


def _host(written: str, *, whole_suffix: bool = False) -> Entry | None:
    """A host as lists write it, ``*.x`` and ``.x`` included; ``None`` if it can't be one."""
    if written.startswith("*."):
        written, whole_suffix = written[2:], True
    elif written.startswith("."):
        written = written[1:]
    host = normalise_host(written)
    if not host or len(host) > LONGEST_HOST:
        return None
    if ":" in host or host[-1].isdigit():
        try:
            return Entry(ipaddress.ip_address(host).compressed)
        except ValueError:
            return None
    if not _LABELS.fullmatch(host):
        return None
    if "." not in host:
        named = whole_suffix or (len(host) > 2 and host not in _GENERAL_TLDS)
        return Entry(host, whole_suffix=True) if named and is_public_suffix(host) else None
    return Entry(host, whole_suffix=whole_suffix)


def _address(written: str) -> list[Entry] | None:
    """A URL, with or without a scheme, or a bare host."""
    if _SCHEME.match(written):
        web = _WEB.match(written)
        if not web:
            return None
        written = written[web.end() :]
        if user := _USER.match(written):
            written = written[user.end() :]
    host, path = split_address(written)
    entry = _host(host)
    if entry is None:
        return None
    return [entry if path in ("", "/") else entry._replace(path=path)]


def split_address(address: str) -> tuple[str, str]:
    """Host and path of an address without scheme, as the index compares them: percent-encoding undone, ``index.html``
    kept, the fragment and slashes at the end left out."""
    at = min((place for place in map(address.find, "/?#") if place >= 0), default=len(address))
    host, path = address[:at], address[at:].partition("#")[0]
    if path.startswith("?"):
        path = "/" + path
    return host, unquote(path).rstrip("/")


def _adblock(line: str) -> list[Entry] | None:
    found = _ADBLOCK.fullmatch(line)
    if not found:
        return []  # a rule about parts of addresses: no site is meant
    exception, host, path, anchor, options = found.groups()
    if options and not {option.strip().lower() for option in options.split(",")} <= _WHOLE_SITE:
        return []  # about what other sites embed: the site itself may be a good one
    entry = _host(host)
    if entry is None:
        return None
    if not path and "^" not in anchor and not line.endswith(host):
        return []
    return [entry._replace(path=split_address(path)[1] if path and path != "/" else "", exception=bool(exception))]
