"""What bands find and what verification lets through, against exact Jaccard similarities."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix

from dedup.buckets import estimates, pack, tolerance
from dedup.minhash import band_keys, detection, jaccard, signature, standard_error
from dedup.shingles import KINDS, UNSPACED_WORD, Shingling, common_kind, shingles
from text.hashing import hash64
from text.segment import words
from text.view import TextView

THRESHOLD = 0.7
SETTINGS = {"gristmill": (20, 6), "datatrove": (14, 8), "Curator": (20, 13)}
_TARGETS = [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95]
_PLANTED = 300
_NOTHING = np.empty(0, np.uint64)
_LONGEST = 2000  # words of a document that is edited; longer ones add time and no insight


def report(texts: list[tuple[str, str]], documents: int) -> None:
    rule = Shingling()
    folded = [([word.casefold() for word in words(text)], language) for text, language in texts]
    _planted([found for found, language in folded if language == "en" and 200 <= len(found) <= _LONGEST], rule)
    _across_the_bound(folded, rule)
    _all_pairs(folded[:documents], rule)


def _planted(documents: list[list[str]], rule: Shingling) -> None:
    """Real documents, each with an edited twin at every similarity."""
    rng = np.random.Generator(np.random.PCG64(1))
    pairs: dict[float, list[tuple[np.ndarray, np.ndarray]]] = {target: [] for target in _TARGETS}
    for number in range(_PLANTED):
        document = documents[number % len(documents)]
        for target in _TARGETS:
            one = shingles(_view(document), "en", rule)["words"]
            pairs[target].append((one, shingles(_view(_edited(document, target, rng)), "en", rule)["words"]))
    print(f"planted edits: {_PLANTED} real English documents at each similarity; found by bands (theory)")
    print(
        "    similarity " + "".join(f"{name + ' ' + str(b) + ' x ' + str(r):>24}" for name, (b, r) in SETTINGS.items())
    )
    places = max(b * r for b, r in SETTINGS.values())
    for planted in pairs.values():
        exact = np.array([jaccard(*pair) for pair in planted])
        ones, others = (np.stack([signature(pair[side], places) for pair in planted]) for side in (0, 1))
        line = f"    {exact.mean():10.3f} "
        for b, r in SETTINGS.values():
            keys = [band_keys(np.ascontiguousarray(side[:, : b * r]), b, r) for side in (ones, others)]
            found = (keys[0] == keys[1]).any(axis=1).mean()
            theory = np.mean([detection(s, b, r) for s in exact])
            line += f"{found:14.3f} ({theory:.3f})   "
        print(line)
    _verification(pairs)


def _verification(pairs: dict[float, list[tuple[np.ndarray, np.ndarray]]]) -> None:
    """How often a pair ends on the wrong side of the threshold: by estimates alone, and with close calls settled."""
    places = SETTINGS["gristmill"][0] * SETTINGS["gristmill"][1]
    planted = [pair for pairs_of_target in pairs.values() for pair in pairs_of_target]
    exact = np.array([jaccard(*pair) for pair in planted])
    ones, others = (np.stack([signature(pair[side], places) for pair in planted]) for side in (0, 1))
    estimated = (ones == others).mean(axis=1)
    close = np.abs(estimated - THRESHOLD) < 2 * standard_error(THRESHOLD, places)
    settled = np.where(close, exact, estimated)
    truth = exact >= THRESHOLD
    dropped = estimates(pack(ones), pack(others), places) < THRESHOLD - tolerance(THRESHOLD, places)
    wrong = [np.mean((judged >= THRESHOLD) != truth) for judged in (estimated, settled)]
    print(f"    of {len(planted)} pairs on the wrong side of {THRESHOLD}: by estimates alone {wrong[0]:.4f}, "
          f"with the {close.mean():.1%} close calls settled {wrong[1]:.4f}; "
          f"true pairs that stars leave out {np.mean(dropped[truth]):.4f}")  # fmt: skip


def _across_the_bound(documents: list[tuple[list[str], str]], rule: Shingling) -> None:
    """Short real documents, each grown to the length from which words are compared by what another one begins with."""
    short = [
        (found, language) for found, language in documents if "characters" in shingles(_view(found), language, rule)
    ]
    short = [(found, language) for found, language in short if language not in UNSPACED_WORD]
    more = [found for found, _ in documents if len(found) > rule.short_words]
    bands, rows = SETTINGS["gristmill"]
    reachable = met = 0
    for number, (found, language) in enumerate(short):
        grown = found + more[number % len(more)][: rule.short_words - len(found)]
        one, other = shingles(_view(found), language, rule), shingles(_view(grown), language, rule)
        if "words" in one and jaccard(one["words"], other["words"]) >= THRESHOLD:
            reachable += 1
            keys = [band_keys(signature(side["words"], bands * rows)[None], bands, rows) for side in (one, other)]
            met += bool((keys[0] == keys[1]).any())
    both = sum("words" in shingles(_view(found), language, rule) for found, language in short)
    print(
        f"across the bound: of {len(short)} real documents below {rule.short_words} words grown to that length "
        f"{reachable} stay at {THRESHOLD} or over, {met} of them meet; {both} of all {len(documents)} documents have "
        f"shingles of both kinds for it"
    )


def _view(words: list[str]) -> TextView:
    return TextView(" ".join(words))


def _edited(document: list[str], target: float, rng: np.random.Generator) -> list[str]:
    """``document`` with words replaced until about ``target`` of the shingles agree: edits far apart cost 5 each."""
    count = len(document) - 4
    edits = round(count * (1 - target) / (1 + target) / 5)
    changed = list(document)
    gap = len(document) / max(1, edits)
    for number in range(edits):
        place = min(len(document) - 1, int((number + rng.random() * max(0.0, 1 - 5 / gap)) * gap))
        changed[place] = f"edit{number}"
    return changed


def _all_pairs(documents: list[tuple[list[str], str]], rule: Shingling) -> None:
    """Every pair of some real documents of one language, compared exactly."""
    sets = [shingles(_view(found), language, rule) for found, language in documents]
    languages = np.array([language for _, language in documents])
    exact = {pair: s for kind in reversed(KINDS) for pair, s in _similarities(sets, kind, languages).items()}
    true = {pair for pair, similarity in exact.items() if similarity >= THRESHOLD}
    print(f"all pairs of {len(documents)} real documents: {len(true)} at {THRESHOLD} or over within a language")
    salts = np.array([hash64(language) for language in languages.tolist()], np.uint64)[:, None]
    for name, (b, r) in SETTINGS.items():
        signed = {kind: np.stack([signature(found.get(kind, _NOTHING), b * r) for found in sets]) for kind in KINDS}
        candidates: set[tuple[int, int]] = set()
        for kind, signatures in signed.items():
            having = np.array([kind in found for found in sets])
            candidates |= _sharing(band_keys(signatures, b, r) ^ salts, np.flatnonzero(having))
        expected = np.mean([detection(exact[pair], b, r) for pair in true]) if true else 0.0
        line = f"    {name:<10} {b} x {r}: {len(candidates)} candidates, {_recall_and_precision(candidates, true)}"
        line += f" (recall by theory {expected:.4f})"
        if name == "gristmill":
            pairs = np.array(sorted(candidates)).reshape(-1, 2)
            compared = [common_kind(sets[one], sets[other]) for one, other in pairs.tolist()]
            agreement = [
                signed[kind][one] == signed[kind][other] for kind, (one, other) in zip(compared, pairs, strict=True)
            ]
            estimated = np.stack(agreement).mean(axis=1)
            close = np.abs(estimated - THRESHOLD) < 2 * standard_error(THRESHOLD, b * r)
            settled = np.where(close, [exact.get(tuple(pair), 0.0) for pair in pairs.tolist()], estimated)
            for what, judged in (("estimates alone", estimated), (f"{close.sum()} close calls settled", settled)):
                passed = {tuple(pair) for pair in pairs[judged >= THRESHOLD].tolist()}
                line += f"; {what}: {_recall_and_precision(passed, true)}"
        print(line)


def _similarities(sets: list[dict[str, np.ndarray]], kind: str, languages: np.ndarray) -> dict[tuple[int, int], float]:
    """The exact similarity of every pair of one language that shares a shingle of a kind."""
    found = [of_document.get(kind, _NOTHING) for of_document in sets]
    columns = np.unique(np.concatenate(found), return_inverse=True)[1]
    sizes = np.array([len(of_document) for of_document in found])
    matrix = csr_matrix((np.ones(len(columns), np.int32), columns, np.cumsum([0, *sizes])))
    both = (matrix @ matrix.T).tocoo()
    upper = (both.row < both.col) & (languages[both.row] == languages[both.col])
    one, other, shared = both.row[upper], both.col[upper], both.data[upper]
    return {(int(a), int(b)): s / (sizes[a] + sizes[b] - s) for a, b, s in zip(one, other, shared, strict=True)}


def _sharing(keys: np.ndarray, documents: np.ndarray) -> set[tuple[int, int]]:
    """All pairs of ``documents``, rows of ``keys``, with an equal key."""
    buckets: dict[int, list[int]] = {}
    for document, row in zip(documents.tolist(), keys[documents].tolist(), strict=True):
        for key in row:
            buckets.setdefault(key, []).append(document)
    return {(a, b) for members in buckets.values() for place, b in enumerate(members) for a in members[:place]}


def _recall_and_precision(found: set, true: set) -> str:
    return f"recall {_share(found & true, true):.4f}, precision {_share(found & true, found):.4f}"


def _share(part: set, whole: set) -> float:
    return len(part) / len(whole) if whole else 1.0
