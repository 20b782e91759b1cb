"""Fits the two looks of the block classifier (:mod:`parsers.classifier`), and writes their data files.

    python -m bench.fit_blocks PACK parsers/data

Needs lightgbm (python -m pip install lightgbm) and 10 GB of memory. PACK holds pages/ and gold.jsonl; the labels of the
source wcxb-dev (Web Content Extraction Benchmark, CC-BY-4.0) are used and no others. A block's label is the share of its
words that an alignment of the page with the gold text puts inside the gold. Each page is seen as it is and in up to ten
views (:mod:`bench.block_views`), whose weights sum to one and a half times its own. The second look learns from opinions
about pages that the first had not seen: those of four first looks, each fitted to three quarters of the pages.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from pathlib import Path

import numpy as np
from numba import njit

from bench.block_views import Sample, views
from parsers import classifier
from parsers import gristmill_parser as parser
from parsers.opinions import opinions
from parsers.stated import stated

SOURCE = "wcxb-dev"
FOLDS = 4
ROUNDS = 100
SETTINGS = {
    "objective": "cross_entropy", "learning_rate": 0.08, "num_leaves": 32, "min_child_weight": 0.3,
    "feature_fraction": 0.4, "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": 2.0, "max_bin": 63,
    "min_data_in_leaf": 60, "deterministic": True, "force_row_wise": True, "num_threads": 2, "seed": 7, "verbose": -1,
}  # fmt: skip
_WORD = re.compile(r"\w+")
_DISCUSSED = ("article", "documentation")  # pages whose comments, where they have any, are not gold
_VIEWS = 1.5  # weight of all views of a page beside its own
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


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("pack", type=Path)
    arguments.add_argument("output", type=Path)
    options = arguments.parse_args()
    samples, types = _samples(options.pack)
    seen = _views(samples, types)
    first = [[classifier.features(view.page, stated(view.page, view.about)) for view in views] for views in seen]
    random = np.random.default_rng(1)
    fold = random.permutation(len(samples)) % FOLDS
    said: list = [None] * len(samples)
    for number in range(FOLDS):
        model = _fit(first, seen, [page for page in range(len(samples)) if fold[page] != number])
        for page in np.flatnonzero(fold == number):
            said[page] = [
                opinions(view.page, model.predict(rows).astype(np.float32))
                for view, rows in zip(seen[page], first[page], strict=True)
            ]
    everything = range(len(samples))
    _write(_fit(first, seen, everything), classifier.FIRST, options.output / "first_look.json")
    second = [[np.hstack(pair) for pair in zip(*both, strict=True)] for both in zip(first, said, strict=True)]
    _write(_fit(second, seen, everything), classifier.SECOND, options.output / "second_look.json")


def _views(samples: list[Sample], types: list[str]) -> list[list[Sample]]:
    """Each page in all its clothes, the page itself first."""
    random = np.random.default_rng(0)
    forums = [sample for sample, kind in zip(samples, types, strict=True) if kind == "forum"]
    out = []
    for sample, kind in zip(samples, types, strict=True):
        other = samples[int(random.integers(len(samples)))]
        forum = forums[int(random.integers(len(forums)))] if kind in _DISCUSSED else None
        own, *others = views(sample, other, forum, random)
        scale = _VIEWS / sum(view.importance for view in others)
        out.append([own, *(view._replace(importance=view.importance * scale) for view in others)])
    return out


def _fit(rows: list[list[np.ndarray]], seen: list[list[Sample]], pages):
    """Trees over the rows of these pages in all their views."""
    import lightgbm

    picked = [(part, view) for page in pages for part, view in zip(rows[page], seen[page], strict=True)]
    weights = [_weights(view) for _, view in picked]
    data = lightgbm.Dataset(
        np.concatenate([part for part, _ in picked]), np.concatenate([view.share for _, view in picked]),
        weight=np.concatenate(weights),
    )  # fmt: skip
    return lightgbm.train(SETTINGS, data, ROUNDS)


def _weights(view: Sample) -> np.ndarray:
    """Longer blocks count more, all pages the same."""
    weight = view.lengths**0.7
    return weight / max(weight.sum(), 1) * view.importance * 1000


def _write(model, names: tuple[str, ...], path: Path) -> None:
    trees = [_tree(tree["tree_structure"], names) for tree in model.dump_model()["tree_info"]]
    about = "Block classifier of gristmill, fitted by bench/fit_blocks.py to labels of WCXB (CC-BY-4.0)"
    lines = ",\n".join(json.dumps(tree, separators=(",", ":")) for tree in trees)
    path.write_text(
        f'{{"about": {json.dumps(about)},\n"features": {json.dumps(names)},\n"trees": [\n{lines}\n]}}\n', "utf-8"
    )


def _samples(pack: Path) -> tuple[list[Sample], list[str]]:
    """The labelled pages and their types."""
    samples, types = [], []
    for line in (pack / "gold.jsonl").open(encoding="utf-8"):
        gold = json.loads(line)
        if gold["source"] != SOURCE:
            continue
        path = pack / "pages" / (gold["id"] + ".html")
        html = path.read_bytes() if path.exists() else gzip.open(f"{path}.gz").read()
        parsed = parser.parse(html)
        found = labels(parsed, gold["text"])
        if found is not None:
            samples.append(Sample(parsed.markup, parsed.page, parsed.about, *found))
            types.append(gold["type"])
    return samples, types


def _tree(node, names: tuple[str, ...]):
    """A leaf is its value; a branch is [feature, threshold, at most, above]."""
    if "leaf_value" in node:
        return float(f"{node['leaf_value']:.5g}")
    sides = _tree(node["left_child"], names), _tree(node["right_child"], names)
    return [names[node["split_feature"]], float(f"{node['threshold']:.6g}"), *sides]


if __name__ == "__main__":
    main()
