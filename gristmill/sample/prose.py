"""English prose composed from hand-written sentences: a topic's own facts between sentences that suit any craft."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import unescape

from gristmill.sample.dice import Dice
from gristmill.sample.grammar import DATA, Voice, bank
from gristmill.sample.site import h2, p, quote, ul

GENERIC = ("lead", "main", "tail", "open", "close", "heading", "names")


@dataclass(frozen=True)
class Article:
    """A title, an author and the HTML blocks of the text."""

    title: str
    author: str
    blocks: tuple[str, ...]


def topics() -> list[str]:
    """The names of all topics, sorted."""
    return sorted(path.stem for path in (DATA / "topics").glob("*.txt"))


def topic(name: str) -> Mapping[str, Sequence[str]]:
    """The word lists and facts of a topic."""
    return bank(f"topics/{name}")


def voice(topic_name: str, dice: Dice) -> Voice:
    """A voice that speaks of a topic."""
    return Voice(dice, *(bank(f"generic/{name}") for name in GENERIC), topic(topic_name))


def remark(speaker: Voice) -> str:
    """A sentence that would suit any craft: a main clause, often with a lead before it or a tail behind it."""
    lead, tail = speaker.dice.chance(0.4), speaker.dice.chance(0.3)
    text = speaker.phrase(speaker.draw("main"))
    if lead:
        text = f"{speaker.phrase(speaker.draw('lead'))}, {text}"
    if tail:
        text = f"{text}, {speaker.phrase(speaker.draw('tail'))}"
    return text[0].upper() + text[1:] + "."


def statement(speaker: Voice, facts: float) -> str:
    """With the chance ``facts`` one of the topic's own sentences, as long as there are any left, else a remark."""
    if speaker.dice.chance(facts) and not speaker.spent("fact"):
        return speaker.sentence("fact")
    return remark(speaker)


def paragraph(speaker: Voice, sentences: int, facts: float) -> str:
    """A paragraph of so many statements."""
    return " ".join(statement(speaker, facts) for _ in range(sentences))


def article(topic_name: str, dice: Dice, words: int) -> Article:
    """An article of about ``words`` words."""
    speaker = voice(topic_name, dice)
    title = speaker.phrase(speaker.draw("title"))
    facts = min(0.5, 15 * 20 / words)  # a topic has some fifteen facts: spread them over a long page
    blocks = [p(f"{speaker.sentence('open')} {paragraph(speaker, 2, facts)}")]
    written = 60
    while written < words:
        if dice.chance(0.25):
            blocks.append(h2(_capital(speaker.phrase(speaker.draw("heading")))))
        if dice.chance(0.12):
            blocks.append(ul([remark(speaker) for _ in range(dice.between(3, 5))]))
        elif dice.chance(0.08):
            blocks.append(quote(paragraph(speaker, 2, 0.0)))
        else:
            blocks.append(p(paragraph(speaker, dice.between(3, 6), facts)))
        written += len(blocks[-1].split())
    blocks.append(p(f"{paragraph(speaker, 2, 0.0)} {speaker.sentence('close')}"))
    author = f"{speaker.draw('name')} {speaker.draw('surname')}"
    return Article(_capital(title), author, tuple(blocks))


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def plain(block: str) -> str:
    """The text of an HTML block of ours."""
    return unescape(re.sub(r"<[^>]+>", " ", block)).strip()
