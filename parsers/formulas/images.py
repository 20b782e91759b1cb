r"""Images of formulas: the TeX in their addresses, their alternative texts and other attributes."""

from __future__ import annotations

import re
from urllib.parse import unquote, unquote_plus

# Parts of an image's address that say that a formula was drawn from TeX standing in it or beside it.
_DRAWING_HINTS = (
    "latex", "codecogs", "cht=tx", "mathtex", "mimetex", "mathurl", "tex=", "/tex/", "math/render/", "math.now.sh",
    "math.vercel.app", "texrendr", "render/math?", "/math?formula=", "upmath.me/", "s2cms.ru/", "images/math/",
)  # fmt: skip
IMAGE_URL_HINTS = (*_DRAWING_HINTS, "%5C", "%5c")
# An image whose tag has none of these, in lower case, shows no formula. Searched one by one: a pattern takes ten times
# as long.
_SIGNS = (
    "\\", "$", "%5c", "tex", "math", "formula", "equation", "eeimg", "cht=tx", "codecogs", ' eq ', ' eq"', '"eq ',
    '"eq"',
)  # fmt: skip
# Classes by which images, and no other elements, say that they show a formula.
_WORDS = frozenset(
    "inlineformula formula equation eq formulainl mathimg math-image numberedequation displayformula mathcode "
    "ql-img-inline-formula ql-img-displayed-equation texrender latexcenter".split()
)
_DISPLAY_WORDS = frozenset({"numberedequation", "ql-img-displayed-equation", "latexcenter"})
# Attributes of TeX; Habr has a switch in the first and the TeX in the last.
_ATTRIBUTES = ("data-tex", "data-latex", "data-formula", "source")
_SWITCHES = frozenset({"inline", "display", "true", "false"})

TEX_SIGN = re.compile(r"\\[A-Za-z]+|[\^_{}=]")
PLAIN_WORDS = re.compile(r"(?<![\\{A-Za-z])[A-Za-z]{2,}(?:\s+(?!\\)[A-Za-z]{2,}){3}")
_COMMAND = re.compile(r"\\[A-Za-z]{2,}|\\[()\[\]]")
_QUERY = re.compile(r"[?&](?:amp;)?(?:chl|tex|latex|math|eq|formula|from)=([^&#]*)")
_SERVICES = re.compile(
    r"(?:codecogs\.com/(?:[a-z0-9.]+\.latex|svg\.image|png\.image|gif\.image|pdf\.image|eps\.image)\?"
    r"|mathtex\.cgi\?|mimetex\.cgi\?|mathurl\.com/render\.cgi\?|forkosh\.(?:dreamhost\.)?com/\w+\.cgi\?"
    r"|[?&]cht=tx\b.{0,300}?&chl=|math\.now\.sh\?from=|math\.vercel\.app/?\?from="
    r"|(?:upmath\.me|s2cms\.ru)/(?:svg|png)/)(.+)",
    re.IGNORECASE,
)
_PATH = re.compile(r"/(?:formula|math|tex|latex|render/svg|equation|i?eq)/([^?#]*%5c[^?#]*)", re.IGNORECASE)
_SIZES = re.compile(
    r"\A(?:\\(?:inline|dpi\{\d+\}|bg_\w+|fn_\w+|large|Large|LARGE|huge|Huge|small|tiny|footnotesize)(?![A-Za-z])\s*)+"
)


def may_be_formula(source: str) -> bool:
    """Whether an image's attributes, as they stand in its tag, have anything of a formula in them."""
    lower = source.lower()
    return any(sign in lower for sign in _SIGNS)


def source(given: dict[str, str], promised: bool) -> tuple[str, bool]:
    """The TeX that an image with these attributes shows, empty if it shows none, and whether that is said to be a
    display. ``promised``: the image's class says that it is a formula."""
    address, alt = given.get("src", ""), given.get("alt", "").strip()
    words = set(given.get("class", "").lower().split())
    display = not _DISPLAY_WORDS.isdisjoint(words)
    zhihu = given.get("data-eeimg") or given.get("eeimg")
    values = (given.get(name, "") for name in _ATTRIBUTES)
    tex = next((value for value in values if value and value not in _SWITCHES), "")
    if not tex and zhihu and alt and alt != "[公式]":
        tex = alt
    if not tex and not address.startswith("data:"):
        tex = _from_address(address)
    if not tex and alt:
        promised = promised or not _WORDS.isdisjoint(words) or any(hint in address for hint in _DRAWING_HINTS)
        tex = alt if _is_source(alt, promised) else ""
    if "\\\\" in tex[-3:] and (display or zhihu):
        tex = tex.rstrip("\\ ")
    return _SIZES.sub("", tex), display or bool(zhihu and alt.endswith("\\\\"))


def _is_source(alt: str, promised: bool) -> bool:
    """Whether an alternative text is TeX. ``promised``: the image says that it shows a formula."""
    if PLAIN_WORDS.search(alt):
        return False
    if len(alt) > 2 and alt[0] == alt[-1] == "$":
        return True
    if promised:
        return TEX_SIGN.search(alt) is not None or len(alt) == 1
    return _COMMAND.search(alt) is not None and alt[1:3] != ":\\"  # C:\Windows


def _from_address(address: str) -> str:
    """TeX that an image service was asked to draw."""
    if not any(sign in address for sign in ("%5", "=", "?", "upmath.me/", "s2cms.ru/")):
        return ""
    service = _SERVICES.search(address)
    if service:
        asked = service[1].partition("&chl=")[0] if "chl=" not in service[0] else service[1].partition("&")[0]
        spaced = asked.replace("&amp;", "&").replace("&space;", " ").replace("&plus;", "+")
        return unquote_plus(spaced) if "chl=" in service[0] else unquote(spaced)
    query = _QUERY.search(address)
    if query:
        tex = unquote_plus(query[1])
        return tex if any(hint in address for hint in _DRAWING_HINTS) and TEX_SIGN.search(tex) else ""
    path = _PATH.search(address)
    return unquote(path[1]) if path else ""
