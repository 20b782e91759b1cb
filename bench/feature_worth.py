"""What each group of the block classifier's features is worth: the first look fitted without it.

    python -m bench.feature_worth PACK

Word F1 of three kinds of page: the labelled source in two-fold cross-validation and its pages in other clothes likewise
(:mod:`bench.block_views`; by blocks, as there is no gold text), the other sources with trees fitted to all labelled
pages. Seeds alone move a figure by some .003. Needs lightgbm and 8 GB of memory, and takes an hour. The second pack of
:mod:`bench.labelled_pages` lies beside PACK.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from statistics import fmean

import numpy as np

from bench import fit_blocks
from bench.extraction_score import Pack, load_scorer
from bench.labelled_pages import SOURCE
from parsers.classifier import boosted_trees
from parsers.classifier import feature_table as f
from parsers.encoding.detection import decode
from parsers.markup.names import FIRST_FAMILY
from parsers.parsed_page import ScannedPage, scan_source
from parsers.selection.expected_f1 import best_expected_f1

FOLDS = 2
ROUNDS = 120
_REPEATED = ("repeated_text", "twins", "twins_level", "twins_words", "twins_link_share", "group_share",
             "group_long_share", "long_before_group")  # fmt: skip
_BEST = ("in_best", "best_share", "best_distance", "in_stretch")
_WHERE = f.PLACE.names[: FIRST_FAMILY - 1]  # the last one before the families says what is hidden
GROUPS = {
    "nothing": (),
    "what the page states": f.TITLE.names,
    "phrases": f.PHRASES.names,
    "elements around": _WHERE,
    "class-name families, hidden": tuple(name for name in f.PLACE.names if name not in _WHERE),
    "repeated templates and texts": _REPEATED,
    "best container and stretch": _BEST,
    "sums over subtrees": tuple(name for name in f.TREE.names if name not in (*_REPEATED, *_BEST)),
    "neighbours and position": f.NEIGHBOURS.names,
    "shape of the text itself": tuple(name for name in f.OWN.names if name not in _REPEATED),
    "numbers of the page": f.PAGE.names,
}  # fmt: skip


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("pack", type=Path)
    pack = arguments.parse_args().pack
    base = None
    print(f"{'left out':32}{'features':>9}{'labelled':>10}{'others':>9}{'views':>9}", flush=True)
    for group, names, figures in _measured(pack):
        shown = figures if base is None else [figure - start for figure, start in zip(figures, base, strict=True)]
        base = base or figures
        count = len(names) or len(f.FIRST_LOOK)
        print(f"{group:32}{count:9}{shown[0]:+10.3f}{shown[1]:+9.3f}{shown[2]:+9.3f}", flush=True)


def _measured(folder: Path) -> Iterator[tuple[str, tuple[str, ...], list[float]]]:
    """Each group, its features, and word F1 without them: labelled pages, the other sources, views."""
    scorer = load_scorer()
    pages, seen, rows, first = fit_blocks.material(folder, fit_blocks.beside(folder))
    others = []
    for gold in Pack(folder, scorer).gold:
        if gold["source"] != SOURCE:
            scanned = scan_source(decode(scorer.page(str(folder), gold))[0])
            others.append((gold, scanned, fit_blocks.first_features(scanned.page, scanned.about)))
    fold = np.random.default_rng(1).permutation(len(pages)) % FOLDS
    for group, names in GROUPS.items():
        columns = [f.FIRST_LOOK.index(name) for name in names]
        without = [[_without(part, columns) for part in parts] for parts in first]
        labelled, views = [], []
        for number in range(FOLDS):
            look = _look(without, seen, rows, fold != number)
            for page in np.flatnonzero(fold == number):
                gold, scanned, _ = pages[page]
                tables = [_without(fit_blocks.first_features(view.page, view.about), columns) for view in seen[page]]
                own, *others_of_page = (boosted_trees.probabilities(look, table) for table in tables)
                labelled.append(_word_f1(scorer, gold, scanned, own))
                views += [_block_f1(view, p) for view, p in zip(seen[page][1:], others_of_page, strict=True)]
        look = _look(without, seen, rows, np.ones(len(pages), bool))
        scores: dict[str, list[float]] = {}
        for gold, scanned, table in others:
            score = _word_f1(scorer, gold, scanned, boosted_trees.probabilities(look, _without(table, columns)))
            scores.setdefault(gold["source"], []).append(score)
        yield group, names, [fmean(labelled), fmean(map(fmean, scores.values())), fmean(views)]


def _without(table: np.ndarray, columns: list[int]) -> np.ndarray:
    """``table`` with nothing to be learnt from these columns."""
    if columns:
        table = table.copy()
        table[:, columns] = 0
    return table


def _look(drawn, seen, rows, chosen: np.ndarray) -> boosted_trees.Forest:
    return boosted_trees.assemble(fit_blocks.fit(drawn, seen, rows, chosen, f.FIRST_LOOK, ROUNDS), f.FIRST_LOOK)


def _word_f1(scorer, gold: dict, scanned: ScannedPage, probabilities: np.ndarray) -> float:
    record = fit_blocks.score(scorer, gold, scanned, probabilities)
    return record["bag"][2] if "bag" in record else 1.0


def _block_f1(view, probabilities: np.ndarray) -> float:
    kept = best_expected_f1(view.page, probabilities)
    gold = view.share * view.lengths
    both = gold[kept].sum()
    return 2 * both / max(view.lengths[kept].sum() + gold.sum(), 1)


if __name__ == "__main__":
    main()
