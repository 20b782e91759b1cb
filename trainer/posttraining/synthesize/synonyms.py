"""Synonyms in users' turns, out of a lexicon: no model is asked, and the same seed gives the same rows.

A lexicon is JSON Lines, ``{"lemma", "pos"?, "count"?, "senses": [{"share", "synonyms"}]}``: how often a word is used
and which share of its uses has which sense, as WordNet counts them. A word is replaced only where one sense has at
least 90 % of its uses, over all its parts of speech, by a word that is as clear and has it among its own synonyms:
both ways the sense is the same, and no rare word comes in. Not in the paper; the limits are ours.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from trainer.errors import TrainerError
from trainer.posttraining.row_files import Row, read_rows
from trainer.posttraining.synthesize.facts import spans, words
from trainer.posttraining.synthesize.rewriting import Source, without_evaluation_sets, write_rows
from trainer.posttraining.synthesize.snippets import EvaluationSets

SHARE, RATE = 0.9, 0.1
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_ARTICLE = re.compile(r"\ban? +\Z", re.IGNORECASE)
_SINGLE = re.compile(r"[a-z]{3,}")
_UNCOUNTED = frozenset(
    "about above across after against all along among any anyone anything around as at before behind below beneath beside "
    "besides between beyond both but by down each either enough every everyone everything except few for from if in inside "
    "into kind less like little long many men more most much near neither no nobody none nothing of off on once one opposite "
    "or other others out outside over past pretty round second since so some someone something still such than that then "
    "though through throughout till to toward towards under underneath unless until up upon well while with within without "
    "women yet".split()
)
"""Words that are determiners, pronouns, prepositions, conjunctions or plurals as well, uses that WordNet doesn't
count, or that have another part of speech in which they are most common."""
Lexicon = Mapping[str, Sequence[str]]


def read_lexicon(files: Sequence[str | Path]) -> dict[str, list[str]]:
    """Words that may be replaced, each with the words that may stand for it. Raises :class:`TrainerError` for files
    that cannot be read, are no lexicon, or have no such word."""
    entries: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in read_rows(files):
        entries[_lemma(row)].append(row.content)
    dominant = {
        lemma: _dominant(found)
        for lemma, found in entries.items()
        if lemma not in _UNCOUNTED and not (lemma.endswith("s") and lemma[:-1] in entries)  # "steps" is of "step", too
    }
    lexicon = {
        lemma: sorted(other for other in synonyms if lemma in dominant.get(other, ()))
        for lemma, synonyms in dominant.items()
        if _SINGLE.fullmatch(lemma)
    }
    lexicon = {lemma: synonyms for lemma, synonyms in lexicon.items() if synonyms}
    if not lexicon:
        raise TrainerError(
            f"{' '.join(map(str, files))}: no word has a synonym of one clear sense. Name another lexicon."
        )
    return lexicon


def _lemma(row: Row) -> str:
    lemma, senses = row.content.get("lemma"), row.content.get("senses")
    if not isinstance(lemma, str) or not isinstance(senses, list) or not all(map(_is_sense, senses)):
        raise TrainerError(
            f'{row.place} is no entry of a lexicon: {{"lemma", "count"?, "senses": [{{"share", "synonyms"}}]}}. '
            "Mend or remove the row."
        )
    count = row.content.get("count", 1)
    if not isinstance(count, int | float) or isinstance(count, bool) or not count >= 0:
        raise TrainerError(f"{row.place}: count is {count!r}; it must be a number of uses. Mend or remove the row.")
    return lemma


def _is_sense(found: Any) -> bool:
    return (
        isinstance(found, dict)
        and isinstance(found.get("share"), int | float)
        and isinstance(found.get("synonyms"), list)
        and all(isinstance(synonym, str) for synonym in found["synonyms"])
    )


def _dominant(entries: Sequence[Mapping[str, Any]]) -> set[str]:
    """The synonyms of the sense that has 90 % of a word's uses: none where no sense has."""
    total = sum(entry.get("count", 1) for entry in entries)
    for entry in entries:
        for sense in entry["senses"]:
            if sense["share"] * entry.get("count", 1) >= SHARE * total > 0:
                return {synonym for synonym in sense["synonyms"] if _SINGLE.fullmatch(synonym)}
    return set()


def add_synonyms(
    sources: Sequence[Source],
    lexicon: Lexicon,
    directory: Path,
    rate: float = RATE,
    seed: int = 0,
    evaluation: EvaluationSets | None = None,
) -> Counter[str]:
    """Writes ``sources`` with ``rate`` of the words of the user's turns replaced, at least one a turn where one can
    be, and returns counts of words, and of rows ``kept``. Raises :class:`TrainerError` for a rate that cannot be."""
    if not 0 < rate <= 1:
        raise TrainerError(f"The rate is {rate}; it must be more than 0 and at most 1.")
    counts: Counter[str] = Counter(rows=len(sources))
    rows = []
    for source in without_evaluation_sets(sources, evaluation, counts):
        # What the answers say stays: they may speak of that very word.
        said = {word for message in source.messages if message.role != "user" for word in words(message.content)}
        said |= {word for side in ("chosen", "rejected", "edited", "answer") for word in _words_of(source.row, side)}
        turns, replaced = {}, []
        for number, text in source.turns.items():
            turns[number], pairs = replace_words(text, lexicon, rate, f"{seed} {number}", said)
            replaced += pairs
            counts["words"] += len(words(text))
        counts["replaced"] += len(replaced)
        if evaluation and evaluation.hold(*turns.values()):
            counts["in_evaluation_sets"] += 1
        elif replaced:
            about = {"method": "synonyms", "rate": rate, "seed": seed, "replaced": replaced}
            rows.append(source.with_turns(turns, about))
    write_rows(directory, rows, counts)
    return counts


def _words_of(row: Row, key: str) -> list[str]:
    found = row.content.get(key)
    messages = found if isinstance(found, list) else [found]
    texts = [message.get("content") if isinstance(message, dict) else message for message in messages]
    return [word for text in texts if isinstance(text, str) for word in words(text)]


def replace_words(
    text: str, lexicon: Lexicon, rate: float, seed: str, said: set[str] | None = None
) -> tuple[str, list[tuple[str, str]]]:
    """``text`` with ``rate`` of its words replaced, and which by which. Words within spans that must stay
    (:func:`~trainer.posttraining.synthesize.facts.spans`) and those in ``said`` are not touched; which of the others are
    follows from ``seed`` and the text alone."""
    found = []
    fixed = spans(text)
    for match in _WORD.finditer(text):
        word = match.group()
        if any(span.start < match.end() and match.start() < span.end for span in fixed):
            continue
        if word.lower() in (said or ()) or not (word.islower() or word.istitle()):
            continue
        choices = lexicon.get(word.lower(), ())
        if _ARTICLE.search(text, 0, match.start()):  # "a large" may become "a big", but not "a enormous"
            choices = [choice for choice in choices if (choice[0] in "aeiou") == (word[0].lower() in "aeiou")]
        if choices:
            draw = hashlib.blake2b(f"{seed} {match.start()} {text}".encode(), digest_size=16).digest()
            choice = choices[int.from_bytes(draw[:8]) % len(choices)]
            found.append((draw, match, choice.capitalize() if word.istitle() else choice))
    most = max(1, round(rate * len(words(text))))
    chosen = sorted(sorted(found, key=lambda one: one[0])[:most], key=lambda one: one[1].start())
    pieces, end = [], 0
    for _, match, choice in chosen:
        pieces += [text[end : match.start()], choice]
        end = match.end()
    return "".join([*pieces, text[end:]]), [(match.group(), choice) for _, match, choice in chosen]
