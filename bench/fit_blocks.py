"""Fits the two looks of the block classifier (:mod:`parsers.classifier.block_classifier`), and writes their data files.

    python -m bench.fit_blocks PACK parsers/data
    python -m bench.fit_blocks PACK --check      word and shingle F1 on pages that were not fitted to, writes nothing

Needs lightgbm (python -m pip install lightgbm) and 8 GB of memory. PACK is extraction/ of the development data, and
extraction-train/ is looked for beside it; :mod:`bench.labelled_pages` says which of their pages are used, and what their
labels are. Each page is seen as it is and in up to ten views (:mod:`bench.block_views`; with ``--made`` fourteen,
:mod:`bench.list_views` and :mod:`bench.forum_views`), whose weights sum to one and a half times its own. Of a page two
hundred blocks are drawn at most and of each view 25, so that all fits of trees take five minutes of one processor.
The second look learns from probabilities of pages that the first had not seen: those of three first looks, each fitted to two thirds of
the pages. To check, as many second looks are fitted likewise; with --folds 8, to seven eighths of the pages, which is
nearer to what is shipped, and takes twice the time.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from types import ModuleType

import numpy as np

from bench.block_views import Sample, disguised, views
from bench.extraction_score import load_scorer
from bench.forum_views import rethreaded
from bench.labelled_pages import FORUM, SOURCE, LabelledPage, labelled_pages
from bench.list_views import listed
from parsers.classifier import block_classifier, boosted_trees
from parsers.classifier.feature_table import FIRST_LOOK, SECOND_LOOK
from parsers.classifier.stacked_features import compute_stacked_features
from parsers.classifier.template_smoothing import smooth_by_template
from parsers.classifier.title_features import compute_title_features
from parsers.metadata.metadata import Metadata
from parsers.parsed_page import ScannedPage, select
from parsers.scanner.page import Page as PageTables

FOLDS = 3
FIRST_ROUNDS, SECOND_ROUNDS = 120, 300
SETTINGS = {
    "objective": "cross_entropy", "learning_rate": 0.05, "num_leaves": 32, "min_child_weight": 0.3,
    "feature_fraction": 0.4, "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": 2.0, "max_bin": 63,
    "min_data_in_leaf": 30, "deterministic": True, "force_col_wise": True, "num_threads": 4, "seed": 7, "verbose": -1,
}  # fmt: skip
_DISCUSSED = ("article", "documentation")  # pages whose comments, where they have any, are not gold
OWN_ROWS, VIEW_ROWS = 200, 25  # drawn of a page and of each of its views, at most
_VIEWS = 1.5  # weight of all views of a page beside its own
_LISTED, _RETHREADED, _DISGUISED = 0.4, 0.5, 0.4  # weights of further views; how often names are taken from one

# Of each page, in each of its views, an array.
Arrays = list[list[np.ndarray]]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("pack", type=Path)
    arguments.add_argument("output", type=Path, nargs="?")
    arguments.add_argument("--check", action="store_true", help="cross-validate")
    arguments.add_argument("--folds", type=int, default=FOLDS, help="parts that first looks are fitted without (3)")
    arguments.add_argument("--more", type=Path, help="the second pack (extraction-train beside PACK)")
    arguments.add_argument("--threads", type=Path, help="a pack of our own labels (bench.label_forums pack)")
    arguments.add_argument("--made", action="store_true", help="also lists and forum threads in markup of ours")
    options = arguments.parse_args()
    options.more = options.more or beside(options.pack)
    if not options.check and options.output is None:
        arguments.error("name the folder to write to, or --check, or both")
    pages, seen, rows, first = material(options.pack, options.more, options.made, options.threads)
    fold = np.random.default_rng(1).permutation(len(pages)) % options.folds
    # What first looks say about pages that they were not fitted to.
    said: Arrays = [[] for _ in pages]
    for number in range(options.folds):
        trees = fit(first, seen, rows, fold != number, FIRST_LOOK, FIRST_ROUNDS)
        look = boosted_trees.assemble(trees, FIRST_LOOK)
        for page in np.flatnonzero(fold == number):
            said[page] = [
                boosted_trees.probabilities(look, first_features(view.page, view.about)) for view in seen[page]
            ]
    doubtful = [
        [chosen[block_classifier.unsure(p)[chosen]] for chosen, p in zip(*of_page, strict=True)]
        for of_page in zip(rows, said, strict=True)
    ]
    second = [
        [_second(*view) for view in zip(*of_page, strict=True)]
        for of_page in zip(first, rows, seen, said, doubtful, strict=True)
    ]
    if options.check:
        _check(pages, fold, said, second, seen, doubtful)
    if options.output is None:
        return
    everything = np.ones(len(pages), bool)
    for file, names, looks, which, rounds in (
        ("first_look.json", FIRST_LOOK, first, rows, FIRST_ROUNDS),
        ("second_look.json", SECOND_LOOK, second, doubtful, SECOND_ROUNDS),
    ):
        _write(fit(looks, seen, which, everything, names, rounds), names, options.output / file)


def beside(pack: Path) -> Path:
    """Where the second pack lies unless somebody says otherwise."""
    return pack.resolve().with_name("extraction-train")


def _second(first: np.ndarray, rows: np.ndarray, view: Sample, said: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """What the second look sees of a view's ``chosen`` blocks, all of which are among ``rows``, whose features are
    ``first``; ``said``: the first look's probabilities of all blocks."""
    stacked = compute_stacked_features(view.page, said)
    return np.hstack([first[np.searchsorted(rows, chosen)], stacked[chosen]])


def _check(pages: list[LabelledPage], fold: np.ndarray, said: Arrays, second: Arrays, seen, doubtful: Arrays) -> None:
    """Prints the figures of pages that neither look was fitted to, by the scorer of the shared data: of the source
    wcxb-dev, by type, then of the others."""
    scorer = load_scorer()
    records: dict[str, list[dict]] = {SOURCE: []}
    for number in np.unique(fold):
        trees = fit(second, seen, doubtful, fold != number, SECOND_LOOK, SECOND_ROUNDS)
        look = boosted_trees.assemble(trees, SECOND_LOOK)
        for page in np.flatnonzero(fold == number):
            gold, scanned, own = pages[page]
            p = said[page][0].copy()
            unsure = np.flatnonzero(block_classifier.unsure(p))
            table = np.hstack([first_features(own.page, own.about), compute_stacked_features(own.page, p)])
            p[unsure] = boosted_trees.probabilities(look, table, unsure)
            record = score(scorer, gold, scanned, smooth_by_template(scanned.page, p))
            records.setdefault(gold["source"], []).append(record)
            if gold["source"] == SOURCE:
                records.setdefault(gold["type"], []).append(record)
    for kind, of_kind in records.items():
        figures = scorer.aggregate(of_kind)
        print(f"{kind:16}{len(of_kind):5}{figures['shF']:8.3f}{figures['wF']:8.3f}")


def material(
    pack: Path, more: Path | None, made: bool = False, threads: Path | None = None
) -> tuple[list[LabelledPage], list[list[Sample]], Arrays, Arrays]:
    """All that is fitted to: the labelled pages; each in all its clothes, without markup; of these the rows that are
    drawn, and what the first look sees of them."""
    pages = labelled_pages(pack, more, threads)
    seen = _views(pages, made)
    random = np.random.default_rng(2)
    rows = [[_drawn(view, view is views[0], random) for view in views] for views in seen]
    first = [
        [first_features(view.page, view.about)[chosen] for view, chosen in zip(*of_page, strict=True)]
        for of_page in zip(seen, rows, strict=True)
    ]
    return pages, seen, rows, first


def first_features(page: PageTables, about: Metadata) -> np.ndarray:
    """What the first look sees of a page's blocks."""
    return block_classifier.first_look_features(page, compute_title_features(page, about))


def score(scorer: ModuleType, gold: dict, scanned: ScannedPage, probabilities: np.ndarray) -> dict:
    """The scorer's record of what is kept of a page if its blocks have these probabilities."""
    return scorer.score_page(gold, select(scanned, probabilities).render()[0], 0)


def _drawn(view: Sample, own: bool, random: np.random.Generator) -> np.ndarray:
    """The rows of a view that are fitted to, drawn among those with words whose label is known."""
    return np.flatnonzero(random.random(len(view.fitted)) < _chances(view, own))


def _chances(view: Sample, own: bool) -> np.ndarray:
    """``float64[m]``: how likely each row is drawn. Pages have from ten to ten thousand blocks, and the same weight: of the
    large ones a part is enough, and it has more of the blocks that weigh more."""
    size = np.sqrt(_weights(view))
    return np.minimum(1.0, size / max(size.sum(), 1e-9) * (OWN_ROWS if own else VIEW_ROWS))


def _views(pages: list[LabelledPage], with_made: bool) -> list[list[Sample]]:
    """Each page in all its clothes, the page itself first; ``with_made``: lists and threads in markup of ours, too."""
    random = np.random.default_rng(0)
    forums = [page.sample for page in pages if page.gold["type"] == FORUM]
    # Of other packs' pages it is not known of all blocks that they are boilerplate.
    crowds = [page.sample for page in pages if page.gold["source"] == SOURCE]
    out = []
    for gold, _, sample in pages:
        kind = gold["type"]
        other = crowds[int(random.integers(len(crowds)))]
        forum = forums[int(random.integers(len(forums)))] if kind in _DISCUSSED else None
        own, *others = views(sample, other, forum, random)
        made = [(listed(sample, random), _LISTED)] if with_made else []
        if with_made and kind == FORUM:
            made += [(rethreaded(sample, random), _RETHREADED) for _ in range(3)]
        for view, importance in made:
            if view is not None:
                view = disguised(view, random) if random.random() < _DISGUISED else view
                others.append(view._replace(importance=importance))
        scale = _VIEWS * own.importance / sum(view.importance for view in others)
        # Their markup would be most of the memory.
        others = [view._replace(importance=view.importance * scale, markup=b"") for view in others]
        out.append([own, *others])
    return out


def fit(drawn: Arrays, seen: list[list[Sample]], rows: Arrays, chosen: np.ndarray, names, rounds: int) -> list:
    """Trees, as the data files have them, over the chosen pages in all their views: of each these rows, whose features
    are ``drawn``."""
    import lightgbm

    parts, shares, weights = [], [], []
    for page in np.flatnonzero(chosen):
        for view, part, among in zip(seen[page], drawn[page], rows[page], strict=True):
            parts.append(part)
            shares.append(view.share[among])
            weights.append(_weights(view)[among] / _chances(view, view is seen[page][0])[among])
    data = lightgbm.Dataset(np.concatenate(parts), np.concatenate(shares), weight=np.concatenate(weights))
    model = lightgbm.train(SETTINGS, data, rounds)
    return [_tree(tree["tree_structure"], names) for tree in model.dump_model()["tree_info"]]


def _weights(view: Sample) -> np.ndarray:
    """Longer blocks count more, all pages the same but for their importance."""
    weight = view.lengths**0.7 * view.fitted
    return weight / max(weight.sum(), 1) * view.importance * 1000


def _write(trees: list, names: tuple[str, ...], path: Path) -> None:
    about = (
        "Block classifier of gristmill, fitted by bench/fit_blocks.py to labels of WCXB (CC-BY-4.0) and Fundus (MIT)"
    )
    lines = ",\n".join(json.dumps(tree, separators=(",", ":")) for tree in trees)
    path.write_text(
        f'{{"about": {json.dumps(about)},\n"features": {json.dumps(names)},\n"trees": [\n{lines}\n]}}\n', "utf-8"
    )


def _tree(node, names: tuple[str, ...]):
    """A leaf is its value; a branch is [feature, threshold, at most, above]."""
    if "leaf_value" in node:
        return float(f"{node['leaf_value']:.5g}")
    sides = _tree(node["left_child"], names), _tree(node["right_child"], names)
    return [names[node["split_feature"]], float(f"{node['threshold']:.6g}"), *sides]


if __name__ == "__main__":
    main()
