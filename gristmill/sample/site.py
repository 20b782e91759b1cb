"""Web sites: what stands around the text of a page, in several makes."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from gristmill.sample.dice import Dice

_RELATED = (
    "Opening hours", "Letters to the editor", "Calendar of meetings", "Back numbers", "Maps", "Glossary",
    "Members' workshop", "Photographs", "Swap shelf", "Questions we get", "Walks", "Reading list",
)  # fmt: skip
_MAKES = ("blog", "magazine", "tables", "plain", "modern")


def p(text: str) -> str:
    """A paragraph."""
    return f"<p>{escape(text, quote=False)}</p>"


def h2(text: str) -> str:
    """A heading within a page."""
    return f"<h2>{escape(text, quote=False)}</h2>"


def ul(items: Sequence[str]) -> str:
    """A list."""
    return "<ul>" + "".join(f"<li>{escape(item, quote=False)}</li>" for item in items) + "</ul>"


def quote(text: str) -> str:
    """A block quotation."""
    return f"<blockquote><p>{escape(text, quote=False)}</p></blockquote>"


def pre(code: str, language: str) -> str:
    """A code block."""
    return f'<pre><code class="language-{language}">{escape(code, quote=False)}</code></pre>'


def bare(title: str, blocks: Sequence[str]) -> str:
    """A page with nothing around its text."""
    return f"<html><head><title>{escape(title)}</title></head><body>{''.join(blocks)}</body></html>\n"


def slug(title: str) -> str:
    """``title`` as part of a URL."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "page"


@dataclass(frozen=True)
class Site:
    """A host and its looks."""

    host: str
    language: str = "en"
    menu: tuple[str, ...] = ("Home", "Articles", "About", "Contact")

    @property
    def name(self) -> str:
        """The site's name as its masthead shows it."""
        return self.host.partition(".")[0].replace("-", " ").title()

    def page(self, title: str, blocks: Sequence[str], *, date: str = "", author: str = "", charset: str = "utf-8",
             head: str = "", rtl: bool = False) -> str:  # fmt: skip
        """A whole HTML page around the blocks of its text. ``charset`` empty leaves the declaration out."""
        dice = Dice("site", self.host)
        make = dice.pick(_MAKES)
        pick = Dice("chrome", self.host, title)
        related = pick.shuffled(_RELATED)[:5] if self.language == "en" else self.menu
        links = "".join(f'<li><a href="/{slug(text)}">{escape(text)}</a></li>' for text in related)
        menu = "".join(f'<li><a href="/{number}">{escape(text)}</a></li>' for number, text in enumerate(self.menu))
        byline = f'<div class="byline">{escape(author)} <time datetime="{date}">{date}</time></div>' if author else ""
        heading = f"<h1>{escape(title, quote=False)}</h1>"
        text = "\n".join(blocks)
        share = '<div class="share-buttons"><a href="#">Share</a> <a href="#">Tweet</a> <a href="#">Print</a></div>'
        nav, footer = f'<nav class="menu"><ul>{menu}</ul></nav>', self._footer()
        aside = f'<aside class="sidebar"><h3>{escape(self.menu[-1])}</h3><ul>{links}</ul></aside>'
        cookies = (
            '<div id="cookie-banner" class="cookie-consent" role="dialog"><p>We use cookies to count our visitors.</p>'
            "<button>Accept all</button> <button>Only the necessary ones</button></div>"
        )
        body = {
            "blog": f"<header>{nav}</header><main><article>{heading}{byline}\n{text}\n{share}</article></main>{aside}"
            f"{footer}",
            "magazine": f'{cookies}<div class="top">{nav}</div><div class="wrap"><article class="post">{heading}'
            f'{byline}<div class="entry-content">\n{text}\n</div></article>{share}{aside}</div>{footer}',
            "tables": f'<table width="100%"><tr><td colspan="2">{nav}</td></tr><tr><td width="20%">{aside}</td><td>'
            f'<div id="content">{heading}{byline}\n{text}\n</div></td></tr></table>{footer}',
            "plain": f'{nav}<div id="main" class="content">{heading}\n{text}\n{byline}</div>{footer}',
            "modern": f'<div id="app">{cookies}<header class="site-header">{nav}</header><main role="main"><section>'
            f'<article itemprop="articleBody">{heading}{byline}\n{text}\n</article></section></main>{aside}{share}'
            f"{footer}</div><script>window.dataLayer=window.dataLayer||[];</script>",
        }[make]
        direction = ' dir="rtl"' if rtl else ""
        return (
            f'<!DOCTYPE html>\n<html lang="{self.language}"{direction}>\n<head>\n'
            + (f'<meta charset="{charset}">\n' if charset else "")
            + f"<title>{escape(title)} | {escape(self.name)}</title>\n{self._meta(make, title, date, author)}{head}"
            f"<style>body{{font:16px/1.5 serif}} .sidebar{{float:right}}</style>\n</head>\n<body>\n{body}\n</body>\n"
            "</html>\n"
        )

    def _footer(self) -> str:
        note = "All rights reserved." if self.language == "en" else ""
        return f'<footer class="site-footer"><p>&copy; {escape(self.name)}. {note}</p></footer>'

    def _meta(self, make: str, title: str, date: str, author: str) -> str:
        if make == "plain" or not date:
            return ""
        if make == "blog":
            facts = {
                "@context": "https://schema.org", "@type": "Article", "headline": title, "datePublished": date,
                "author": {"@type": "Person", "name": author},
            }  # fmt: skip
            return f'<script type="application/ld+json">{json.dumps(facts)}</script>\n'
        return (
            f'<meta name="viewport" content="width=device-width"><meta property="og:title" content="{escape(title)}">'
            f'<meta property="og:type" content="article"><meta property="article:published_time" content="{date}">\n'
        )
