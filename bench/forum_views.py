"""Views of a labelled forum page for the block classifier: its posts as other forum programs write theirs.

There are few forums among the labelled pages, most of them of three programs, and what they have to teach is that short
replies in somebody's template are content while what the template says of their authors is not. So a page's posts are
written again, some of them cut to their first sentences, in the manner of one of :data:`ENGINES`: the names of classes and
the nesting are what these programs are known to write, the rest is made up. Labels follow from the making: what was gold
is content, panels, buttons, signatures and lists of other threads are not; of names, dates and quotations the labels
know nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bench.block_views import Sample, boilerplate_around
from parsers.scanner import page as s
from parsers.scanner.scan import scan_page

_NAMES = (
    "marl",
    "Anna K",
    "quaff",
    "ledger2",
    "Tom_the_weaver",
    "hemm",
    "J. Osei",
    "пётр",
    "小林",
    "Nightowl77",
    "mbr",
)
_RANKS = ("Member", "Senior Member", "Newbie", "Moderator", "Well-known member", "Registered User")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TOPICS = ("Which reed for linen?", "Loom is out of square again", "Show us your first scarf", "Dye runs in the wash",
           "Where to buy bobbins", "Rules of this section", "Introduce yourself")  # fmt: skip
_SIGNATURES = ("Life is short, weave.", "My loom: 4 shafts, 120 cm", "\u201cMeasure twice, cut once.\u201d")
# What a piece of a post is, in an engine's template. A line of it begins with one of these signs: "=" the post's text,
# "-" boilerplate, "?" what labels know nothing of. Lines between are markup without text.
_TEXT, _NOT, _UNKNOWN = "=", "-", "?"


class Engine(NamedTuple):
    """``opening``, ``closing``  what stands around all posts. ``post``  one post, line by line. ``paragraph``  how the
    text's paragraphs are set apart: an element, or ``br``."""

    opening: str
    post: str
    closing: str
    paragraph: str


ENGINES = {
    "phpbb": Engine(
        '<div id="page-body" role="main">\n-<div class="action-bar"><a href="#">Post Reply</a> 14 posts</div>',
        '<div id="p{n}" class="post has-profile bg2"><div class="inner"><dl class="postprofile"><dt>\n'
        '?<a href="#" class="username">{name}</a>\n</dt>\n-<dd class="profile-posts"><strong>Posts:</strong> {count}</dd>\n'
        '-<dd class="profile-joined"><strong>Joined:</strong> {date}</dd>\n</dl><div class="postbody"><div id="post_content">\n'
        '?<h3><a href="#">Re: {topic}</a></h3>\n-<ul class="post-buttons"><li><a href="#">Quote</a></li></ul>\n'
        '?<p class="author"><a href="#">Post</a> by <strong>{name}</strong> » {date}</p>\n<div class="content">\n=\n</div>\n'
        '-<div class="signature">{signature}</div>\n</div></div></div></div>',
        '-<div class="action-bar"><div class="pagination">14 posts • Page <strong>1</strong> of <strong>2</strong></div></div>\n'
        '-<p class="jumpbox-return"><a href="#">Return to “Weaving”</a></p></div>', "br",
    ),
    "phpbb-tables": Engine(
        '<table class="forumline" width="100%"><tr>\n-<th>Author</th>\n-<th>Message</th>\n</tr>',
        '<tr><td class="row1" valign="top">\n?<span class="name"><b>{name}</b></span>\n'
        '-<p class="postdetails">{rank}<br>Joined: {date}<br>Posts: {count}</p>\n</td><td class="row1"><table><tr>\n'
        '?<td><span class="postdetails">Posted: {date} Post subject: {topic}</span></td>\n'
        '-<td class="quote"><a href="#">Reply with quote</a></td>\n</tr><tr><td colspan="2"><span class="postbody">\n=\n'
        '</span></td></tr></table></td></tr>',
        '</table>\n-<span class="gensmall">All times are GMT + 1 Hour</span>', "br",
    ),
    "vbulletin": Engine(
        '<div id="postlist" class="postlist"><ol id="posts" class="posts">',
        '<li class="postbitlegacy postbitim" id="post_{n}"><div class="posthead">\n?<div class="date">{date}</div>\n'
        '-<a href="#" class="postcounter">Post {n}</a>\n</div><div class="postdetails"><div class="userinfo">\n'
        '?<a class="username" href="#"><strong>{name}</strong></a>\n-<div class="usertitle">{rank}</div>\n'
        '-<dl class="userinfo_extra"><dt>Join Date</dt></dl>\n-<p>{date}</p>\n-<p>Posts {count}</p>\n</div>'
        '<div class="postbody"><div class="content"><blockquote class="postcontent restore">\n=\n</blockquote></div>\n'
        '-<div class="signature restore">{signature}</div>\n</div></div>\n'
        '-<div class="postfoot"><a href="#">Reply With Quote</a></div></li>',
        '</ol></div>\n-<div class="navlinks">« <a href="#">Previous Thread</a> | <a href="#">Next Thread</a> »</div>', "br",
    ),
    "vbulletin-3": Engine(
        '<div id="posts">',
        '<div class="page"><table id="post{n}" class="tborder" cellpadding="6"><tr>\n?<td class="thead">{date}</td>\n</tr><tr>'
        '<td class="alt2"><table><tr><td>\n?<a class="bigusername" href="#">{name}</a>\n-<div class="smallfont">{rank}</div>\n'
        '</td><td>\n-<div class="smallfont"><div>Join Date: {date}</div></div>\n-<div>Posts: {count}</div>\n</td></tr></table>'
        '</td></tr><tr><td class="alt1"><div id="post_message_{n}">\n=\n</div>\n-<div>__________________<br>{signature}</div>\n'
        '</td></tr></table></div>',
        '</div>\n-<table class="tborder"><tr><td class="smallfont">« <a href="#">Previous Thread</a></td></tr></table>', "br",
    ),
    "xenforo": Engine(
        '<div class="block block--messages"><div class="block-body js-replyNewMessageContainer">',
        '<article class="message message--post js-post" id="js-post-{n}"><div class="message-inner">'
        '<div class="message-cell message-cell--user"><section class="message-user">\n'
        '?<h4 class="message-name"><a href="#" class="username">{name}</a></h4>\n-<h5 class="userTitle">{rank}</h5>\n'
        '-<dl class="pairs pairs--justified"><dt>Joined</dt></dl>\n-<p>{date}</p>\n-<p>Messages {count}</p>\n</section></div>'
        '<div class="message-cell message-cell--main"><header class="message-attribution">\n?<a href="#"><time>{date}</time></a>\n'
        '</header>\n-<ul class="message-attribution-opposite"><li><a href="#">#{n}</a></li></ul>\n'
        '<div class="message-content"><div class="message-userContent"><article class="message-body"><div class="bbWrapper">\n=\n'
        '</div></article></div></div><footer class="message-footer">\n'
        '-<div class="reactionsBar"><a href="#">Reactions:</a> {name} and 3 others</div>\n</footer></div></div></article>',
        '</div></div>\n-<div class="blockMessage">You must log in or register to reply here.</div>\n'
        '-<h3 class="block-header">Similar threads</h3>\n-<div class="structItem-title"><a href="#">{topic}</a></div>', "br",
    ),
    "discourse": Engine(
        '<div id="main-outlet" class="wrap" role="main"><div id="topic-title">\n?<h1><a href="#">{topic}</a></h1>\n</div>',
        '<div id="post_{n}" class="topic-body crawler-post"><div class="crawler-post-meta"><span class="creator">\n'
        '?<a href="#"><span>{name}</span></a> <time class="post-time">{date}</time> <span>{n}</span>\n</span></div>'
        '<div class="post" itemprop="text">\n=\n</div>\n-<div class="crawler-linkback-list"><span>{count} Likes</span></div>\n</div>',
        '<div id="related-topics">\n-<h3>Related topics</h3>\n-<table><tr><td><a href="#">{topic}</a></td></tr></table>\n'
        '-<div><a href="#">Another topic</a></div>\n</div></div>', "p",
    ),
    "smf": Engine(
        '<div id="forumposts">\n-<h3 class="catbg">Author Topic: {topic} (Read {count} times)</h3>',
        '<div class="windowbg"><div class="post_wrapper"><div class="poster">\n?<h4><a href="#">{name}</a></h4>\n'
        '-<ul class="smalltext"><li class="membergroup">{rank}</li></ul>\n-<p>Posts: {count}</p>\n</div><div class="postarea">'
        '<div class="flow_hidden">\n?<h5><a href="#">Re: {topic}</a></h5>\n?<div class="smalltext">« Reply #{n} on: {date} »</div>\n'
        '</div><div class="post"><div class="inner" id="msg_{n}">\n=\n</div></div></div><div class="moderatorbar">\n'
        '-<div class="smalltext reportlinks">Logged</div>\n-<div class="signature">{signature}</div>\n</div></div></div>',
        '</div>\n-<div class="pagesection">Pages: [<strong>1</strong>] <a href="#">Go Up</a></div>', "br",
    ),
    "invision": Engine(
        '<div id="elPostFeed"><form>',
        '<article id="elComment_{n}" class="cPost ipsBox ipsComment"><aside class="ipsComment_author">\n'
        '?<h3 class="cAuthorPane_author"><strong><a href="#">{name}</a></strong></h3>\n'
        '-<ul class="cAuthorPane_info"><li>{rank}</li></ul>\n-<p>{count} posts</p>\n</aside><div class="ipsColumn">'
        '<div class="ipsComment_meta">\n?<p><a href="#">Posted <time>{date}</time></a></p>\n</div><div class="cPost_contentWrap">'
        '<div data-role="commentContent" class="ipsType_richText">\n=\n</div></div>\n'
        '-<ul class="ipsComment_controls"><li><a href="#">Quote</a></li></ul>\n</div></article>',
        '</form></div>\n-<div class="ipsMessage">Please sign in to comment</div>', "p",
    ),
    "reddit": Engine(
        '<div class="commentarea"><div class="sitetable nestedlisting">',
        '<div class="thing comment" id="thing_t1_{n}"><div class="entry unvoted">\n'
        '?<p class="tagline"><a href="#">[–]</a> <a href="#" class="author">{name}</a> <span class="score">{count} points</span> '
        '<time>{date}</time></p>\n<div class="usertext-body"><div class="md">\n=\n</div></div>\n'
        '-<ul class="flat-list buttons"><li><a href="#">permalink</a></li></ul>\n</div></div>',
        '</div></div>\n-<div class="side"><div class="titlebox">a community for {count} readers</div></div>', "p",
    ),
    "questions": Engine(
        '<div id="mainbar" role="main">',
        '<div id="answer-{n}" class="answer js-answer"><div class="post-layout"><div class="votecell">\n'
        '-<div class="js-vote-count">{count}</div>\n</div><div class="answercell post-layout--right"><div class="s-prose js-post-body">'
        '\n=\n</div><div class="mt24">\n-<div class="js-post-menu"><a href="#">Share</a> <a href="#">Improve this answer</a></div>\n'
        '-<div class="user-action-time">answered {date}</div>\n?<div class="user-details"><a href="#">{name}</a></div>\n'
        '-<div class="reputation-score">{count}</div>\n</div></div></div></div>',
        '<div id="sidebar">\n-<h4>Related</h4>\n-<div class="linked"><a href="#">{topic}</a></div>\n</div></div>', "p",
    ),
    "nested-tables": Engine(
        '<table class="comment-tree" border="0">',
        '<tr class="athing comtr" id="{n}"><td><table border="0"><tr><td class="ind"></td><td class="default">\n'
        '?<div><span class="comhead"><a href="#" class="user">{name}</a> <span class="age"><a href="#">{date}</a></span></span></div>\n'
        '<div class="comment"><div class="commtext c00">\n=\n</div>\n-<div class="reply"><p><u><a href="#">reply</a></u></p></div>\n'
        '</div></td></tr></table></td></tr>',
        "</table>", "p",
    ),
}  # fmt: skip


def rethreaded(sample: Sample, random: np.random.Generator) -> Sample | None:
    """A forum's page with its posts in another program's markup, between its own boilerplate; ``None`` where it has
    hardly any."""
    posts = _posts(sample, random)
    if len(posts) < 2:
        return None
    engine = ENGINES[tuple(ENGINES)[int(random.integers(len(ENGINES)))]]
    before, after = boilerplate_around(sample)
    made = _Made(random)
    made.lines(engine.opening, [], engine.paragraph)
    for post in posts:
        made.lines(engine.post, post, engine.paragraph)
    made.lines(engine.closing, [], engine.paragraph)
    thread = "".join(made.parts).encode()
    markup = b"<html><body><div>%s</div>%s<div>%s</div></body></html>" % (before, thread, after)
    page = scan_page(markup)
    ends = [len(scan_page(b"<html><body><div>%s</div></body></html>" % part).blocks) for part in (before, after)]
    if len(page.blocks) != ends[0] + len(made.labels) + ends[1]:
        return None
    labels = np.array(made.labels)
    share = np.concatenate([np.zeros(ends[0]), labels == _TEXT, np.zeros(ends[1])])
    lengths = page.blocks[:, s.WORDS] // s.WORD
    fitted = np.concatenate([np.ones(ends[0], bool), labels != _UNKNOWN, np.ones(ends[1], bool)]) & (lengths > 0)
    return Sample(markup, page, sample.about, share, lengths, fitted, sample.importance)


def _posts(sample: Sample, random: np.random.Generator) -> list[list[str]]:
    """The gold blocks as posts: what stands together is one, long ones are parted, some are cut to a few words."""
    text, blocks = sample.page.text.tobytes(), sample.page.blocks
    posts: list[list[str]] = []
    last = -10
    for row in np.flatnonzero((sample.share >= 0.8) & (sample.lengths >= 4)).tolist():
        if blocks[row, s.ATOMS] != blocks[row, s.ATOMS_STOP]:
            continue
        said = text[blocks[row, s.START] : blocks[row, s.STOP]].decode("utf-8", "replace")
        said = said.replace("&", "&amp;").replace("<", "&lt;").replace("\n", " ")
        if row - last > 1 or len(posts[-1]) > random.integers(1, 6):
            posts.append([])
        posts[-1].append(said)
        last = row
    out = []
    for post in posts[:60]:
        if random.random() < 0.3:
            post = [" ".join(post[0].split(" ")[: int(random.integers(3, 25))])]
        out.append(post)
    return out


class _Made:
    """The markup made so far, and what each of its blocks is."""

    def __init__(self, random: np.random.Generator) -> None:
        self.parts: list[str] = []
        self.labels: list[str] = []
        self._random = random
        self._number = 0

    def lines(self, template: str, post: list[str], paragraph: str) -> None:
        self._number += 1
        pick = self._random.choice
        date = f"{pick(_MONTHS)} {self._random.integers(1, 29)}, {self._random.integers(2003, 2026)}"
        filled = template.format(
            n=self._number, name=pick(_NAMES), rank=pick(_RANKS), date=date, topic=pick(_TOPICS),
            count=self._random.integers(1, 4000), signature=pick(_SIGNATURES),
        )  # fmt: skip
        for line in filled.split("\n"):
            sign = line[:1]
            if sign == _TEXT:
                self.labels += [_TEXT] * len(post)
                self.parts.append(
                    "<br><br>".join(post) if paragraph == "br" else "".join(f"<p>{each}</p>" for each in post)
                )
            elif sign in (_NOT, _UNKNOWN):
                self.labels.append(sign)
                self.parts.append(line[1:])
            else:
                self.parts.append(line)
