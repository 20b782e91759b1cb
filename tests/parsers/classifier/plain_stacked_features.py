"""Stacked features, read slowly from the meanings in parsers/classifier/feature_table.py."""

from __future__ import annotations

from math import log1p

import numpy as np

from tests.parsers.classifier.plain_block_features import Numbers
from tests.parsers.classifier.plain_page import Block, PlainPage


def stacked_features(page: PlainPage, p: np.ndarray) -> list[Numbers]:
    """From the first look's probabilities ``p`` of the page's blocks."""
    chance = dict(zip(page.blocks, map(float, p), strict=True))
    about_page = _page_stacked(page, chance) if page.blocks else {}
    return [_neighbours(b, page, chance) | _groups(b, page, chance) | _ends(b, page, chance) | about_page
            for b in page.blocks]  # fmt: skip


def weight(block: Block) -> float:
    return block.words + 0.5


def expected(blocks: list[Block], chance: dict[Block, float]) -> float:
    return sum(weight(block) * chance[block] for block in blocks)


def mean(blocks: list[Block], chance: dict[Block, float]) -> float:
    return expected(blocks, chance) / sum(map(weight, blocks))


def share(part: float, whole: float) -> float:
    return part / max(whole, 1e-9)


def _neighbours(block: Block, page: PlainPage, chance: dict[Block, float]) -> Numbers:
    row, blocks = block.row, page.blocks
    numbers: Numbers = {"p": chance[block]}
    for offset in (-1, 1, -2, 2, -3, 3):
        at = row + offset
        numbers[f"p{offset:+d}"] = chance[blocks[at]] if 0 <= at < len(blocks) else -0.1
    near = blocks[max(row - 6, 0) : row + 7]
    weights = [weight(other) / (1 + abs(other.row - row)) for other in near]
    numbers["p_near"] = sum(w * chance[o] for w, o in zip(weights, near, strict=True)) / sum(weights)
    whole = expected(blocks, chance)
    numbers["p_before"] = share(expected(blocks[:row], chance), whole)
    numbers["p_after"] = 1 - share(expected(blocks[: row + 1], chance), whole)
    texts = [other for other in blocks[row + 1 : row + 4] if other.words >= 10]
    numbers["p_next_text"] = chance[texts[0]] if texts else -0.1
    return numbers


def _groups(block: Block, page: PlainPage, chance: dict[Block, float]) -> Numbers:
    held: list[list[Block]] = []
    for element in list(block.element.outward())[:60]:
        blocks = element.blocks
        if not held or sum(map(weight, blocks)) > sum(map(weight, held[-1])):
            held.append(blocks)
    numbers: Numbers = {f"p_level_{n + 1}": mean(held[min(n, len(held) - 1)], chance) for n in range(4)}

    def template(each: Block) -> tuple:
        return each.element.template, (each.element.parent or each.element).template

    numbers["p_twins"] = mean([other for other in page.blocks if template(other) == template(block)], chance)
    return numbers


def is_sure(block: Block, chance: dict[Block, float]) -> bool:
    return chance[block] >= 0.5 and block.words >= 5


def _ends(block: Block, page: PlainPage, chance: dict[Block, float]) -> Numbers:
    row, blocks = block.row, page.blocks
    sure = [other.row for other in blocks if is_sure(other, chance)]
    before, after = [at for at in sure if at < row], [at for at in sure if at > row]
    gap_before = blocks[before[-1] + 1 if before else 0 : row]
    gap_after = blocks[row + 1 : after[0] if after else len(blocks)]
    lower = [other for other in blocks if (chance[other], other.row) <= (chance[block], row)]
    return {
        "p_rank": sum(map(weight, lower)) / sum(map(weight, blocks)),
        "p_gap_before": min(sum(map(weight, gap_before)), 500),
        "p_gap_after": min(sum(map(weight, gap_after)), 500),
        "p_first": row - sure[0] if sure else -1000,
        "p_last": row - sure[-1] if sure else -1000,
    }


def _page_stacked(page: PlainPage, chance: dict[Block, float]) -> Numbers:
    blocks, whole = page.blocks, expected(page.blocks, chance)
    return {
        "p_page": mean(blocks, chance),
        "p_long": share(expected([block for block in blocks if block.is_long], chance), whole),
        "p_best": max((chance[block] for block in blocks if block.words >= 10), default=0),
        "p_linked": share(sum(block.link_words * chance[block] for block in blocks), whole),
        "p_words": log1p(whole),
        "p_entropy": share(sum(weight(b) * chance[b] * (1 - chance[b]) for b in blocks), whole),
    }
