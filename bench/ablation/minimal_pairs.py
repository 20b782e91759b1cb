"""Pairs of sentences that differ in what makes one of them wrong, in the manner of BLiMP (Warstadt et al. 2020, section 3).

A model is right about a pair where the right sentence costs it fewer bits; chance is one half. Sentences and words are ours: common words, so
that what decides is the rule and not whether the words are known. The pairs are always the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

_MOST = 40  # pairs of each rule, so that none outweighs the others

_NOUNS = [("book", "books"), ("car", "cars"), ("friend", "friends"), ("teacher", "teachers"), ("student", "students"),
          ("house", "houses"), ("dog", "dogs"), ("company", "companies"), ("team", "teams"), ("parent", "parents")]  # fmt: skip
_ADJECTIVES = ["new", "good", "important", "small"]
_PEOPLE = [("woman", "herself"), ("man", "himself"), ("girl", "herself"), ("boy", "himself"), ("mother", "herself"),
           ("father", "himself"), ("queen", "herself"), ("king", "himself")]  # fmt: skip
_PARTICIPLES = [("written", "wrote", "a letter"), ("taken", "took", "the money"), ("given", "gave", "an answer"),
                ("seen", "saw", "the film"), ("eaten", "ate", "an apple"), ("broken", "broke", "the window"),
                ("known", "knew", "the answer"), ("spoken", "spoke", "to him"), ("chosen", "chose", "a name"),
                ("begun", "began", "the work")]  # fmt: skip
_BASES = [("go", "went", "home"), ("see", "saw", "it"), ("make", "made", "a plan"), ("find", "found", "the way"),
          ("take", "took", "it"), ("come", "came", "back"), ("say", "said", "that"), ("know", "knew", "it"),
          ("write", "wrote", "a book"), ("think", "thought", "so")]  # fmt: skip
_VOWELS = ["apple", "hour", "example", "idea", "answer", "old house", "email", "error", "article", "early start"]
_CONSONANTS = ["book", "car", "house", "user", "problem", "new idea", "day", "list", "game", "small error"]
_COUNTED = ["books", "people", "days", "friends", "problems", "questions", "words", "years", "students", "reasons"]
_MASSES = ["water", "money", "information", "time", "work", "food", "music", "advice", "research", "traffic"]
_TO = ["wants", "decided", "hopes", "needs", "plans"]
_ING = ["enjoys", "finished", "avoids", "kept", "suggests"]
_VERBS = [("read", "reading"), ("work", "working"), ("play", "playing"), ("write", "writing"), ("cook", "cooking")]


class MinimalPair(NamedTuple):
    """``rule``  what the wrong sentence breaks."""

    rule: str
    right: str
    wrong: str


def minimal_pairs() -> list[MinimalPair]:
    """All of them, rule by rule; each rule has at most 40, drawn by hash from what its words give."""
    return [
        MinimalPair(rule, right, wrong)
        for rule, pairs in _RULES.items()
        for right, wrong in sorted(pairs(), key=_place)[:_MOST]
    ]


def _place(pair: tuple[str, str]) -> bytes:
    return hashlib.blake2b("|".join(pair).encode(), digest_size=8).digest()


def _agreement() -> Iterator[tuple[str, str]]:
    for (one, many), adjective, (was, were) in product(_NOUNS, _ADJECTIVES, [("is", "are"), ("was", "were")]):
        yield f"The {one} {was} {adjective}.", f"The {one} {were} {adjective}."
        yield f"The {many} {were} {adjective}.", f"The {many} {was} {adjective}."


def _agreement_across() -> Iterator[tuple[str, str]]:
    for (one, many), (other, others) in product(_NOUNS, _NOUNS[3:]):
        if one != other:
            yield f"The {one} near the {others} is here.", f"The {one} near the {others} are here."
            yield f"The {many} near the {other} are here.", f"The {many} near the {other} is here."


def _determiners() -> Iterator[tuple[str, str]]:
    for (one, many), (this, these) in product(_NOUNS, [("this", "these"), ("that", "those")]):
        yield f"We saw {this} {one} yesterday.", f"We saw {these} {one} yesterday."
        yield f"We saw {these} {many} yesterday.", f"We saw {this} {many} yesterday."


def _reflexives() -> Iterator[tuple[str, str]]:
    for (person, own), verb in product(_PEOPLE, ["saw", "helped", "hurt", "asked", "called"]):
        other = "himself" if own == "herself" else "herself"
        yield f"The {person} {verb} {own}.", f"The {person} {verb} {other}."


def _never_ever() -> Iterator[tuple[str, str]]:
    for (one, _), rest in product(_NOUNS[2:5] + _NOUNS[9:], ["been there", "seen it", "said that", "won", "met her"]):
        yield f"No {one} has ever {rest}.", f"Some {one} has ever {rest}."
        yield f"The {one} hasn't ever {rest}.", f"The {one} has ever {rest}."


def _participles() -> Iterator[tuple[str, str]]:
    for (right, wrong, rest), (who, has) in product(
        _PARTICIPLES, [("She", "has"), ("They", "have"), ("He", "had"), ("I", "have")]
    ):
        yield f"{who} {has} {right} {rest}.", f"{who} {has} {wrong} {rest}."


def _auxiliaries() -> Iterator[tuple[str, str]]:
    for (base, past, rest), start in product(_BASES, ["She didn't", "Did he", "They will", "You can"]):
        end = "?" if start == "Did he" else "."
        yield f"{start} {base} {rest}{end}", f"{start} {past} {rest}{end}"


def _cases() -> Iterator[tuple[str, str]]:
    forms = [("me", "I"), ("him", "he"), ("us", "we"), ("them", "they")]
    sentences = ["The teacher gave it to {}.", "My friend told {} about the book.", "The dog followed {} home.",
                 "This is for {} and my friends.", "People asked {} many questions."]  # fmt: skip
    for sentence, (right, wrong) in product(sentences, forms):
        yield sentence.format(right), sentence.format(wrong)


def _articles() -> Iterator[tuple[str, str]]:
    for start in ("This is", "There was"):
        for word in _VOWELS:
            yield f"{start} an {word}.", f"{start} a {word}."
        for word in _CONSONANTS:
            yield f"{start} a {word}.", f"{start} an {word}."


def _quantities() -> Iterator[tuple[str, str]]:
    for start in ("There are not", "We don't have"):
        for word in _COUNTED:
            yield f"{start} many {word} left.", f"{start} much {word} left."
    for start in ("There is not", "We don't have"):
        for word in _MASSES:
            yield f"{start} much {word} left.", f"{start} many {word} left."


def _complements() -> Iterator[tuple[str, str]]:
    for (base, form), to, ing in zip(_VERBS * 5, sorted(_TO * 5), sorted(_ING * 5), strict=True):
        yield f"She {to} to {base} every day.", f"She {to} {form} every day."
        yield f"He {ing} {form} every day.", f"He {ing} to {base} every day."


def _order() -> Iterator[tuple[str, str]]:
    for (one, _), adjective in product(_NOUNS, _ADJECTIVES):
        yield f"They bought the {adjective} {one} last year.", f"They bought the {one} {adjective} last year."


_RULES = {
    "subject and verb": _agreement,
    "subject and verb across a noun": _agreement_across,
    "this and these": _determiners,
    "himself and herself": _reflexives,
    "ever": _never_ever,
    "participles": _participles,
    "auxiliaries": _auxiliaries,
    "pronouns' cases": _cases,
    "a and an": _articles,
    "much and many": _quantities,
    "to and -ing": _complements,
    "order of words": _order,
}
