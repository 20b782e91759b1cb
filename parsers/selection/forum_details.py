"""What forum programs write beside posts: a poster's details ("Joined: …", "Posts: 34"), votes and points, what a guest may do.

Each is known by what it says. Details count where two of them stand in one small container, and such containers come twice
on the page: one "Location:" is anybody's.
"""

from __future__ import annotations

import re

import numpy as np

from parsers.blocks.roles import CELL, PARAGRAPH, ROLE
from parsers.scanner.page import BREAKS, DIGITS, ELEMENT, LAST, PARENT, START, STOP, WORD, WORDS, Page
from parsers.selection.rows import without
from text.jit.options import inner, kernel

_DETAIL = re.compile(
    r"(?:(joined|join date|member since|registered|posts?|messages?|location|reaction score|reactions|likes(?: received)?|points|"
    r"trophy points|reputation|karma|rep power|solutions|threads|topics|thanks|thanked|gender|age|occupation|blog entries|"
    r"registriert(?: seit)?|dabei seit|mitglied seit|beiträge|themen|wohnort|punkte|erhaltene (?:likes|danke)|renommee|"
    r"inscription|inscrit(?: le)?|localisation|lieu|registrado|ubicación|mensajes|mensagens|localização|registrato|messaggi|località|"
    r"geregistreerd|lid sinds|berichten|woonplaats|registrerad|inlägg|rejestracja|dołączył\(?a?\)?|posty|skąd|"
    r"зарегистрирован|регистрация|сообщени[яй]|откуда|репутация|спасибо|благодарил\(а\)|注册时间|帖子|积分)"
    r"(?:\s?[:：]|$|\n)|\d[\d.,]*k?\s(posts?|messages|topics|threads|beiträge|mensajes|messaggi|berichten|inlägg)$)",
    re.IGNORECASE,
)
_MAY = re.compile(
    r"(?:you (?:may|can ?not|can|must) (?:not )?(?:post|reply|edit|delete|attach|download|vote|rate)\b.{0,60}\b(?:topics?|threads?|repl(?:y|ies)|posts?|"
    r"attachments|forum|polls)|users browsing this|(?:there are )?(?:currently )?\d+ users? (?:browsing|viewing)|all times are (?:gmt|utc)|"
    r"who is online$|forum permissions$|posting (?:rules|permissions)$|(?:bb|vb) ?code is\b|html code is\b|smilies are\b|"
    r"(?:you must|you need to|please) (?:be logged in|log ?in|sign ?in|be a (?:registered )?(?:user|member)|register|have an account)\b.{0,40}\bto (?:reply|post|comment|answer|vote|view)|"
    r"(?:you need to be a member|already have an account|sign up for a new account|report (?:this )?post$)|"
    r"(?:up ?votes?|vote up)\s?-?\d+\s?(?:down ?votes?|vote down).{0,40}$|"
    r"(?:create an account|register|log ?in|sign ?in|sign up) (?:or|and) (?:log ?in|sign ?in|sign up|register|create an account) to\b|"
    r"(?:du|sie) (?:darfst|dürfen) (?:keine|nicht|ihre|deine)\b|mitglieder in diesem forum|wer ist online\??$|(?:foren-|forums)?berechtigungen$|"
    r"vous ne pouvez pas\b.{0,40}\b(?:sujets|messages|pièces)|utilisateurs parcourant ce forum|qui est en ligne|"
    r"no puede\w? (?:abrir|responder|editar|borrar|enviar|publicar)\b|usuarios navegando|¿?quién está conectado)",
    re.IGNORECASE,
)
# What a program lets the reader do with a post: links in a row, and a few that stand alone.
_ACTS = re.compile(
    r"\W*(?:logged|add a (?:comment|note)|(?:(?:edit|retag|close|merge|delete|link|more|flag(?: offensive)?|reopen|permalink|embed|save|parent|report|"
    r"reply|quote|share|follow|cite|improve this (?:question|answer))\W*){2,})\W*",
    re.IGNORECASE,
)
_BESIDE_MAY = re.compile(r"(?:create an account|sign in|log in|register)\W*$", re.IGNORECASE)  # beside one of those
_SCORE = re.compile(
    r"(?=.{0,160}$)(?=.*(?:\b\d{4}\b|\bago\b|\bat \d))(?:.*\b(?:[\d.,]+k?|gold|silver|bronze)\s(?:badges?|points?|votes?|upvotes?|kudos|karma|reputation)\b.*|"
    r"(?:asked|answered|edited|modified|commented) (?:on )?(?:\w{3,9} \d|\d|yesterday|today).{0,80})",
    re.IGNORECASE | re.DOTALL,
)
_COUNT = re.compile(
    r"(?:\d[\d.,]*k?\s(?:likes?|points?|votes?|upvotes?|kudos|thanks|reactions?|accesses|altmetric|citations?)\W*)+",
    re.IGNORECASE,
)
# How what forum programs write begins: four bytes of each are compared.
_BEGINNINGS = np.array(
    sorted(
        {
            int.from_bytes(each.encode()[:4], "little")
            for word in (
                "joined join_ membe registr posts post: messa locat react likes like: point troph reput karma rep_ solut threa topic "
                "thank gende age: occup blog_ dabei mitgl beitr theme wohno punkt erhal renom inscr local lieu ubica mensa "
                "gereg lid_ beric woonp inlä rejes dołą posty skąd заре реги сооб отку репу спас благ 注册 帖子 积分 "
                "you_ users there_a all_ti who_ forum posti bb_c vb_c html smil pleas alrea sign crea log_ login repor du_d sie_d wer_ "
                "foren berec vous utilis qui_ no_p usuar ¿qui quié asked answe edite modif comme up_v upvo vote logge add_a link flag share perma reply quote"
            ).split()
            for each in (word.replace("_", " "), word.replace("_", " ").capitalize())
        }
    ),
    np.int64,
)
_SHORT, _NOTICE, _CONTAINER = 22 * WORD, 40 * WORD, 32 * WORD
_DIGITS = 4  # of a number of votes
_LEVELS, _DETAILS, _POSTERS = 4, 2, 2


def drop_forum_details(page: Page, roles: np.ndarray, kept: np.ndarray, *, answers: bool) -> np.ndarray:
    """``bool[m]``: ``kept`` (``bool[m]``) without the details of posters, lines of points and votes, and notices on what may
    be done in a forum; cells of tables stay. ``answers``: whether the page states that it is a question with answers, whose
    numbers alone are votes. ``roles``: ``int32[m, 7]`` of :func:`parsers.blocks.roles.block_roles`."""
    blocks = page.blocks
    rows = _may_be_details(page.text, blocks, roles, kept, _BEGINNINGS, answers).tolist()
    if not rows:
        return kept
    goes: list[int] = []
    beside: list[int] = []
    holders: dict[int, set[str]] = {}
    numbers: dict[int, list[tuple[int, int]]] = {}
    source = page.text.tobytes()
    for row, start, stop, words in rows:
        text = source[start:stop].decode("utf-8", "replace").strip()
        if _MAY.match(text) or _ACTS.fullmatch(text):
            goes.append(row)
        elif _BESIDE_MAY.match(text):
            beside.append(row)
        elif words <= _SHORT:
            if answers and text.isdecimal() and len(text) <= _DIGITS:
                numbers.setdefault(int(page.signature[max(blocks[row, ELEMENT], 0)]), []).append((row, int(text)))
            elif (_SCORE.match(text) and not text.endswith((".", "!", "?"))) or _COUNT.fullmatch(text):
                goes.append(row)
            else:
                # Details may be the lines of one block.
                labels = {(match[1] or match[2]).casefold() for match in map(_DETAIL.match, text.split("\n")) if match}
                for element in _small(page, row) if labels else ():
                    holders.setdefault(element, set()).update(labels)
    goes += beside if goes else []
    details = [element for element, labels in holders.items() if len(labels) >= _DETAILS]
    if len(details) < _POSTERS:
        details.clear()
    # Of elements around each other the innermost: what is around them holds a short post, too.
    details = [each for each in details if not any(each < other <= page.elements[each, LAST] for other in details)]
    signatures = page.signature[details] if details else np.zeros(0, np.uint64)
    for element, signature in zip(details, signatures, strict=True):
        if np.count_nonzero(signatures == signature) >= _POSTERS:
            inside = (blocks[:, ELEMENT] >= element) & (blocks[:, ELEMENT] <= page.elements[element, LAST])
            goes += np.flatnonzero(inside & kept).tolist()
    for alike in numbers.values():
        values = [value for _, value in alike]
        # Steps and years come in order, votes don't.
        if len(values) > _POSTERS and values != sorted(values) and values != sorted(values, reverse=True):
            goes += [row for row, _ in alike if roles[row, ROLE] == PARAGRAPH]
    return without(kept, goes)


def _small(page: Page, row: int) -> list[int]:
    """The elements around a block of few words each."""
    found, element = [], int(page.blocks[row, ELEMENT])
    holders = page.blocks[:, ELEMENT]
    for _ in range(_LEVELS):
        if element <= 0:
            break
        inside = (holders >= element) & (holders <= page.elements[element, LAST])
        if page.blocks[inside, WORDS].sum() > _CONTAINER:
            break
        found.append(element)
        element = int(page.elements[element, PARENT])
    return found


@kernel
def _may_be_details(text, blocks, roles, kept, beginnings, answers):
    """``int64[k, 4]``: which blocks are worth a look, the places of their texts, and their words. Most are not."""
    found, count = np.empty((len(kept), 4), np.int64), 0
    for b in range(len(kept)):
        words = blocks[b, WORDS]
        if kept[b] and 0 < words <= _NOTICE and roles[b, ROLE] != CELL:
            start, stop = blocks[b, START], blocks[b, STOP]
            if _may_begin(text, start, beginnings) or (
                words <= _SHORT
                and (
                    (blocks[b, DIGITS] > 0 and (answers or _counts(text, start, stop)))
                    or (blocks[b, BREAKS] > 0 and blocks[b, DIGITS] > 0)
                )
            ):
                found[count, 0], found[count, 1], found[count, 2], found[count, 3] = b, start, stop, words
                count += 1
    return found[:count]


@inner
def _counts(text, start, stop):
    """Whether a digit and a blank stand before "points", "votes" or the like."""
    for at in range(start + 1, stop - 1):
        if text[at] == 32 and (48 <= text[at - 1] <= 57 or text[at - 1] == 107):
            letter = text[at + 1] | 32
            # points, posts; votes; badges, beitr\u00e4ge, berichten; upvotes; kudos, karma; reputation, reactions; likes; thanks,
            # accesses, altmetric; citations; topics, threads; messages; inl\u00e4gg; gold, silver
            if (
                letter == 112 or letter == 118 or letter == 98 or letter == 117 or letter == 107 or letter == 114
                or letter == 97 or letter == 99 or letter == 108 or letter == 116 or letter == 109 or letter == 105 or letter == 103 or letter == 115
            ):  # fmt: skip
                return True
    return False


@inner
def _may_begin(text, start, beginnings):
    if start + 4 > len(text):
        return False
    value = np.int64(0)
    for place in range(4):
        byte = np.int64(text[start + place])
        if 65 <= byte <= 90:
            byte |= 32
        value |= byte << (8 * place)
    at = np.searchsorted(beginnings, value)
    return at < len(beginnings) and beginnings[at] == value
