"""Pages of junk, made up: logs, error dumps, pages of templates and stuffed keywords, of 80 to 3,000 words each."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

_WORDS = (
    "alpha harbor window copper lantern river meadow engine paper quartz saddle timber velvet walnut yellow anchor basket "
    "candle dagger ember falcon garden hammer island jacket kettle ladder marble needle orchard pepper quiver ribbon silver "
    "temple umbrella valley whistle"
).split()
_EVENTS = (
    "Connection refused while connecting to upstream server {address}",
    "Failed to open stream: no such file or directory in /var/www/html/{word}.php on line {number}",
    "User {word} logged in from {address}",
    "Request completed in {number} ms with status 200",
    "Retrying job {id} after timeout of {number} seconds",
    "Cache miss for key session:{id}",
    "Could not acquire lock for resource {word} owner {id}",
)
_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36"
_CALLS = ("server.handle", "router.dispatch", "pool.run", "thread.start", "filter.apply")


class _Source:
    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def word(self) -> str:
        return self._random.choice(_WORDS)

    def number(self, low: int = 1, high: int = 9999) -> int:
        return self._random.randint(low, high)

    def fill(self, text: str) -> str:
        address = f"10.{self.number(0, 255)}.{self.number(0, 255)}.{self.number(1, 254)}"
        return text.format(
            word=self.word(), number=self.number(), address=address, id=f"{self._random.getrandbits(32):08x}"
        )

    def one_of(self, items: tuple[str, ...]) -> str:
        return self._random.choice(items)


def _log(source: _Source, events: tuple[str, ...]) -> list[str]:
    stamp = f"2024-0{source.number(1, 9)}-{source.number(10, 28)} {source.number(10, 23)}:{source.number(10, 59)}:07"
    level = source.one_of(("INFO", "WARN", "ERROR", "DEBUG"))
    return [
        f"{stamp},{source.number(100, 999)} {level} [worker-{source.number(1, 9)}] {source.fill(source.one_of(events))}"
    ]


def _access(source: _Source) -> list[str]:
    path = f"/{source.word()}/{source.word()}.html"
    size = source.number(100, 99999)
    return [
        source.fill("{address}")
        + f' - - [07/Mar/2024:12:{source.number(10, 59)}:07 +0000] "GET {path} HTTP/1.1" 200 {size} "-" "{_AGENT}"'
    ]


def _stack(source: _Source) -> list[str]:
    calls = [f"    at org.example.{call}({call.title()}.java:{source.number(1, 900)})" for call in _CALLS]
    return [f"Exception in thread main: cannot invoke {source.word()} because the value is null", *calls]


def _products(source: _Source) -> list[str]:
    name = f"{source.word().title()} {source.word().title()} {source.number(100, 999)}"
    return [name, f"${source.number(5, 99)}.99", "Add to cart", "Add to wishlist", "Compare this product",
            "In stock, ships within 24 hours"]  # fmt: skip


def _forum(source: _Source) -> list[str]:
    return [f"Posted by {source.word()}{source.number(1, 99)} on March {source.number(1, 28)}",
            "Report this post to the moderators", "You do not have permission to post attachments in this forum",
            "Reply with quote"]  # fmt: skip


def _keywords(source: _Source) -> list[str]:
    ends = ("copper kettle", "silver lantern", "walnut ladder")
    return [
        " ".join(
            f"{source.one_of(('cheap', 'best', 'buy', 'online', 'free'))} {source.one_of(ends)}" for _ in range(12)
        )
    ]


def _line(text: str) -> Callable[[_Source], list[str]]:
    return lambda source: [source.fill(text)]


KINDS: dict[str, Callable[[_Source], list[str]]] = {
    "log of seven events": lambda source: _log(source, _EVENTS),
    "log of one event": lambda source: _log(source, _EVENTS[:1]),
    "access log": _access,
    "stack traces": _stack,
    "warnings": _line(
        'Warning: Undefined array key "{word}" in /home/site/public_html/plugins/{word}/functions.php on line {number}'
    ),
    "database errors": _line(
        "You have an error in your SQL syntax; check the manual that corresponds to your server version for the right "
        "syntax to use near '{word}' at line {number}"
    ),
    "one message": _line("Connection refused while connecting to upstream server 10.0.0.1"),
    "doorway": _line(
        "Looking for a plumber in {word}? Our {word} team offers fast, friendly and affordable service for your home or "
        "business. Call us today for a free quote!"
    ),
    "product cells": _products,
    "empty calendar": _line(
        "No events scheduled for this day. Click here to submit an event for the calendar of {word}."
    ),
    "forum frame": _forum,
    "stuffed keywords": _keywords,
}


def planted(copies: int = 2) -> Iterator[tuple[str, str]]:
    """``(kind, text)``: of each kind so many pages of each of six lengths."""
    for number, (kind, make) in enumerate(KINDS.items()):
        for length in (80, 150, 300, 600, 1200, 3000):
            for copy in range(copies):
                source = _Source(number * 10_000 + length + copy)
                lines: list[str] = []
                words = 0
                while words < length:
                    added = make(source)
                    lines += added
                    words += sum(len(line.split()) for line in added)
                yield kind, "\n".join(lines)
