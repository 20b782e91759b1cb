"""Fits the two looks of the block classifier (:mod:`parsers.classifier.block_classifier`), and writes their data files.

    python -m bench.fit_blocks PACK parsers/data
    python -m bench.fit_blocks PACK --check      word and shingle F1 on pages that were not fitted to, writes nothing

Needs lightgbm (python -m pip install lightgbm) and 8 GB of memory. PACK holds pages/ and gold.jsonl; the labels of the
source wcxb-dev (Web Content Extraction Benchmark, CC-BY-4.0) are used and no others. A block's label is the share of its
words that an alignment of the page with the gold text puts inside the gold. Each page is seen as it is and in up to ten
views (:mod:`bench.block_views`), whose weights sum to one and a half times its own; of the views' blocks a quarter is
drawn. The second look learns from probabilities of pages that the first had not seen: those of four first looks, each
fitted to three quarters of the pages. To check, four second looks are fitted likewise; with --folds 8, eight to seven eighths
of the pages, which is nearer to what is shipped, and takes twice the time.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import numpy as np
from numba import njit

from bench.block_views import Sample, views
from bench.extraction_score import load_scorer
from parsers.blocks.inline_text import InlineText
from parsers.classifier import block_classifier, boosted_trees
from parsers.classifier.feature_table import FIRST_LOOK, SECOND_LOOK
from parsers.classifier.stacked_features import compute_stacked_features
from parsers.classifier.template_smoothing import smooth_by_template
from parsers.classifier.title_features import compute_title_features
from parsers.encoding.detection import decode
from parsers.metadata.metadata import Metadata
from parsers.parsed_page import ScannedPage, scan_source, select
from parsers.scanner.page import Page as PageTables

SOURCE = "wcxb-dev"
FOLDS = 4
FIRST_ROUNDS, SECOND_ROUNDS = 120, 300
SETTINGS = {
    "objective": "cross_entropy", "learning_rate": 0.05, "num_leaves": 32, "min_child_weight": 0.3,
    "feature_fraction": 0.4, "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": 2.0, "max_bin": 63,
    "min_data_in_leaf": 60, "deterministic": True, "force_row_wise": True, "num_threads": 2, "seed": 7, "verbose": -1,
}  # fmt: skip
_WORD = re.compile(r"\w+")
_DISCUSSED = ("article", "documentation")  # pages whose comments, where they have any, are not gold
THINNED = 4  # views have three times the rows that are of use
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


def labels(scanned: ScannedPage, gold: str) -> tuple[np.ndarray, np.ndarray] | None:
    """Share of each block's words that are gold, and how many words it has."""
    text = InlineText(scanned.markup, scanned.page)
    words = [_WORD.findall(text.block_text(row).lower()) for row in range(len(scanned.page.blocks))]
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


class Page(NamedTuple):
    """A labelled page: its line of gold.jsonl, what the parser makes of it, and its labels."""

    gold: dict
    scanned: ScannedPage
    sample: Sample


# Of each page, in each of its views, an array.
Arrays = list[list[np.ndarray]]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("pack", type=Path)
    arguments.add_argument("output", type=Path, nargs="?")
    arguments.add_argument("--check", action="store_true", help="cross-validate instead of writing")
    arguments.add_argument("--folds", type=int, default=FOLDS, help="parts that first looks are fitted without (4)")
    options = arguments.parse_args()
    if options.check == (options.output is not None):
        arguments.error("name the folder to write to, or --check")
    pages, seen, rows, first = material(options.pack)
    fold = np.random.default_rng(1).permutation(len(pages)) % options.folds
    # What first looks say about pages that they were not fitted to.
    said: Arrays = [[] for _ in pages]
    for number in range(options.folds):
        trees = fit(first, seen, rows, fold != number, FIRST_LOOK, FIRST_ROUNDS)
        look = boosted_trees.assemble(trees, FIRST_LOOK)
        for page in np.flatnonzero(fold == number):
            said[page] = [boosted_trees.probabilities(look, part) for part in first[page]]
    second = [
        [np.hstack([part, compute_stacked_features(view.page, p)]) for part, view, p in zip(*of_page, strict=True)]
        for of_page in zip(first, seen, said, strict=True)
    ]
    doubtful = [
        [drawn[block_classifier.unsure(p)[drawn]] for drawn, p in zip(*of_page, strict=True)]
        for of_page in zip(rows, said, strict=True)
    ]
    if options.check:
        _check(pages, fold, said, second, seen, doubtful)
        return
    everything = np.ones(len(pages), bool)
    for file, names, looks, which, rounds in (
        ("first_look.json", FIRST_LOOK, first, rows, FIRST_ROUNDS),
        ("second_look.json", SECOND_LOOK, second, doubtful, SECOND_ROUNDS),
    ):
        _write(fit(looks, seen, which, everything, names, rounds), names, options.output / file)


def _check(pages: list[Page], fold: np.ndarray, said: Arrays, second: Arrays, seen, doubtful: Arrays) -> None:
    """Prints the figures of pages that neither look was fitted to, by the scorer of the shared data."""
    scorer = load_scorer()
    records: dict[str, list[dict]] = {"all": []}
    for number in np.unique(fold):
        trees = fit(second, seen, doubtful, fold != number, SECOND_LOOK, SECOND_ROUNDS)
        look = boosted_trees.assemble(trees, SECOND_LOOK)
        for page in np.flatnonzero(fold == number):
            p = said[page][0].copy()
            unsure = block_classifier.unsure(p)
            p[unsure] = boosted_trees.probabilities(look, second[page][0], np.flatnonzero(unsure))
            gold, scanned, _ = pages[page]
            record = score(scorer, gold, scanned, smooth_by_template(scanned.page, p))
            records["all"].append(record)
            records.setdefault(gold["type"], []).append(record)
    for kind, of_kind in records.items():
        figures = scorer.aggregate(of_kind)
        print(f"{kind:16}{len(of_kind):5}{figures['shF']:8.3f}{figures['wF']:8.3f}")


def material(pack: Path) -> tuple[list[Page], list[list[Sample]], Arrays, Arrays]:
    """All that is fitted to: the labelled pages; each in all its clothes; of these the rows that are drawn, and what the
    first look sees of every row."""
    pages = _pages(pack)
    seen = _views([page.sample for page in pages], [page.gold["type"] for page in pages])
    random = np.random.default_rng(2)
    rows = [[_drawn(view, view is views[0], random) for view in views] for views in seen]
    return pages, seen, rows, [[first_features(view.page, view.about) for view in views] for views in seen]


def first_features(page: PageTables, about: Metadata) -> np.ndarray:
    """What the first look sees of a page's blocks."""
    return block_classifier.first_look_features(page, compute_title_features(page, about))


def score(scorer: ModuleType, gold: dict, scanned: ScannedPage, probabilities: np.ndarray) -> dict:
    """The scorer's record of what is kept of a page if its blocks have these probabilities."""
    return scorer.score_page(gold, select(scanned, probabilities).render()[0], 0)


def _drawn(view: Sample, own: bool, random: np.random.Generator) -> np.ndarray:
    """The rows of a view that are fitted to: those with words, of all but the page itself one in :data:`THINNED`."""
    rows = np.flatnonzero(view.lengths)
    return rows if own else rows[random.random(len(rows)) < 1 / THINNED]


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


def fit(features: Arrays, seen: list[list[Sample]], rows: Arrays, chosen: np.ndarray, names, rounds: int) -> list:
    """Trees, as the data files have them, over these rows of the chosen pages in all their views."""
    import lightgbm

    parts, shares, weights = [], [], []
    for page in np.flatnonzero(chosen):
        for view, part, drawn in zip(seen[page], features[page], rows[page], strict=True):
            parts.append(part[drawn])
            shares.append(view.share[drawn])
            weights.append(_weights(view)[drawn] * (1 if view is seen[page][0] else THINNED))
    data = lightgbm.Dataset(np.concatenate(parts), np.concatenate(shares), weight=np.concatenate(weights))
    model = lightgbm.train(SETTINGS, data, rounds)
    return [_tree(tree["tree_structure"], names) for tree in model.dump_model()["tree_info"]]


def _weights(view: Sample) -> np.ndarray:
    """Longer blocks count more, all pages the same."""
    weight = view.lengths**0.7
    return weight / max(weight.sum(), 1) * view.importance * 1000


def _write(trees: list, names: tuple[str, ...], path: Path) -> None:
    about = "Block classifier of gristmill, fitted by bench/fit_blocks.py to labels of WCXB (CC-BY-4.0)"
    lines = ",\n".join(json.dumps(tree, separators=(",", ":")) for tree in trees)
    path.write_text(
        f'{{"about": {json.dumps(about)},\n"features": {json.dumps(names)},\n"trees": [\n{lines}\n]}}\n', "utf-8"
    )


def _pages(pack: Path) -> list[Page]:
    """The labelled pages."""
    pages = []
    for line in (pack / "gold.jsonl").open(encoding="utf-8"):
        gold = json.loads(line)
        if gold["source"] != SOURCE:
            continue
        path = pack / "pages" / (gold["id"] + ".html")
        html = path.read_bytes() if path.exists() else gzip.decompress(Path(f"{path}.gz").read_bytes())
        scanned = scan_source(decode(html)[0])
        found = labels(scanned, gold["text"])
        if found is not None:
            pages.append(Page(gold, scanned, Sample(scanned.markup, scanned.page, scanned.about, *found)))
    return pages


def _tree(node, names: tuple[str, ...]):
    """A leaf is its value; a branch is [feature, threshold, at most, above]."""
    if "leaf_value" in node:
        return float(f"{node['leaf_value']:.5g}")
    sides = _tree(node["left_child"], names), _tree(node["right_child"], names)
    return [names[node["split_feature"]], float(f"{node['threshold']:.6g}"), *sides]


if __name__ == "__main__":
    main()
