"""Pages that carry text and still deserve to go: dumps, repetition, vulgarity, gibberish, next to nothing."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from html import escape

from gristmill.sample import prose
from gristmill.sample.articles import boilerplate
from gristmill.sample.capture import DAYS, Capture
from gristmill.sample.dice import Dice, noise
from gristmill.sample.grammar import Voice, bank
from gristmill.sample.site import Site, bare, p

_HOSTS = ("loose-ends.example", "attic-server.example", "grandfathers-modem.example", "cellar-disk.example")
_BARE = ("near-empty", "only-navigation")  # no masthead either, which an extractor might take for text
# A dump may be left out by the parser already, which takes it for no content; the line that introduces it is too short.
_DUMPS = ("extract", "heuristics", "identify")
_INTRO = (
    "This is the output of last night's run, kept here so that everybody in the group can look at it.",
    "Nobody remembers what this file was for, so we put it on the server.",
    "Readings as they came, without comment.",
    "Please do not edit the block below, the importer is strict.",
)


def plant(seed: int) -> Iterator[Capture]:
    """All of them, each kind on several sites so that no site looks bad as a whole."""
    odd: dict[str, tuple[Callable[[Dice], list[str]], int, tuple[str, ...], str]] = {
        "log-dump": (_log, 4, _DUMPS, "a server log: tokens unlike those of prose"),
        "base64-dump": (_base64, 3, _DUMPS, "a base64 block"),
        "serial-numbers": (_serials, 3, _DUMPS, "a list of serial numbers"),
        "membership-roll": (_roll, 3, ("heuristics",), "a list of names that no text knows: outlier tokens"),
        "repeated-sentences": (_repeated, 4, ("heuristics",), "few sentences over and over: duplicated n-grams"),
        "keyword-stuffed": (_stuffed, 4, ("heuristics", "identify"), "keywords over and over: duplicated n-grams"),
        "vulgar": (_vulgar, 3, ("heuristics", "domains"), "dense with words of the dirty-word list"),
        "gibberish": (_gibberish, 3, ("identify", "heuristics"), "words of no language"),
        "near-empty": (_near_empty, 4, ("extract", "identify"), "hardly any text"),
        "only-navigation": (
            _nothing,
            3,
            ("extract", "identify", "heuristics", "quality"),
            "links and scripts, no text",
        ),
    }
    for kind, (write, count, stages, note) in odd.items():
        for number in range(count):
            dice = Dice(seed, kind, number)
            site = Site(_HOSTS[(number + len(kind)) % len(_HOSTS)])
            title = f"{kind.replace('-', ' ').capitalize()} {number + 1}"
            page = bare(title, write(dice)) if kind in _BARE else site.page(title, write(dice))
            yield Capture(f"https://{site.host}/{kind}/{number + 1}", dice.below(DAYS), kind, page.encode(),
                          ("rejected",), stages, note)  # fmt: skip
    lines = boilerplate()
    for number, own in enumerate((lines[:5], lines[5:], lines[::2])):
        site = Site(_HOSTS[number])
        page = site.page(f"Note {number + 1}", [p(line) for line in own])
        yield Capture(f"https://{site.host}/notes/{number + 1}", 60 + number, "only-boilerplate", page.encode(),
                      ("rejected",), ("lines",), "nothing but lines that hundreds of pages share")  # fmt: skip


def _log(dice: Dice) -> list[str]:
    messages = dice.shuffled(bank("nuisance/machine")["log"])[:4]
    rows = []
    for number in range(70):
        second = 61 * number + dice.below(50)
        code, port = noise(7, dice.below(10**9)).hex(), dice.between(1024, 65535)
        facts = {"code": code, "port": port, "address": f"198.51.100.{dice.below(256)}", "rc": dice.below(64)}
        text = dice.pick(messages).format(**facts)
        rows.append(f"2024-03-09T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}.{port:06d}Z {text}")
    return [p(dice.pick(_INTRO)), _pasted(rows)]


def _pasted(rows: list[str]) -> str:
    """Rows as people paste them into a page: broken lines, and nothing that would say "code"."""
    return "<p>" + "<br>\n".join(escape(row, quote=False) for row in rows) + "</p>"


def _base64(dice: Dice) -> list[str]:
    text = base64.b64encode(noise(3600, dice.below(10**9))).decode()
    return [p(dice.pick(_INTRO)), *(p(text[start : start + 960]) for start in range(0, len(text), 960))]


def _serials(dice: Dice) -> list[str]:
    def serial() -> str:
        return f"{noise(4, dice.below(10**9)).hex().upper()}-{dice.pick('KLMNPQRX')}{dice.below(10**6):06d}"

    rows = (", ".join(serial() for _ in range(12)) for _ in range(16))
    return [p(dice.pick(_INTRO)), *(p(f"Box {number}: {row}") for number, row in enumerate(rows, 1))]


def _roll(dice: Dice) -> list[str]:
    """Families and hamlets that no text knows, two words a line, after a sentence that says what they are."""
    heads = "Thorn Wych Cran Hox Trev Oswal Kelder Brax Fen Morl Quen Stav Ald Yarm Tolp Grims".split()
    tails = "wick thwaite combe stow holt garth mere ridgely worthen bourne letch sall".split()

    def name() -> str:
        return dice.pick(heads) + dice.pick(tails)

    rows = [f"{name()}, {name()}" for _ in range(130)]
    return [
        p("Families that have paid, each with its hamlet."),
        *(_pasted(rows[at : at + 26]) for at in range(0, 130, 26)),
    ]


def _repeated(dice: Dice) -> list[str]:
    speaker = prose.voice(dice.pick(prose.topics()), dice)
    sentences = [speaker.sentence("fact") for _ in range(3)]
    return [p(" ".join(dice.pick(sentences) for _ in range(5))) for _ in range(9)]


def _stuffed(dice: Dice) -> list[str]:
    speaker = prose.voice(dice.pick(prose.topics()), dice)
    part, stuff, town = speaker.draw("part"), speaker.draw("stuff"), speaker.draw("town")
    phrases = (
        f"buy cheap {part} {town}", f"best {part} {town} price", f"{stuff} {part} sale", f"{part} {town} discount",
        f"cheap {stuff} for {part}", f"{town} {part} shop", f"buy {stuff} online now",
    )  # fmt: skip
    return [p(", ".join(dice.pick(phrases) for _ in range(14)) + ".") for _ in range(6)]


def _vulgar(dice: Dice) -> list[str]:
    speaker = Voice(dice, bank("generic/names"), bank("nuisance/vulgar"))
    return [p(" ".join(speaker.sentence("sentence") for _ in range(3))) for _ in range(3)]


def _gibberish(dice: Dice) -> list[str]:
    heads = ("br", "zw", "kl", "mf", "gn", "pt", "x", "vr", "sk", "q")
    tails = ("ompf", "ux", "irg", "axt", "ewq", "yz")

    def word() -> str:
        return "".join(dice.pick(heads) + dice.pick(tails) for _ in range(dice.between(1, 3)))

    return [p(" ".join(word() for _ in range(45)).capitalize() + ".") for _ in range(5)]


def _near_empty(dice: Dice) -> list[str]:
    return [p(dice.pick(("Under construction.", "Coming soon!", "Nothing here yet.", "Test.")))]


def _nothing(dice: Dice) -> list[str]:
    links = "".join(f'<li><a href="/{number}">{number}</a></li>' for number in range(dice.between(20, 40)))
    return [f'<ul class="pager">{links}</ul><script>render({dice.below(1000)})</script>']
