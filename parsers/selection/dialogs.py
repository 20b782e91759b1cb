"""Dialogs that ask to accept cookies, and forms to sign in: on short pages they have more words than the content has.

Both are known for certain where their markup names them, in any language: a consent dialog by its class, its id or its
role, a form to sign in by its field for a password.
"""

from __future__ import annotations

import re

import numpy as np

from parsers.jit.byte_search import holds, which_may_be
from parsers.markup.names import TAG
from parsers.scanner.page import ELEMENT, INNER, LAST, OPEN, PARENT, START, STOP, TAG_, WORD, WORDS, Page
from text.jit.options import kernel

# What consent dialogs speak of, in most languages, in lower case.
_SPEAKS = (b"cookie", b"gdpr", b"rgpd", b"dsgvo")
_SPEAK = np.frombuffer(b"".join(word[:4] for word in _SPEAKS), np.uint8).reshape(-1, 4)  # how these begin
_NAMED = re.compile(
    rb"(?i)\brole=\"(?:alert)?dialog\"|\baria-modal=\"true\"|<dialog\b|consent|gdpr|rgpd|dsgvo|cookiebot|onetrust|didomi"
    rb"|cookies?[-_ ]?(?:banner|bar|notice|law|popup|pop-up|modal|message|msg|info|dialog|overlay|wall|settings|preferences"
    rb"|warning|alert|disclaimer|notification|prompt|layer|hint|container|wrapper|box)"
)
_PASSWORD, _RARE = b' type="password"', 10  # "swor"
_SIGN = np.frombuffer(_PASSWORD, np.uint8)
_FORM, _INPUT, _H1 = TAG["form"], TAG["input"], TAG["h1"]
_AROUND = frozenset(TAG[name] for name in ("html", "body", "main", "article"))
_LEVELS = 12  # ancestors of a block that are looked at
_DIALOGS, _FIELDS = 20, 1_000  # dialogs found of each kind, and fields of forms looked at, at most
_MOST_WORDS = 500 * WORD  # an element with more of them is wrapped around the page


def in_dialogs(page: Page, markup: bytes, headline: int) -> np.ndarray:
    """``bool[m]``: the blocks of consent dialogs and of forms with a field for a password, but for those around an ``h1`` or
    the page's ``headline`` (a row of ``page.blocks``, or -1) and those of more than 500 words. ``markup``: the page's normal
    form. Time is linear in the page."""
    inside = np.zeros(len(page.blocks), np.bool_)
    named = (*_consent(page, markup), *_sign_in(page, markup))
    if not named:
        return inside
    holders = np.maximum(page.blocks[:, ELEMENT], 0)
    for element in named:
        stop = int(page.elements[element, LAST])
        if headline >= 0 and element <= holders[headline] <= stop:
            continue
        among = (element <= holders) & (holders <= stop)
        if page.blocks[among, WORDS].sum() <= _MOST_WORDS and (page.elements[element : stop + 1, TAG_] != _H1).all():
            inside |= among
    return inside


def asks_for_password(markup: bytes) -> bool:
    """Whether a page has a field for a password, in its elements or in what its scripts write."""
    return holds(markup, _PASSWORD, _RARE)


def _consent(page: Page, markup: bytes) -> set[int]:
    """The outermost elements named for consent around blocks that speak of cookies."""
    found: set[int] = set()
    spoken = which_may_be(page.text, _SPEAK)
    if not spoken:
        return found
    text = page.text.tobytes().lower()
    starts = page.blocks[:, START]
    known: dict[int, bool] = {}
    for place, word in enumerate(_SPEAKS):
        at = text.find(word) if spoken >> place & 1 else -1
        while at >= 0 and len(found) < _DIALOGS:
            row = int(np.searchsorted(starts, at, "right")) - 1
            if (named := _dialog_around(page, markup, int(page.blocks[row, ELEMENT]), known)) >= 0:
                found.add(named)
            at = text.find(word, max(int(page.blocks[row, STOP]), at + 1))
    return found


def _dialog_around(page: Page, markup: bytes, element: int, known: dict[int, bool]) -> int:
    """The outermost element around ``element`` that is named for consent; -1 if there is none. ``known``: which elements were
    found to be."""
    elements, named = page.elements, -1
    for _ in range(_LEVELS):
        if element < 0 or elements[element, TAG_] in _AROUND:
            break
        is_named = known.get(element)
        if is_named is None:
            tag = elements[element, OPEN], elements[element, INNER]
            is_named = known[element] = _NAMED.search(markup, *tag) is not None
        if is_named:
            named = element
        element = int(elements[element, PARENT])
    return named


def _sign_in(page: Page, markup: bytes) -> set[int]:
    """Forms with a field for a password."""
    elements = page.elements
    found: set[int] = set()
    if not page.tags[_INPUT]:
        return found
    for field in _fields_for_passwords(np.frombuffer(markup, np.uint8), elements, _SIGN).tolist():
        element = field
        while element >= 0 and elements[element, TAG_] != _FORM:
            element = int(elements[element, PARENT])
        if element >= 0:
            found.add(element)
        if len(found) >= _DIALOGS:
            break
    return found


@kernel
def _fields_for_passwords(data, elements, sign):
    """``int64[k]``: the ``input`` elements, of the first of them, whose start tag has ``sign`` in it."""
    rows = np.empty(_FIELDS, np.int64)
    count = seen = 0
    for e in range(len(elements)):
        if elements[e, TAG_] != _INPUT:
            continue
        seen += 1
        if seen > _FIELDS:
            break
        for at in range(elements[e, OPEN], elements[e, INNER] - len(sign) + 1):
            same = 0
            while same < len(sign) and data[at + same] == sign[same]:
                same += 1
            if same == len(sign):
                rows[count] = e
                count += 1
                break
    return rows[:count]
