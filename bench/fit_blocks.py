"""Fits the block classifier that :mod:`parsers.classifier` carries, and writes its data file.

    python -m bench.fit_blocks PACK parsers/data/blocks.json

Needs lightgbm (python -m pip install lightgbm). PACK holds pages/ and gold.jsonl; the labels of the source wcxb-dev (Web
Content Extraction Benchmark, CC-BY-4.0) are used and no others. A block's label is the share of its words that an
alignment of the page with the gold text puts inside the gold. Each page is seen three times: as it is, without the
words of class names and without semantic elements, and with either lost by chance, so that pages of the 1990s and of
other languages are not judged by names they don't have.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from pathlib import Path

import numpy as np
from numba import njit

from parsers import gristmill_parser as parser
from parsers.features import NAMES, Tree
from parsers.vocabulary import BIT, CONTEXT, FAMILIES, HIDDEN, TAG

SOURCE = "wcxb-dev"
ROUNDS = 120
SETTINGS = {
    "objective": "cross_entropy", "learning_rate": 0.06, "num_leaves": 24, "min_child_weight": 0.3,
    "feature_fraction": 0.4, "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": 2.0, "max_bin": 127,
    "min_data_in_leaf": 60, "deterministic": True, "force_row_wise": True, "num_threads": 2, "seed": 7, "verbose": -1,
}  # fmt: skip
_WORD = re.compile(r"\w+")
_SEMANTIC = ("nav", "header", "footer", "aside", "article", "main", "section", "figure", "address", "dialog")
_LARGEST = 300_000_000  # cells of the alignment's table


@njit(cache=True)
def align(page, gold):
    """For each word of ``page``, whether the best common subsequence with ``gold`` holds it; runs count more."""
    n, m = len(page), len(gold)
    back = np.zeros((n + 1, m + 1), np.uint8)
    above, along = np.zeros(m + 1, np.float32), np.full(m + 1, -1.0, np.float32)
    here, run = np.zeros(m + 1, np.float32), np.full(m + 1, -1.0, np.float32)
    for i in range(1, n + 1):
        here[0], run[0] = 0, -1
        for j in range(1, m + 1):
            best, step = above[j], 1
            if here[j - 1] > best:
                best, step = here[j - 1], 2
            value, longer = np.float32(-1.0), 0
            if gold[j - 1] == page[i - 1]:
                value = above[j - 1] + np.float32(0.4)
                if along[j - 1] >= 0 and along[j - 1] + np.float32(1.0) > value:
                    value, longer = along[j - 1] + np.float32(1.0), 4
                if value > best:
                    best, step = value, 3
            here[j], run[j], back[i, j] = best, value, step | longer
        above, here = here, above
        along, run = run, along
    hit = np.zeros(n, np.uint8)
    i, j, inside = n, m, False
    while i > 0 and j > 0:
        step = back[i, j]
        if inside or step & 3 == 3:
            hit[i - 1] = 1
            inside = step & 4 != 0
            i, j = i - 1, j - 1
        elif step & 3 == 1:
            i -= 1
        else:
            j -= 1
    return hit


def labels(parsed, gold: str) -> tuple[np.ndarray, np.ndarray] | None:
    """Share of each block's words that are gold, and how many words it has."""
    words = [_WORD.findall(parsed.block_text(row).lower()) for row in range(len(parsed.page.blocks))]
    lengths = np.array([len(each) for each in words], np.int64)
    numbers: dict[str, int] = {}

    def ids(sequence):
        return np.array([numbers.setdefault(word, len(numbers)) for word in sequence], np.int32)

    flat, target = ids(word for each in words for word in each), ids(_WORD.findall(gold.lower()))
    if not len(flat) or len(flat) * len(target) > _LARGEST:
        return None
    sums = np.concatenate([[0], np.cumsum(align(flat, target))])
    ends = np.cumsum(lengths)
    return (sums[ends] - sums[ends - lengths]) / np.maximum(lengths, 1), lengths


def disguise(page, random: np.random.Generator, completely: bool):
    """The same page as if its author had named and marked up less."""
    context, elements = page.context.copy(), page.elements.copy()
    if completely or random.random() < 0.6:
        for name in (*(name for name, _ in FAMILIES), HIDDEN):
            context &= ~BIT[name]
    if completely or random.random() < 0.6:
        for name in _SEMANTIC:
            if name in CONTEXT:
                context &= ~BIT[name]
        tags = [TAG[name] for name in (*_SEMANTIC, "figcaption", "hgroup", "search")]
        elements[np.isin(elements[:, 0], tags), 0] = TAG["div"]
    return page._replace(context=context, elements=elements)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("pack", type=Path)
    arguments.add_argument("output", type=Path)
    options = arguments.parse_args()
    import lightgbm

    random = np.random.default_rng(0)
    features, targets, weights = [], [], []
    for line in (options.pack / "gold.jsonl").open(encoding="utf-8"):
        gold = json.loads(line)
        if gold["source"] != SOURCE:
            continue
        path = options.pack / "pages" / (gold["id"] + ".html")
        html = path.read_bytes() if path.exists() else gzip.open(f"{path}.gz").read()
        parsed = parser.parse(html)
        if (found := labels(parsed, gold["text"])) is None:
            continue
        share, lengths = found
        weight = lengths**0.7
        weight = weight / weight.sum() * 1000
        views = [parsed.page, disguise(parsed.page, random, True), disguise(parsed.page, random, False)]
        for view, importance in zip(views, (1.0, 0.4, 0.4), strict=True):
            features.append(Tree(view).features(0, len(view.blocks)))
            targets.append(share)
            weights.append(weight * importance)
    data = lightgbm.Dataset(np.concatenate(features), np.concatenate(targets), weight=np.concatenate(weights))
    model = lightgbm.train(SETTINGS, data, ROUNDS).dump_model()
    trees = [_tree(tree["tree_structure"]) for tree in model["tree_info"]]
    about = "Block classifier of gristmill, fitted by bench/fit_blocks.py to labels of WCXB (CC-BY-4.0)"
    lines = ",\n".join(json.dumps(tree, separators=(",", ":")) for tree in trees)
    options.output.write_text(
        f'{{"about": {json.dumps(about)},\n"features": {json.dumps(NAMES)},\n"trees": [\n{lines}\n]}}\n', "utf-8"
    )


def _tree(node):
    """A leaf is its value; a branch is [feature, threshold, at most, above]."""
    if "leaf_value" in node:
        return float(f"{node['leaf_value']:.5g}")
    sides = _tree(node["left_child"]), _tree(node["right_child"])
    return [NAMES[node["split_feature"]], float(f"{node['threshold']:.6g}"), *sides]


if __name__ == "__main__":
    main()
