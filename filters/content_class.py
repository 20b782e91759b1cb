"""The class of a document for the mix of training data: code, mathematics, another language, or general knowledge.

Llama 3 mixes by classes (arXiv 2407.21783, section 3.1.2: about 50 % general knowledge, 25 % mathematics and
reasoning, 17 % code, 8 % multilingual) found by models that are not public (section 3.1.1, "domain-specific pipelines that
extract code and math-relevant web pages"). This is a plain reading of the text by several marks (:mod:`filters.class_marks`):
none of them is sure alone, and pages of documentation, questions and calculations often have a little of each.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from filters.class_marks import Marks
from text.document import Document

GENERAL, MATH, CODE, MULTILINGUAL = "general", "math", "code", "multilingual"
CLASSES = (GENERAL, MATH, CODE, MULTILINGUAL)
DOCUMENTATION = "documentation"
"""The kind of page, as our parser names it, that speaks for code."""


class ClassScores(NamedTuple):
    """How much speaks for code, for mathematics, and for reasoning in plain words; 1.0 is enough for the class (ours)."""

    code: float
    math: float
    reasoning: float


def class_scores(document: Document, kinds: Collection[str] = ()) -> ClassScores:
    """The scores of a document from a page of ``kinds``.

    Code: a fifth of the characters in code spans is 1.0; so are four names or operators of programs, or ten
    words of programmers, in 100 words of prose, and 20 % of lines that begin with a prompt; these count together. A page of
    documentation has 0.25. Without code, prompts, or one name of programs in 100 words it is 0: people write about software,
    too. In other languages programmers' words, which are English, count twice.

    Mathematics: two formulas in 1,000 characters are 1.0; so are five mathematical signs, or eight words of mathematicians in
    100. Fewer than three formulas and signs (two where they are as dense as four in 1,000 characters) are none.

    Reasoning, in English: 1.6 words of inference (therefore, suppose, contradiction) in 100 words of prose are 1.0, or ten of
    conditions (if, must, because); they add up. Fewer than three different
    ones of inference, or than five conditions in 100 words, are none: speakers conclude, and instructions have conditions.
    """
    found = Marks(document)
    return ClassScores(_code(found, document.language, DOCUMENTATION in kinds), _math(found), _reasoning(found))


def content_class(document: Document, kinds: Collection[str] = (), code: float = 1.0, math: float = 1.0) -> str:
    """One of :data:`CLASSES`: code or mathematics (reasoning is of this class, as in Llama 3's mix) where the score of either reaches its limit, the one that is higher over
    its limit where both do; else by language, English being the general one."""
    scores = class_scores(document, kinds)
    over = {CODE: scores.code / code, MATH: max(scores.math, scores.reasoning) / math}
    best = max(over, key=over.__getitem__)
    if over[best] >= 1:
        return best
    return GENERAL if document.language == "en" else MULTILINGUAL


def _code(found: Marks, language: str, is_documentation: bool) -> float:
    words = found.code_words if language == "en" else 2 * found.code_words
    # Brands are written as names in programs are (iPhone, eBay): they count where the words of programmers are too.
    tokens = found.code_tokens if words >= 1.5 else 0.0
    if not (found.code_share or found.prompts or tokens >= 1):
        return 0.0
    hints = tokens / 4 + words / 10 + found.prompts * 5 + 0.25 * is_documentation
    return round(found.code_share * 5 + hints, 4)


def _math(found: Marks) -> float:
    signs = round(found.signs * found.characters / 1000)
    if found.formula_count + signs < (3 if found.formulas + found.signs < 4 else 2):
        return 0.0
    return round(found.formulas / 2 + found.signs / 5 + found.math_words / 8, 4)


def _reasoning(found: Marks) -> float:
    if found.different_inferences < 3 or found.conditions < 5:
        return 0.0
    return round(found.inferences / 1.6 + found.conditions / 10, 4)
