"""Software documentation: prose with code blocks in several languages, whose indentation should survive."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from string import Template

from gristmill.sample.articles import boilerplate
from gristmill.sample.capture import DAYS, Capture
from gristmill.sample.dice import Dice
from gristmill.sample.grammar import DATA, Voice, bank
from gristmill.sample.site import Site, h2, p, pre, slug

PAGES = 22
_SITES = (
    Site("parcel-tools.example", menu=("Overview", "Install", "Guide", "Reference", "Changes")),
    Site("small-programs.example", menu=("Home", "Docs", "Download", "Bugs")),
)


@cache
def snippets() -> tuple[tuple[str, Template], ...]:
    """All code samples as (language, template)."""
    parts = re.split(r"^=== (\w+)\n", (DATA / "code/snippets.txt").read_text("utf-8"), flags=re.MULTILINE)
    return tuple((language, Template(code.rstrip())) for language, code in zip(parts[1::2], parts[2::2], strict=True))


def plant(seed: int) -> Iterator[Capture]:
    """Documentation pages on two sites."""
    for number in range(PAGES):
        dice = Dice(seed, "manual", number)
        manual = bank("code/manual")
        thing, field = dice.pick(manual["thing"]), dice.pick(manual["field"])
        speaker = Voice(dice, manual, {"thing": (thing,), "field": (field,)})
        title = speaker.sentence("title").rstrip(".")
        site = _SITES[number % len(_SITES)]
        page = site.page(title, _blocks(speaker, thing, field))
        yield Capture(f"https://{site.host}/docs/{slug(title)}-{number}.html", dice.below(DAYS), "documentation",
                      page.encode(), note="code blocks with indentation")  # fmt: skip


def _blocks(speaker: Voice, thing: str, field: str) -> list[str]:
    dice = speaker.dice
    names = {"thing": thing, "Thing": thing.capitalize(), "field": field, "n": dice.between(3, 40)}
    blocks = [p(" ".join(speaker.sentence("sentence") for _ in range(4)))]
    for language, template in dice.shuffled(snippets())[: dice.between(3, 4)]:
        blocks += [
            h2(speaker.sentence("heading").rstrip(".")),
            p(" ".join(speaker.sentence("sentence") for _ in range(dice.between(2, 3)))),
            pre(template.safe_substitute(names), language),
            p(" ".join(speaker.sentence("sentence") for _ in range(dice.between(2, 3)))),
        ]
    return [*blocks, p(boilerplate()[0])]
