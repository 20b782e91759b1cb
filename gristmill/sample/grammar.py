"""A small sentence grammar: ``[this|that]`` is a choice, ``{slot}`` is filled from a list of the page's own words.

Banks are plain text under ``data/``: a line ``# name`` opens a list, every other line is an entry. A :class:`Voice`
belongs to one page and draws each list like a deck of cards, so no sentence and hardly any word list entry comes twice
on a page: repetition filters must find nothing in the honest pages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from gristmill.sample.dice import Dice

DATA = Path(__file__).with_name("data")

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{(\w+)\}")
_ARTICLE = re.compile(r"\b([Aa]) (?=[aeioAEIO]|u[^ns]|un[^i])(?!one\b|once\b|eu)")
_VOWELS = "aeiou"


@cache
def bank(name: str) -> Mapping[str, tuple[str, ...]]:
    """The lists of ``data/<name>.txt`` by their headings."""
    lists: dict[str, list[str]] = {}
    entries: list[str] = []
    for line in (DATA / f"{name}.txt").read_text("utf-8").splitlines():
        if line.startswith("# "):
            entries = lists.setdefault(line[2:], [])
        elif line.strip():
            entries.append(line)
    return {heading: tuple(entries) for heading, entries in lists.items()}


def gerund(verb_phrase: str) -> str:
    """``cut the boards`` -> ``cutting the boards``. Covers the verbs of the banks, not English."""
    verb, _, rest = verb_phrase.partition(" ")
    if verb.endswith("ie"):
        stem = verb[:-2] + "y"
    elif verb.endswith("e") and not verb.endswith(("ee", "ye")):
        stem = verb[:-1]
    elif (
        len(verb) > 2
        and verb[-1] not in _VOWELS + "wxy"
        and verb[-2] in _VOWELS
        and sum(letter in _VOWELS for letter in verb.removeprefix("qu")) == 1
    ):
        stem = verb + verb[-1]
    else:
        stem = verb
    return f"{stem}ing {rest}".strip()


class Voice:
    """Says sentences for one page, in the words of the given banks."""

    def __init__(self, dice: Dice, *banks: Mapping[str, Sequence[str]]):
        self.dice = dice
        self._lists = {name: entries for words in banks for name, entries in words.items()}
        self._decks: dict[str, list[str]] = {}

    def draw(self, name: str) -> str:
        """The next entry of a list, unexpanded; a list is shuffled anew when all of it has been drawn."""
        if not self._decks.get(name):
            self._decks[name] = self.dice.shuffled(self._lists[name])
        return self._decks[name].pop()

    def spent(self, name: str) -> bool:
        """Whether all entries of a list have been drawn, so that the next draw begins to repeat them."""
        return name in self._decks and not self._decks[name]

    def phrase(self, template: str) -> str:
        """``template`` with its choices made and its slots filled."""
        text = template
        while _CHOICE.search(text):
            text = _CHOICE.sub(lambda choice: self.dice.pick(choice[1].split("|")), text)
        while _SLOT.search(text):
            text = _SLOT.sub(lambda slot: self._fill(slot[1]), text)
        return _ARTICLE.sub(r"\1n ", text)

    def sentence(self, name: str) -> str:
        """An entry of a list as a sentence of its own: expanded, capitalised, with a full stop if it has no end."""
        text = self.phrase(self.draw(name))
        text = text[0].upper() + text[1:]
        return text if text[-1] in ".!?…\"'”。！？؟।:" else text + "."

    def _fill(self, slot: str) -> str:
        if slot == "number":
            return str(self.dice.between(9, 97))
        if slot == "year":
            return str(self.dice.between(1741, 1968))
        if slot == "acting":
            return gerund(self.draw("act"))
        if slot[0].isupper():
            word = self._fill(slot.lower())
            return word[0].upper() + word[1:]
        return self.draw(slot)
