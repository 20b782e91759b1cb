"""The canonical form of a URL: addresses that surely show the same page get one key.

Each rule has a name and can be switched off (``urls.rules`` of a recipe); docs/dedup.md shows what each folds onto
what. By default only what is safe everywhere is folded. What a site may use to tell pages apart (other parameters, the
path's case, ``index.html``) stays. Rules after RFC 3986, section 6.2, and the practice of web archives (SURT,
urlcanon).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from pathlib import Path
from urllib.parse import quote, urlsplit

from text.hosts import ascii_host

RULES: dict[str, str] = {
    "scheme": "http and https are one",
    "host_case": "the host's letters are lower case, and its final dot goes",
    "idna": "international names are written in ASCII (UTS 46), IPv6 addresses in their short form (RFC 5952)",
    "www": "a leading www. goes",
    "default_port": ":80 of http and :443 of https go",
    "user": "user name and password go",
    "escapes": "percent escapes where RFC 3986 wants them, and only there, in upper case",
    "dot_segments": "/./ and /../ are resolved",
    "fragment": "what follows # goes, unless it is a route (#!… or #/…)",
    "tracking": "parameters of dedup/data/tracking_parameters.txt go",
    "session": "parameters of dedup/data/session_parameters.txt go, where the value is an identifier",
    "parameter_order": "parameters are sorted, empty ones go",
    "slashes": "slashes at the start and the end of the path go",
}
_DEFAULT_PORTS = {"http": 80, "https": 443}
# An escape, or what must be one: RFC 3986, section 2, has no place for these characters, nor for a bare percent sign.
_ESCAPE = re.compile(r"%([0-9a-fA-F]{2})|[^\x21-\x7e]|[%\"<>\[\\\]^`{|}]")
# What ends a host, which percent escapes or brackets elsewhere may bring into one; and what urlsplit leaves out anywhere.
_NO_HOST = re.compile(r"[\t\r\n#/:?@\[\]]")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
# Session ids are random: PHP's have 26 or 32 characters, Tomcat's 32, ASP's 24. So letters and digits change places
# again and again in them (of 16 random hexadecimal digits, 7 times), which they don't in words, dates and numbers.
_SESSION_VALUE = re.compile(r"[A-Za-z0-9._!-]*")
_LETTERS_AND_DIGITS = re.compile(r"[A-Za-z0-9]{16,}")
_CHANGES = re.compile(r"(?:[A-Za-z][0-9]+|[0-9][A-Za-z]+){4}")
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}[._!a-zA-Z0-9-]*")
# Google's AJAX crawling scheme (#!) and what later frameworks made of it (#/). The route to the first page is none.
_ROUTE = re.compile(r"!.|/.")
# ASP.NET without cookies: /(S(lit3py55t21z5v55vlm25s55))/page.aspx
_SESSION_SEGMENT = re.compile(r"\((?:[A-Z]\([A-Za-z0-9_-]{16,}\))+\)")
_DATA = Path(__file__).parent / "data"


def canonical_url(url: str, rules: Collection[str] = tuple(RULES)) -> str:
    """The canonical form of ``url`` by the :data:`RULES` named; what can't be parsed comes back stripped."""
    stripped = url.strip()
    try:
        parts = urlsplit(stripped)
        port = parts.port
        host = _host(parts.hostname or "", parts.netloc, rules)
    except ValueError:
        return stripped
    scheme = parts.scheme.lower()
    if port is not None and not ("default_port" in rules and port == _DEFAULT_PORTS.get(scheme)):
        host = f"{host}:{port}"
    user = parts.netloc.rpartition("@")[0]
    prefix = ("" if "scheme" in rules else f"{scheme}://") + (f"{user}@" if user and "user" not in rules else "")
    query = _query(parts.query, rules)
    fragment = _fragment(parts.fragment, rules)
    return prefix + host + _path(parts.path, rules) + (f"?{query}" if query else "") + fragment


def _host(lowered: str, netloc: str, rules: Collection[str]) -> str:
    host = lowered
    if "host_case" in rules:
        host = host.rstrip(".").lower()
    else:  # urlsplit has lowered it
        place = netloc.lower().find(host)
        host = netloc[place : place + len(host)] if place >= 0 else host
    if "idna" in rules and ("%" in host or ":" in host or not host.isascii()):
        host = ascii_host(host) if "host_case" in rules else _with_case(host)
    if ":" not in lowered and _NO_HOST.search(host):
        raise ValueError(f"no host has such a character: {host!r}")  # its key would be another address
    if "www" in rules and host[:4].lower() == "www.":
        host = host[4:]
    return f"[{host}]" if ":" in host else host  # IPv6


def _with_case(host: str) -> str:
    """``host`` in ASCII; labels that were ASCII keep their case, which IPv6 addresses haven't."""
    if ":" in host:
        return ascii_host(host)
    return ".".join(label if label.isascii() and "%" not in label else ascii_host(label) for label in host.split("."))


def _fragment(fragment: str, rules: Collection[str]) -> str:
    """A place on a page is not part of its address; the route of a page that scripts draw is."""
    if "fragment" in rules and not _ROUTE.match(fragment):
        return ""
    if "escapes" in rules:
        fragment = _escapes(fragment)
    return f"#{fragment}" if fragment else ""


def _path(path: str, rules: Collection[str]) -> str:
    if "session" in rules:
        lasting = (segment for segment in path.split("/") if not _SESSION_SEGMENT.fullmatch(segment))
        path = "/".join(map(_without_session, lasting))
    if "escapes" in rules:
        path = _escapes(path)
    if "slashes" in rules:
        path = path.lstrip("/")
    segments = path.removeprefix("/").split("/")
    if "dot_segments" in rules:
        kept: list[str] = []
        for segment in segments:
            if segment == "..":
                del kept[-1:]
            elif segment != ".":
                kept.append(segment)
        segments = kept
    return "/" + ("/".join(segments).strip("/") if "slashes" in rules else "/".join(segments))


def _without_session(segment: str) -> str:
    """A path segment without matrix parameters (``;jsessionid=…``) that name a session."""
    name, *parameters = segment.split(";")
    return ";".join([name, *(p for p in parameters if not _names_a_session(p))])


def _query(query: str, rules: Collection[str]) -> str:
    parameters = query.split("&")
    if "escapes" in rules:
        parameters = [_escapes(parameter) for parameter in parameters]
    if "tracking" in rules:
        tracking = _names("tracking_parameters.txt")
        parameters = [p for p in parameters if not tracking.fullmatch(p)]
    if "session" in rules:
        parameters = [p for p in parameters if not _names_a_session(p)]
    if "parameter_order" in rules:
        parameters = sorted(filter(None, parameters))
    return "&".join(parameters)


def _names_a_session(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    return bool(_names("session_parameters.txt").fullmatch(f"{name}=")) and _is_identifier(value)


def _is_identifier(value: str) -> bool:
    """In steps, each of which takes linear time: as one pattern, a value of 100 kB would take hours to be refused."""
    if _UUID.fullmatch(value):
        return True
    return bool(_SESSION_VALUE.fullmatch(value)) and any(map(_CHANGES.search, _LETTERS_AND_DIGITS.findall(value)))


@cache
def _names(file: str) -> re.Pattern:
    """The parameters listed in a data file, as one pattern of ``name=value``; ``*`` stands for any characters."""
    lines = ((_DATA / file).read_text("utf-8")).split("\n")
    patterns = []
    for line in filter(None, map(str.strip, lines)):
        if not line.startswith("#"):
            name, separator, value = map(_pattern, line.partition("="))
            patterns.append(f"{name}={value}" if separator else f"{name}(?:=.*)?")
    return re.compile("|".join(patterns), re.IGNORECASE | re.DOTALL)


def _pattern(written: str) -> str:
    """``*`` as a pattern: where a dot follows, up to the next one, so that there is one way to match."""
    return re.escape(written).replace(r"\*\.", r"[^=.]*\.").replace(r"\*", "[^=]*")


def _escapes(text: str) -> str:
    def fold(match: re.Match) -> str:
        if match[1] is None:
            return quote(match[0], errors="surrogatepass")
        character = chr(int(match[1], 16))
        return character if character in _UNRESERVED else match[0].upper()

    return _ESCAPE.sub(fold, text)
