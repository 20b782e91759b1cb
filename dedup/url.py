"""The canonical form of a URL: two addresses that surely show the same page get one key.

Only what is safe everywhere is folded: scheme, ``www.``, host case and IDNA, default port, dot segments, percent
escapes (needless ones, missing ones and their case), fragments, parameters that track a visitor and change nothing of
the page, parameter order, and a slash at the end of the path. What a site may use to tell pages apart (other
parameters, the path's case) stays.
Rules after RFC 3986, section 6.2.
"""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

import idna

# Names of parameters that carry who sent the visitor, not what is shown.
TRACKING_PARAMETERS = re.compile(
    r"^(utm_.*|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|igshid|twclid|mc_cid|mc_eid|_ga|_gl|_hsenc|_hsmi|mkt_tok"
    r"|oly_anon_id|oly_enc_id|vero_id|wickedid|spm|ref_src|ref_url)$",
    re.IGNORECASE,
)
_DEFAULT_PORTS = {"http": 80, "https": 443}
# An escape, or what must be one: RFC 3986, section 2, has no place for these characters, nor for a bare percent sign.
_ESCAPE = re.compile(r"%([0-9a-fA-F]{2})|[^\x21-\x7e]|[%\"<>^`{|}]")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def canonical_url(url: str) -> str:
    """The canonical form of ``url``, without a scheme; an address that can't be parsed comes back stripped."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
        host = _canonical_host(parts.hostname or "")
    except ValueError:
        return url.strip()
    if ":" in host:
        host = f"[{host}]"  # IPv6
    if port is not None and port != _DEFAULT_PORTS.get(parts.scheme.lower()):
        host = f"{host}:{port}"
    path = _canonical_path(parts.path)
    query = _canonical_query(parts.query)
    return host + path + ("?" + query if query else "")


def _canonical_host(host: str) -> str:
    host = host.rstrip(".").lower()
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode()
        except idna.IDNAError:
            pass  # not a valid name, still a usable key
    return host.removeprefix("www.")


def _canonical_path(path: str) -> str:
    kept: list[str] = []
    for segment in _canonical_escapes(path).lstrip("/").split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    return "/" + "/".join(kept).strip("/")


def _canonical_query(query: str) -> str:
    parameters = (_canonical_escapes(parameter) for parameter in query.split("&") if parameter)
    return "&".join(sorted(p for p in parameters if not TRACKING_PARAMETERS.match(p.partition("=")[0])))


def _canonical_escapes(text: str) -> str:
    def fold(match: re.Match) -> str:
        if match[1] is None:
            return quote(match[0], errors="surrogatepass")
        character = chr(int(match[1], 16))
        return character if character in _UNRESERVED else match[0].upper()

    return _ESCAPE.sub(fold, text)
