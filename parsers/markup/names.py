"""What the names in a page's markup mean: elements, and the words that authors use in class and id attributes.

Nothing here decides what is content. Each name becomes a bit that the block classifier may weigh
(:mod:`parsers.classifier.block_features`), or tells the scanner how an element behaves (HTML standard, sections 4 and
15.3).
"""

from __future__ import annotations

import numpy as np

from parsers.markup.tokens import RAW_TEXT_ELEMENTS, VOID_ELEMENTS
from text.hashing import FNV_OFFSET, FNV_PRIME

# How the scanner treats an element.
BLOCK = 1  # starts and ends a block of text
SKIP = 2  # neither its text nor its children are content
RAW = 4  # its content is written without character references and holds no elements
VOID = 8  # has no end tag
SPACED = 16  # inline, but set apart from its neighbours on the screen
BOLD = 32

_BEHAVIOUR = {
    BLOCK: "html body main article section nav header footer aside div p h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table "
    "caption thead tbody tfoot tr td th form fieldset legend figure figcaption blockquote pre address center details "
    "summary hr dir menu hgroup dialog listing xmp plaintext noscript frameset search optgroup option marquee",
    SKIP: "head script style svg template iframe canvas select datalist noembed noframes title textarea audio "
    "video map frameset meter progress colgroup rt rp rtc mat-icon md-icon",
    RAW: " ".join(RAW_TEXT_ELEMENTS),
    VOID: " ".join(VOID_ELEMENTS),
    SPACED: "button label input img select",
    BOLD: "b strong th h1 h2 h3 h4 h5 h6 big",
}

TAGS = (
    "", "html", "head", "body", "main", "article", "section", "nav", "header", "footer", "aside", "div", "p", "h1",
    "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "table", "caption", "thead", "tbody", "tfoot",
    "tr", "td", "th", "form", "fieldset", "legend", "figure", "figcaption", "blockquote", "pre", "address", "center",
    "details", "summary", "hr", "dir", "menu", "hgroup", "dialog", "listing", "xmp", "plaintext", "noscript",
    "frameset", "search", "optgroup", "option", "marquee", "script", "style", "svg", "template", "iframe", "object",
    "canvas", "select", "datalist", "noembed", "noframes", "title", "textarea", "audio", "video", "map", "meter",
    "progress", "colgroup", "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "img", "input",
    "keygen", "link", "meta", "param", "source", "track", "wbr", "button", "label", "b", "strong", "big", "a", "span",
    "i", "em", "code", "samp", "tt", "kbd", "var", "sub", "sup", "small", "time", "math", "q", "cite", "font", "u",
    "s", "del", "ins", "abbr", "mark", "tex-math", "mjx-container", "rt", "rp", "rtc",
    "mat-icon", "md-icon",
)  # fmt: skip
TAG = {name: number for number, name in enumerate(TAGS)}

# Where a block stands: one bit for each kind of element it is inside of ...
IN_ELEMENT = (
    ("nav", "nav"), ("header", "header"), ("footer", "footer"), ("aside", "aside"), ("article", "article"),
    ("main", "main"), ("section", "section"), ("form", "form fieldset"), ("table", "table"), ("list", "ul ol menu dir"),
    ("dl", "dl"), ("figure", "figure figcaption caption"), ("quote", "blockquote q"), ("noscript", "noscript"),
    ("button", "button label summary"), ("heading", "h1 h2 h3 h4 h5 h6 hgroup"), ("address", "address"),
    ("dialog", "dialog"), ("paragraph", "p"), ("cell", "td th"),
)  # fmt: skip
# ... one for what attributes hide ...
HIDDEN = "hidden"
# ... and one for each family of words found in class, id, itemprop and role.
FAMILIES = (
    ("menu", "nav navbar navigation menu menubar submenu breadcrumb breadcrumbs crumb crumbs tabs tab pager pagination "
     "paging pagenav dropdown megamenu skip links navi mainnav topnav subnav hamburger toolbar drawer"),
    ("bottom", "footer foot colophon copyright copyrights legal bottom disclaimer imprint siteinfo contentinfo"),
    ("top", "header masthead banner topbar head logo branding toplinks site sitename"),
    ("side", "sidebar side aside widget widgets rail secondary complementary sidecol rightcol leftcol right left"),
    ("social", "share sharing shares social facebook twitter like likes follow followers addthis addtoany pinterest "
     "sharedaddy linkedin whatsapp instagram bookmark"),
    ("advert", "ad ads adv advert advertisement advertising sponsor sponsored sponsors promo promotion promoted "
     "adsense dfp outbrain taboola adbox advertorial cta callout upsell"),
    ("comment", "comment comments disqus respond commentlist commentary discussion replies reply"),
    ("related", "related recommend recommended recommendations popular trending recent latest similar more readmore "
     "morelinks also suggestions seealso next previous prev upnext youmaylike"),
    ("input", "form search searchbox newsletter subscribe signup login signin register registration subscription "
     "captcha input filter filters facet facets sort sorting field"),
    ("meta", "meta byline author authors date time published posted tags tag category categories info credit credits "
     "postmeta timestamp datetime dateline label labels updated bio about"),
    ("popup", "cookie cookies consent gdpr modal popup overlay dialog lightbox toast alert notice notification "
     "alertdialog tooltip offcanvas"),
    ("content", "content article entry story text main hentry articlebody articletext entrycontent postcontent body "
     "prose copy richtext rte wysiwyg paragraph contents maincontent bodytext"),
    ("post", "post posts thread threads message messages postbody topic topics forum question answer answers "
     "conversation postcell bbcode viewtopic showthread"),
    ("product", "product products price prices pricing cart buy sku basket shop shipping stock variant variants "
     "specs specification specifications"),
    ("item", "list item items grid card cards listing listings result results teaser teasers row tile tiles entries "
     "summary excerpt feed archive"),
    ("unseen", "hidden hide sr visually screen reader invisible collapsed collapse none accessible screenreader "
     "noprint noshow"),
    ("media", "caption captions figure gallery image images photo photos video slider slideshow carousel thumb "
     "thumbnail thumbnails player slide swiper"),
    ("docs", "doc docs documentation markdown highlight code wiki readme mw sphinx rst section reference api guide"),
    ("title", "title titles headline heading subtitle subhead kicker deck lead intro dek standfirst"),
    ("review", "review reviews rating ratings stars testimonial testimonials feedback"),
    ("toc", "toc tableofcontents outline index anchors jump"),
    ("hero", "hero jumbotron feature features featured benefits services faq faqs accordion panel steps"),
    ("user", "user users profile avatar username member members signature sig joined stats online reputation karma "
     "account badge badges poster"),
    ("control", "btn button buttons action actions control controls toggle print download edit report permalink "
     "quote close copybutton icon icons"),
)  # fmt: skip
ROLES = {
    "navigation": "menu", "menu": "menu", "menubar": "menu", "tablist": "menu", "toolbar": "menu", "banner": "top",
    "contentinfo": "bottom", "complementary": "side", "search": "input", "dialog": "popup", "alertdialog": "popup",
    "alert": "popup", "tooltip": "popup", "article": "content", "button": "control", "list": "item", "listitem": "item",
    "note": "content", "doc-toc": "toc",
}  # fmt: skip

CONTEXT = tuple(name for name, _ in IN_ELEMENT) + (HIDDEN,) + tuple(name for name, _ in FAMILIES)
FIRST_FAMILY = len(IN_ELEMENT) + 1  # the first place of CONTEXT that is a family of words
BIT = {name: np.uint64(1 << place) for place, name in enumerate(CONTEXT)}
# No features, but kept beside them: an element whose itemtype attribute says of which schema.org type it is, and one that
# states a property of it (itemprop).
HAS_ITEM_TYPE, HAS_ITEM_PROPERTY = np.uint64(1 << 63), np.uint64(1 << 45)
# One that a style sets in the letters of a typewriter; in cells this bit is the last of the rows that they span.
IS_MONOSPACED = np.uint64(1 << 62)
# Nor are these: over how many columns and rows of a table a cell extends, less one.
COLUMN_SPAN, ROW_SPAN = 46, 53  # where their bits begin
MOST_COLUMNS, MOST_ROWS = 127, 1023
# Of elements that are no cells: one whose class forum programs give to what a post says, or to what they say of its author.
IS_POST, IS_POSTER = np.uint64(1 << 60), np.uint64(1 << 61)
assert len(CONTEXT) <= 45
# Behind a role's context bits stands what else it says: the bits of parsers.scanner.atom_roots and never_text.
ROLE_SHIFT = 46

# FNV-1a, 64 bits. Names of each kind are hashed from a start of their own, so that one table can hold them all. The
# starts differ above the eight bits that the first byte of a name can change: "div" and "eiv" must not meet.
AS_TAG, AS_ATTRIBUTE, AS_FAMILY, AS_ROLE, AS_CLASS = (FNV_OFFSET ^ place << 32 for place in range(5))


def fnv(word: str, start: int = FNV_OFFSET) -> int:
    """FNV-1a, 64 bits, of the UTF-8 bytes: what the scanner computes while it reads a name."""
    value = start
    for byte in word.encode():
        value = ((value ^ byte) * FNV_PRIME) & 0xFFFFFFFFFFFFFFFF
    return value


def behaviour() -> np.ndarray:
    """For each tag number, its bits of BLOCK, SKIP, RAW, VOID, SPACED, BOLD. An unknown element is inline."""
    table = np.zeros(len(TAGS), np.uint8)
    for bit, names in _BEHAVIOUR.items():
        for name in names.split():
            if name in TAG:
                table[TAG[name]] |= bit
    return table


def element_context() -> np.ndarray:
    """For each tag number, the context bits that it gives to what is inside."""
    table = np.zeros(len(TAGS), np.uint64)
    for name, tags in IN_ELEMENT:
        for tag in tags.split():
            table[TAG[tag]] |= BIT[name]
    return table


def build_hash_table(entries: dict[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Keys and values of an open-addressing table, at most a quarter full: (``uint64[n]``, ``uint64[n]``), n a power
    of two. A key stands at ``key & (n - 1)`` or in the next free places; 0 marks a free place."""
    size = 1 << max(4, (len(entries) * 4).bit_length())
    keys, values = np.zeros(size, np.uint64), np.zeros(size, np.uint64)
    for key, value in sorted(entries.items()):
        place = key & (size - 1)
        while keys[place]:
            place = (place + 1) & (size - 1)
        keys[place], values[place] = key, value
    return keys, values


def name_entries() -> dict[int, int]:
    """By their hashes: the number of each tag, and the bits of each family word and role."""
    entries = {fnv(name, AS_TAG): number for name, number in TAG.items() if name}
    entries |= {fnv(role, AS_ROLE): int(BIT[family]) for role, family in ROLES.items()}
    for name, words in FAMILIES:
        for word in words.split():
            key = fnv(word, AS_FAMILY)
            entries[key] = entries.get(key, 0) | int(BIT[name])
    return entries
