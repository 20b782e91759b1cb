"""Paraphrases of users' turns by a generator: in one step, or into another language and back.

    DIR/paraphrase, or DIR/to-LANGUAGE and DIR/back    what the generator was asked and answered
    DIR/rows.jsonl                                     the rows that have a new turn
    DIR/counts.json                                    how many turns went where

The way back sees the translation alone. A turn is taken where nothing but its words has changed
(:func:`~trainer.posttraining.synthesize.rewriting.why_refused`); one that isn't stays as it was, and a row without a new turn
is left out. Not in the paper; the limits are ours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from trainer.errors import TrainerError
from trainer.posttraining.generators import Generator
from trainer.posttraining.synthesize.asking import ask, user
from trainer.posttraining.synthesize.facts import prose, words
from trainer.posttraining.synthesize.rewriting import Source, why_refused, without_evaluation_sets, write_rows
from trainer.posttraining.synthesize.snippets import EvaluationSets

FEWEST_WORDS = 4
"""Turns with less prose are left as they are: there is hardly another way to say them."""
_KEEP = "Leave numbers, names, code, links and quotes exactly as they are."
PARAPHRASE = (
    "Say the following text in other words, in its own language, as another person would write it. Do not answer it. "
    f"{_KEEP} Your answer is the new text alone.\n\n{{text}}"
)
TRANSLATE = (
    "Translate the following text into {language}. Do not answer it. "
    f"{_KEEP} Your answer is the translation alone.\n\n{{text}}"
)
Turns = dict[str, str]


def paraphrase(
    generator: Generator,
    sources: Sequence[Source],
    directory: Path,
    pivot: str | None = None,
    language: str = "English",
    evaluation: EvaluationSets | None = None,
) -> Counter[str]:
    """Writes ``sources`` with paraphrased turns of the user and returns counts of turns, and of rows ``kept``. With
    ``pivot``, the name of a language, by way of it and back into ``language``. Raises :class:`TrainerError` as
    :func:`~trainer.posttraining.responses.sample_responses` does, and for a pivot that is the language itself."""
    if pivot is not None and pivot.strip().lower() in ("", language.strip().lower()):
        raise TrainerError(f"The pivot is {pivot!r}, and the texts are in {language}: name another language.")
    directory.mkdir(parents=True, exist_ok=True)
    counts: Counter[str] = Counter(rows=len(sources))
    left = {source.row.place: source for source in without_evaluation_sets(sources, evaluation, counts)}
    texts: Turns = {}
    for place, source in left.items():
        for number, text in source.turns.items():
            counts["turns"] += 1
            if len(words(prose(text))) < FEWEST_WORDS:
                counts["too_short"] += 1
            else:
                texts[f"{place} {number}"] = text
    taken = _checked(texts, _rewrite(generator, texts, directory, pivot, language, counts), counts)
    about = {
        "method": "paraphrase",
        **({"pivot": pivot} if pivot else {}),
        "model": generator.description.get("model"),
        "sampling": generator.description.get("sampling"),
    }
    rows = []
    for place, source in left.items():
        turns = {number: taken.get(f"{place} {number}", text) for number, text in source.turns.items()}
        if turns == source.turns:
            continue
        if evaluation and evaluation.hold(*turns.values()):
            counts["in_evaluation_sets"] += 1
            continue
        rows.append(source.with_turns(turns, about))
    write_rows(directory, rows, counts)
    return counts


def _rewrite(
    generator: Generator, texts: Turns, directory: Path, pivot: str | None, language: str, counts: Counter[str]
) -> Turns:
    if pivot is None:
        return _answers(generator, texts, PARAPHRASE, directory / "paraphrase", counts)
    there = TRANSLATE.format(language=pivot, text="{text}")
    back = TRANSLATE.format(language=language, text="{text}")
    folder = "to-" + "".join(letter if letter.isalnum() else "-" for letter in pivot.lower())
    return _answers(
        generator, _answers(generator, texts, there, directory / folder, counts), back, directory / "back", counts
    )


def _answers(generator: Generator, texts: Turns, question: str, directory: Path, counts: Counter[str]) -> Turns:
    # Not str.format: the texts have braces of their own.
    asked = {name: (user(question.replace("{text}", text)),) for name, text in texts.items()}
    found = ask(generator, asked, directory)
    counts["no_answer"] += sum(not answer for answer in found.values())
    return {name: answer for name, answer in found.items() if answer}


def _checked(texts: Turns, rewritten: Turns, counts: Counter[str]) -> Turns:
    taken = {}
    for name, text in rewritten.items():
        reason = why_refused(texts[name], text)
        if reason is None:
            taken[name] = text
        counts[reason or "rewritten"] += 1
    return taken
