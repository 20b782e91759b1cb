"""Block features and page statistics, read slowly from the meanings in parsers/classifier/feature_table.py: each page is
searched anew for each number. :func:`block_features` gives them by name."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from itertools import accumulate, combinations
from math import log1p
from statistics import median

from parsers.markup.names import CONTEXT, FIRST_FAMILY
from tests.parsers.classifier.plain_page import Block, Element, PlainPage

LEVELS, MOST_STEPS = 4, 60
Numbers = dict[str, float]


def ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def block_features(page: PlainPage) -> list[Numbers]:
    """Of each block all of its block features and the page's statistics."""
    about_page = page_statistics(page)
    return [
        own(block, page) | place(block) | tree(block, page) | neighbours(block, page) | about_page
        for block in page.blocks
    ]


def own(block: Block, page: PlainPage) -> Numbers:
    same = [other for other in page.blocks if ascii_lower(other.text) == ascii_lower(block.text)]
    element = block.element
    return {
        "words": block.words,
        "link_share": ratio(block.link_words, block.words),
        "bold_share": ratio(block.bold_words, block.words),
        "code_share": ratio(block.code_words, block.words),
        "word_length": block.letters / block.words if block.words else block.letters * 10,
        "digit_share": ratio(block.digits, block.letters),
        "upper_share": ratio(block.upper, block.letters),
        "capital_share": ratio(block.capitals, block.words),
        "stops": block.stops,
        "commas": block.commas,
        "symbols": block.symbols,
        "links": block.links,
        "images": block.images,
        "formulas": block.formulas,
        "tags": block.tags,
        "controls": block.controls,
        "breaks": block.breaks,
        "first_character": block.first_character,
        "last_character": block.last_character,
        "is_code": block.kind == 1,
        "tag": element.number,
        "level": int(element.tag[1]) if element.is_heading else 0,
        "depth": min(len(list(element.outward())) - 1, MOST_STEPS),
        "density": block.words / (block.tags + 1),
        "repeated_text": len(same),
    }


@cache
def ascii_lower(text: str) -> str:
    return "".join(chr(ord(each) | 32) if "A" <= each <= "Z" else each for each in text)


def context_inside(element: Element) -> set[str]:
    """What an element says of all in it. A figure around a heading or a figure is one that nobody closed."""
    within = [each for each in element.subtree() if each is not element]
    unclosed = element.tag == "figure" and any(each.tag == "figure" or each.is_heading for each in within)
    return element.context - {"figure"} if unclosed else element.context


def place(block: Block) -> Numbers:
    around = list(block.element.outward())
    inside = set().union(*map(context_inside, around))
    near = set().union(*(element.context for element in around[:3]))
    return {f"in_{name}": name in inside for name in CONTEXT} | {
        f"near_{name}": name in near for name in CONTEXT[FIRST_FAMILY:]
    }


def words(blocks: list[Block]) -> float:
    return sum(round(block.words * 10) for block in blocks) / 10


def link_words(blocks: list[Block]) -> float:
    return sum(round(block.link_words * 10) for block in blocks) / 10


@cache
def subtree(element: Element, page: PlainPage) -> Numbers:
    blocks = element.blocks
    # The root itself is no element of its subtree.
    elements = len(list(element.subtree())) - (element is page.root)
    return {
        "words": log1p(words(blocks)),
        "link_share": ratio(link_words(blocks), words(blocks)),
        "blocks": log1p(len(blocks)),
        "page_share": ratio(words(blocks), words(page.blocks)),
        "children": log1p(sum(child.is_block_level for child in element.children)),
        "words_a_block": ratio(words(blocks), len(blocks)),
        "words_a_tag": ratio(words(blocks), elements),
        "stops_a_word": sum(block.stops for block in blocks) / words(blocks)
        if words(blocks) else sum(block.stops for block in blocks) * 10,
    }  # fmt: skip


@cache
def twins(element: Element) -> int:
    """Siblings made by its template, itself among them; 0 of an inline element that is no link."""
    if not (element.is_block_level or element.tag == "a"):
        return 0
    siblings = element.parent.children if element.parent else [element]
    return sum(other.template == element.template and (other.is_block_level or other.tag == "a") for other in siblings)


def levels_of(block: Block) -> tuple[list[Element], list[Element]]:
    """The elements of its levels, and all elements from its own up to the last of them."""
    found: list[Element] = []
    walked: list[Element] = []
    for element in list(block.element.outward())[:MOST_STEPS]:
        walked.append(element)
        if not found or len(element.blocks) > len(found[-1].blocks):
            found.append(element)
        if len(found) == LEVELS:
            break
    return found, walked


def tree(block: Block, page: PlainPage) -> Numbers:
    levels, walked = levels_of(block)
    numbers: Numbers = {}
    for level in range(LEVELS):
        described = subtree(levels[min(level, len(levels) - 1)], page)
        numbers |= {f"{name}_{level + 1}": value for name, value in described.items()}
    return numbers | group(walked, page) | container(block, page)


def group(walked: list[Element], page: PlainPage) -> Numbers:
    sizes = [0 if element.tag == "p" else twins(element) for element in walked]
    largest = max(sizes)
    if largest < 2:
        missing = ("twins_words", "twins_link_share", "group_share", "group_long_share", "long_before_group")
        return {"twins": log1p(1), "twins_level": 0} | dict.fromkeys(missing, -1)
    steps = sizes.index(largest)
    member = walked[steps]
    holder = member.parent or member
    long_blocks = [block for block in page.blocks if block.is_long]
    held = holder.blocks
    return {
        "twins": log1p(largest),
        "twins_level": steps,
        "twins_words": words(member.blocks),
        "twins_link_share": ratio(link_words(member.blocks), words(member.blocks)),
        "group_share": ratio(words(held), words(page.blocks)),
        "group_long_share": ratio(words([block for block in held if block.is_long]), words(long_blocks)),
        "long_before_group": log1p(words([block for block in long_blocks if block.row < held[0].row])),
    }


@cache
def best_container(page: PlainPage) -> Element:
    """By Readability's arithmetic, as PageStatistics says."""
    points = dict.fromkeys(page.elements, 0.0)
    for block in page.blocks:
        free = block.words - block.link_words
        if round(10 * free) < 50:
            continue
        gained = (1 + block.commas + min(free / 20, 3)) * free / block.words
        element = block.element
        holder = element if element.tag in ("div", "td", "body") else element.parent or element
        for share, above in zip((1, 0.5, 0.5 * 0.66, 0.5 * 0.66 * 0.66), holder.outward(), strict=False):
            points[above] += gained * share
    best, best_score = page.root, 0.0
    for element in page.elements:
        score = points[element] * (1 - ratio(link_words(element.blocks), words(element.blocks)))
        if score > best_score:
            best, best_score = element, score
    return best


@cache
def stretch(page: PlainPage) -> list[Block]:
    """Neighbouring blocks with the largest sum of words outside links, less 3 a block, 1 a tag and 1.5 a word in links;
    of equal ones the one that ends first, and of these the longest."""
    worth = [
        Fraction(round(10 * (block.words - block.link_words)), 10)
        - 3 - block.tags - Fraction(3, 2) * Fraction(round(10 * block.link_words), 10)
        for block in page.blocks
    ]  # fmt: skip
    sums = list(accumulate(worth, initial=Fraction(0)))
    ends = sorted(combinations(range(len(sums)), 2), key=lambda ends: (ends[1], ends[0]))
    # Of equal ones the first.
    first, stop = max(ends, key=lambda ends: sums[ends[1]] - sums[ends[0]], default=(0, 0))
    return page.blocks[first:stop] if sums[stop] > sums[first] else []


def container(block: Block, page: PlainPage) -> Numbers:
    best, around = best_container(page), list(block.element.outward())
    inside = best.holds(block.element)
    up = next(steps for steps, element in enumerate(around) if element.holds(best))
    return {
        "in_best": inside,
        "best_share": ratio(words(best.blocks), words(page.blocks)),
        "best_distance": 0 if inside else min(up, MOST_STEPS),
        "in_stretch": block in stretch(page),
    }


def neighbours(block: Block, page: PlainPage) -> Numbers:
    numbers: Numbers = {}
    for offset in (-2, -1, 1, 2):
        at = block.row + offset
        other = page.blocks[at] if 0 <= at < len(page.blocks) else None
        numbers |= {f"{name}_{offset:+d}": value for name, value in neighbour(block, other).items()}
    before, after = page.blocks[: block.row], page.blocks[block.row + 1 :]
    near = [*before[-5:], block, *after[:5]]
    long_before, long_after = [b for b in before if b.is_long], [b for b in after if b.is_long]
    headings = [other for other in before if other.element.is_heading]
    return numbers | {
        "words_before_5": log1p(words(before[-5:])),
        "words_after_5": log1p(words(after[:5])),
        "link_share_5": ratio(link_words(near), words(near)),
        "to_long_before": min(block.row - long_before[-1].row, 50) if long_before else 60,
        "to_long_after": min(long_after[0].row - block.row, 50) if long_after else 60,
        "after_heading": min(block.row - headings[-1].row, 50) if headings else 60,
        "position": block.row / len(page.blocks),
        "text_before": ratio(words(before), words(page.blocks)),
        "long_before": log1p(len(long_before)),
        "long_after": log1p(len(long_after)),
    }


def neighbour(block: Block, other: Block | None) -> Numbers:
    if other is None:
        return dict.fromkeys(("words", "link_share", "stops", "same_parent", "is_heading", "list"), -1)
    return {
        "words": other.words,
        "link_share": ratio(other.link_words, other.words),
        "stops": other.stops,
        "same_parent": other.element is block.element or other.element.parent is block.element.parent,
        "is_heading": other.element.is_heading,
        "list": other.element.tag == block.element.tag,
    }


def page_statistics(page: PlainPage) -> Numbers:
    blocks, all_words = page.blocks, words(page.blocks)
    long_blocks = [block for block in blocks if block.is_long]
    groups = [twins(element) for element in page.elements if element.tag != "p"]

    def tagged(*tags: str) -> float:
        return log1p(sum(element.tag in tags for element in page.elements))

    def named(family: str) -> float:
        return log1p(sum(family in element.context for element in page.elements))

    return {
        "page_words": log1p(all_words),
        "page_blocks": log1p(len(blocks)),
        "page_link_share": ratio(link_words(blocks), all_words),
        "page_long_blocks": log1p(len(long_blocks)),
        "page_long_share": ratio(words(long_blocks), all_words),
        "page_tags": log1p(len(page.elements)),
        "page_articles": tagged("article"),
        "page_forms": tagged("form"),
        "page_images": tagged("img"),
        "page_headings": tagged("h1", "h2", "h3", "h4", "h5", "h6"),
        "page_items": tagged("li"),
        "page_cells": tagged("td", "th"),
        "page_best_share": ratio(words(best_container(page).blocks), all_words),
        "page_twins": log1p(max(groups)),
        "page_comments": named("comment"),
        "page_products": named("product"),
        "page_posts": named("post"),
        "page_docs": named("docs"),
        "page_median_words": median([block.words for block in blocks] or [0.0]),
        "page_stretch_share": ratio(words(stretch(page)), all_words),
    }
