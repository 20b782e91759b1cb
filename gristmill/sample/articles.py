"""Honest English articles: the bulk of the sample crawl, all of them to be kept."""

from __future__ import annotations

from collections.abc import Iterator

from gristmill.sample import prose
from gristmill.sample.capture import DAYS, Capture
from gristmill.sample.dice import Dice
from gristmill.sample.grammar import bank
from gristmill.sample.site import Site, p, slug

PER_TOPIC = 7
SECOND_BOILERPLATE = 0.7  # every article ends in the first shared line, so many carry another before it


def plant(seed: int) -> Iterator[Capture]:
    """Articles on every topic, each topic on a site of its own. All close with a line that hundreds share."""
    for name in prose.topics():
        site = Site(prose.topic(name)["host"][0])
        titles: set[str] = set()
        for number in range(PER_TOPIC):
            dice = Dice(seed, "article", name, number)
            text = prose.article(name, dice, dice.between(250, 720))
            day = dice.below(DAYS)
            blocks = list(text.blocks)
            if dice.chance(SECOND_BOILERPLATE):
                blocks.append(p(dice.pick(boilerplate()[1:])))
            blocks.append(p(boilerplate()[0]))
            path = slug(text.title)
            while path in titles:
                path += "-again"
            titles.add(path)
            page = site.page(text.title, blocks, date=f"2024-0{dice.between(1, 2)}-{dice.between(10, 28)}",
                             author=text.author)  # fmt: skip
            yield Capture(f"https://{site.host}/2024/{path}", day, "article", page.encode())


def boilerplate() -> tuple[str, ...]:
    """The lines that hundreds of pages share: each is seen far more than six times, so each goes."""
    return bank("nuisance/boilerplate")["line"]
