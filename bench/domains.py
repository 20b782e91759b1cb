"""Which domains are caught, and which wrongly: ``python -m bench.domains [DATA]``.

A planted crawl of 1,000 domains of known character, 1 to 10,000 pages each (some 160,000 in all, written from
:mod:`bench.domain_pages` and the banks of the sample crawl), judged at the default recipe as the phase domains does, in
this process. Printed are verdicts by character, how often a score of so much was right, and the cost of a page.

With ``DATA`` (the folder of labelled lists, with ``domains-adult`` and ``domains-ut1``): how many listed hosts of adult
sites, and of good ones, their names alone tell, with intervals. Pages of listed sites there are none, so recall and
precision of whole verdicts can't be measured on them.
"""

from __future__ import annotations

import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from bench.domain_pages import ADULT, GOOD, HARM
from blocklists.domain import registrable_domain
from filters.domain_evidence import KINDS, Evidence, Marks, domain_scores, interval, judge, lone_page_score
from filters.page_evidence import MAX_STRENGTH, Findings
from filters.site_names import name_marks
from gristmill.sample import prose
from gristmill.sample.dice import Dice
from pipeline.phases.domains import thresholds
from pipeline.transforms.domain_pages import page_evidence
from recipes import load
from text.document import Document
from text.hashing import hash64

_NAMES = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heath", "inlet", "jetty", "knoll", "ledge")
_PERSONS = ("Ada Byron", "Jon Miller", "Lea Kurz", "Ines Prado", "Tom Okafor", "Mia Lund", "Paul Roy", "Eva Horn")
# How many domains of each size: most are small, as in a crawl.
_SIZES = ((1, 28), (2, 14), (3, 12), (6, 14), (15, 14), (40, 10), (150, 5), (600, 2), (10_000, 1))


class Character(NamedTuple):
    """A kind of domain: what it is (``None``: good), its pages by number, and what its name may hold."""

    truth: str | None
    page: Callable[[Dice, int, str], str]
    names: tuple[str, ...] = ("",)


def _article(dice: Dice, words: int = 200) -> str:
    return _written(dice.below(100), words)


@lru_cache(maxsize=256)
def _written(number: int, words: int) -> str:
    dice = Dice(13, number)
    text = prose.article(dice.pick(prose.topics()), dice, words)
    return re.sub(r"<[^>]*>", "", " ".join(text.blocks))


def _with_article(texts: dict[str, str], share: int = 100) -> Callable[[Dice, int, str], str]:
    def page(dice: Dice, number: int, host: str) -> str:
        if number % 100 >= share:
            return _article(dice)
        return dice.pick(tuple(texts.values())) + " " + _article(dice, 60)

    return page


def _finder(dice: Dice, number: int, host: str) -> str:
    rows = [
        f"{dice.pick(_PERSONS)}, {dice.below(900)} Mill Road, ({dice.between(202, 989)}) {dice.between(212, 989)}-{dice.between(1000, 9999)}, "
        f"{dice.pick(_PERSONS).split()[0].lower()}{dice.below(9999)}@{dice.pick(('gmail.com', 'yahoo.com', 'aol.com'))}"
        for _ in range(12)
    ]
    return "People search results. " + ". ".join(rows)


def _firm(dice: Dice, number: int, host: str) -> str:
    staff = [
        f"{name}, {name.split()[0].lower()}@{host}, +49 30 2345 6{dice.between(100, 999)}"
        for name in _PERSONS[: 2 + number % 4]
    ]
    return ("Our people. " + ". ".join(staff) + ". " if number % 3 == 0 else "") + _article(dice)


def _hacked(dice: Dice, number: int, host: str) -> str:
    return dice.pick(tuple(ADULT.values())) if number == 2 else _article(dice)


CHARACTERS: dict[str, Character] = {
    "people finder": Character("pii", _finder, ("people", "find")),
    "adult, plain": Character("adult", _with_article({name: ADULT[name] for name in ("tube", "story", "leet")}), ("tube", "hot")),
    "adult, plain, named so": Character("adult", _with_article({"tube": ADULT["tube"]}), ("sexvideos", "porn")),
    "adult, in euphemism": Character("adult", _with_article({name: ADULT[name] for name in ("escort", "dating", "camsoft", "massage")})),
    "adult, one page in two": Character("adult", _with_article(ADULT, 50)),
    "shop of drugs, cards, papers": Character("harm", _with_article({name: HARM[name] for name in ("cards", "drugs", "papers")})),
    "hatred": Character("harm", _with_article({"hate": HARM["hate"]})),
    "firm with its staff": Character(None, _firm),
    "forum with one hacked page": Character(None, _hacked, ("forum",)),
    "newspaper, encyclopaedia": Character(None, lambda dice, number, host: _article(dice)),
    "medicine, sex education": Character(None, _with_article({name: GOOD[name] for name in ("assault", "hiv", "breastfeeding", "kamasutra")}), ("health", "essex")),
    "news of crime and hatred": Character(None, _with_article({name: GOOD[name] for name in ("carding_news", "drugpolicy", "gunpolicy", "ww2", "slurs")})),
    "words in another sense": Character(None, _with_article({name: GOOD[name] for name in ("dogs", "cooking", "vibrator", "latex", "rugby", "urbanfarm", "ford")})),
    "fashion, cosmetics, stage": Character(None, _with_article({name: GOOD[name] for name in ("lingerie", "cosmetics", "theatre", "novel", "filmlist", "swearing")})),
}  # fmt: skip
"""What the planted domains are like. Pages hold an article beside the text that marks them."""


def planted(domains: int = 1000) -> Iterator[tuple[str, str, int]]:
    """(character, domain, pages) of each planted domain: characters in turn, each in all sizes."""
    sizes = [size for size, times in _SIZES for _ in range(times)]
    for number in range(domains):
        character = tuple(CHARACTERS)[number % len(CHARACTERS)]
        dice = Dice(7, character, number)
        part = dice.pick(CHARACTERS[character].names)
        place = number // len(CHARACTERS)
        size = sizes[(place * 37) % len(sizes)]
        yield character, f"{dice.pick(_NAMES)}{part}{number}.com", size


def _page(character: str, domain: str, number: int) -> Document:
    dice = Dice(11, domain, number)
    return Document(CHARACTERS[character].page(dice, number, domain), "en", (), f"https://{domain}/{number}")


class _Looks:
    """Looks at pages, and at a text that is met again only once: planted pages repeat themselves, and time is short."""

    def __init__(self, look: Callable[[Document], Findings]) -> None:
        self._look, self._known = look, dict[str, Findings]()
        self.seconds = 0.0

    def __call__(self, document: Document) -> Findings:
        if document.text not in self._known:
            started = time.process_time()
            found = self._look(document)
            self.seconds += time.process_time() - started
            if "@" in document.text:
                return found  # whose address it is depends on the site
            self._known[document.text] = found
        return self._known[document.text]


def main() -> None:
    """The command line."""
    recipe = load("llama3").domains
    assert recipe is not None
    limits, look = thresholds(recipe), _Looks(page_evidence(recipe).look)
    found: dict[str, list[tuple[int, Evidence, list[Findings], str]]] = defaultdict(list)
    crawl, looked = Evidence(), 0
    for character, domain, pages in planted():
        # As the phase does: of a large domain the pages with the smallest ids, which are hashes.
        sample = sorted(range(pages), key=lambda number: hash64(f"{domain}/{number}"))[: recipe.sample_pages]
        evidence, findings = Evidence(), []
        for number in sample:
            page = look(_page(character, domain, number))
            looked += 1
            evidence += page.evidence
            if pages < limits.min_pages:
                findings.append(page)
        crawl += evidence
        found[character].append((pages, evidence, findings, domain))
    planted_pages = sum(pages for each in found.values() for pages, *_ in each)
    print(f"{planted_pages:,} pages planted, {looked:,} looked at, {look.seconds:.1f} s for the different ones")
    _print_verdicts(found, crawl, limits)
    if len(sys.argv) > 1:
        _print_names(Path(sys.argv[1]))


def _print_verdicts(found: dict, crawl: Evidence, limits) -> None:
    right, bins = Counter(), defaultdict(Counter)
    print(f"{'character':32} {'domains':>8} {'go':>4} {'for another reason':>19} {'queue':>6}   lone pages: of, go")
    for character, domains in found.items():
        truth, gone, other, queue, lone, lone_gone = CHARACTERS[character].truth, 0, 0, 0, 0, 0
        for _, evidence, findings, domain in domains:
            marks = Marks(name_marks(domain))
            scores = domain_scores(evidence, limits, marks)
            if scores is None:
                for page in findings:
                    lone += 1
                    lone_gone += any(
                        lone_page_score(
                            min(page.strengths[kind], MAX_STRENGTH),
                            crawl.bad(kind) / crawl.judged(kind),
                            kind,
                            limits,
                            marks,
                        )
                        > limits.confidence
                        for kind in KINDS
                    )
                continue
            verdict = judge(evidence, limits, marks)
            best = max(scores.values())
            bins[min(int(best * 10), 9)][truth is not None] += 1
            gone += verdict is not None
            other += verdict is not None and verdict.reason != truth
            queue += verdict is None and best > limits.review
        judged = sum(pages >= limits.min_pages for pages, *_ in domains)
        print(f"{character:32} {judged:8} {gone:4} {other:19} {queue:6}   {lone}, {lone_gone}")
        right["bad"] += judged * (truth is not None)
        right["caught"] += gone * (truth is not None)
        right["wrong"] += gone * (truth is None)
    low, high = interval(right["caught"], right["bad"])
    print(f"recall {right['caught']}/{right['bad']} = {right['caught'] / right['bad']:.3f} ({low:.3f} to {high:.3f})")
    all_gone = right["caught"] + right["wrong"]
    low, high = interval(right["caught"], all_gone)
    print(f"precision {right['caught']}/{all_gone} = {right['caught'] / all_gone:.3f} ({low:.3f} to {high:.3f})")
    for tenth, counts in sorted(bins.items()):
        print(f"score {tenth / 10:.1f} to {(tenth + 1) / 10:.1f}: {counts[True]} of {counts.total()} are bad")


def _print_names(data: Path) -> None:
    adult = _hosts(data / "domains-adult" / "Adult") | _hosts(data / "domains-adult" / "sinfonietta-pornography-hosts")
    good = set()
    for category in ("bank", "press", "sports", "child", "educational_games", "sexual_education", "celebrity"):
        good |= _hosts(data / "domains-ut1" / category / "domains")
    for what, hosts in (("adult", adult), ("good", good - adult)):
        for least in (1, 2):
            told = sum(name_marks(host).get("adult", 0) >= least for host in hosts)
            low, high = interval(told, len(hosts))
            print(
                f"names of {len(hosts):,} {what} domains that count {least} or more: {told / len(hosts):.4f} ({low:.4f} to {high:.4f})"
            )


def _hosts(path: Path) -> set[str]:
    lines = (line.partition("#")[0].split() for line in path.read_text("utf-8", "replace").splitlines())
    return {registrable_domain(line[-1]) for line in lines if line and "." in line[-1] and not line[-1][0].isdigit()}


if __name__ == "__main__":
    main()
