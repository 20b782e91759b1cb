"""What a model writes by itself: how much of it is the boilerplate of web pages.

A sample is boilerplate where one of the phrases below stands in it, which we wrote down by hand: what pages say of
themselves, their readers and their buttons. It is a floor (boilerplate has other words, too), and the same one for all corpora.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

SAMPLES, LENGTH = 100, 200  # samples of a model, and tokens of each
_PHRASES = (
    "all rights reserved", "privacy policy", "cookie policy", "use cookies", "uses cookies", "terms of use", "terms of service",
    "terms and conditions", "sign in", "sign up", "log in", "login", "logout", "register now", "create an account",
    "forgot your password", "subscribe", "newsletter", "share this", "share on", "follow us", "click here", "read more",
    "learn more", "load more", "show more", "see more", "view all", "leave a comment", "leave a reply", "post a comment",
    "comments are closed", "your email address", "related posts", "related articles", "you may also like", "previous post",
    "next post", "older posts", "newer posts", "skip to content", "skip to main", "back to top", "add to cart",
    "add to wishlist", "shopping cart", "checkout", "in stock", "out of stock", "free shipping", "powered by",
    "enable javascript", "your browser", "site map", "sitemap", "contact us", "about us", "advertisement", "facebook",
    "twitter", "whatsapp", "pinterest", "print this page", "permalink", "tags:", "posted in", "filed under", "page not found",
)  # fmt: skip
_ANY = re.compile("|".join(rf"(?<!\w){re.escape(phrase)}(?!\w)" for phrase in _PHRASES), re.IGNORECASE)


def is_boilerplate(text: str) -> bool:
    """Whether one of the phrases stands in it, as whole words and in any case."""
    return _ANY.search(" ".join(text.split())) is not None


def boilerplate_share(texts: Sequence[str]) -> float:
    """Between 0 and 1."""
    return float(np.mean([is_boilerplate(text) for text in texts]))
