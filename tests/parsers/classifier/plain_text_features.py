"""Title and phrase features, read slowly from the meanings in parsers/classifier/feature_table.py."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files
from math import log1p

from parsers.metadata.metadata import Metadata
from tests.parsers.classifier.plain_block_features import Numbers, ratio, words
from tests.parsers.classifier.plain_page import HEADINGS, Block, PlainPage

_SIGN_OR_WORD = re.compile("[\u3040-\u9fff]|[A-Za-z0-9\u00c0-\u1fff\u2040-\u2fff]+")
_KINDS = {
    "says_article": "article posting report blog recipe story",
    "says_product": "product offer",
    "says_forum": "discussion forum qapage question answer comment",
    "says_list": "collection itemlist searchresults gallery",
    "says_site": "website webpage organization corporation business",
}
_FORUM_PROGRAMS = ("phpbb", "vbulletin", "discourse")
_DOCUMENTATION_PROGRAMS = ("sphinx", "docusaurus", "mkdocs")


@cache
def compared_words(text: str) -> list[str]:
    """Words of four bytes and more, Latin letters in lower case; each Chinese or Japanese sign."""
    return [word for word in all_words(text) if len(word.encode()) > 3 or "\u3040" <= word <= "\u9fff"]


@cache
def all_words(text: str) -> list[str]:
    return [word.lower() if word.isascii() else word for word in _SIGN_OR_WORD.findall(text)]


def title_features(page: PlainPage, about: Metadata) -> list[Numbers]:
    title, description = compared_words(about.title), compared_words(about.description)
    overlaps = []
    for block in page.blocks:
        said = compared_words(block.text)
        overlaps.append({
            "title_share": ratio(sum(word in title for word in said), len(said)),
            "title_cover": ratio(len({*said} & {*title}), len({*title})),
            "description_share": ratio(sum(word in description for word in said), len(said)),
            "description_cover": ratio(len({*said} & {*description}), len({*description})),
        })  # fmt: skip
    kinds: Numbers = {
        name: any(part in each for each in about.types for part in parts.split()) for name, parts in _KINDS.items()
    }
    kinds["by_forum"] = any(program in about.generator.lower() for program in _FORUM_PROGRAMS)
    kinds["by_docs"] = any(program in about.generator.lower() for program in _DOCUMENTATION_PROGRAMS)
    kinds |= {"title_words": len({*title}), "description_words": len({*description})}
    best, score = headline(page, all_words(about.title))
    return [
        overlap | after_headline(page, block, best, score) | kinds
        for block, overlap in zip(page.blocks, overlaps, strict=True)
    ]


def headline(page: PlainPage, title: list[str]) -> tuple[Block | None, float]:
    """The block that repeats the title best, as the module title_features says, or the first h1, which scores 0."""
    best, best_score = None, 0.35
    for block in page.blocks:
        said = all_words(block.text)
        share, cover = (
            ratio(sum(word in title for word in said), len(said)),
            ratio(len({*said} & {*title}), len({*title})),
        )
        if block.words > 60 or not cover:
            continue
        score = 2 * share * cover / (share + cover)
        if score <= 0.3:
            continue
        score += 0.3 if block.element.tag == "h1" else 0.15 if block.element.is_heading else 0
        score += 0.1 if block.link_words < block.words / 2 else 0
        if score > best_score + 1e-6:
            best, best_score = block, score
    if best is not None:
        return best, best_score
    return next((block for block in page.blocks if block.element.tag == "h1"), None), 0.0


def after_headline(page: PlainPage, block: Block, best: Block | None, score: float) -> Numbers:
    if best is None:
        missing = dict.fromkeys(("up_to_headline", "headline_score", "headline_level", "headings_after"), -1)
        return {"after_headline": -300, "words_after_headline": -30} | missing
    distance = block.row - best.row
    first, stop = sorted((block.row, best.row))
    between = page.blocks[first:stop]
    length = log1p(words(between))
    around = enumerate(block.element.outward())
    return {
        "after_headline": max(-200, min(distance, 200)),
        "words_after_headline": length if distance >= 0 else -length,
        "up_to_headline": next(steps for steps, element in around if element.holds(best.element)),
        "headline_score": score,
        "headline_level": HEADINGS.index(best.element.tag) + 1 if best.element.is_heading else 0,
        "headings_after": sum(other.element.is_heading for other in between),
    }


# Phrases.
LABEL_FAMILIES = (
    "related", "comments", "social", "subscribe", "byline", "taxonomy", "commerce", "contents", "forum", "product",
)  # fmt: skip
_FIRST_WORDS, _LABEL_WORDS, _FARTHEST = 24, 10, 60


@cache
def phrases() -> dict[tuple[str, ...], set[str]]:
    """By the words of each phrase its families."""
    found: dict[tuple[str, ...], set[str]] = {}
    family = ""
    for line in files("parsers").joinpath("data", "phrases.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            family = line[1:-1]
        elif line and not line.startswith("#"):
            for phrase in line.split(" / "):
                found.setdefault(tuple(map(folded, phrase.split())), set()).add(family)
    return found


def folded(text: str) -> str:
    """Letters without case and accents; a blank for all that is no letter of the first plane."""
    text = unicodedata.normalize("NFC", text)
    letters = ["" if unicodedata.category(sign)[0] in "LM" and sign < "\U00010000" else " " for sign in text]
    bare = [unicodedata.normalize("NFD", sign)[0].lower() for sign in text]
    return (
        "".join(blank or letter for blank, letter in zip(letters, bare, strict=True))
        .replace("ς", "σ")
        .replace("ı", "i")
    )


def first_words(text: str) -> list[str]:
    spaced = re.sub("([\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff])", r" \1 ", folded(text))
    return spaced.split()[:_FIRST_WORDS]


@cache
def speaks(text: str) -> Numbers:
    said = first_words(text)
    covered: Numbers = {}
    for first in range(len(said)):
        for length in (1, 2, 3, 4):
            families = phrases().get(tuple(said[first : first + length]), set())
            if families and first + length <= len(said):
                for family in (*families, "any"):
                    covered[family] = covered.get(family, 0) + length
    families = set().union(*phrases().values())
    return {f"speaks_{family}": min(ratio(covered.get(family, 0), len(said)), 1) for family in (*families, "any")}


def phrase_features(page: PlainPage) -> list[Numbers]:
    said = [speaks(block.text) for block in page.blocks]
    labels: dict[str, list[int]] = {family: [] for family in LABEL_FAMILIES}
    for block, numbers in zip(page.blocks, said, strict=True):
        for family, rows in labels.items():
            if numbers[f"speaks_{family}"] >= 0.5 and len(first_words(block.text)) <= _LABEL_WORDS:
                rows.append(block.row)
    out = []
    for block in page.blocks:
        row, numbers = block.row, dict(said[block.row])
        numbers["speaks_any-1"] = said[row - 1]["speaks_any"] if row else -1
        numbers["speaks_any+1"] = said[row + 1]["speaks_any"] if row + 1 < len(said) else -1
        headings = [other.row for other in page.blocks[: row + 1] if other.element.is_heading]
        for family, rows in labels.items():
            before = [label for label in rows if label <= row]
            numbers[f"headed_{family}"] = said[headings[-1]][f"speaks_{family}"] if headings else 0
            numbers[f"after_{family}"] = min(row - before[-1], _FARTHEST) if before else _FARTHEST
            numbers[f"labels_{family}"] = log1p(len(rows))
        numbers["label_share"] = len({row for rows in labels.values() for row in rows}) / len(page.blocks)
        out.append(numbers)
    return out
