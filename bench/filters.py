"""What filters do to good pages and to junk, and how fast they are beside datatrove's.

    python -m bench.filters DATA [--every 4] [--speed 200] [--tables speed repetition survival]

``DATA`` is the unpacked folder of texts that people marked as a page's content (``extraction/gold.jsonl`` and
``extraction-train/gold.jsonl``: objects with ``text`` and ``type`` or ``source``). Junk is made up (``bench.planted``).
Prints, for each reading of the repetition rules, the share of good texts rejected and of junk kept, by length; for each
recipe's heuristics what survives; and, where datatrove is installed, documents per CPU second of the Llama 3 recipe's
heuristics and of its Gopher, C4 and FineWeb filters, on the same texts, batch by batch in turn.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from bench.planted import planted
from filters.peers.gopher_quality import STOP_WORDS
from filters.peers.gopher_repetition import GopherRepetitionFilter
from filters.registry import make_filter
from filters.repetition import RepetitionFilter
from filters.token_counts import TokenCounts
from filters.verdict import AnyFilter, judge
from recipes import load
from text.document import Document

LENGTHS = (50, 200, 500, 1500, 10**9)
RECIPES = ("llama3", "c4", "fineweb", "refinedweb", "dclm")
TABLES = ("speed", "repetition", "survival")
BATCH = 20


def good_texts(data: Path) -> list[tuple[str, str]]:
    """``(kind, text)`` of texts with at least 50 words."""
    found = []
    for folder in ("extraction", "extraction-train"):
        for line in (data / folder / "gold.jsonl").open(encoding="utf-8"):
            row = json.loads(line)
            if len(row["text"].split()) >= LENGTHS[0]:
                found.append((row.get("type") or row["source"], row["text"]))
    return found


def rejects(filters: Sequence[AnyFilter], text: str) -> str | None:
    """The reason of the first filter that rejects a text, lines removed on the way as a run does."""
    document = Document(text, "en")
    for judging in filters:
        rows, scores = judge(judging, document)
        if scores is not None and (verdict := judging.decide(scores)):
            return f"{judging.name}: {verdict.reason}"
        if rows:
            kept = (row for index, row in enumerate(document.view.rows) if index not in rows)
            document = Document("\n".join(kept), "en")
    return None


def shares(says: Callable[[str], bool], texts: Iterable[tuple[str, str]], wanted: bool) -> list[str]:
    """Per cent of ``texts`` for which ``says`` tells what is not ``wanted``: in all, then by length."""
    by_length: defaultdict[int, list[bool]] = defaultdict(list)
    for _, text in texts:
        length = next(bound for bound in LENGTHS[1:] if len(text.split()) < bound)
        by_length[length].append(says(text) != wanted)
    every = [wrong for group in by_length.values() for wrong in group]
    groups = [every, *(by_length[bound] for bound in LENGTHS[1:])]
    return [f"{sum(group) / len(group):7.1%}" if group else "      -" for group in groups]


def repetition(good: list[tuple[str, str]], junk: list[tuple[str, str]]) -> None:
    print("repetition: good texts rejected | junk kept; in all, under 200, 500 and 1,500 words, longer")
    judges: dict[str, AnyFilter] = {"ours": RepetitionFilter()}
    judges |= {
        name: GopherRepetitionFilter(name) for name in ("paper", "datatrove", "dclm", "dolma", "dolma_v2", "redpajama")
    }
    for name, judging in judges.items():
        told = [shares(lambda text, judging=judging: bool(rejects([judging], text)), group, wanted)
                for group, wanted in ((good, False), (junk, True))]  # fmt: skip
        print(f"  {name:10}", *told[0], "|", *told[1])


def survival(good: list[tuple[str, str]], junk: list[tuple[str, str]]) -> None:
    """Of English texts: the peers' recipes keep no others."""
    good = [(kind, text) for kind, text in good if is_english(text)]
    statistics = counts(text for _, text in good)
    kept: dict[str, defaultdict[str, list[bool]]] = {}
    reasons: dict[str, Counter[str]] = {}
    for name in RECIPES:
        chain = [make_filter(key, settings, statistics) for key, settings in (load(name).heuristics or {}).items()]
        kept[name], reasons[name] = defaultdict(list), Counter()
        for group, texts in (("good", good), ("junk", junk)):
            for kind, text in texts:
                reason = rejects(chain, text)
                for row in ("all", kind):
                    kept[name][f"{group}: {row}"].append(reason is None)
                if reason and group == "good":
                    reasons[name][reason] += 1
    print(f"\nsurvival, per cent{'':18}", *(f"{name:>10}" for name in RECIPES))
    for group, found in sorted(kept[RECIPES[0]].items()):
        told = (f"{sum(kept[name][group]) / len(found):10.0%}" for name in RECIPES)
        print(f"  {group:28}{len(found):5}", *told)
    for name in RECIPES:
        print(f"  good texts fall in {name} by", dict(reasons[name].most_common(6)))


def is_english(text: str) -> bool:
    """Whether a twentieth of the words are Gopher's eight."""
    words = text.lower().split()
    return 20 * sum(word in STOP_WORDS for word in words) >= len(words)


def counts(texts: Iterable[str]) -> dict[str, TokenCounts]:
    """What the KL filter compares with."""
    table = TokenCounts()
    for text in texts:
        table.add(Document(text).prose.folded_hashes)
    return {"en": table}


def speed(texts: list[str]) -> None:
    statistics = counts(texts)
    ours = [make_filter(name, settings, statistics) for name, settings in (load("llama3").heuristics or {}).items()]

    def run_ours(batch: list[str]) -> None:
        for text in batch:
            document = Document(text, "en")
            for judging in ours:
                judge(judging, document)

    runs: dict[str, Callable[[list[str]], None]] = {"gristmill": run_ours}
    try:
        # An optional peer.
        from datatrove.data import Document as Theirs
        from datatrove.pipeline import filters as peers
    except ImportError:
        print("\nspeed: datatrove is not installed here, so there is nothing to compare with")
    else:
        theirs = [peers.GopherRepetitionFilter(), peers.GopherQualityFilter(), peers.C4QualityFilter(),
                  peers.FineWebQualityFilter()]  # fmt: skip

        def run_theirs(batch: list[str]) -> None:
            for text in batch:
                for judge in theirs:  # all of them, as ours
                    judge.filter(Theirs(text=text, id="0"))

        runs["datatrove"] = run_theirs
    for run in runs.values():
        run(texts[:2])  # models and tables are loaded
    spent: defaultdict[str, float] = defaultdict(float)
    for start in range(0, len(texts), BATCH):
        for name, run in runs.items():
            before = time.process_time()
            run(texts[start : start + BATCH])
            spent[name] += time.process_time() - before
    print(f"\nspeed, {len(texts)} texts of {sum(len(text.split()) for text in texts) // len(texts)} words in the mean")
    for name, seconds in spent.items():
        print(f"  {name:10}{len(texts) / seconds:9.1f} documents per CPU second{spent['gristmill'] / seconds:8.3f}")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--every", type=int, default=4, help="look at every so manieth good text")
    parser.add_argument("--speed", type=int, default=200, help="time so many texts")
    parser.add_argument("--tables", nargs="+", default=TABLES, choices=TABLES)
    arguments = parser.parse_args()
    good = good_texts(arguments.data)[:: arguments.every]
    junk = list(planted())
    print(f"{len(good)} good texts, {len(junk)} pages of junk")
    if "speed" in arguments.tables:
        speed([text for _, text in good[: arguments.speed]])
    if "repetition" in arguments.tables:
        repetition(good, junk)
    if "survival" in arguments.tables:
        survival(good, junk)


if __name__ == "__main__":
    main()
