"""Pages on which each feature has more than one value, for tests that compare features with a plain reading of them."""

from __future__ import annotations

from importlib.resources import files

from parsers.classifier.feature_table import PHRASE_FAMILIES
from parsers.markup.names import FAMILIES, IN_ELEMENT


def a_phrase_of(family: str) -> str:
    """The first phrase of a family in the parser's list."""
    lines = files("parsers").joinpath("data", "phrases.txt").read_text("utf-8").splitlines()
    return lines[lines.index(f"[{family}]") + 1].split(" / ")[0]


LONG = "The mill stands by the river, and its wheel has turned for three hundred years; who would count them? Nobody does."
SHORT = "Its <b>wheel</b> turns. And <code>grind()</code> grinds."
LINKED = "Read <a href='/more'>more about the mill</a> | <a href='/wheel'>and its wheel of oak and iron</a> © 2021"
ARTICLE = f"""<html><head><title>The old mill of Oakham and its wheel</title>
<meta name="description" content="Nobody counts how long the wheel has turned beside the river">
<meta property="og:type" content="article"><meta name="generator" content="phpBB 3.3"></head>
<body class="post"><nav class="menu"><ul><li><a href="/">Home</a></li><li><a href="/a">About us</a></li>
<li><a href="/p">Privacy policy</a></li></ul><form><input name="q"><button>Search</button></form></nav>
<main><article class="entry"><h1>The old mill of Oakham</h1><p class="byline">By ANNA MILLER, 3 May 2021</p>
<p>{LONG}</p><p>{LONG} {SHORT}</p><figure><img src="a.png"><figcaption>The wheel in 1887</figcaption></figure>
<h2>How it grinds</h2><p>{SHORT}<br>{LONG}</p><pre>grind(wheat)\nwash(stones)</pre>
<p>It takes <script type="math/tex">a^2</script> turns: 12 of them, and “more”</p>
<table><tr><th>Stone</th><td>900 kg</td></tr><tr><th>Wheel</th><td>80 years</td></tr></table></article>
<section class="comments"><h3>3 comments</h3><div class="comment c1"><p>Lovely mill!</p></div>
<div class="comment c2"><p>{LONG}</p></div><div class="comment c3"><p>{SHORT}</p></div></section></main>
<aside><h3>Related articles</h3><div class="teaser"><a href="/1">{SHORT}</a></div>
<div class="teaser"><a href="/2">Another mill</a></div></aside>
<footer class="footer"><p>{LINKED}</p><p>All rights reserved</p></footer></body></html>"""
FORUM = f"""<html><head><title>Which stones for rye?</title><meta name="generator" content="Sphinx 7"></head>
<body><h2>Forum</h2><div class="thread"><div class="post p1"><h3>Which stones for rye</h3><p>{SHORT}</p></div>
<div class="post p2"><p>{LONG}</p><ul><li>Bed stone</li><li>Runner stone<ul><li>French</li></ul></li></ul></div>
<div class="post p3"><blockquote>{SHORT}</blockquote><p>{LONG}</p></div></div>
<div class="product"><p>Add to cart</p><p>Product details</p></div><div class="docs"><p>{SHORT}</p></div>
<div><div><div><div><div><div><p>Table of contents</p></div></div></div></div></div></div>
<h4>Share this</h4><p>Subscribe</p><p>Tags: mill</p><p>{LINKED}</p></body></html>"""
# Each name that an author may give, and each element that says where it stands; a figure that nobody closed.
NAMED = (
    "<html><head><title>No such words</title></head><body>"
    + "".join(
        f'<div class="{words.split()[0]}"><p>{name} {SHORT}</p><div><div><p>{name}</p></div></div></div>'
        for name, words in FAMILIES
    )
    + "".join(f"<{tag}>{name} of the mill</{tag}>" for name, tags in IN_ELEMENT for tag in tags.split()[-1:])
    + f"<table><caption>Stones</caption><tr><td>one</td></tr></table><div hidden><p>{SHORT}</p></div>"
    + f"<figure><p>open</p><figure><p>{SHORT}</p></figure></figure></body></html>"
)
# A phrase of each family as a heading and as a label; within a sentence; no word at all.
SPOKEN = (
    "<body><p>★</p>"
    + "".join(
        f"<h3>{text}</h3><p>One <img src=x.png> two</p><p>{text} 5</p>" for text in map(a_phrase_of, PHRASE_FAMILIES)
    )
    + "<p>So it is that you read more about this old mill here</p>"
    + f"<p>{'word ' * 24} all rights reserved</p></body>"
)
# No headline, no link, no sentence; text of other scripts.
BARE = "<body><div><p>磨坊的石头很重。</p><p>Ω ÉTÉ</p><p>... — !</p><p>ไทย</p></div>" + "<p>x</p>" * 55 + "</body>"
# More rows than any distance counts.
FAR = f"<body><h2>Related</h2><p>{LONG}</p>" + "<p>a b</p><br>" * 220 + f"<h1>Wheel</h1><p>{LONG}</p></body>"
LISTED = (
    "<html><head><title>Mills</title><script type='application/ld+json'>"
    '{"@type": ["CollectionPage", "Product", "QAPage", "WebSite"], "name": "Mills"}</script></head><body>'
    f"<h1>Mills</h1><ul>{''.join(f'<li class=item>{SHORT}</li>' for _ in range(4))}</ul><p>关于我们</p></body></html>"
)
LABELLED = "".join(f"<p>{a_phrase_of(family)}</p>" * (number % 10) for number, family in enumerate(PHRASE_FAMILIES))
PRODUCT = f"""<head><meta property="og:type" content="product"><meta name="generator" content="MkDocs"></head><body>
<div class="product">{SHORT}<br><br><a href="/x">{SHORT}</a></div><div class="product">{SHORT}</div>
<div class="docs">{SHORT}<div class="docs"><div class="docs">{LONG}</div></div></div></body>"""
SITE = f"""<head><title>Mill</title><script type="application/ld+json">{{"@type": ["WebSite", "Article"]}}</script></head>
<body><p>{LONG}</p><p>{SHORT}</p><p>{" ".join(["word"] * 20)}</p><p>{"word " * 19}</p><div class=comment></div></body>"""
THREAD = f"""<head><script type="application/ld+json">{{"@type": "DiscussionForumPosting"}}</script></head><body>
<p>{LONG}</p><p class=product>{SHORT}</p></body>"""
PAGES = {
    "article": ARTICLE, "forum": FORUM, "named": NAMED, "spoken": SPOKEN, "bare": BARE, "far": FAR, "listed": LISTED,
    "labelled": LABELLED, "product": PRODUCT, "site": SITE, "thread": THREAD,
}  # fmt: skip
