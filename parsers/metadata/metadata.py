"""What a page says about itself: title, language, date, kind, description, site.

Read from the vocabularies that pages have in common: HTML's own elements, Open Graph (ogp.me), schema.org as JSON-LD
or microdata, Dublin Core, and the names that news sites use for Google Scholar, Parsely and Sailthru.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from parsers.markup.lenient_json import read_json
from parsers.markup.tokens import REST_OF_TAG, attributes, unescape
from parsers.metadata.dates import date_in_url, iso_date
from parsers.metadata.recipe import recipe_lines


@dataclass(frozen=True)
class Metadata:
    """What a page states; every text is the empty string where the page states nothing.

    ``title``  without the site's name where that is certain.
    ``language``  a lower-case BCP 47 tag, language and region alone: ``en``, ``pt-br``, ``zh-hant``.
    ``date``  of publication, ``YYYY-MM-DD``.
    ``types``  lower-case names of schema.org and Open Graph types: ``article``, ``qapage``, ``product``.
    ``generator``  the program that says it wrote the page: ``phpBB``, ``Docusaurus v2``.
    ``recipe``  the lines of a recipe's ingredients and steps (:mod:`parsers.metadata.recipe`).
    """

    title: str = ""
    language: str = ""
    date: str = ""
    types: frozenset[str] = field(default_factory=frozenset)
    description: str = ""
    site_name: str = ""
    generator: str = ""
    recipe: tuple[str, ...] = ()


# Bounds for one page: JSON-LD read, scripts longer than this left alone, nodes of it visited.
_JSON_CHARACTERS = 200_000
_JSON_NODES = 5_000
_LONGEST_TEXT = 2_000
# A start tag of use. Its ">" may be missing: what has no end is read once all the same, and not from each "<" in it.
_START = re.compile(r"<(title|meta|script|time)(?=[\s>])" + REST_OF_TAG + "?")
_META_NAME = re.compile(r'\s(?:property|name|itemprop|http-equiv)="([^"]*)"')
_META_CONTENT = re.compile(r'\scontent="([^"]+)"')
_ITEM_TYPE = re.compile(r'\sitemtype="[^"]*?schema\.org/(\w+)')
_CONTAINERS = (dict, list)
_WANTED = ("headline", "datePublished", "@type", '"name"')
# In order of how surely they state the day of publication.
_DATES = (
    "article:published_time", "datepublished", "og:article:published_time", "parsely-pub-date", "sailthru.date",
    "citation_publication_date", "citation_online_date", "citation_date", "dc.date.issued", "dcterms.issued",
    "dcterms.created", "dc.date.created", "dcterms.date", "dc.date", "publishdate", "publish-date", "publish_date",
    "pubdate", "article.published", "published_at", "date", "uploaddate", "datecreated",
)  # fmt: skip
_DESCRIPTIONS = ("og:description", "description", "twitter:description", "dc.description", "dcterms.description")
_TITLES = ("twitter:title", "citation_title", "dc.title", "dcterms.title")
_LANGUAGE_METAS = ("content-language", "og:locale", "dc.language", "dcterms.language", "language")
METAS = frozenset(
    (*_DATES, *_DESCRIPTIONS, *_TITLES, *_LANGUAGE_METAS, "og:title", "og:site_name", "application-name", "og:type", "generator")
)  # fmt: skip
# Types whose headline names the page itself, and whose date is the page's.
_PAGE_TYPE = re.compile(r"(?:article|posting|report|recipe|page|qapage|howto|book|course|event|videoobject)$")
_SEPARATOR = re.compile(r"\s+[|\-\u2013\u2014\u00b7\u00bb\u00ab\u2022:]+\s+|\s*[|\u00bb\u00ab]\s*")
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_](hans|hant|latn|cyrl|arab))?(?:[-_]([a-z]{2}|\d{3}))?(?:$|[-_.@;,\s])")


def read_metadata(head: str, html_lang: str = "", url: str = "", types: Iterable[str] = ()) -> Metadata:
    """What a page's markup states. ``head`` is normal form (see ``parsers.markup.tokens``): the head element, then
    JSON-LD scripts, ``meta`` and ``time`` elements of the body. ``html_lang`` is the html element's ``lang``; ``url``
    gives a date where nothing else does; ``types`` are stated elsewhere. Never raises; linear in ``head``; of JSON-LD,
    200,000 characters are read."""
    metas: dict[str, str] = {}
    types = set(types)
    html_title = time = ""
    linked = _Linked()
    position = 0
    while match := _START.search(head, position):
        position = match.end()
        name, source = match.groups()
        if name == "meta":
            _read_meta(source, metas)
        elif name == "script":
            end = head.find("</script", position)
            end = end if end >= 0 else len(head)
            if "ld+json" in source:
                linked.read(head[position:end])
            position = end
        elif name == "time":
            time = time or _time(attributes(source))
        elif not html_title:
            end = head.find("<", position)
            html_title = _folded(unescape(head[position : end if end >= 0 else len(head)]))
    types.update(linked.types)
    if "og:type" in metas:
        types.add(metas["og:type"].lower().rpartition(":")[2])
    if "itemtype=" in head:
        types.update(kind.lower() for kind in _ITEM_TYPE.findall(head))
    site = metas.get("og:site_name", "") or linked.site or metas.get("application-name", "")
    titles = [metas.get("og:title", ""), linked.headline, html_title, *(metas.get(name, "") for name in _TITLES)]
    return Metadata(
        title=_title(titles, site),
        language=_language([html_lang, *(metas.get(name, "") for name in _LANGUAGE_METAS)]),
        date=_date(metas, linked.date, time, url),
        types=frozenset(types),
        description=next((metas[name] for name in _DESCRIPTIONS if metas.get(name)), ""),
        site_name=site,
        generator=metas.get("generator", ""),
        recipe=linked.recipe,
    )


def _read_meta(source: str, metas: dict[str, str]) -> None:
    """Notes what one meta element says, where it is of use. Most are not: hence only names are read before."""
    for name in map(str.lower, _META_NAME.findall(source)):
        if name in METAS and name not in metas and (content := _META_CONTENT.search(source)):
            metas[name] = _folded(unescape(content[1]))


def _time(found: dict[str, str]) -> str:
    """The date of a ``time`` element that says it is the page's own."""
    published = "datepublished" in found.get("itemprop", "").lower() or "published" in found.get("class", "")
    own = published or "pubdate" in found
    return iso_date(found.get("datetime", "")) if own else ""


def _folded(text: str) -> str:
    return " ".join(text[:_LONGEST_TEXT].split())


def _date(metas: dict[str, str], linked: str, time: str, url: str) -> str:
    stated = (iso_date(metas[name]) for name in _DATES if name in metas)
    surest = iso_date(metas.get(_DATES[0], ""))
    return surest or linked or next((found for found in stated if found), "") or time or date_in_url(url)


def _language(candidates: list[str]) -> str:
    for candidate in candidates:
        match = _LANGUAGE.match(candidate.strip().lower())
        if match:
            return "-".join(part for part in match.groups() if part)
    return ""


def _title(candidates: list[str], site: str) -> str:
    """The first title stated, without the site's name. A part at either end is the site's name where ``og:site_name``
    or the like says so, or where another statement of the title is the same without that part."""
    title = next((candidate for candidate in candidates if candidate), "")
    separators = list(_SEPARATOR.finditer(title))
    if not separators:
        return title
    head, last = title[: separators[-1].start()], title[separators[-1].end() :]
    first, tail = title[: separators[0].start()], title[separators[0].end() :]
    for part, rest in ((last, head), (first, tail)):
        if rest and (rest in candidates or (site and part.casefold() == site.casefold())):
            return rest
    return title


class _Linked:
    """What a page's JSON-LD scripts state, the first to state it counting."""

    def __init__(self) -> None:
        self.headline = self.date = self.site = ""
        self.types: set[str] = set()
        self.recipe: tuple[str, ...] = ()
        self._left = _JSON_CHARACTERS
        self._nodes = _JSON_NODES

    def read(self, script: str) -> None:
        if len(script) > self._left or not any(key in script for key in _WANTED):
            return
        self._left -= len(script)
        pending: list[object] = [read_json(script)]
        while pending and self._nodes > 0:
            node = pending.pop()
            self._nodes -= 1
            if isinstance(node, dict):
                if "@type" in node:
                    self._state(node)
                pending.extend([value for value in reversed(node.values()) if isinstance(value, _CONTAINERS)])
            elif isinstance(node, list):
                pending.extend(reversed(node))

    def _state(self, node: dict[str, object]) -> None:
        names = {name.rpartition("/")[2].rpartition(":")[2].lower() for name in _strings(node.get("@type"))}
        self.types |= names
        if any(map(_PAGE_TYPE.search, names)):
            self.headline = self.headline or _folded(unescape(_string(node.get("headline"))))
            self.date = self.date or iso_date(_string(node.get("datePublished")))
        if "recipe" in names:
            self.recipe = self.recipe or recipe_lines(node)
        if "website" in names:
            self.site = self.site or _folded(_string(node.get("name")))


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _strings(value: object) -> Iterator[str]:
    yield from (item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str))
