"""Pages that come more than once: several captures of one URL, one URL in several spellings, copies, near-copies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from gristmill.sample import prose
from gristmill.sample.capture import Capture
from gristmill.sample.dice import Dice
from gristmill.sample.site import Site, p, slug

_SITE = Site("almanac-of-small-things.example", menu=("Home", "Almanac", "Index", "Write to us"))
_SPELLINGS = (
    "http://{host}/{path}",
    "https://www.{host}/{path}",
    "https://{host}/{path}?utm_source=letter&utm_medium=mail",
    "https://{host}/{path}#the-end",
    "https://{host}:443/{path}",
    "https://{HOST}/{path}",
)
_SWAPS = (("nobody", "no one"), ("often", "frequently"), ("little", "small"), ("begin", "start"))


def plant(seed: int) -> Iterator[Capture]:
    """All kinds of repetition. Who survives always follows from the captures' dates."""
    yield from _versions(seed)
    yield from _spellings(seed)
    yield from _identical(seed)
    yield from _near_copies(seed)
    yield from _exact_copies(seed)


def _text(seed: int, kind: str, number: int, words: int = 450) -> prose.Article:
    names = prose.topics()
    return prose.article(names[(7 * number + len(kind)) % len(names)], Dice(seed, kind, number), words)


def _html(site: Site, text: prose.Article) -> bytes:
    return site.page(text.title, text.blocks, date="2024-02-11", author=text.author).encode()


def _versions(seed: int) -> Iterator[Capture]:
    for number in range(5):
        old, new = _text(seed, "old version", number), _text(seed, "new version", number)
        url = f"https://{_SITE.host}/month/{number + 1}"
        older = Capture(url, 3 + number, "older-capture", _html(_SITE, old), ("rejected",), ("urls",),
                        "a newer capture of the same URL exists")  # fmt: skip
        newer = Capture(url, 50 + number, "newer-capture", _html(_SITE, new), note="the newest good capture")
        yield from (older, newer)
        gone = p("The page you asked for is not here any more.")
        if number < 3:
            body = _SITE.page("Not found", [gone]).encode()
            yield Capture(url, 100 + number, "later-404", body, ("rejected",), ("read",),
                          "an error page, though the newest of its URL", status=404)  # fmt: skip
        if number >= 2:
            yield Capture(url, 105 + number, "later-redirect", b"", ("rejected",), ("read",),
                          "a redirect, though the newest of its URL", status=301,
                          headers={"Location": f"https://{_SITE.host}/"})  # fmt: skip


def _spellings(seed: int) -> Iterator[Capture]:
    for number in range(4):
        path = f"folk/{slug(_text(seed, 'spelling', number).title)}"
        spellings = Dice(seed, "spellings", number).shuffled(_SPELLINGS)[:3]
        for order, spelling in enumerate([*spellings, "https://{host}/{path}"]):
            url = spelling.format(host=_SITE.host, HOST=_SITE.host.upper(), path=path)
            body = _html(_SITE, _text(seed, f"spelling {order}", number))
            newest = order == len(spellings)
            yield Capture(url, 10 + 20 * order + number, "url-spelling", body,
                          ("kept",) if newest else ("rejected",), () if newest else ("urls",),
                          "one URL in four spellings; the newest capture stays")  # fmt: skip


def _identical(seed: int) -> Iterator[Capture]:
    for number in range(3):
        url = f"https://{_SITE.host}/twice/{number + 1}"
        first = Capture(url, 70 + number, "captured-twice", _html(_SITE, _text(seed, "twice", number)))
        yield first
        yield replace(first, fates=("rejected",), stages=("read", "urls", "documents"),
                      note="URL, date and payload equal those of another record: one of the two is kept")  # fmt: skip


def _near_copies(seed: int) -> Iterator[Capture]:
    """Each text on two or three sites with a few words changed: one cluster, of which the newest capture stays."""
    hosts = ("borrowed-words.example", "second-hand-stories.example", "reading-room-mirror.example")
    for number in range(8):
        text = _text(seed, "near copy", number, 560)
        copies = 2 + number % 2
        for order in range(copies):
            site = Site(hosts[order])
            blocks = list(text.blocks)
            for old, new in _SWAPS[: 2 * order]:
                blocks = [re.sub(rf"\b{old}\b", new, block) for block in blocks]
            if order:
                blocks.insert(order, p(f"We found this page while tidying up and copy it for issue {number + 9}."))
            newest = order == copies - 1
            page = site.page(text.title, blocks, date=f"2024-02-{10 + order}", author=text.author)
            yield Capture(f"https://{site.host}/{slug(text.title)}-{number}", 20 + 30 * order + number, "near-copy",
                          page.encode(), ("kept",) if newest else ("rejected",), () if newest else ("documents",),
                          "near-duplicates on several sites; the newest capture stays")  # fmt: skip


def _exact_copies(seed: int) -> Iterator[Capture]:
    hosts = ("paper-boats.example", "inkwell-and-tide.example")
    for number in range(4):
        text = _text(seed, "exact copy", number)
        for order, host in enumerate(hosts):
            yield Capture(f"https://{host}/copy/{number + 1}", 15 + 45 * order + number, "exact-copy",
                          _html(Site(host), text), ("kept",) if order else ("rejected",),
                          () if order else ("documents",), "the same text on two sites; the newer stays")  # fmt: skip
