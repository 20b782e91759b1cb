"""The extractors that are compared: what each is called, which package brings it, and how it is asked for text.

Every rival gets the page as decoded text, so that the comparison is of extraction and not of charsets; gristmill's
parser gets the bytes, and its clock therefore counts the decoding too. Settings are those that a user meets first,
except that resiliparse leaves image alt texts out, which raises its score.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import parsers


@dataclass(frozen=True)
class Page:
    """One page of the pack: ``html`` as crawled, ``source`` the same decoded."""

    id: str
    url: str
    html: bytes
    source: str


@dataclass(frozen=True)
class Contestant:
    """Something that turns a :class:`Page` into text. ``runs`` is false for those that are not timed."""

    name: str
    version: str
    extract: Callable[[Page], str]
    runs: bool = True


@dataclass(frozen=True)
class Rival:
    """``packages``  what pip installs; the first one's version is shown. ``make``  raises ``ImportError`` without."""

    packages: str
    make: Callable[[], Callable[[Page], str]]


def _trafilatura(**settings) -> Rival:
    def make() -> Callable[[Page], str]:
        from trafilatura import extract

        return lambda page: extract(page.source, url=page.url or None, **settings) or ""

    return Rival("trafilatura lxml_html_clean", make)


def _plain(html: str) -> str:
    """All text of extracted HTML, for rivals that return HTML."""
    from resiliparse.extract.html2text import extract_plain_text

    return extract_plain_text(html, main_content=False, alt_texts=False, list_bullets=False) if html.strip() else ""


def _resiliparse() -> Callable[[Page], str]:
    from resiliparse.extract.html2text import extract_plain_text

    return lambda page: extract_plain_text(page.source, main_content=True, alt_texts=False)


def _turbohtml() -> Callable[[Page], str]:
    import turbohtml

    return lambda page: turbohtml.parse(page.source).article().text


def _readability() -> Callable[[Page], str]:
    from readability import Document

    return lambda page: _plain(Document(page.source).summary())


def _justext() -> Callable[[Page], str]:
    import justext

    # A crawl doesn't say which language a page is in: the stop words of all of them.
    stop_words = frozenset().union(*map(justext.get_stoplist, justext.get_stoplists()))
    return lambda page: "\n".join(
        paragraph.text for paragraph in justext.justext(page.source, stop_words) if not paragraph.is_boilerplate
    )


def _inscriptis() -> Callable[[Page], str]:
    from inscriptis import get_text

    return lambda page: get_text(page.source)


def _boilerpy3() -> Callable[[Page], str]:
    from boilerpy3.extractors import ArticleExtractor

    extractor = ArticleExtractor(raise_on_failure=False)
    return lambda page: extractor.get_content(page.source)


def _newspaper4k() -> Callable[[Page], str]:
    from newspaper import Article

    def extract(page: Page) -> str:
        article = Article(page.url or "http://example.com/", fetch_images=False)  # no network
        article.download(input_html=page.source)
        article.parse()
        return article.text

    return extract


def _goose3() -> Callable[[Page], str]:
    from goose3 import Goose

    goose = Goose()
    return lambda page: goose.extract(raw_html=page.source).cleaned_text


RIVALS = {
    "trafilatura": _trafilatura(),
    "trafilatura-precision": _trafilatura(favor_precision=True),
    "trafilatura-recall": _trafilatura(favor_recall=True),
    "trafilatura-fast": _trafilatura(fast=True),
    "resiliparse": Rival("resiliparse", _resiliparse),
    "readability-lxml": Rival("readability-lxml lxml_html_clean", _readability),
    "turbohtml": Rival("turbohtml", _turbohtml),
    "justext": Rival("jusText lxml_html_clean", _justext),
    "inscriptis": Rival("inscriptis", _inscriptis),
    "boilerpy3": Rival("boilerpy3", _boilerpy3),
    "newspaper4k": Rival("newspaper4k[all] lxml_html_clean", _newspaper4k),
    "goose3": Rival("goose3 lxml_html_clean", _goose3),
}


def parser(name: str) -> Contestant:
    """One of our own parsers, by the name that recipes use. Raises ``ValueError`` where there is none."""
    extract = parsers.load(name)
    return Contestant(name, "", lambda page: extract(page.html, page.url, "").text)


def without_headlines(name: str) -> Contestant:
    """The same without the pages' headlines: some gold texts have them, most don't."""
    extract = parsers.load(name)
    return Contestant(
        f"{name}, no headline", "", lambda page: extract(page.html, page.url, "").without_headline().text, False
    )


def rivals(names: list[str]) -> tuple[list[Contestant], list[str]]:
    """Those of ``names`` that can be imported, and a sentence about each one that can't, with the line to bring it.

    Raises ``ValueError`` for a name that isn't in :data:`RIVALS`.
    """
    present, absent = [], []
    for name in names:
        if name not in RIVALS:
            raise ValueError(f"there is no rival called {name!r}; choose among {', '.join(RIVALS)}")
        rival = RIVALS[name]
        try:
            present.append(Contestant(name, _version(rival), rival.make()))
        except ImportError as error:
            absent.append(f"{name} takes no part ({error}); to bring it: python -m pip install {rival.packages}")
    return present, absent


def stored(name: str, path: Path) -> Contestant:
    """Texts that a tool which pip can't install wrote beforehand: JSON lines with ``id`` and ``text``."""
    texts = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            result = json.loads(line)
            texts[result["id"]] = result.get("text") or ""
    return Contestant(name, "stored", lambda page: texts.get(page.id, ""), runs=False)


def _version(rival: Rival) -> str:
    try:
        return version(rival.packages.split()[0].partition("[")[0])
    except PackageNotFoundError:  # importable, yet not installed as a distribution
        return ""
