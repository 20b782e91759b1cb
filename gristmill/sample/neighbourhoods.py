"""Domains that go, or that must not: personal data, adult and harmful offers, block lists; and their opposites."""

from __future__ import annotations

from collections.abc import Iterator

from gristmill.sample import prose
from gristmill.sample.capture import DAYS, Capture
from gristmill.sample.dice import Dice
from gristmill.sample.grammar import Voice, bank
from gristmill.sample.site import Site, p, slug

_REJECTED = ("rejected",), ("domains",)
DIRECTORIES = {"who-lives-where.example": 9, "leaked-members.example": 8}
OFFERS = {
    "velvet-drawer.example": ("adult", 7), "night-parlour.example": ("adult", 6),
    "no-questions-market.example": ("harm", 7), "bitter-board.example": ("harm", 6),
}  # fmt: skip
BLOCKED = ("blocked-casino.example", "blocked-adult.example")


def plant(seed: int) -> Iterator[Capture]:
    """All of them."""
    yield from _directories(seed)
    yield from _offers(seed)
    yield from _blocked(seed)
    yield from _innocent(seed)


def _directories(seed: int) -> Iterator[Capture]:
    for host, pages in DIRECTORIES.items():
        site = Site(host, menu=("A to Z", "Search", "Add a person"))
        for number in range(pages):
            dice = Dice(seed, host, number)
            speaker = Voice(dice, bank("generic/names"), bank("nuisance/people"))
            title = f"{speaker.phrase(speaker.draw('title').replace('{letter}', 'ABCDEFGHKL'[number]))}"
            blocks = [p(_person(speaker)) for _ in range(dice.between(14, 22))]
            yield Capture(f"https://{host}/list/{number + 1}", dice.below(DAYS), "personal-data",
                          site.page(title, blocks).encode(), *_REJECTED,
                          "invented persons with reserved numbers and addresses, by the dozen")  # fmt: skip


def _person(speaker: Voice) -> str:
    dice = speaker.dice
    first, last = speaker.draw("name"), speaker.draw("surname")
    digits = iter(lambda: str(dice.below(10)), "")
    phone = "".join(next(digits) if mark == "#" else mark for mark in speaker.draw("phone").replace("{d}", "#"))
    facts = {
        "person": f"{first} {last}",
        "house": str(dice.between(1, 180)),
        "street": speaker.draw("street"),
        "town": speaker.draw("town"),
        "mail": f"{first}.{last}{dice.between(1, 99)}@{speaker.draw('mailhost')}".lower(),
        "phone": phone,
        "iban": iban(dice),
        "card": speaker.draw("card"),
        "born": f"{dice.between(1, 28)}/{dice.between(1, 12)}/{dice.between(1941, 1999)}",
    }
    return speaker.draw("line").format(**facts)


def iban(dice: Dice) -> str:
    """A German IBAN of a bank that does not exist, with check digits that are right (ISO 13616)."""
    account = f"{dice.below(10**8):08d}".rjust(18, "9")
    check = 98 - int(account + "131400") % 97  # D = 13, E = 14, then two zeros where the check digits will be
    return f"DE{check:02d}{account}"


def _offers(seed: int) -> Iterator[Capture]:
    notes = {"adult": "a shop with an adult vocabulary", "harm": "headlines of harmful offers, nothing behind them"}
    for host, (kind, pages) in OFFERS.items():
        site = Site(host, menu=("Home", "Cart", "Members", "Help"))
        for number in range(pages):
            dice = Dice(seed, host, number)
            speaker = Voice(dice, bank("generic/names"), bank(f"nuisance/{kind}"))
            title = speaker.phrase(speaker.draw("title"))
            blocks = [p(" ".join(speaker.sentence("sentence") for _ in range(3))) for _ in range(5)]
            yield Capture(f"https://{host}/{slug(title)}-{number}", dice.below(DAYS), f"{kind}-domain",
                          site.page(title, blocks).encode(), *_REJECTED, notes[kind])  # fmt: skip


def _blocked(seed: int) -> Iterator[Capture]:
    for host in BLOCKED:
        for number in range(2):
            dice = Dice(seed, host, number)
            text = prose.article(dice.pick(prose.topics()), dice, 350)
            page = Site(host).page(text.title, text.blocks, date="2024-01-31", author=text.author)
            yield Capture(f"https://www.{host}/{slug(text.title)}", dice.below(DAYS), "block-list", page.encode(),
                          ("rejected",), ("block",), "its domain is on the block list that ships")  # fmt: skip


def _innocent(seed: int) -> Iterator[Capture]:
    pages = (
        ("hollings-scales.example", "contact", "How to reach the scale workshop", "two e-mail addresses are no leak"),
        ("school-nurse.example", "education", "Talking about the body in class", "sex education is not pornography"),
        ("county-gazette.example", "policy", "Council extends treatment programme", "news about drugs is no offer"),
    )
    for host, kind, title, note in pages:
        sentences = bank("nuisance/kept")[kind]
        blocks = [p(" ".join(sentences[start : start + 4])) for start in range(0, len(sentences), 4)]
        page = Site(host).page(title, blocks, date="2024-02-20", author="The editors")
        yield Capture(f"https://{host}/{slug(title)}", Dice(seed, host).below(DAYS), f"innocent-{kind}",
                      page.encode(), note=note)  # fmt: skip
